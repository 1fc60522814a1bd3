"""Start a llama-server, wait until it can answer, and leave nothing behind.

    with LlamaServer() as server:
        requests.get(server.url + "/health", timeout=5)

What the lessons teach (addresses, JSON, options) stays in the lessons: options are passed on as
llama-server's own flags.
"""

import contextlib
import http.client
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from helpers.errors import BinaryNotFound, PortTaken, ServerError, ServerFailed
from helpers.models import model as model_file

WATCHER = Path(__file__).with_name("watcher.py")
HOST = "127.0.0.1"


class LlamaServer:
    """A llama-server of one's own on this computer, or one that runs already.

    Attributes:
        url: where the server listens, such as `http://127.0.0.1:40213`; empty before `start()`.
        base_url: the same with `/v1`, the root of the OpenAI-compatible API.
        model: the name under which the server offers its model.
        api_key: the key that the server asks for, or `"no-key"` where it asks for none.
    """

    def __init__(
        self,
        model: str | os.PathLike | None = None,
        *,
        options: Sequence[str] = (),
        port: int | None = None,
        binary: str | os.PathLike | None = None,
        timeout: float = 120,
    ):
        """Describe a server; `start()` starts it.

        Where the environment variable `LLM_BASE_URL` names a server that runs already (with its key
        in `LLM_API_KEY`), and none of `model`, `options`, `port`, `binary` is given, that server is
        used. It is never stopped from here.

        Args:
            model: a GGUF file; without it `LLM_MODEL`, and without that the course's own cria.
            options: flags for llama-server, such as `["--ctx-size", "512"]`.
            port: the port to listen on; without it, one that is free.
            binary: the program; without it `LLAMA_SERVER`, the environment's own, or the PATH's.
            timeout: seconds that the model may take to load.
        """
        self.url = ""
        self.model = ""
        self.api_key = _option(options, "--api-key") or "no-key"
        self._attached = None
        if model is port is binary is None and not options:
            self._attached = os.environ.get("LLM_BASE_URL")
        if self._attached:
            self.api_key = os.environ.get("LLM_API_KEY", "no-key")
        self._wanted = model, list(options), port, binary
        self._timeout = timeout
        self._watcher: subprocess.Popen | None = None
        self._log = b""
        self._log_file = None

    # --- life ---

    def start(self) -> Self:
        """Start the server and return when it can answer.

        Raises:
            BinaryNotFound, ModelNotFound, PortTaken: what is needed is not there.
            ServerFailed: it ended or did not become ready; the message holds its last words.
        """
        if self.running:
            return self
        self.stop()
        if self._attached:
            return self._attach()
        wanted_model, options, wanted_port, binary = self._wanted
        program, file = find_binary(binary), model_file(wanted_model)
        port = wanted_port or free_port()
        if wanted_port and _is_open(wanted_port):
            raise PortTaken(
                f"Port {wanted_port} is taken: another program listens on {HOST}:{wanted_port}.\n"
                "Leave `port` out to get a free one, or end the other program."
            )
        name = _option(options, "--alias") or file.stem
        mark = f"~{secrets.token_hex(4)}"  # a second alias, which proves that the server is ours
        self.url, self.model = f"http://{HOST}:{port}", name
        try:
            self._spawn([program, "--model", file, "--host", HOST, "--port", port,
                         *options, "--alias", f"{name},{mark}"])  # fmt: skip
            self._wait_until_ready(mark)
        except BaseException:  # an interrupt too must not leave a server behind
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the server. Does nothing if it does not run, or if somebody else started it."""
        if self._watcher:
            with contextlib.suppress(OSError):
                self._watcher.stdin.close()  # the watcher reads the end of the pipe
            self._watcher.wait()
            self._log = self._read_log()
            self._log_file.close()
            if os.name == "nt":
                Path(self._log_file.name).unlink(missing_ok=True)
        self._watcher, self.url = None, ""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether the server was started and has not ended since."""
        return bool(self.url) and (not self._watcher or self._watcher.poll() is None)

    # --- what there is to see ---

    @property
    def base_url(self) -> str:
        """The root of the OpenAI-compatible API, for `base_url=` of a client."""
        return self.url and f"{self.url}/v1"

    def log(self, lines: int = 20) -> str:
        """Return the last lines that the server has written."""
        text = (self._read_log() if self._watcher else self._log).decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def __repr__(self) -> str:
        state = f"{self.model} on {self.base_url}" if self.running else "not running"
        return f"<{type(self).__name__}: {state}>"

    def _repr_html_(self) -> str:
        if not self.running:
            return "<b>llama-server</b>: not running"
        whose = "was running already" if self._attached else "ends with this kernel"
        return (
            f"<b>llama-server</b>: model <code>{escape(self.model)}</code> at "
            f"<a href='{self.url}'>{self.url}</a> ({whose})"
        )

    # --- how it is done ---

    def _spawn(self, command: list) -> None:
        """Start the watcher, which starts the server; their output goes to a file of its own."""
        handle, path = tempfile.mkstemp(prefix="llama-server-", suffix=".log")
        self._log_file = Path(path).open("rb")  # noqa: SIM115 (open while the server runs)
        if os.name != "nt":
            Path(path).unlink()  # the open file lives on, and nothing is left, however we end
        try:
            self._watcher = subprocess.Popen(
                [sys.executable, "-I", "-S", str(WATCHER), *map(str, command)],
                stdin=subprocess.PIPE,
                stdout=handle,
                stderr=handle,
                env={"LLAMA_ARG_CORS_ORIGINS": "localhost", **os.environ},  # no page of the web
                start_new_session=True,  # the interrupt button is for the kernel alone
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        finally:
            os.close(handle)
        weakref.finalize(self, self._watcher.stdin.close)  # an object nobody holds ends its server

    def _wait_until_ready(self, mark: str) -> None:
        """Wait for /health, watching the process; then see that the server that answers is ours."""
        deadline = time.monotonic() + self._timeout
        while time.monotonic() < deadline:
            if self._watcher.poll() is not None:
                raise ServerFailed(f"llama-server ended while it started.\n{self._advice()}")
            status, _ = self._get("/health")
            if status == 200:
                break
            time.sleep(0.01)
        else:
            raise ServerFailed(
                f"llama-server was not ready within {self._timeout:g} s.\n{self._advice()}"
            )
        _, models = self._get("/v1/models")
        if mark not in json.dumps(models):
            raise PortTaken(
                f"Another server answers on {self.url}, so this one would never be asked.\n"
                "Leave `port` out to get a free one, or end the other server."
            )

    def _attach(self) -> Self:
        """Use the server that LLM_BASE_URL names, after asking it for its models."""
        self.url = re.sub(r"/v1/?$", "", self._attached).rstrip("/")
        status, models = self._get("/v1/models")
        if status != 200 or not models.get("data"):
            url, self.url = self.url, ""
            said = {0: "nothing answers there", 401: "it refuses the key in LLM_API_KEY"}
            raise ServerError(
                f"LLM_BASE_URL names {url}, but {said.get(status, f'it answers {status}')}.\n"
                "Correct it, or unset LLM_BASE_URL to start a server of your own."
            )
        self.model = models["data"][0]["id"]
        return self

    def _get(self, path: str) -> tuple[int, dict]:
        """Return status and JSON of a GET, past any proxy; status 0 if nothing answers."""
        parts = urlsplit(self.url)
        https = parts.scheme == "https"
        connection = (http.client.HTTPSConnection if https else http.client.HTTPConnection)(
            parts.netloc, timeout=5
        )
        try:
            connection.request(
                "GET", parts.path + path, headers={"Authorization": f"Bearer {self.api_key}"}
            )
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return 0, {}
        finally:
            connection.close()

    def _read_log(self) -> bytes:
        self._log_file.seek(0)
        return self._log_file.read()

    def _advice(self) -> str:
        """Return the last lines of the log, and what they ask for."""
        log = self.log()
        for sign, remedy in REMEDIES.items():
            if re.search(sign, log):
                return f"{log}\n\n{remedy}"
        return f"{log}\n\nThe lines above are the server's own last words."


REMEDIES = {
    "failed to load model|error loading model": "The model file could not be loaded: it may be "
    "damaged or of a kind that this llama-server does not know. Fetch it again, or use cria.",
    "couldn't bind|bind HTTP server": "The port is taken. Leave `port` out to get a free one.",
    "invalid argument|error while handling argument": "One of `options` is no flag of "
    "llama-server, or its value does not fit. `llama-server --help` lists them all.",
    "chat template|jinja": "The chat template could not be read. Correct it, or leave it out.",
}


def find_binary(binary: str | os.PathLike | None = None) -> str:
    """Return the path of llama-server.

    It is looked for in the argument, in the environment variable `LLAMA_SERVER`, in this Python
    environment and on the PATH, in that order.

    Raises:
        BinaryNotFound: there is none, or the one that was named is no program.
    """
    if named := binary or os.environ.get("LLAMA_SERVER"):
        if found := shutil.which(named):
            return str(found)
        raise BinaryNotFound(
            f"{named} is no program that can be run.\n"
            "Correct the path, or leave it out to use the llama-server of this environment."
        )
    own = str(Path(sys.executable).parent)
    if found := shutil.which("llama-server", path=own) or shutil.which("llama-server"):
        return found
    raise BinaryNotFound(
        "There is no llama-server in this environment or on the PATH.\n"
        "Set the course up:  make lab  (README.md says how without make), or name the program in "
        "the environment variable LLAMA_SERVER."
    )


def _option(options: Sequence[str], name: str) -> str | None:
    """Return the value that follows a flag, if the flag is there."""
    return options[options.index(name) + 1] if name in options[:-1] else None


def free_port() -> int:
    """Return the number of a port on this computer on which nothing listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
