"""A running Jupyter server, spoken to through the interfaces that its page in the browser uses."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import requests
import websocket

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 120


class JupyterServer:
    """A Jupyter server: at its own address, or behind a hub."""

    def __init__(self, root: str, token: str):
        self.root, self.key = root.rstrip("/"), {"Authorization": f"token {token}"}

    def get(self, path: str) -> requests.Response:
        return requests.get(self.root + path, headers=self.key, timeout=SECONDS)

    def run(self, notebook: str, folder: Path = ROOT) -> list[dict]:
        """Run a notebook's code cells in a new kernel; return the replies that are no success."""
        cells = nbformat.read(folder / notebook, as_version=4).cells
        with self.kernel(notebook) as execute:
            replies = [execute(c.source)[0] for c in cells if c.cell_type == "code"]
        return [reply for reply in replies if reply["status"] != "ok"]

    def says(self, source: str) -> str:
        """Run a piece of code in a new kernel; return what it prints, or its error."""
        with self.kernel("notebooks/x.ipynb") as execute:
            reply, printed = execute(source)
        return printed if reply["status"] == "ok" else f"{reply['ename']}: {reply['evalue']}"

    @contextmanager
    def kernel(self, notebook: str) -> Iterator:
        """Lend a new kernel: a function that executes code."""
        kernels = f"{self.root}/api/kernels"
        body = {"name": "python3", "path": notebook}
        made = requests.post(kernels, headers=self.key, json=body, timeout=SECONDS)
        kernel = f"{kernels}/{made.json()['id']}"
        socket = websocket.create_connection(
            f"{kernel}/channels".replace("http", "ws", 1), header=self.key, timeout=SECONDS
        )
        try:
            yield lambda source: self._execute(socket, source)
        finally:
            socket.close()
            requests.delete(kernel, headers=self.key, timeout=SECONDS)

    @staticmethod
    def _execute(socket: websocket.WebSocket, source: str) -> tuple[dict, str]:
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3"}
        request = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}}
        socket.send(json.dumps({**request, "content": {"code": source, "silent": False}}))
        reply, printed, idle = None, "", False
        while reply is None or not idle:
            message = json.loads(socket.recv())
            if message["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            content = message["content"]
            if message["msg_type"] == "execute_reply":
                reply = content
            elif message["msg_type"] == "stream":
                printed += content["text"]
            idle = idle or content.get("execution_state") == "idle"
        return reply, printed
