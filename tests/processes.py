"""What is here, which processes belong to a server, and whether they have ended."""

import contextlib
import ctypes
import os
import time
from importlib.util import find_spec

import psutil
import pytest

from helpers.engines import found

WINE = os.name == "nt" and hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")
NAMES = ["llama-server", "xllamacpp", "llama_cpp.server"]
HERE = {name: bool(found(name) or find_spec(name.partition(".")[0])) for name in NAMES}
# Windows has no compiler: there the prebuilt engine is often the only one.
ENGINES = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            os.name == "nt" and not HERE[name], reason=f"{name} is not on this computer"
        ),
    )
    for name in NAMES
]


def family(watcher: int) -> list[psutil.Process]:
    """Return the watcher of that number and all that it has started, the server last.

    On Windows they are more than two: there the Python of a venv starts another one.
    """
    found = psutil.Process(watcher)
    return [found, *found.children(recursive=True)]


def commands(processes: list[psutil.Process]) -> dict[psutil.Process, str]:
    """Return the command of each of them that has not ended meanwhile."""
    found = {}
    for process in processes:
        with contextlib.suppress(psutil.Error):
            found[process] = " ".join(process.cmdline())
    return found


def gone(processes: list[psutil.Process], seconds: float = 15) -> bool:
    """Return whether all of them end within so many seconds."""
    deadline = time.monotonic() + seconds
    while any(map(alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(alive, processes))


def alive(process: psutil.Process) -> bool:
    """Return whether a process still runs.

    A zombie has ended: what is left of it goes when its parent asks how it ended. As long as it has
    other threads, it has not yet: they hold its port.
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        ended = process.status() == psutil.STATUS_ZOMBIE and process.num_threads() < 2
        return process.is_running() and not ended
    return False
