"""Where the model file is: the course's own cria, any GGUF on this computer, or one of the hub."""

import difflib
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import ModelNotFound
from helpers.hub import CATALOGUE, cache_folder, fetch

COURSE = Path(__file__).resolve().parent.parent
MODELS = COURSE / "models"


def model(path: str | os.PathLike | None = None) -> Path:
    """Return the path of a model file that is there and looks like one.

    Args:
        path: a GGUF file; without it the environment variable `LLM_MODEL`, and without that the
            course's own `models/cria.gguf`, whose digest is checked. A relative path is looked for
            in the current folder, then in the course's folder, then in `models/`. Or the name of a
            model in `helpers.hub.CATALOGUE`, which is downloaded once; or a name that
            `local_models()` lists.

    Raises:
        ModelNotFound: there is no such file, it is no GGUF, or it is not as it was published.
    """
    chosen = path or os.environ.get("LLM_MODEL")
    if not chosen or str(chosen) == "cria":
        return _checked_cria()
    named = Path(chosen)
    places = [Path.cwd(), COURSE, MODELS]
    file = next((p for folder in places if _is_file(p := folder / _expanded(named))), None)
    if not file and (entry := CATALOGUE.get(str(chosen).lower())):
        file = fetch(entry)
    if not file:
        here = {entry.name.lower(): entry.path for entry in local_models()}
        file = here.get(str(chosen).lower().removesuffix(":latest"))
    if not file:
        raise ModelNotFound(_unknown(str(chosen)))
    with file.open("rb") as opened:
        if opened.read(4) != b"GGUF":
            raise ModelNotFound(
                f"{named} is no GGUF file: it does not begin with the letters GGUF.\n"
                "A download that broke off, or a web page saved in its place, looks like this. "
                "Fetch the file again."
            )
    return file.resolve()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:  # the home of a user who does not exist
        return path


def _unknown(name: str) -> str:
    """Return the message for a name that is no file and no model that we know."""
    known = [entry.name for entry in CATALOGUE.values()]
    close = difflib.get_close_matches(name.lower(), CATALOGUE, n=1)
    meant = f"Did you mean {CATALOGUE[close[0]].name}? " if close else ""
    return (
        f"There is no model file at {name[:200]}.\n{meant}"
        "Give the path of a GGUF file, leave it out to use the course's own model, or name one of "
        f"these, which will be downloaded: {', '.join(known)}."
    )


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


# --- what is here already ---


@dataclass(frozen=True)
class LocalModel:
    """A model file on this computer.

    Attributes:
        name: what `model()` finds it by.
        where: who keeps it: `course`, `hub`, `ollama` or `LM Studio`.
        path: the file.
        megabytes: its size, in millions of bytes.
    """

    name: str
    where: str
    path: Path
    megabytes: float


def local_models() -> list[LocalModel]:
    """Return the models on this computer: the course's, the hub's cache, ollama's, LM Studio's."""
    home = Path.home()
    found = [("course", file.stem, file) for file in sorted(MODELS.glob("*.gguf"))]
    found += _gguf("hub", cache_folder(), "models--*/snapshots/*/*.gguf")
    found += _ollama(Path(os.environ.get("OLLAMA_MODELS") or home / ".ollama" / "models"))
    for folder in [home / ".lmstudio" / "models", home / ".cache" / "lm-studio" / "models"]:
        found += _gguf("LM Studio", folder, "*/*/*.gguf")
    return [
        LocalModel(name, where, path, round(path.stat().st_size / 1e6, 1))
        for where, name, path in found
    ]


def _gguf(where: str, folder: Path, pattern: str) -> list[tuple[str, str, Path]]:
    files = sorted(folder.glob(pattern)) if folder.is_dir() else []
    return [(where, f.stem, f) for f in files if "mmproj" not in f.name.lower() and f.exists()]


def _ollama(store: Path) -> list[tuple[str, str, Path]]:
    """Return the models in ollama's store: a manifest each, which names the file by its digest."""
    found = []
    for manifest in sorted(store.glob("manifests/*/library/*/*")):
        try:
            layers = json.loads(manifest.read_text(encoding="utf-8"))["layers"]
            models = [layer for layer in layers if layer["mediaType"].endswith("image.model")]
            blobs = [store / "blobs" / layer["digest"].replace(":", "-") for layer in models]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # no manifest, or one of a kind that we do not know
        for blob in blobs:
            if blob.is_file():
                name = f"ollama:{manifest.parent.name}:{manifest.name}".removesuffix(":latest")
                found.append(("ollama", name, blob))
    return found
