"""The lessons as a learner runs them, for several tests: all cells, in a process of its own."""

import multiprocessing
import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
from conftest import IN_PROCESS, is_lesson
from IPython.core.interactiveshell import InteractiveShell
from processes import WINE

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
KEY = "open-this-door"  # in the form of the keys of the class server
LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb") if is_lesson(path))
# Where a process can be forked, it finds the big modules imported: they take half of the time.
FRESH = multiprocessing.get_context("spawn" if os.name == "nt" else "forkserver")
FRESH.set_forkserver_preload(["IPython", "matplotlib.pyplot", "nbformat", "openai", "pytest"])


def run_cells(lesson: str, variables: dict[str, str], log: Path) -> None:
    """Run a lesson's cells, with these environment variables, and write what they print there."""
    os.environ.clear()
    os.environ.update({"MPLBACKEND": "agg", **variables})
    if "matplotlib" in sys.modules:  # it came before the variable
        sys.modules["matplotlib"].use("agg")
    os.chdir(NOTEBOOKS)
    with log.open("w", encoding="utf-8", buffering=1) as sys.stdout:
        sys.stderr = sys.stdout
        for stream in 1, 2:
            os.dup2(sys.stdout.fileno(), stream)
        shell = InteractiveShell()
        for cell in nbformat.read(f"{lesson}.ipynb", as_version=4).cells:
            if cell.cell_type == "code" and not shell.run_cell(cell.source).success:
                sys.exit(1)


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
