"""Run every lesson and every solution with a real model, and list the cells in error.

    python tests/real.py [MODEL] [NOTEBOOK ...] [--keep FOLDER]

Without a name, the model is SmolLM2-135M; where LLM_BASE_URL is set, it is one of that server's.
Outputs are not compared: a real model says other things than the page, but no cell may fail for
that. The notebooks stay as they are; what they write, they write into a folder of the run's own.
With `--keep` the notebooks are stored there as they ran.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from conftest import is_lesson
from nbclient import NotebookClient
from tqdm import tqdm

from helpers import ModelNotFound, model
from helpers.hub import PACKAGED
from helpers.models import name_of

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
LESSONS = [
    path
    for pattern in ["*.ipynb", "solutions/*.ipynb"]
    for path in sorted(filter(is_lesson, NOTEBOOKS.glob(pattern)))
]
PATIENCE = 120  # seconds for a cell; then it is interrupted and counts as one in error


@dataclass
class Outcome:
    """What came of one notebook."""

    seconds: float
    errors: list[str]  # a line for each cell in error: its number, and how the error begins


def main() -> None:
    """Run them, as many at once as there are processors; the status is 1 if a cell is in error."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model", nargs="?", default=PACKAGED.name)
    parser.add_argument("notebooks", nargs="*", type=Path, default=LESSONS)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    os.environ.update(LLM_MODEL=given.model, MPLBACKEND="agg")
    at_once = os.cpu_count() or 1
    os.environ.setdefault("LLAMA_ARG_THREADS", "1")
    try:
        used = given.model or "its first model"
        used = f"{used} at LLM_BASE_URL" if os.environ.get("LLM_BASE_URL") else name_of(model())
    except ModelNotFound as error:
        sys.exit(str(error))

    notebooks = {
        path.resolve().relative_to(NOTEBOOKS): nbformat.read(path, as_version=4)
        for path in given.notebooks
    }
    cells = sum(c.cell_type == "code" for n in notebooks.values() for c in n.cells)
    begin = time.monotonic()
    with (
        scratch() as folder,
        tqdm(total=cells, unit="cell", desc=used, file=sys.stderr) as progress,
        ThreadPoolExecutor(at_once) as workers,
    ):
        runs = [
            workers.submit(run, folder / path, notebook, progress)
            for path, notebook in notebooks.items()
        ]
        outcomes = [outcome.result() for outcome in runs]
    if given.keep:
        keep(notebooks, given.keep)

    print(f"\n{used}\n{'notebook':<34}{'seconds':>8}  cells in error")
    for path, outcome in zip(notebooks, outcomes, strict=True):
        first, *more = outcome.errors or ["none"]
        print(f"{path.with_suffix('').as_posix():<34}{outcome.seconds:>8.0f}  {first}")
        print(*(f"{'':<42}  {line}" for line in more), sep="\n", end="\n" if more else "")
    failed = sum(len(outcome.errors) for outcome in outcomes)
    print(f"\nseconds: {time.monotonic() - begin:.0f}\ncells in error: {failed or 'none'}")
    sys.exit(failed > 0)


@contextmanager
def scratch() -> Iterator[Path]:
    """Lend a copy of the notebooks' folder, for what they write."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        yield Path(shutil.copytree(NOTEBOOKS, Path(place, "notebooks")))


def run(copy: Path, notebook: nbformat.NotebookNode, progress: tqdm) -> Outcome:
    """Run all cells of a notebook in a kernel of its own, whatever comes of each."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []  # not those of the page
    client = NotebookClient(
        notebook,
        timeout=PATIENCE, startup_timeout=300, interrupt_on_timeout=True, allow_errors=True,
        kernel_name="python3", extra_arguments=["--log-level=ERROR"], log_level="CRITICAL",
        resources={"metadata": {"path": str(copy.parent)}},
        on_cell_executed=lambda **_: progress.update(),
    )  # fmt: skip
    begin = time.monotonic()
    ended = []
    try:
        client.execute()
    except RuntimeError as error:  # the kernel has died, or has not begun
        ended = [str(error)]
    errors = [
        f"[{number}] {in_a_line(output)}"
        for number, cell in enumerate(notebook.cells)
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    return Outcome(time.monotonic() - begin, errors + ended)


def in_a_line(error: nbformat.NotebookNode) -> str:
    """Return how an error begins."""
    if error.ename == "KeyboardInterrupt":
        return f"did not end within {PATIENCE} seconds"
    return f"{error.ename}: {error.evalue.partition(chr(10))[0]}"[:90]


def keep(notebooks: dict[Path, nbformat.NotebookNode], folder: Path) -> None:
    """Store the notebooks with what the model said."""
    for path, notebook in notebooks.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / path)


if __name__ == "__main__":
    main()
