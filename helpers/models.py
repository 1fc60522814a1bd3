"""Where the model file is: the course's own cria, a GGUF on this computer, or one on the hub."""

import difflib
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import url2pathname

from helpers.errors import ModelNotFound
from helpers.gguf_file import PART, checked, is_file, objection, parts, read
from helpers.hub import CATALOGUE, cache_folder, fetch, has_digest, packaged

COURSE = Path(__file__).resolve().parent.parent
MODELS = COURSE / "models"
OLLAMA = [  # where its service keeps them, by the installer, Arch Linux and the snap
    "/usr/share/ollama/.ollama/models", "/var/lib/ollama", "/var/snap/ollama/common/models",
]  # fmt: skip
AROUND = (  # what may surround a name, or be in it if it is an address
    r"^(ollama:)?((https?://)?(huggingface|hf)\.co/)?|/(resolve|blob)/[^/]+|(\.gguf|:latest)(\?.*)?$"
)


def model(path: str | os.PathLike | None = None) -> Path:
    """Return the path of a model file that is there, whole, and can chat.

    Args:
        path: a GGUF file (of a model in parts, any part), or a folder that holds one, relative to
            the current folder, the course's, or `models/`; a name in `helpers.hub.CATALOGUE`, which
            is downloaded once; or one that `local_models()` lists. Without it `LLM_MODEL` (unless
            that chooses a model of the server in `LLM_BASE_URL`), and without that cria.

    Raises:
        ModelNotFound: there is no such file, it is not a chat model, or it is damaged.
    """
    named = wanted(path)
    if named == "cria":
        return _checked_cria()
    names = [named, f"{named}.gguf"]
    places = [folder / name for folder in [Path(), COURSE, MODELS] for name in names]
    if file := next(filter(is_file, places), None):
        return _compared(checked(file.absolute()))
    if entry := CATALOGUE.get(named.lower()):
        return fetch(entry)
    if known := _called(named) or _alone(places):
        return _compared(checked(known.absolute()))
    raise ModelNotFound(_unknown(named))


def wanted(path: str | os.PathLike | None = None) -> str:
    """Return the path or the name of the model that `model(path)` looks for."""
    elsewhere = os.environ.get("LLM_BASE_URL", "").strip()
    given = os.environ.get("LLM_MODEL") if not elsewhere else ""
    return _as_meant(os.fsdecode(path or given or "")) or "cria"


def name_of(file: Path) -> str:
    """Return what its owner calls a model file: ollama and the hub keep them under digests."""
    if re.fullmatch("(sha256-)?[0-9a-f]{64}", file.name):
        same = [entry for entry in local_models() if entry.path.samefile(file)]
        if same:
            return min(same, key=lambda entry: (entry.path != file, len(entry.name))).name
    name = Path(PART.sub(r"\1.gguf", file.name)).stem
    return re.sub(r"[,\x00-\x1f\ud800-\udfff]", "_", name)  # llama-server splits at a comma


def _as_meant(text: str) -> str:
    """Return a name without what people type around it: spaces, quotes, file://, ~."""
    text = text.strip().strip("\"'").strip()
    if text.lower().startswith("file://"):
        text = url2pathname(text[len("file://") :])
    return os.path.expanduser(text)  # noqa: PTH111 (that of Path fails where there is no home)


def _compared(file: Path) -> Path:
    """Return the file, after comparing one in `models/` that has a name of the catalogue's.

    Such a file may come from a bundle, over a network in which anybody could change it.
    """
    real = file.resolve()  # `..` or a link may lead there, too
    folders = [file.parent, real.parent]
    ours = MODELS.is_dir() and any(folder.samefile(MODELS) for folder in folders)
    for entry in CATALOGUE.values() if ours else []:
        names = {entry.name.lower(), Path(entry.file).stem.lower()}
        if names & {file.stem.lower(), real.stem.lower()} and not has_digest(file, entry):
            raise ModelNotFound(
                f"{file} is not the {entry.name} that the course needs: its SHA-256 differs.\n"
                "Copy or download it again. If it is a file of your own, give it another name."
            )
    return file


def _alone(folders: Iterable[Path]) -> Path | None:
    """Return the only chat model in the first of these folders that holds a GGUF file.

    If no file there is a chat model, it is the first one, for the message that says so.
    """
    held = next(filter(None, (_fitting(folder, "*.gguf") for folder in folders)), [None])
    files = [file for file in held if file and _chats(file)] or held[:1]
    if len(files) > 1:
        names = ", ".join(file.name for file in files)
        raise ModelNotFound(f"That folder holds more than one model: {names}.\nName one of them.")
    return files[0]


def _unknown(name: str) -> str:
    """Return the message for a name that is neither a file nor a known model."""
    known = {entry.name.lower(): entry.name for entry in [*local_models(), *CATALOGUE.values()]}
    close = difflib.get_close_matches(name.lower(), known, n=1)
    meant = f"Did you mean {known[close[0]]}? " if close else ""
    names = ", ".join(entry.name for entry in CATALOGUE.values())
    return (
        f"There is no model file at {name[:200]}.\n{meant}"
        "Give the path of a GGUF file, leave it out to use the course's own model, or name one of "
        f"these, which will be downloaded: {names}."
    )


def _checked_cria() -> Path:
    """Return the path of cria, after comparing its SHA-256 with the one beside it."""
    file, digest = MODELS / "cria.gguf", MODELS / "cria.gguf.sha256"
    back = (
        "In the folder of the course, type:  git checkout -- models/cria.gguf "
        "models/cria.gguf.sha256\n(Without git, copy both files from the ZIP file of the course.)"
    )
    for part in file, digest:
        if not part.is_file():
            raise ModelNotFound(f"The course's own model is missing: {part}.\n{back}")
    if not belong_together(file, digest):
        raise ModelNotFound(
            f"{file} is not the file that the course ships: its SHA-256 differs from the one in "
            f"{digest.name}.\nIf it is a file of your own, rename it first. {back}"
        )
    return file


def belong_together(file: Path, digest: Path) -> bool:
    """Return whether the digest is that of the file."""
    return digest.read_text().split()[:1] == [hashlib.sha256(file.read_bytes()).hexdigest()]


# --- what is here already ---


@dataclass(frozen=True)
class LocalModel:
    """A chat model on this computer; `model()` finds it by name, by repo, or by both."""

    name: str  # what its owner calls it
    where: str  # who keeps it: `course`, `package`, `hub`, `ollama` or `LM Studio`
    path: Path  # the file, or the first of its parts
    megabytes: float  # millions of bytes
    repo: str = ""  # where it was downloaded from, as far as its place says so

    def answers_to(self, wanted: str) -> int:
        """Return how well it matches a name: 3 for its own, 2 or 1 for others, 0 if not at all."""
        name, repo, wanted = (re.sub(AROUND, "", s.lower()) for s in [self.name, self.repo, wanted])
        if wanted in {name, f"{repo}/{name}"}:
            return 2 + (wanted == name)
        repo, short = repo.removesuffix("-gguf"), repo.rpartition("/")[2].removesuffix("-gguf")
        wanted, _, end = wanted.partition(":")
        return int(wanted.removesuffix("-gguf") in {repo, short} - {""} and name.endswith(end))


def local_models() -> list[LocalModel]:
    """Return the chat models on this computer: the course's, and those that others have fetched."""
    found = {(m.where, m.repo, m.name): m for m in _stored() if _chats(m.path)}
    return list(found.values())  # of two revisions the newer one: it comes later


def _called(wanted: str) -> Path | None:
    """Return the newest file of this name on this computer, one that can chat if there is any."""

    def rank(entry: LocalModel) -> tuple[int, bool]:
        return entry.answers_to(wanted), _chats(entry.path)

    best = max([m for m in _stored() if is_file(m.path)][::-1], key=rank, default=None)
    return best.path if best and best.answers_to(wanted) else None


def _stored() -> Iterator[LocalModel]:
    """Yield every GGUF file that is kept where one of these programs keeps its models."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111
    for file in _fitting(MODELS, "*.gguf"):
        yield _entry("course", file)
    if file := packaged():
        yield _entry("package", file)
    # llama.cpp, too, keeps files as the hub does; LLAMA_CACHE names another folder for its own.
    caches = [cache_folder(), Path(os.environ.get("LLAMA_CACHE") or cache_folder())]
    for cache in dict.fromkeys(caches):
        files = _fitting(cache, "models--*/snapshots/*/**/*.gguf")
        for file in sorted(files, key=lambda file: file.lstat().st_mtime):
            repo = file.relative_to(cache).parts[0].removeprefix("models--").replace("--", "/")
            yield _entry("hub", file, repo)
    user = os.environ.get("OLLAMA_MODELS", "").strip("\"' ") or home / ".ollama/models"
    for store in [user, *OLLAMA]:
        yield from _ollama(Path(store))
    for folder in [home / ".lmstudio/models", home / ".cache/lm-studio/models"]:
        for file in _fitting(folder, "*/*/*.gguf"):
            yield _entry("LM Studio", file, file.parent.relative_to(folder).as_posix())


def _entry(where: str, file: Path, repo: str = "", name: str = "") -> LocalModel:
    size = sum(part.stat().st_size for part in parts(file) if is_file(part))
    return LocalModel(name or name_of(file), where, file, round(size / 1e6, 1), repo)


def _fitting(folder: Path, pattern: str) -> list[Path]:
    """Return the files that match; none where the folder cannot be read or cannot exist."""
    try:
        return sorted(filter(is_file, folder.glob(pattern)))
    except (OSError, ValueError):
        return []


def _chats(file: Path) -> bool:
    """Return whether this is a chat model, or its first part, judging by how it begins."""
    try:
        return file == parts(file)[0] and not objection(read(file, whole=False))
    except ModelNotFound:
        return False


def _ollama(store: Path) -> Iterator[LocalModel]:
    """Yield the models in a store of ollama's: a manifest each, which names the file's digest."""
    for manifest in _fitting(store, "manifests/*/*/*/*"):
        place, _, tag = manifest.relative_to(store / "manifests").as_posix().rpartition("/")
        name = re.sub("^registry.ollama.ai/(library/)?", "", f"{place}:{tag}")
        try:
            layers = json.loads(manifest.read_text(encoding="utf-8"))["layers"]
            models = [layer for layer in layers if layer["mediaType"].endswith("image.model")]
            blobs = [store / "blobs" / layer["digest"].replace(":", "-") for layer in models]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # no manifest, or one of a kind that we do not know
        for blob in blobs if not name.startswith("local-llms/") else []:  # the course's own copy
            yield _entry("ollama", blob, name=name.removesuffix(":latest"))
