"""Servers and proxies for several tests: they behave as scripted and note what they were asked."""

import functools
import http.server
import json
import select
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Api(http.server.BaseHTTPRequestHandler):
    """A server that speaks the API: a list of models, and a reply of one word.

    As a proxy for http:// it is asked in the same way, only with the whole address as the path.
    """

    def do_GET(self) -> None:
        self.answer({"data": self.server.models})

    def do_POST(self) -> None:
        wish = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer({"choices": [{"message": {"content": "Hi"}}]}, wish["model"])

    def answer(self, content: dict, model: str = "") -> None:
        self.server.asked.append((self.path, model, self.headers.get("Authorization", "")))
        status, headers = 200, {}
        if self.server.rule and (other := self.server.rule(self.path, model)):
            status, content, headers = other
        body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class IPv6Server(http.server.ThreadingHTTPServer):
    """The same on `[::1]`."""

    address_family = socket.AF_INET6


def has_ipv6() -> bool:
    """Return whether this computer has the address `::1`: a container often has not."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@contextmanager
def api(
    models: tuple = ("cria",),
    rule: Callable | None = None,
    host: str = "127.0.0.1",
    secure: ssl.SSLContext | None = None,
) -> Iterator:
    """Run such a server; `rule` may answer in its place with status, content and headers."""
    kind = IPv6Server if ":" in host else http.server.ThreadingHTTPServer
    with kind((host, 0), Api) as server:
        server.models = [m if isinstance(m, dict) else {"id": m} for m in models]
        server.rule, server.asked = rule, []
        server.root = f"http://{f'[{host}]' if ':' in host else host}:{server.server_port}"
        if secure:
            server.socket = secure.wrap_socket(server.socket, server_side=True)
        with running(server):
            yield server


class Files(http.server.SimpleHTTPRequestHandler):
    """A folder, served as `python -m http.server` does."""

    def send_head(self) -> object:
        self.server.asked.append(self.path)
        return super().send_head()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def files(folder: Path) -> Iterator[http.server.ThreadingHTTPServer]:
    """Serve a folder; `asked` lists the paths that were asked for."""
    handler = functools.partial(Files, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.asked, server.root = [], f"http://127.0.0.1:{server.server_port}"
        with running(server):
            yield server


class Socks(socketserver.BaseRequestHandler):
    """A SOCKS5 proxy that leads every request to one port, whatever name was asked for."""

    def handle(self) -> None:
        self.request.recv(1 + 1 + self.request.recv(1)[0])
        self.request.sendall(b"\x05\x00")
        head = self.request.recv(5)
        self.server.asked.append(self.request.recv(head[4] + 2)[:-2].decode())
        self.request.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        with socket.create_connection(("127.0.0.1", self.server.target)) as upstream:
            ways = {self.request: upstream, upstream: self.request}
            while data := (ready := select.select(list(ways), [], [])[0][0]).recv(65536):
                ways[ready].sendall(data)


@contextmanager
def socks(target: int) -> Iterator:
    """Run such a proxy."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Socks) as server:
        server.daemon_threads, server.asked, server.target = True, [], target
        with running(server):
            yield server


@contextmanager
def running(server: socketserver.BaseServer) -> Iterator:
    """Serve in a thread, and end it."""
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()


OPENSSL = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl makes a certificate")


def certificate(folder: Path, *names: str) -> tuple[Path, Path]:
    """Return the files of a certificate of one's own for these names, and of its key."""
    made = folder / "school.pem", folder / "school.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=school",
         "-addext", f"subjectAltName={','.join(names)}", "-out", made[0], "-keyout", made[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return made
