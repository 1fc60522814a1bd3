"""Which processes belong to a server, and whether they have ended: for several tests."""

import psutil


def family(watcher: int) -> list[psutil.Process]:
    """Return the watcher of that number and all that it has started, the server last."""
    found = psutil.Process(watcher)
    return [found, *found.children(recursive=True)]


def gone(processes: list[psutil.Process], seconds: float = 15) -> bool:
    """Return whether all of them end within so many seconds."""
    return not psutil.wait_procs(processes, timeout=seconds)[1]
