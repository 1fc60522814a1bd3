"""How far the background compile of llama.cpp, which the set-up has started, has come."""

import re
import sys
from pathlib import Path

LOG = Path(sys.prefix) / "compile.log"  # setup/environment.py writes it, and holds the lock


def compiling() -> str:
    """Return in a line how far the compile has come or how it ended; nothing if there was none."""
    if not LOG.is_file():
        return ""
    from filelock import FileLock, Timeout  # a browser tab has no locks, and warns

    said = re.split(r"[\r\n]+", LOG.read_text(encoding="utf-8", errors="replace").strip())[-1]
    try:
        with FileLock(LOG.with_suffix(".lock"), timeout=0):
            pass
    except Timeout:
        return f"The set-up compiles it in the background. Its last line:  {said.strip()}\n"
    except OSError:
        pass  # nobody compiles into a folder that cannot be written
    return f"The set-up could not compile it, or was stopped. Its last line:  {said.strip()}\n"
