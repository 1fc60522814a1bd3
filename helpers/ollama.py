"""ollama, a service that is there or not: bring it the model that the lessons ask for.

The routes are those of ollama's own API (docs/api.md in its repository).
"""

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.attach import checked
from helpers.errors import ServerError
from helpers.models import model as model_file
from helpers.network import HOST

if TYPE_CHECKING:
    import requests


def attach(model: str | os.PathLike | None, own: bool = False) -> tuple[str, str]:
    """Return address and model of the ollama that runs on this computer.

    Args:
        model: the name of a model that it has. Without it, the file that every other engine would
            serve is brought to it, if it is not there yet. Template and end of a reply stand in
            the file itself; what else `models/Modelfile` says is for `ollama run`.
        own: whether a server of one's own was asked for, with options or on a port.

    Raises:
        ModelNotFound: the file is not there.
        ServerError: no ollama answers, it refuses, or it has no such model.
    """
    import requests  # slow to import, and needed by nobody else here

    if own:
        raise ServerError(
            "ollama is a service that runs already: it takes no options and no port from here.\n"
            "Leave them out, or choose another engine."
        )
    url, name = address(), str(model or model_file().stem)
    try:
        with requests.Session() as session:
            session.trust_env = False  # no proxy stands before this computer
            held = session.get(f"{url}/api/tags", timeout=5).json()["models"]
            if not {name, f"{name}:latest"} & {entry["name"] for entry in held}:
                if model:
                    raise ServerError(
                        f"ollama has no model {name}.\n"
                        f"Fetch it:  ollama pull {name}  (`ollama list` says what is there)"
                    )
                _bring(session, url, model_file())
    except (requests.RequestException, ValueError, KeyError, TypeError):
        raise ServerError(
            f"No ollama answers on {url}.\n"
            "Start it:  ollama serve  (https://ollama.com has it), or choose another engine."
        ) from None
    return checked(url, "no-key", name, remedy=f"Try it by hand:  ollama run {name}")


def address() -> str:
    """Return where ollama listens; `OLLAMA_HOST` may leave out http:// and the port."""
    host = os.environ.get("OLLAMA_HOST", "").rstrip("/") or HOST
    host = host.replace("0.0.0.0", HOST)  # where it listens; one cannot connect to that everywhere
    if "//" in host:
        return host
    return f"http://{host}" if re.search(r":\d+$", host) else f"http://{host}:11434"


def _bring(session: "requests.Session", url: str, file: Path) -> None:
    """Bring a model file to ollama: the file under its digest, then a name for it."""
    with file.open("rb") as data:
        digest = f"sha256:{hashlib.file_digest(data, 'sha256').hexdigest()}"
        data.seek(0)
        wish = {"model": file.stem, "files": {file.name: digest}, "stream": False}
        steps = {f"/api/blobs/{digest}": {"data": data}, "/api/create": {"json": wish}}
        for path, what in steps.items():
            answer = session.post(url + path, timeout=60, **what)
            if not answer.ok:
                raise ServerError(
                    f"ollama refused to take {file.name} in: {answer.text.strip()}\n"
                    "`ollama --version` says how old it is: https://ollama.com has a newer one."
                )
