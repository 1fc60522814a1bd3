"""The lessons as a learner runs them, for several tests: all cells, in a process of its own."""

import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from cells import FRESH, NOTEBOOKS, run_cells
from conftest import IN_PROCESS, is_lesson
from processes import WINE

KEY = "open-this-door"  # in the form of the keys of the class server
LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb") if is_lesson(path))
# The others load cria into the kernel, by its name.
SERVED = [s for s in LESSONS if "LlamaServer" in (NOTEBOOKS / f"{s}.ipynb").read_text("utf-8")]


def run(lesson: str, **variables: str) -> str:
    """Run a lesson's cells in a process of its own; return what they printed if none has failed."""
    if lesson in IN_PROCESS and not find_spec("llama_cpp"):
        pytest.skip("llama.cpp is not compiled on this computer")
    if lesson.startswith("00") and not Path(sys.prefix, "share", "jupyter").exists():
        pytest.skip("this Python holds its packages in another place than the set-up puts them")
    if WINE and "matplotlib" in (NOTEBOOKS / f"{lesson}.ipynb").read_text(encoding="utf-8"):
        pytest.skip("Wine lacks a function that numpy needs; Windows has it")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        process = FRESH.Process(target=run_cells, args=(lesson, {**os.environ, **variables}, log))
        process.start()
        process.join(280)
        process.kill()
        printed = log.read_text(encoding="utf-8") if log.exists() else ""
    assert process.exitcode == 0, printed[-4000:]
    assert KEY not in printed
    return printed
