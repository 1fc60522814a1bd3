"""What to do where llama.cpp is missing: the set-up may be compiling it in the background."""

import re
import sys
from pathlib import Path

LOG = Path(sys.prefix) / "compile.log"  # setup/environment.py writes it, and holds the lock


def unless_compiling(remedy: str) -> str:
    """Return the remedy, or to wait while the compile goes on; with the last line of its log."""
    if not LOG.is_file():
        return remedy
    from filelock import FileLock, Timeout  # a browser tab has no locks, and warns

    said = re.split(r"[\r\n]+", LOG.read_text(encoding="utf-8", errors="replace").strip())[-1]
    try:
        with FileLock(LOG.with_suffix(".lock"), timeout=0):
            pass
    except Timeout:
        return f"The set-up is compiling it: wait until it is done. The log says:  {said.strip()}"
    except OSError:
        pass  # nobody compiles into a folder that cannot be written
    ended = f"The set-up could not compile it, or was stopped. The log says:  {said.strip()}"
    return f"{ended}\n{remedy}"
