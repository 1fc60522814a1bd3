"""How far the compile of llama.cpp is that the set-up has begun in the background."""

import re
import sys
from pathlib import Path

from filelock import FileLock, Timeout

LOG = Path(sys.prefix) / "compile.log"  # setup/environment.py writes it, and holds the lock


def compiling() -> str:
    """Return how far the compile is or how it has ended, in a line; nothing if there was none."""
    if not LOG.is_file():
        return ""
    said = re.split(r"[\r\n]+", LOG.read_text(encoding="utf-8", errors="replace").strip())[-1]
    try:
        with FileLock(LOG.with_suffix(".lock"), timeout=0):
            pass
    except Timeout:
        return f"The set-up compiles it in the background. Its last line:  {said.strip()}\n"
    except OSError:
        pass  # nobody compiles into a folder that cannot be written
    return f"The set-up could not compile it, or was stopped. Its last line:  {said.strip()}\n"
