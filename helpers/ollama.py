"""Use ollama, which is already running or is started here, and bring it the lessons' model.

The routes are those of ollama's own API (docs/api.md in its repository).
"""

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import requests
from tqdm.auto import tqdm

from helpers.attach import checked
from helpers.engines import Engine, found, threads
from helpers.errors import BinaryNotFound, ModelNotFound, ServerError
from helpers.gguf_file import parts
from helpers.hub import CATALOGUE
from helpers.models import model as model_file
from helpers.models import name_of, wanted
from helpers.network import HOST, ask

OURS = "local-llms"  # our models are called local-llms/NAME:DIGEST, the learner's are not
SILENCE = 600  # seconds that ollama may stay silent while it stores a model


def address() -> str:
    """Return where ollama listens, reading `OLLAMA_HOST` as ollama's own client does."""
    said = os.environ.get("OLLAMA_HOST", "").strip().strip("\"'").strip()
    scheme, named, rest = said.rpartition("://")
    place, _, path = rest.partition("/")
    usual = {"http": 80, "https": 443}.get(scheme.lower(), 11434)
    if place == "ollama.com" and not named:
        scheme, usual = "https", 443
    place = place.rpartition("@")[2]  # a password is of no use there, and must not be shown
    host, colon, port = place.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):  # no port, or a bare IPv6 address
        host, port = place, ""
    host = host.strip("[]")
    host = {"": HOST, "0.0.0.0": HOST, "::": "::1"}.get(host, host)  # all: one cannot connect there
    number = int(port) if re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) < 65_536 else usual
    host = f"[{host}]" if ":" in host else host
    return f"{scheme.lower() or 'http'}://{host}:{number}/{path}".rstrip("/")


def answers(url: str) -> bool:
    """Return whether an ollama answers there."""
    return ask(f"{url}/api/version")[0] == 200


def engine(url: str) -> Engine:
    """Return how to start ollama if none answers.

    Raises:
        BinaryNotFound: it is not on this computer.
        ServerError: OLLAMA_HOST names another computer.
    """
    none, parts = f"No ollama answers on {url}.\n", urlsplit(url)
    if parts.scheme != "http" or parts.path or parts.hostname not in {HOST, "localhost", "::1"}:
        raise ServerError(
            f"{none}OLLAMA_HOST names that address: correct it, or unset it to use this computer."
        )
    if not (program := found("ollama")):
        raise BinaryNotFound(
            f"{none}It is not installed either. https://ollama.com has it, and so has conda:\n"
            "    conda install --channel conda-forge ollama\nOr choose another engine."
        )
    return Engine("ollama", [program, "serve"], "ollama serve --help", "/api/version")


def provided(url: str, model: str | os.PathLike | None, patience: float) -> tuple[str, str]:
    """Return address and name of a model in ollama, after bringing it there if necessary.

    A file is known by what is in it: its name in ollama ends with the beginning of its digest.

    Args:
        url: where it listens.
        model: a name that ollama has, or what `helpers.model()` takes.
        patience: seconds that the model may take to load.

    Raises:
        ModelNotFound: neither ollama nor we have it.
        ServerError: ollama refuses.
    """
    name = wanted(model).removeprefix("ollama:")
    if name.lower() in {"cria", *CATALOGUE} or not _shown(url, name):
        try:
            name = _brought(url, model_file(model))
        except ModelNotFound as error:
            raise ModelNotFound(
                f"{error}\nOr is it one of ollama's models? Fetch it while ollama is running:  "
                f"ollama pull {name[:200]}"
            ) from None
    if "thinking" in _shown(url, name).get("capabilities", []):
        print(f'{name} thinks first. With "reasoning_effort": "none" in a request it does not.')
    return checked(url, "no-key", name, f"Try it by hand:  ollama run {name}", patience)


def _shown(url: str, name: str) -> dict:
    """Return what ollama says about a model of its own; nothing if it has none of that name."""
    status, answer = ask(f"{url}/api/show", body={"model": name}, timeout=30)
    return answer if status == 200 else {}


def _brought(url: str, file: Path) -> str:
    """Bring a model file to ollama, unless it is there, and return its name."""
    files = parts(file)
    digests = [_digest(part) for part in files]
    stem = re.sub("[^A-Za-z0-9_.]+", "-", name_of(file)).strip("-.")[:60] or "model"
    whole = hashlib.sha256("".join(digests).encode()).hexdigest() if files[1:] else digests[0]
    name = f"{OURS}/{stem}:{whole[:8]}"
    if _shown(url, name):
        return name
    blobs = {part.name: f"sha256:{digest}" for part, digest in zip(files, digests, strict=True)}
    wish = {"model": name, "files": blobs, "parameters": {"num_thread": threads(file)}}
    step = {}
    try:
        for part in files:
            blob = f"{url}/api/blobs/{blobs[part.name]}"
            if not requests.head(blob, timeout=30).ok:  # else an earlier try has sent it
                with _read(part, "upload") as data:
                    _see(requests.post(blob, data=data, timeout=SILENCE))
        _see(answer := requests.post(f"{url}/api/create", json=wish, timeout=SILENCE, stream=True))
        with tqdm(bar_format="ollama: {desc}{elapsed}", leave=False, delay=1) as bar:
            for line in answer.iter_lines():
                _see(answer, step := json.loads(line))
                bar.set_description(step.get("status"), refresh=False)
                bar.update()
        if step.get("status") != "success":
            raise requests.ConnectionError  # the answer broke off
    except (requests.RequestException, ValueError) as error:
        raise ServerError(
            f"ollama did not accept {file.name}: {type(error).__name__}.\nRead "
            "ollama's log, and check that the disk has room for a second copy of the file. "
            "Run the same again."
        ) from None
    return name


def _see(answer: requests.Response, step: dict | None = None) -> None:
    """Check whether ollama has refused, at once or in a line of its answer."""
    if not answer.ok or "error" in (step or {}):
        said = str(step["error"] if step else answer.text).strip()[:300]
        raise ServerError(
            f"ollama refused the model file: {said}\nIt may be damaged, or ollama too old (`ollama "
            "--version`): https://ollama.com has a newer one."
        )


@contextlib.contextmanager
def _read(file: Path, what: str) -> Iterator[IO[bytes]]:
    """Open a file whose reading shows a progress bar, if it takes longer than a second."""
    bar = {"total": file.stat().st_size, "desc": f"{what} {file.name}", "leave": False, "delay": 1}
    with file.open("rb") as opened, tqdm.wrapattr(opened, "read", **bar) as data:
        yield data


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with _read(file, "digest of") as data:
        while some := data.read(1 << 20):
            digest.update(some)
    return digest.hexdigest()
