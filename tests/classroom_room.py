"""A class server for tests: a real llama-server, a real uvicorn, and keys for three people."""

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import requests
from processes import family

from classroom.gateway import Gateway, Limits
from classroom.keys import Keys, add
from classroom.watch import ClassServer, Watch
from helpers import LlamaServer, model
from helpers.network import HOST, free_port

SLOTS, CONTEXT = 4, 1024
SECONDS = 60  # generous: neighbours may be at work
HELLO = {"messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 8}
ENDLESS = {**HELLO, "max_tokens": 1000, "ignore_eos": True}
MOST = 4e9  # bytes
DATA = b"data: "


class Room:
    """A class server that runs in a thread of this program."""

    def __init__(self, gateway: Gateway, file: Path, port: int) -> None:
        self.gateway, self.file = gateway, file
        self.url, self.said = f"http://{HOST}:{port}", []
        self.people = {p.name: p for p in gateway.keys.people} if gateway.keys else {}

    def headers(self, name: str = "Ada") -> dict:
        return {"Authorization": f"Bearer {self.people[name].key}"}

    def ask(self, body: dict = HELLO, name: str = "Ada", path: str = "", **options) -> object:
        options = {"headers": self.headers(name) if name else {}, "timeout": SECONDS, **options}
        return requests.post(self.url + (path or "/v1/chat/completions"), json=body, **options)

    def page(self) -> str:
        key = self.people["Teacher"].key
        return requests.get(f"{self.url}/teacher", auth=("", key), timeout=SECONDS).text

    @property
    def at_work(self) -> int:
        return len(self.gateway.turns.working)

    @property
    def server(self) -> ClassServer:
        return self.gateway.servers.server


def soon(what: Callable[[], object], seconds: float = SECONDS) -> object:
    """Wait until this is so."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.01)
    return found


def open_stream(room: Room, key: str = "") -> socket.socket:
    """Ask for a long stream with a key, Ada's if none is named, and read nothing of it yet."""
    host, port = room.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=SECONDS)
    body = json.dumps({**ENDLESS, "stream": True})
    lines = ["POST /v1/chat/completions HTTP/1.1", "Host: x", "Connection: close"]
    lines += [f"Authorization: Bearer {key or room.people['Ada'].key}"]
    lines += [f"Content-Length: {len(body)}", "", body]
    connection.sendall("\r\n".join(lines).encode())
    return connection


def received(connection: socket.socket, until: bytes = b"") -> list[bytes]:
    """Read until these words have come, or all, and close; return the data of the events."""
    text = b""
    with connection:
        while not (until and until in text) and (part := connection.recv(65_536)):
            text += part
    return [line[len(DATA) :] for line in text.splitlines() if line.startswith(DATA)]


def server_process(server: LlamaServer) -> psutil.Process:
    """Return the process of a server, which its watcher has started."""
    return family(server._watcher.pid)[-1]


@contextmanager
def paused(server: LlamaServer) -> Iterator[None]:
    """Stop this server's process for a while: a reply of 1,000 tokens takes half a second."""
    process = server_process(server)
    process.suspend()
    try:
        yield
    finally:
        process.resume()


@contextmanager
def taken(server: LlamaServer, slots: int) -> Iterator[None]:
    """Keep all slots of a server, which has `--context-shift`, at work without the gateway."""
    endless = {"prompt": "Hello", "n_predict": 1_000_000, "ignore_eos": True, "stream": True}
    options = {"headers": {"Authorization": f"Bearer {server.api_key}"}, "timeout": SECONDS}
    over, begun = threading.Event(), threading.Semaphore(0)

    def read() -> None:
        url = f"{server.url}/completion"
        with requests.post(url, json=endless, stream=True, **options) as reply:
            begun.release()
            for _ in reply.iter_content(1 << 16):
                if over.is_set():
                    return

    readers = [threading.Thread(target=read) for _ in range(slots)]
    for reader in readers:
        reader.start()
    try:
        assert all(begun.acquire(timeout=SECONDS) for _ in readers)
        yield
        found = requests.get(f"{server.url}/slots", **options).json()
        assert all(slot["is_processing"] for slot in found)
    finally:
        over.set()
        for reader in readers:
            reader.join(SECONDS)


@contextmanager
def opened(
    folder: Path,
    *,
    keys: bool = True,
    patience: float = 8,
    context: int = CONTEXT,
    options: tuple[str, ...] = (),
    **limits,
) -> Iterator[Room]:
    """Open a room with a class server, and close it."""
    file, port = folder / "keys.txt", free_port()
    if keys:
        add(file, ["Ada", "Müller, Bo", "Cleo"])
    sizes = ["--parallel", str(SLOTS + 1), "--ctx-size", str((SLOTS + 1) * context)]
    with ClassServer(model(), options=[*sizes, *options], own=True) as server:
        said = []
        watch = Watch(server, MOST, say=said.append, patience=patience)
        limits = Limits(**{"slots": SLOTS, "tokens": context, **limits})
        gateway = Gateway(Keys(file) if keys else None, watch, limits)
        with serving(gateway, file, port) as room:
            room.said = said
            yield room
        assert not server.running, "it ends with the gateway"


@contextmanager
def serving(gateway: Gateway, file: Path, port: int) -> Iterator[Room]:
    """Let a gateway serve in a thread of this program."""
    web = gateway.web(HOST, port)
    thread = threading.Thread(target=lambda: asyncio.run(gateway.serve(web)))
    thread.start()
    try:
        soon(lambda: web.started)
        yield Room(gateway, file, port)
    finally:
        web.should_exit = True
        thread.join(SECONDS)


def number(page: str, name: str, column: int) -> str:
    """Return what the teacher's page says about a learner."""
    row = re.search(rf"<tr><td>{name}</td>.*", page)[0]
    return re.findall(r"<td>(.*?)</td>", row)[column]
