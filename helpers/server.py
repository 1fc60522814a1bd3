"""Start a llama-server, wait until it can answer, and leave nothing behind.

    with LlamaServer() as server:
        requests.get(server.url + "/health", timeout=5)

What the lessons teach stays in the lessons: options are passed on as llama-server's own flags.
"""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import IO, Any, Self

from helpers import attach, engines, gguf_file, network, server_log, tab
from helpers.errors import PortTaken, ServerError, ServerFailed
from helpers.models import model as model_file
from helpers.models import name_of
from helpers.network import HOST, free_port, is_open
from helpers.watcher import tell_why_it_ends

WATCHER = Path(__file__).with_name("watcher.py")


class LlamaServer:
    """A llama-server started on this computer, or one that is already running.

    Attributes:
        model: the name under which the server offers its model.
        engine: the name of the program that serves it.
        api_key: the key that the server asks for, or `"no-key"` where it asks for none.
    """

    def __init__(
        self,
        model: str | os.PathLike | None = None,
        *,
        options: Sequence[str] = (),
        port: int | None = None,
        binary: str | os.PathLike | None = None,
        engine: str | None = None,
        own: bool = False,
        timeout: float = 120,
    ) -> None:
        """Describe a server; `start()` starts it.

        If `LLM_BASE_URL` names a server that is already running (with its key in `LLM_API_KEY`),
        and none of the arguments below is given, that server is used, with the model that
        `LLM_MODEL` names. It is never stopped from here, and neither is an ollama that was running.

        Args:
            model: a GGUF file, or the name of a model; without it `LLM_MODEL`, and without that the
                course's own cria. With ollama, also a name that it has.
            options: flags for the engine, such as `["--ctx-size", "512"]`.
            port: the port to listen on; without it, one that is free.
            binary: the program; without it that of `find_binary()`.
            engine: `llama-server`, `xllamacpp`, `llama_cpp.server` or `ollama`; without it
                `LLM_ENGINE`, and without that llama-server, or xllamacpp where there is none.
            own: start llama.cpp's own server in any case, for what no other server has, such as
                `/props`. Options, a port or a binary mean the same, unless `engine` is given.
            timeout: seconds that the model may take to load; for each 20 MB, it gets one more.

        Raises:
            TypeError, ValueError: an argument is of the wrong kind.
        """
        options = engines.split_options(options)
        if port is not None and port not in range(1, 65_536):
            raise ValueError(f"{port!r} is not a port: a port is a whole number from 1 to 65535")
        self.model = self.engine = self._url = ""
        keys = engines.option(options, "--api-key") or os.environ.get("LLAMA_API_KEY")
        self.api_key = (keys or "no-key").partition(",")[0]
        own = own or bool(options or port or binary)
        named = os.environ.get("LLM_BASE_URL", "").strip()
        self._attached = bool(named) and model is engine is None and not own
        self._wanted = model, options, port, binary, engine, own
        self._timeout = float(timeout)
        self._lock = threading.RLock()  # two threads may start the same object
        self._watcher: subprocess.Popen | None = None
        self._tab: Any = None  # the engine, in a browser tab
        self._log = b""
        self._log_file: IO[bytes] | None = None

    # --- life ---

    def start(self) -> Self:
        """Start the server and return when it can answer.

        Raises:
            BinaryNotFound, ModelNotFound, PortTaken: what is needed is not there.
            ServerError: a server that runs already cannot be used.
            ServerFailed: it ended or did not become ready; the message holds the end of its log.
        """
        with self._lock:
            if not self.running:
                self.stop()
                network.prepare()
                try:
                    self._start()
                except BaseException:  # an interrupt must not leave a server behind, either
                    self.stop()
                    raise
        return self

    def _start(self) -> None:
        model, options, wanted_port, binary, name, own = self._wanted
        if self._attached:
            self._url, self.model, self.api_key = attach.attached(self._timeout)
            return
        if tab.HERE:
            return self._start_in_tab(model_file(model), options, wanted_port)
        name = engines.chosen(name, binary, own)
        if name == "ollama":
            return self._start_ollama(model)
        engine, file = engines.engine(name, binary), model_file(model)
        self.engine = engine.name
        if wanted_port and is_open(wanted_port):
            raise PortTaken(
                f"Port {wanted_port} is taken: another program listens on {HOST}:{wanted_port}.\n"
                "Leave `port` out to get a free one, or end the other program."
            )
        ports = [wanted_port] if wanted_port else [free_port() for _ in range(3)]
        for port in ports:
            try:
                return self._start_on(port, engine, file, options)
            except PortTaken:  # between looking and listening another program was faster
                if port == ports[-1]:
                    raise
                self.stop()

    def _start_in_tab(self, file: Path, options: Sequence[str], port: int | None) -> None:
        """Start the engine of a browser tab, which has no processes."""
        self.engine = "llama.cpp"
        self.model = engines.option(options, "--alias").partition(",")[0] or name_of(file)
        self._tab = tab.start(file, self.model, options, port)
        self._url = self._tab.url
        weakref.finalize(self, self._tab.stop)

    def _start_on(
        self, port: int, engine: engines.Engine, file: Path, options: Sequence[str]
    ) -> None:
        """Start the engine on this port, and check that it is the one that answers there."""
        named = engines.option(options, "--alias", "-a", "--model-alias")
        name = named.partition(",")[0] or name_of(file)
        mark = f"~{secrets.token_hex(4)}"  # a second alias, which proves that the server is ours
        self._url, self.model = f"http://{HOST}:{port}", name
        command = engine.command(file, port, [name, mark], options)
        self._spawn(command, engines.environment(file, options))
        self._wait_until_ready(engine, mark, slow=gguf_file.size_of(file) // 20_000_000)

    def _start_ollama(self, model: str | os.PathLike | None) -> None:
        """Use the ollama that is running, or start one, and make sure that it has the model."""
        from helpers import ollama  # slow to import, and seldom needed

        self.engine, self._url = "ollama", ollama.address()
        if not ollama.answers(self._url):
            engine = ollama.engine(self._url)
            here = {"OLLAMA_HOST": self._url}  # without what would open it to the network
            self._spawn(engine.words, engines.environment() | here)
            self._wait_until_ready(engine)
        self._url, self.model = ollama.provided(self._url, model, self._timeout)

    def stop(self) -> None:
        """End the server. Does nothing if it is not running, or if it was not started here."""
        with self._lock:
            if self._watcher:
                with contextlib.suppress(OSError):
                    self._watcher.stdin.close()  # the watcher reads the end of the pipe
                self._watcher.wait()
                self._log = self._read_log()
                self._log_file.close()
            if self._tab:
                self._tab.stop()
                self._log = self._tab.log(1000).encode()
            self._watcher, self._tab, self._url = None, None, ""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether the server was started and has not ended since."""
        if self._tab:
            return self._tab.running
        return bool(self._url) and (not self._watcher or self._watcher.poll() is None)

    # --- what there is to see ---

    @property
    def url(self) -> str:
        """Where the server listens, such as `http://127.0.0.1:40213`.

        Raises:
            ServerError: it was not started, or it was stopped.
        """
        if not self._url:
            raise ServerError("This server is not running. Start it:  server.start()")
        if not self.running:
            raise ServerError(
                f"{self.engine} has ended. {self.log(1)}\nStart it again:  server.start()"
            )
        return self._url

    @property
    def base_url(self) -> str:
        """The root of the OpenAI-compatible API, for `base_url=` of a client: `url` and `/v1`."""
        return f"{self.url}/v1"

    def log(self, lines: int = 20) -> str:
        """Return the last lines that the server has written."""
        if self._tab:
            return self._tab.log(lines)
        text = (self._read_log() if self._watcher else self._log).decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def __repr__(self) -> str:
        state = f"{self.model} on {self.base_url}" if self.running else "not running"
        return f"<{type(self).__name__}: {state}>"

    def _repr_html_(self) -> str:
        if not self.running:
            return "<b>server</b>: not running"
        whose = "ends with this kernel" if self._watcher or self._tab else "was running already"
        return (
            f"<b>{escape(self.engine or 'server')}</b>: model <code>{escape(self.model)}</code> at "
            f"<a href='{self.url}'>{self.url}</a> ({whose})"
        )

    # --- how it is done ---

    def _spawn(self, command: list, environment: dict[str, str]) -> None:
        """Start the watcher, which starts the server; their output goes to a file of its own."""
        output, self._log_file = server_log.new_log()
        with output:
            self._watcher = subprocess.Popen(
                [sys.executable, "-I", "-S", "-X", "utf8", str(WATCHER), *map(str, command)],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,  # the interrupt button is for the kernel alone
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        weakref.finalize(self, self._watcher.stdin.close)  # an object nobody holds ends its server
        _pipes.add(self._watcher.stdin)

    def _wait_until_ready(self, engine: engines.Engine, mark: str = "", slow: int = 0) -> None:
        """Wait until the server can answer, and check that it is ours."""
        begin, log, patience = time.monotonic(), "", self._timeout + slow  # slow: a cold disk
        while not (self._may_ask(log, begin) and self._get(engine.ready)[0] == 200):
            ended = self._watcher.poll() is not None
            log = self.log(lines=100)  # after that: its last words are in it
            if ended or server_log.has_failed(log):
                if server_log.port_was_taken(log):
                    raise PortTaken(f"Another program uses {self._url}. End it or change the port.")
                words = server_log.last_words(log, engine)
                raise ServerFailed(f"{engine.name} ended while it started.\n{words}")
            if not time.monotonic() < begin + patience:
                raise ServerFailed(
                    f"{engine.name} was not ready within {patience:g} s.\n"
                    f"{self.log(lines=4)}\nGive it more time with `timeout`, or a smaller model."
                )
            time.sleep(0.01)
        status, models = self._get("/v1/models", timeout=30)
        # llama_cpp.server knows no second alias; but it says that it has its port.
        if mark not in json.dumps(models) and "Uvicorn running on" not in self.log(lines=1000):
            key = "\nOr LLAMA_API_KEY is not its key: correct it." if status == 401 else ""
            raise PortTaken(
                f"Another server answers on {self._url}, so this one would never be asked.\n"
                f"Leave `port` out to get a free one, or end the other server.{key}"
            )
        tell_why_it_ends(weakref.ref(self), self._watcher)

    def _may_ask(self, log: str, begin: float) -> bool:
        return self.api_key == "no-key" or server_log.has_its_port(log, begin)

    def _get(self, path: str, timeout: float = 5) -> tuple[int, dict]:
        return network.ask(self._url + path, self.api_key, timeout=timeout)

    def _read_log(self) -> bytes:
        self._log_file.seek(0)
        return self._log_file.read()


# A child made by fork holds the open files of its parent. If it kept the pipes, the watchers would
# not see the parent's end; so it lets them go.
_pipes: weakref.WeakSet[IO[bytes]] = weakref.WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: [pipe.close() for pipe in list(_pipes)])
