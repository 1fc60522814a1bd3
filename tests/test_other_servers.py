"""Lessons against a server that is not llama-server: it speaks the API, and nothing beside it.

It asks for a key, refuses a model that it does not have, has no addresses but `/v1`, knows neither
schemas nor tools, and says the same to everybody. Or it thinks until no token is left.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
KEY = "open-sesame"
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
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/v1/chat/completions":
            self.send(404, None)
        elif self.headers["Authorization"] != f"Bearer {KEY}":
            self.send(401, {"error": {"message": "wrong key", "code": None}})
        elif body.get("model") != self.server.model:
            self.send(404, {"error": {"message": "model not found", "code": None}})
        elif "response_format" in body:
            self.send(422, {"error": {"message": "no schemas here", "code": None}})
        elif body.get("stream"):
            self.send(200, [self.choices("delta"), self.choices("delta", delta={}), "[DONE]"])
        else:
            usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
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
def stranger(request, monkeypatch):
    """Let the lessons use such a server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        server.model, server.asked = request.param, False
        threading.Thread(target=server.serve_forever).start()
        monkeypatch.setenv("LLM_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
        monkeypatch.setenv("LLM_API_KEY", KEY)
        yield server
        server.shutdown()


@pytest.mark.parametrize("name", ["04_openai_sdk", "05_structured_output", "07_choosing"])
def test_no_cell_fails_and_no_output_holds_the_key(name, stranger, monkeypatch, capsys):
    monkeypatch.setenv("MPLBACKEND", "agg")
    shell = InteractiveShell()
    for cell in nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells:
        if cell.cell_type == "code":
            shell.run_cell(cell.source).raise_error()
    assert stranger.asked
    assert KEY not in capsys.readouterr().out
