"""How many threads a model is calculated with, so that it stays quick on a busy computer.

llama.cpp's threads wait for one another many times for each token, and they wait by spinning. Where
another program takes the core of one of them, all the others burn theirs until it comes back. So
some cores stay free for the browser, and for a video call beside it.
"""

import os
from pathlib import Path

SMALL = 100e6  # bytes; a second thread brings such a model little
CGROUP = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")  # Linux: what a container may use


def threads(file: str | os.PathLike | None = None) -> int:
    """Return the number of threads: one for a small model file, else half of what cores there are.

    Half of them is, on most computers, the number of fast cores as well: of two threads that share
    a core each counts as one, and slow cores make the fast ones wait.
    """
    small = file is not None and Path(file).stat().st_size < SMALL
    return 1 if small else max(1, cores() // 2)


def cores() -> int:
    """Return how many cores this process may use: of the computer, or of its container."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, int(min(count or 1, *_quotas())))


def _quotas() -> list[float]:
    """Return how many cores' time the container, and what it stands in, may take."""
    own, root = CGROUP
    found = [float("inf")]
    try:
        place = root / own.read_text().rpartition("0::")[2].strip().lstrip("/")
        for folder in [place, *place.parents]:
            if (file := folder / "cpu.max").is_file():
                quota, period = file.read_text().split()
                found.append(float(quota.replace("max", "inf")) / float(period))
    except (OSError, ValueError):  # another system
        pass
    return found
