"""The programs that can serve a model: how each is started, and what differs between them."""

import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from helpers.compile import unless_compiling
from helpers.errors import BinaryNotFound, ServerError
from helpers.gguf_file import size_of
from helpers.network import HOST

XLLAMACPP = Path(__file__).with_name("xllamacpp_server.py")
PYTHON = [sys.executable, "-P", "-X", "utf8"]  # -P: no file in this folder is taken for a package

# What a server of ours is started with, unless the environment or an option says otherwise.
DEFAULTS = {
    "LLAMA_ARG_REASONING": "off",  # a thought fills max_tokens, and leaves the reply empty
    "LLAMA_ARG_CORS_ORIGINS": "localhost",  # no page of the web may read what the model says
    "LLAMA_ARG_CACHE_RAM": "512",  # MiB of earlier prompts; its own 8 GB is all that a laptop has
    "LLAMA_ARG_THREADS_HTTP": "32",  # an idle connection holds one of them for five seconds
    "GGML_NO_BACKTRACE": "1",  # a crash is a message, not a page of addresses
}
# What would move or lock the server: refused as an option, left out as a variable.
REFUSED = "--(host|port|model|api-key-file|api-prefix|ssl-(key|cert)-file|config-file)|-m"
LEFT_OUT = (  # llama_cpp.server prefers such a variable to its own flag
    "(?i)LLAMA_ARG_(API_PREFIX|API_KEY_FILE|SSL_.*)|HOST|PORT|MODEL(_ALIAS)?|API_KEY|CONFIG_FILE"
    "|ROOT_PATH|SSL_(KEY|CERT)FILE"
)
SPELLINGS = {
    "llamaserver": "llama-server", "llamacpp": "llama-server", "xllamacpp": "xllamacpp",
    "llamacppserver": "llama_cpp.server", "llamacpppython": "llama_cpp.server", "ollama": "ollama",
}  # fmt: skip
SMALL = 100e6  # bytes; such a model gains little from a second thread


@dataclass(frozen=True)
class Engine:
    """A program that serves a model on this computer."""

    name: str
    words: list  # what starts it, without flags
    help: str  # what to type for a list of its flags
    ready: str = "/health"  # the endpoint that answers 200 as soon as the server can
    alias: str = "--alias"  # the flag that names the model

    def command(self, model: Path, port: int, names: Sequence[str], options: Sequence[str]) -> list:
        """Return the command line; ours come last, as the last of two flags counts."""
        names = ",".join(names) if self.alias == "--alias" else names[0]  # else it takes only one
        return [*self.words, *options, "--model", model, "--host", HOST, "--port", port,
                self.alias, names]  # fmt: skip


def environment(file: Path | None = None, options: Sequence[str] = ()) -> dict[str, str]:
    """Return the environment for a server of ours: our defaults, and above them the learner's."""
    count = os.environ.get("LLAMA_ARG_THREADS") or str(threads(file))
    defaults = {**DEFAULTS, "LLAMA_ARG_THREADS": count}
    defaults |= {"N_THREADS": count, "N_THREADS_BATCH": count}  # llama_cpp.server's names for it
    if {"--reasoning", "-rea"} & set(options):
        del defaults["LLAMA_ARG_REASONING"]  # `--reasoning auto` would not undo it
    kept = {name: it for name, it in os.environ.items() if not re.fullmatch(LEFT_OUT, name)}
    return defaults | kept


def threads(file: Path | None = None) -> int:
    """Return the number of threads: one for a small model, else half of the cores there are.

    llama.cpp's threads wait for one another many times for each token, and they wait by spinning.
    Where another program takes the core of one of them, all the others burn theirs until it comes
    back. So some cores stay free for the browser, and for a video call beside it.
    """
    if file and size_of(file) < SMALL:
        return 1
    return max(1, cores() // 2)


def cores() -> int:
    """Return how many cores this program may use."""
    tied = hasattr(os, "sched_getaffinity")  # Linux can tie a program to some of them
    return len(os.sched_getaffinity(0)) if tied else os.cpu_count() or 1


def split_options(options: Sequence[str]) -> list[str]:
    """Return options with flags and values as separate texts; `--flag=value` is split.

    Raises:
        TypeError: it is not a list of texts.
        ValueError: one of them is not for options.
    """
    if not isinstance(options, list | tuple) or not all(isinstance(o, str) for o in options):
        raise TypeError("options must be a list of texts, such as ['--ctx-size', '512']")
    cut = [re.split("[= ]+", o, maxsplit=1) if o.startswith("--") else [o] for o in options]
    words = [word for option in cut for word in option]
    for word in words:
        if re.fullmatch(REFUSED, word.replace("_", "-")):
            raise ValueError(
                f"{word} is not an option here. Use  LlamaServer('mine.gguf', port=8090)  "
                f"for model and port; it listens on {HOST} alone, and takes keys with --api-key."
            )
    return words


def option(options: Sequence[str], *flags: str) -> str:
    """Return the value that follows one of these flags; nothing if none is there."""
    found = [value for flag, value in pairwise(options) if flag.replace("_", "-") in flags]
    return found[-1] if found else ""


def chosen(
    name: str | None = None, binary: str | os.PathLike | None = None, own: bool = False
) -> str:
    """Return the name of the engine to take: the named one, else that of `LLM_ENGINE`.

    Without either it is `llama-server`, or xllamacpp where only that is installed. With `own` it is
    always one of these two, unless `name` says otherwise.

    Raises:
        ServerError: ollama is named for something that it cannot do.
    """
    name = _spelt(str(name or ""))
    if name == "ollama" and own:
        raise ServerError(
            "ollama takes no options, no port and no binary from here: OLLAMA_HOST says where it "
            "listens.\nLeave them out, or choose another engine."
        )
    if name or binary:
        return name or "llama-server"
    wanted = _spelt(os.environ.get("LLM_ENGINE", ""))
    if wanted and not (own and wanted in {"ollama", "llama_cpp.server"}):
        return wanted
    if wanted:
        _say(f"{wanted} cannot do what is asked for here, so llama.cpp's own server is started.")
    here = _named_program() or found("llama-server") or not find_spec("xllamacpp")
    return "llama-server" if here else "xllamacpp"


def _spelt(name: str) -> str:
    """Return the name of an engine as it is written here, however people write it."""
    return SPELLINGS.get(re.sub(r"\.exe\b|[^a-z]", "", name.lower()), name.strip())


@cache
def _say(words: str) -> None:
    """Print this once in a kernel's life."""
    print(words)


def engine(name: str | None = None, binary: str | os.PathLike | None = None) -> Engine:
    """Return the engine that is chosen by name or binary.

    Raises:
        BinaryNotFound: it is not on this computer, or no engine has that name.
    """
    name = chosen(name, binary)
    match name:
        case "llama-server":
            return Engine(name, [find_binary(binary)], "llama-server --help")
        case "xllamacpp":
            _need("xllamacpp", "Install it:  %pip install xllamacpp  in a cell of a notebook")
            words = [*PYTHON, XLLAMACPP]
            return Engine(name, words, "python -m helpers.xllamacpp_server --help")
        case "llama_cpp.server":
            install = "Install it:  make lab  (README.md says how without make)"
            _need("llama_cpp", unless_compiling(install))
            words = [*PYTHON, "-m", name]
            return Engine(name, words, f"python -m {name} --help", "/v1/models", "--model_alias")
    raise BinaryNotFound(
        f"There is no engine {name!r}.\n"
        "Name one of these: llama-server, xllamacpp, llama_cpp.server, ollama. For any other "
        "program start its server, and put the address into LLM_BASE_URL."
    )


def find_binary(binary: str | os.PathLike | None = None) -> str:
    """Return the path of llama-server: of `binary`, `LLAMA_SERVER`, this environment or the PATH.

    Raises:
        BinaryNotFound: there is none, or the one that was named is not a program.
    """
    if named := _named_program(binary):
        if program := shutil.which(named):
            return str(program)
        raise BinaryNotFound(
            f"{named} is not a program that can be run.\n"
            "Correct the path, or leave it out to use the llama-server of this environment."
        )
    if program := found("llama-server"):
        return program
    raise BinaryNotFound(
        "There is no llama-server in this environment or on the PATH.\n"
        + unless_compiling(
            "Set the course up:  make lab  (README.md says how without make), or name the program "
            "in the environment variable LLAMA_SERVER."
        )
    )


def _named_program(binary: str | os.PathLike | None = None) -> str:
    """Return `binary` or what `LLAMA_SERVER` says, without what people type around it."""
    return os.fsdecode(binary or os.environ.get("LLAMA_SERVER", "")).strip("\"' \r\n")


def found(program: str) -> str | None:
    """Return the path of a program in this Python environment or on the PATH."""
    own = Path(sys.executable).parent
    own = f"{own}{os.pathsep}{own / 'Library' / 'bin'}"  # the latter: conda's on Windows
    return shutil.which(program, path=own) or shutil.which(program)


def server_program() -> list:
    """Return what starts llama.cpp's own server: llama-server, or the prebuilt one in its place.

    Raises:
        BinaryNotFound: there is neither.
    """
    return engine(chosen(own=True)).words


def _need(package: str, remedy: str) -> None:
    if not find_spec(package):
        raise BinaryNotFound(f"{package} is not in this environment.\n{remedy}")
