"""The cells of a lesson in a process of its own, which has nothing of the course imported."""

import multiprocessing
import os
import sys
from pathlib import Path

import nbformat
from IPython.core.interactiveshell import InteractiveShell

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
# Where a process can be forked, it finds the big modules imported: they take half of the time.
FRESH = multiprocessing.get_context("spawn" if os.name == "nt" else "forkserver")
FRESH.set_forkserver_preload(["IPython", "matplotlib.pyplot", "nbformat", "openai"])


def run_cells(lesson: str, variables: dict[str, str], log: Path) -> None:
    """Run a lesson's cells, with these environment variables, and write what they print there."""
    assert "helpers" not in sys.modules  # it looks at the variables when it is imported
    os.environ.clear()
    os.environ.update({"MPLBACKEND": "agg", "PYTHONUTF8": "1", **variables})
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
