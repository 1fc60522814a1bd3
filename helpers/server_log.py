"""What a server writes: whether it listens, what went wrong, and what to do about it."""

import os
import re
import tempfile
import time
from pathlib import Path
from typing import IO

from helpers.engines import Engine
from helpers.errors import ServerFailed

LISTENS = "(?i)listening on|Uvicorn running on"
SILENT = 5  # seconds after which a server that has not ended has its port, whatever its log says
REMEDIES = {  # the first that fits is shown
    "error while handling environment variable": "Correct or unset that variable: {engine.name} "
    "takes every option from the environment as well.",
    "invalid argument|error while handling argument|unrecognized argument|error: argument": "One "
    "of `options` is no flag of {engine.name}, or its value does not fit. `{engine.help}` "
    "lists them all.",
    "listen tcp": "It is not allowed to open that port, or another program uses it: choose another "
    "port in OLLAMA_HOST, such as 127.0.0.1:11435.",
    "insufficient memory|failed to allocate|bad_alloc": "That does not fit into memory: use a "
    "smaller --ctx-size, or a smaller model.",
    "n_seq_max|n_parallel": "Ask for fewer slots: --parallel takes 1 to 256.",
    "chat template|jinja": "The chat template could not be read. Correct it, or leave it out.",
    "failed to load model|error loading model|Failed to init server": "The model file could not be "
    "loaded: it may be damaged or of a kind that this llama-server does not know. Fetch it again, "
    "or use cria.",
    "cannot be run": "It is made for another kind of computer, or damaged. If you named it "
    "(`binary`, LLAMA_SERVER), name another. Otherwise set the course up again:  make clean lab  "
    "(README.md says how without make)",
}


def new_log() -> tuple[IO[bytes], IO[bytes]]:
    """Return a file without a name for a server's output: open to write, and open to read."""
    try:
        handle, path = tempfile.mkstemp(prefix="llama-server-", suffix=".log")
    except OSError as error:
        raise ServerFailed(
            f"The server's log cannot be written: {error.strerror}.\n"
            "Make room, or name another folder in the environment variable TMPDIR."
        ) from None
    if brief := getattr(os, "O_TEMPORARY", 0):  # Windows deletes it with its last handle:
        os.close(handle)  # so nothing is left, however we end
        handle = os.open(path, os.O_WRONLY | brief)
    output = os.fdopen(handle, "wb")
    reader = os.fdopen(os.open(path, os.O_RDONLY | brief), "rb")
    if not brief:
        Path(path).unlink()  # likewise: the open file lives on
    return output, reader


def last_words(log: str, engine: Engine) -> str:
    """Return the lines of a server's log that say what went wrong, and a remedy if there is one."""
    lines = [re.sub(r"^[\d.]+ [A-Z] ", "", line) for line in log.splitlines()]
    lines = [line for line in lines if "level=INFO" not in line]  # ollama lists its environment
    wrong = [line for line in lines if re.search(r"error|fail|invalid|cannot|must be", line)]
    shown = list(dict.fromkeys(wrong))[:4] or lines[-4:]
    said = "\n".join(shown)
    fitting = (remedy for sign, remedy in REMEDIES.items() if re.search(sign, said))
    unknown = (
        "Is it a llama-server? With --version, a real one prints `version:`. If it is one, another "
        "program or the system\nhas ended it, perhaps because memory ran out: use a smaller model."
    )
    if engine.name == "ollama":
        unknown = "Type  ollama serve  in a terminal to see more."
    remedy = next(fitting, unknown)
    return f"{said}\n\n{remedy.format(engine=engine)}"


def has_its_port(log: str, begin: float) -> bool:
    """Return whether a server's log says that it listens.

    Before that, somebody else may have the port, and must not be sent the key. After five seconds
    it is taken for one whose log says little.

    Args:
        log: what it has written so far.
        begin: when it was started, on the monotonic clock.
    """
    return bool(re.search(LISTENS, log)) or time.monotonic() > begin + SILENT


def has_failed(log: str) -> bool:
    """Return whether a server's log says that it gives up; on Windows xllamacpp then never ends."""
    return "cleaning up before exit" in log


def port_was_taken(log: str) -> bool:
    """Return whether a server's log says that it could not listen on its port."""
    return bool(
        re.search("couldn't bind|bind HTTP server|attempting to bind|address already in use", log)
    )
