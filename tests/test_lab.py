"""`make lab` as a learner meets it: an address is printed, the lessons are there, and one runs."""

import json
import os
import re
import signal
import subprocess
import time
import uuid
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import nbformat
import pytest
import requests
import websocket

ROOT = Path(__file__).resolve().parent.parent


class Lab:
    """A running JupyterLab, spoken to through the interfaces that its page in the browser uses."""

    def __init__(self, address: str):
        parts = urlsplit(address)
        self.page = parts.path
        self.root = f"{parts.scheme}://{parts.netloc}"
        self.key = {"Authorization": f"token {parse_qs(parts.query)['token'][0]}"}

    def get(self, path: str) -> requests.Response:
        return requests.get(self.root + path, headers=self.key, timeout=30)

    def run(self, notebook: str) -> list[dict]:
        """Run a notebook's code cells in a new kernel; return the replies that are no success."""
        kernels = f"{self.root}/api/kernels"
        body = {"name": "python3", "path": notebook}
        kernel = requests.post(kernels, headers=self.key, json=body, timeout=60).json()["id"]
        socket = websocket.create_connection(
            f"{kernels}/{kernel}/channels".replace("http", "ws"), header=self.key, timeout=60
        )
        try:
            cells = nbformat.read(ROOT / notebook, as_version=4).cells
            code = [cell.source for cell in cells if cell.cell_type == "code"]
            replies = [self._execute(socket, source) for source in code]
        finally:
            socket.close()
            requests.delete(f"{kernels}/{kernel}", headers=self.key, timeout=60)
        return [reply for reply in replies if reply["status"] != "ok"]

    @staticmethod
    def _execute(socket: websocket.WebSocket, source: str) -> dict:
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3"}
        request = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}}
        socket.send(json.dumps({**request, "content": {"code": source, "silent": False}}))
        while True:
            message = json.loads(socket.recv())
            ours = message["parent_header"].get("msg_id") == header["msg_id"]
            if ours and message["msg_type"] == "execute_reply":
                return message["content"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    if not (ROOT / ".venv" / ".ready").exists() or not find_spec("llama_cpp"):
        pytest.skip("`make lab` would build an environment, or compile: it would outlive this test")
    log = tmp_path_factory.mktemp("lab") / "log"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    with log.open("w") as file:
        process = subprocess.Popen(
            ["make", "lab"], cwd=ROOT, env=clean, stdout=file, stderr=file, start_new_session=True
        )
    try:
        deadline = time.monotonic() + 120
        while not (found := re.search(r"http://127\.0\.0\.1:\S+token=\S+", log.read_text())):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield Lab(found.group())
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def test_opens_on_the_first_lesson(lab):
    assert lab.page == "/lab/tree/notebooks/00_start_here.ipynb"
    assert lab.get(lab.page).status_code == 200


def test_lists_the_lessons(lab):
    listed = {entry["name"] for entry in lab.get("/api/contents/notebooks").json()["content"]}
    lessons = {path.name for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")}
    assert lessons and lessons <= listed


def test_is_for_whoever_has_the_token(lab):
    assert requests.get(f"{lab.root}/api/contents", timeout=30).status_code == 403


def test_runs_a_lesson_in_its_kernel(lab):
    assert lab.run("notebooks/01_server.ipynb") == []
