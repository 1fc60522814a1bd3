"""Remove the environments that the set-up has made, and nothing else.

    python3 setup/clean.py

What somebody else has put into their folders stays, and so does everything that a link leads to.
The compiled llama.cpp stays in the user's cache folder.
"""

import json
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What an environment consists of. The set-up's own marks come last: without them nothing shows
# that it is ours.
PARTS = [
    "bin", "Scripts", "lib", "lib64", "Lib", "include", "Include", "share", "etc", "man",
    "pyvenv.cfg", ".gitignore", ".lock",
]  # fmt: skip
MARKS = ["compile.log", "compile.lock", ".packages", ".ready", "uv.txt"]


def main() -> None:
    """Remove each environment, and say what stays and why."""
    sys.stdout.reconfigure(errors="backslashreplace")  # a name may hold any character
    for folder in [ROOT / ".venv", ROOT / ".venv-model", ROOT / ".venv-site"]:
        if not os.path.lexists(str(folder)):
            continue
        if not is_ours(folder):
            print(f"{folder.name} stays: the set-up did not make it, or it is a link.")
            continue
        try:
            remove(folder)
        except OSError as error:
            sys.exit(
                f"{folder.name} could not be removed: {error.strerror}. Close JupyterLab, and "
                "check that you may write to that folder. Then run the same command again."
            )
        if folder.exists():
            own = ", ".join(sorted(entry.name for entry in folder.iterdir()))
            print(f"{folder.name} stays: it holds what the set-up did not make: {own}")


def is_ours(folder: Path) -> bool:
    """Return whether the set-up has made this environment, here and not behind a link."""
    here = folder.resolve() == folder.parent.resolve() / folder.name
    return here and any((folder / mark).is_file() for mark in [".ready", ".packages", "uv.txt"])


def remove(folder: Path) -> None:
    """Remove all that an environment consists of, and the folder if nothing else is in it."""
    parts = set(PARTS)
    for record in folder.glob("Lib/site-packages/msvc_runtime-*.dist-info/RECORD"):
        files = record.read_text(encoding="utf-8").splitlines()  # some lie beside pyvenv.cfg
        parts |= {Path(file.split(",")[0]).name for file in files if file.startswith("../../")}
    for package in folder.glob("conda-meta/*.json"):  # conda notes what it has installed
        try:
            files = json.loads(package.read_text(encoding="utf-8"))["files"]
        except (ValueError, KeyError):
            continue  # conda was interrupted
        parts |= {Path(file).parts[0] for file in files}
    ours = [entry for entry in folder.iterdir() if entry.name in parts]
    for part in [*ours, *(folder / name for name in ["conda-meta", *MARKS])]:
        if part.is_dir() and not part.is_symlink():
            shutil.rmtree(str(part))
        elif os.path.lexists(str(part)):
            part.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()


if __name__ == "__main__":
    main()
