"""The programs that can serve a model: how each is started, and what differs between them."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from helpers.errors import BinaryNotFound, ServerError

HOST = "127.0.0.1"
XLLAMACPP = Path(__file__).with_name("xllamacpp_server.py")
PYTHON = [sys.executable, "-P"]  # -P: no file of the folder we are in is taken for a package
COMPILE_LOG = Path(sys.prefix) / "compile.log"  # written while the set-up compiles llama.cpp


@dataclass(frozen=True)
class Engine:
    """A program that serves a model on this computer.

    Attributes:
        name: what it is called.
        command: makes the command line from model file, port, name of the model, a mark that no
            other server has, and options.
        ready: the endpoint that answers 200 as soon as the server can.
        marked: whether the server shows the mark in its list of models, which proves it to be ours.
    """

    name: str
    command: Callable[[Path, int, str, str, Sequence[str]], list]
    ready: str = "/health"
    marked: bool = True


def engine(name: str | None = None, binary: str | os.PathLike | None = None) -> Engine:
    """Return the engine of that name.

    Without a name it is the one in the environment variable `LLM_ENGINE`, else `llama-server`; and
    where there is no llama-server, but xllamacpp, that one.

    Raises:
        BinaryNotFound: it is not on this computer.
        ValueError: there is no engine of that name.
    """
    name = name or os.environ.get("LLM_ENGINE")
    if not name and not binary and not os.environ.get("LLAMA_SERVER"):
        name = "llama-server" if _llama_server() or not find_spec("xllamacpp") else "xllamacpp"
    match name or "llama-server":
        case "llama-server":
            program = find_binary(binary)
            return Engine("llama-server", lambda *start: [program, *_flags(*start)])
        case "xllamacpp":
            _need("xllamacpp", "pip install xllamacpp")
            return Engine(name, lambda *start: [*PYTHON, XLLAMACPP, *_flags(*start)])
        case "llama_cpp.server":
            _need("llama_cpp", "make lab")
            return Engine(name, _llama_cpp_server, ready="/v1/models", marked=False)
    raise ValueError(
        f"There is no engine {name!r}: it is llama-server, xllamacpp, llama_cpp.server or ollama."
    )


def _flags(model: Path, port: int, name: str, mark: str, options: Sequence[str]) -> list:
    return ["--model", model, "--host", HOST, "--port", port,
            *options, "--alias", f"{name},{mark}"]  # fmt: skip


def _llama_cpp_server(model: Path, port: int, name: str, mark: str, options: Sequence[str]) -> list:
    return [*PYTHON, "-m", "llama_cpp.server", "--model", model, "--host", HOST,
            "--port", port, *options, "--model_alias", name]  # fmt: skip


def find_binary(binary: str | os.PathLike | None = None) -> str:
    """Return the path of llama-server.

    It is looked for in the argument, in the environment variable `LLAMA_SERVER`, in this Python
    environment and on the PATH, in that order.

    Raises:
        BinaryNotFound: there is none, or the one that was named is no program.
    """
    if named := binary or os.environ.get("LLAMA_SERVER"):
        if found := shutil.which(os.fspath(named)):
            return str(found)
        raise BinaryNotFound(
            f"{named} is no program that can be run.\n"
            "Correct the path, or leave it out to use the llama-server of this environment."
        )
    if found := _llama_server():
        return found
    raise BinaryNotFound(
        f"There is no llama-server in this environment or on the PATH.\n{compiling()}"
        "Set the course up:  make lab  (README.md says how without make), or name the program in "
        "the environment variable LLAMA_SERVER."
    )


def _llama_server() -> str | None:
    own = str(Path(sys.executable).parent)
    return shutil.which("llama-server", path=own) or shutil.which("llama-server")


def compiling() -> str:
    """Return how far the compile of llama.cpp is, in a line, or nothing if there was none."""
    if not COMPILE_LOG.is_file():
        return ""
    said = re.split(r"[\r\n]+", COMPILE_LOG.read_text(encoding="utf-8", errors="replace").strip())
    return f"The set-up compiles it in the background. Its last line:  {said[-1].strip()}\n"


def _need(package: str, remedy: str) -> None:
    if not find_spec(package):
        raise BinaryNotFound(
            f"{package} is not in this environment.\n{compiling()}Install it:  {remedy}"
        )


# --- what went wrong, from the log ---

REMEDIES = {
    "insufficient memory|failed to allocate|bad_alloc": "That does not fit into the memory: give a "
    "smaller --ctx-size, or take a smaller model.",
    "n_seq_max|n_parallel": "Ask for fewer slots: --parallel takes 1 to 256.",
    "chat template|jinja": "The chat template could not be read. Correct it, or leave it out.",
    "failed to load model|error loading model|Failed to init server": "The model file could not be "
    "loaded: it may be damaged or of a kind that this llama-server does not know. Fetch it again, "
    "or use cria.",
    "invalid argument|error while handling argument|unrecognized argument|error: argument": "One "
    "of `options` is no flag of llama-server, or its value does not fit. `llama-server --help` "
    "lists them all.",
    "cannot be run": "It is made for another kind of computer, or damaged. Set the course up again:"
    "  make clean lab",
}


def last_words(log: str) -> str:
    """Return the lines of a server's log that say what went wrong, and a remedy if there is one."""
    lines = [re.sub(r"^[\d.]+ [A-Z] ", "", line) for line in log.splitlines()]
    wrong = [line for line in lines if re.search(r"error|fail|invalid|cannot|must be", line)]
    shown = list(dict.fromkeys(wrong))[:4] or lines[-4:]
    said = "\n".join(shown)
    fitting = (remedy for sign, remedy in REMEDIES.items() if re.search(sign, said))
    remedy = next(fitting, "Is it a llama-server? It should say so when asked for its --version.")
    return f"{said}\n\n{remedy}"


def port_was_taken(log: str) -> bool:
    """Return whether a server's log says that it could not listen on its port."""
    return bool(re.search("couldn't bind|bind HTTP server|address already in use", log))


# --- ollama, a service that is there or not ---

OLLAMA = "http://127.0.0.1:11434"


def ollama(model: str | os.PathLike | None, cria: Callable[[], Path]) -> tuple[str, str]:
    """Return address and model of the ollama that runs on this computer; cria is brought to it.

    The routes are those of ollama's own API (docs/api.md in its repository).

    Raises:
        ServerError: no ollama answers, or it refuses.
    """
    import hashlib  # with requests, slow to import and needed by nobody else here

    import requests

    url = os.environ.get("OLLAMA_HOST") or OLLAMA
    url = url if "//" in url else f"http://{url}"
    session = requests.Session()
    session.trust_env = False  # no proxy stands before this computer
    try:
        held = session.get(f"{url}/api/tags", timeout=5).json()["models"]
    except (requests.RequestException, ValueError, KeyError):
        raise ServerError(
            f"No ollama answers on {url}.\n"
            "Start it:  ollama serve  (https://ollama.com has it), or choose another engine."
        ) from None
    name = str(model or "cria")
    if model or any(entry["name"].partition(":")[0] == name for entry in held):
        return url, name
    data = cria().read_bytes()
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    wish = {"model": name, "files": {"cria.gguf": digest}, "stream": False}
    for path, fields in [(f"/api/blobs/{digest}", {"data": data}), ("/api/create", {"json": wish})]:
        answer = session.post(url + path, timeout=60, **fields)
        if not answer.ok:
            raise ServerError(f"ollama refused to take cria in: {answer.text.strip()}")
    return url, name
