"""Every lesson in the field: on other people's servers, behind proxies, among their models.

No cell may fail, and no output may hold the key. The stranger among the servers speaks the API and
nothing beside it: it asks for a key, refuses a model that it does not have, has no addresses but
`/v1`, knows neither schemas nor tools, and says the same to everybody. Or it thinks until no token
is left.
"""

import hashlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest

from helpers import LlamaServer, model
from helpers.engines import PYTHON, XLLAMACPP, find_binary, server_program
from helpers.network import free_port

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
KEY = "open-the-door"
LESSONS = [path.stem for path in sorted(NOTEBOOKS.glob("0*.ipynb"))]
IN_PROCESS = ["06_in_process", "07_choosing"]  # they load the model with the binding
RUN = """
import sys, nbformat
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
for cell in nbformat.read(sys.argv[1], as_version=4).cells:
    if cell.cell_type == "code":
        shell.run_cell(cell.source).raise_error()
"""


def run(lesson: str, **variables: str) -> str:
    """Run a lesson's cells in a process of its own; return what they printed if none has failed."""
    if lesson in IN_PROCESS and not find_spec("llama_cpp"):
        pytest.skip("llama.cpp is not compiled on this computer")
    done = subprocess.run(
        [sys.executable, "-c", RUN, f"{lesson}.ipynb"], cwd=NOTEBOOKS, timeout=280,
        env={**os.environ, "MPLBACKEND": "agg", "PYTHONUTF8": "1", **variables},
        capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert KEY not in done.stdout + done.stderr
    return done.stdout


# --- a class server: llama-server with a key, behind a proxy that swallows everything -------------


@pytest.fixture(scope="module")
def class_server():
    with LlamaServer(options=["--api-key", KEY, "--alias", "professor"]) as server:
        yield server


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_class_server_with_a_key_and_a_proxy_that_is_dead(lesson, class_server, monkeypatch):
    for name in ["NO_PROXY", "no_proxy"]:
        monkeypatch.delenv(name, raising=False)
    dead = f"http://127.0.0.1:{free_port()}"
    proxies = {name: dead for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]}
    run(lesson, LLM_BASE_URL=class_server.base_url, LLM_API_KEY=KEY, **proxies)


# --- a stranger ----------------------------------------------------------------------------------

MESSAGES = {
    "parrot": {"role": "assistant", "content": "Hello!", "tool_calls": []},
    "thinker": {"role": "assistant", "content": None, "reasoning_content": "Well, let me see"},
}


class Stranger(BaseHTTPRequestHandler):
    """A server with one model, which is called as one of the `MESSAGES`."""

    def do_GET(self):
        known = self.path == "/v1/models"
        self.send(200 if known else 404, {"data": [{"id": self.server.model}]} if known else None)

    def do_POST(self):
        self.server.asked = True
        try:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        except ValueError:
            return self.send(400, {"error": {"message": "this is no JSON", "code": None}})
        if self.path != "/v1/chat/completions":
            self.send(404, None)
        elif self.headers["Authorization"] != f"Bearer {KEY}":
            self.send(401, {"error": {"message": "wrong key", "code": None}})
        elif body.get("model") != self.server.model:
            self.send(404, {"error": {"message": "model not found", "code": None}})
        elif not isinstance(body.get("messages"), list):
            self.send(400, {"error": {"message": "there are no messages", "code": None}})
        elif "response_format" in body:
            self.send(422, {"error": {"message": "no schemas here", "code": None}})
        elif body.get("stream"):
            self.send(200, [self.choices("delta"), self.choices("delta", delta={}), "[DONE]"])
        else:
            read = len(str(body["messages"]).split())
            usage = {"prompt_tokens": read, "completion_tokens": 2, "total_tokens": read + 2}
            self.send(200, {**self.choices("message"), "usage": usage})

    def choices(self, key: str, **fields) -> dict:
        """Return an answer, whole (`message`) or a chunk of it (`delta`)."""
        message = MESSAGES[self.server.model]
        reason = "stop" if message["content"] else "length"
        choice = {"index": 0, key: message, "finish_reason": reason, **fields}
        kind = "chat.completion" if key == "message" else "chat.completion.chunk"
        answer = {"id": "1", "object": kind, "created": 1, "model": self.server.model}
        return {**answer, "choices": [choice]}

    def send(self, status: int, answer: dict | list | None):
        kind, data = "application/json", json.dumps(answer)
        if isinstance(answer, list):
            lines = [line if isinstance(line, str) else json.dumps(line) for line in answer]
            kind, data = "text/event-stream", "".join(f"data: {line}\n\n" for line in lines)
        elif answer is None:
            kind, data = "text/plain", "404 page not found"
        self.send_response_only(status)  # no header `Server`, no `Date`
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data.encode())

    def log_message(self, *_):
        pass


@pytest.fixture(params=MESSAGES)
def stranger(request):
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        server.model, server.asked = request.param, False
        threading.Thread(target=server.serve_forever).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("lesson", [name for name in LESSONS if name[:2] not in {"01", "06"}])
def test_a_server_that_speaks_the_api_alone(lesson, stranger):
    run(lesson, LLM_BASE_URL=f"http://127.0.0.1:{stranger.server_port}/v1", LLM_API_KEY=KEY)
    assert stranger.asked


# --- what else a computer may hold ---------------------------------------------------------------


def test_the_prebuilt_engine_in_the_place_of_llama_server():
    assert "this server has no router mode" in run("01_server", LLM_ENGINE="xllamacpp")


def test_a_model_in_the_cache_is_none_of_the_routers(tmp_path):
    data, cache = model("cria").read_bytes(), tmp_path / "hub" / "models--someone--tiny-GGUF"
    for place, content in {
        f"blobs/{hashlib.sha256(data).hexdigest()}": data,
        f"snapshots/{'a' * 40}/tiny-Q8_0.gguf": data,
        "refs/main": b"a" * 40,
    }.items():
        (cache / place).parent.mkdir(parents=True)
        (cache / place).write_bytes(content)
    assert "['cria']" in run("01_server", HF_HOME=str(tmp_path))


def test_the_program_of_a_server_is_llama_server_or_the_prebuilt_one(monkeypatch):
    assert server_program() == [find_binary()]
    monkeypatch.setenv("LLM_ENGINE", "ollama")
    assert server_program() == [find_binary()]
    monkeypatch.setenv("LLM_ENGINE", "xllamacpp")
    assert server_program() == [*PYTHON, XLLAMACPP]
