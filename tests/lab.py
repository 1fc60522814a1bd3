"""JupyterLab for the tests: one with the course's settings, in a copy of the course's pages."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import CHOICES, is_lesson

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = float(os.environ.get("PATIENCE", "1"))  # how often as long a slow computer may take
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S*token=\w+")


def address(process: subprocess.Popen, log: Path) -> str:
    """Wait until JupyterLab has printed where it listens; return that address, with its key."""
    deadline = time.monotonic() + 120 * PATIENCE
    while not (found := ADDRESS.search(log.read_text(encoding="utf-8"))):
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
    return found.group()


def copy_pages(folder: Path) -> None:
    """Copy what JupyterLab shows: the lessons, without a learner's own copies, and the pages."""

    def left_out(_, names: list[str]) -> set[str]:
        return {name for name in names if name.endswith(".ipynb") and not is_lesson(Path(name))}

    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=left_out)
    for page in [*ROOT.glob("*.md"), *ROOT.glob("models/*.md"), *ROOT.glob("classroom/*.md")]:
        copy = folder / page.relative_to(ROOT)
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(page, copy)


@contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Start JupyterLab in a folder of its own; yield its address.

    It has the settings of the course and none of the user's. Its page lets the tests open and close
    lessons through `window.jupyterapp`.
    """
    copy_pages(folder / "course")
    settings = folder / "settings"
    shutil.copytree(ROOT / "setup" / "jupyterlab", settings)
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in CHOICES and not name.startswith(("JUPYTER", "MAKE"))
    }
    own = {
        "JUPYTER_CONFIG_PATH": settings / "etc" / "jupyter", "JUPYTER_CONFIG_DIR": folder / "none",
        "JUPYTER_RUNTIME_DIR": folder / "runtime", "JUPYTERLAB_SETTINGS_DIR": folder / "user",
    }  # fmt: skip
    log = folder / "log"
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
             "--LabApp.expose_app_in_browser=True"],
            cwd=folder / "course", env=kept | {name: str(path) for name, path in own.items()},
            stdin=subprocess.DEVNULL, stdout=file, stderr=file,
        )  # fmt: skip
    try:
        yield address(process, log)
    finally:
        process.terminate()
        try:
            process.wait(30 * PATIENCE)
        finally:
            process.kill()  # if it has not ended
