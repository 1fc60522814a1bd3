"""The programs that can serve a model: how each is started, and what differs between them."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from helpers.compile import compiling
from helpers.errors import BinaryNotFound, ServerError
from helpers.network import HOST
from helpers.threads import threads

XLLAMACPP = Path(__file__).with_name("xllamacpp_server.py")
PYTHON = [sys.executable, "-P"]  # -P: no file of the folder we are in is taken for a package

# What a server of ours is started with, unless the environment or an option says otherwise.
DEFAULTS = {
    "LLAMA_ARG_REASONING": "off",  # a thought fills max_tokens, and the reply behind it is empty
    "LLAMA_ARG_CORS_ORIGINS": "localhost",  # no page of the web may read what the model says
    "GGML_NO_BACKTRACE": "1",  # a crash is a message, not a page of addresses
}


@dataclass(frozen=True)
class Engine:
    """A program that serves a model on this computer.

    Attributes:
        name: what it is called.
        command: makes the command line from model file, port, name of the model, a mark that no
            other server has, and options.
        help: what to type for a list of its flags.
        ready: the endpoint that answers 200 as soon as the server can.
        is_ours: tells from our server's log, the list of models at its address, and the mark,
            whether it is our server that answers there.
    """

    name: str
    command: Callable[[Path, int, str, str, Sequence[str]], list]
    help: str
    ready: str = "/health"
    is_ours: Callable[[str, str, str], bool] = lambda log, models, mark: mark in models


def environment(file: Path | None = None, options: Sequence[str] = ()) -> dict[str, str]:
    """Return the environment for a server of ours: our defaults, and above them the learner's own.

    Args:
        file: the model, whose size decides about the number of threads.
        options: what the server is started with.
    """
    count = os.environ.get("LLAMA_ARG_THREADS") or str(threads(file))
    defaults = {**DEFAULTS, "LLAMA_ARG_THREADS": count}
    defaults |= {"N_THREADS": count, "N_THREADS_BATCH": count}  # llama_cpp.server's names for it
    if {"--reasoning", "-rea"} & set(options):
        del defaults["LLAMA_ARG_REASONING"]  # `--reasoning auto` would not undo it
    return {**defaults, **os.environ}


def chosen(
    name: str | None = None, binary: str | os.PathLike | None = None, own: bool = False
) -> str:
    """Return the name of the engine to take.

    Where neither name nor binary is given it is the one in the environment variable `LLM_ENGINE`,
    else `llama-server`; and where there is no llama-server, but xllamacpp, that one. A server of
    `own` is one of these two, unless it is named.

    Raises:
        ServerError: ollama is named, for what it cannot do.
    """
    if name == "ollama" and own:
        raise ServerError(
            "ollama takes no options, no port and no binary from here: OLLAMA_HOST says where it "
            "listens.\nLeave them out, or choose another engine."
        )
    if name or binary:
        return name or "llama-server"
    wanted = os.environ.get("LLM_ENGINE", "").strip()
    if wanted and not (own and wanted in {"ollama", "llama_cpp.server"}):
        return wanted
    if wanted:
        _say(f"{wanted} cannot do what is asked for here: llama.cpp's own server is started.")
    here = os.environ.get("LLAMA_SERVER") or found("llama-server") or not find_spec("xllamacpp")
    return "llama-server" if here else "xllamacpp"


@cache
def _say(words: str) -> None:
    """Print this once in a kernel's life."""
    print(words)


def engine(name: str | None = None, binary: str | os.PathLike | None = None) -> Engine:
    """Return the engine that is chosen by name or binary.

    Raises:
        BinaryNotFound: it is not on this computer, or there is none of that name.
    """
    name = chosen(name, binary)
    match name:
        case "llama-server":
            program = find_binary(binary)
            return Engine(
                name, lambda *start: [program, *_flags(*start)], help="llama-server --help"
            )
        case "xllamacpp":
            _need("xllamacpp", "pip install xllamacpp")
            return Engine(
                name,
                lambda *start: [*PYTHON, XLLAMACPP, *_flags(*start)],
                help="python -m helpers.xllamacpp_server --help",
            )
        case "llama_cpp.server":
            _need("llama_cpp", "make lab")
            return Engine(
                name,
                _llama_cpp_server,
                help="python -m llama_cpp.server --help",
                ready="/v1/models",
                is_ours=lambda log, models, mark: "Uvicorn running on" in log,  # it has one alias
            )
    raise BinaryNotFound(
        f"There is no engine {name!r}.\n"
        "Name one of these: llama-server, xllamacpp, llama_cpp.server, ollama."
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
        if program := shutil.which(os.fspath(named)):
            return str(program)
        raise BinaryNotFound(
            f"{named} is no program that can be run.\n"
            "Correct the path, or leave it out to use the llama-server of this environment."
        )
    if program := found("llama-server"):
        return program
    raise BinaryNotFound(
        f"There is no llama-server in this environment or on the PATH.\n{compiling()}"
        "Set the course up:  make lab  (README.md says how without make), or name the program in "
        "the environment variable LLAMA_SERVER."
    )


def found(program: str) -> str | None:
    """Return the path of a program in this Python environment or on the PATH."""
    own = str(Path(sys.executable).parent)
    return shutil.which(program, path=own) or shutil.which(program)


def server_program() -> list:
    """Return what starts llama.cpp's own server: llama-server, or the prebuilt one in its place.

    Raises:
        BinaryNotFound: there is neither.
    """
    return [*PYTHON, XLLAMACPP] if chosen(own=True) == "xllamacpp" else [find_binary()]


def _need(package: str, remedy: str) -> None:
    if not find_spec(package):
        raise BinaryNotFound(
            f"{package} is not in this environment.\n{compiling()}Install it:  {remedy}"
        )


# --- what went wrong, from the log ---

REMEDIES = {  # the first that fits is shown
    "invalid argument|error while handling argument|unrecognized argument|error: argument": "One "
    "of `options` is no flag of {engine.name}, or its value does not fit. `{engine.help}` "
    "lists them all.",
    "error while handling environment variable": "Correct or unset that variable: {engine.name} "
    "takes every option from the environment as well.",
    "listen tcp": "It may not open that port, or another program has it: choose another one.",
    "insufficient memory|failed to allocate|bad_alloc": "That does not fit into the memory: give a "
    "smaller --ctx-size, or take a smaller model.",
    "n_seq_max|n_parallel": "Ask for fewer slots: --parallel takes 1 to 256.",
    "chat template|jinja": "The chat template could not be read. Correct it, or leave it out.",
    "failed to load model|error loading model|Failed to init server": "The model file could not be "
    "loaded: it may be damaged or of a kind that this llama-server does not know. Fetch it again, "
    "or use cria.",
    "ImportError|ModuleNotFoundError": "{engine.name} needs something that is not installed: the "
    "line above names it. Install that, or take another engine.",
    "cannot be run": "It is made for another kind of computer, or damaged. Set the course up again:"
    "  make clean lab",
}


def last_words(log: str, engine: Engine) -> str:
    """Return the lines of a server's log that say what went wrong, and a remedy if there is one."""
    lines = [re.sub(r"^[\d.]+ [A-Z] ", "", line) for line in log.splitlines()]
    wrong = [line for line in lines if re.search(r"error|fail|invalid|cannot|must be", line)]
    shown = list(dict.fromkeys(wrong))[:4] or lines[-4:]
    said = "\n".join(shown)
    fitting = (remedy for sign, remedy in REMEDIES.items() if re.search(sign, said))
    unknown = "Is it a llama-server? It should say so when asked for its --version."
    if engine.name == "ollama":
        unknown = "Type  ollama serve  in a terminal to see more."
    remedy = next(fitting, unknown)
    return f"{said}\n\n{remedy.format(engine=engine)}"


def has_failed(log: str) -> bool:
    """Return whether a server's log says that it gives up; on Windows xllamacpp then never ends."""
    return "cleaning up before exit" in log


def port_was_taken(log: str) -> bool:
    """Return whether a server's log says that it could not listen on its port."""
    return bool(re.search("couldn't bind|bind HTTP server|address already in use", log))
