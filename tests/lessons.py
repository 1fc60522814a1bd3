"""The lessons as a learner runs them, for several tests: all cells, in a process of its own."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import IN_PROCESS, is_lesson
from processes import WINE

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
KEY = "open-this-door"  # in the form of the keys of the class server
LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb") if is_lesson(path))
RUN = """
import sys, nbformat
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
for cell in nbformat.read(sys.argv[1], as_version=4).cells:
    if cell.cell_type == "code":
        shell.run_cell(cell.source).raise_error()
"""


def run(lesson: str, **variables: str) -> str:
    """Run a lesson's cells in a process of its own; return what they printed if none has failed."""
    if lesson in IN_PROCESS and not find_spec("llama_cpp"):
        pytest.skip("llama.cpp is not compiled on this computer")
    if lesson.startswith("00") and not Path(sys.prefix, "share", "jupyter").exists():
        pytest.skip("this Python holds its packages in another place than the set-up puts them")
    if WINE and "matplotlib" in (NOTEBOOKS / f"{lesson}.ipynb").read_text(encoding="utf-8"):
        pytest.skip("Wine lacks a function that numpy needs; Windows has it")
    done = subprocess.run(
        [sys.executable, "-c", RUN, f"{lesson}.ipynb"], cwd=NOTEBOOKS, timeout=280,
        env={**os.environ, "MPLBACKEND": "agg", "PYTHONUTF8": "1", **variables},
        capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert KEY not in done.stdout + done.stderr
    return done.stdout
