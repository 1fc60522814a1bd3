"""Where the model file is: the course's own cria, or any GGUF that the learner names."""

import hashlib
import os
from pathlib import Path

from helpers.errors import ModelNotFound

COURSE = Path(__file__).resolve().parent.parent
MODELS = COURSE / "models"


def model(path: str | os.PathLike | None = None) -> Path:
    """Return the path of a model file that is there and looks like one.

    Args:
        path: a GGUF file; without it the environment variable `LLM_MODEL`, and without that the
            course's own `models/cria.gguf`, whose digest is checked. A relative path is looked for
            in the current folder, then in the course's folder, then in `models/`.

    Raises:
        ModelNotFound: there is no such file, it is no GGUF, or cria is not as it was shipped.
    """
    chosen = path or os.environ.get("LLM_MODEL")
    if not chosen or str(chosen) == "cria":
        return _checked_cria()
    named = Path(chosen).expanduser()
    file = next((f / named for f in [Path.cwd(), COURSE, MODELS] if (f / named).is_file()), None)
    if not file:
        raise ModelNotFound(
            f"There is no model file at {named}.\n"
            "Give the path of a GGUF file, or leave it out to use the course's own model."
        )
    with file.open("rb") as opened:
        if opened.read(4) != b"GGUF":
            raise ModelNotFound(
                f"{named} is no GGUF file: it does not begin with the letters GGUF.\n"
                "A download that broke off, or a web page saved in its place, looks like this. "
                "Fetch the file again."
            )
    return file.resolve()


def _checked_cria() -> Path:
    """Return the path of cria, after comparing its SHA-256 with the one beside it."""
    file, digest = MODELS / "cria.gguf", MODELS / "cria.gguf.sha256"
    back = "Get it back:  git checkout -- models"
    if not file.is_file():
        raise ModelNotFound(f"The course's own model is missing: {file}.\n{back}")
    if hashlib.sha256(file.read_bytes()).hexdigest() != digest.read_text().split()[0]:
        raise ModelNotFound(
            f"{file} is not the file that the course ships: its SHA-256 differs from the one in "
            f"{digest.name}.\n{back}"
        )
    return file
