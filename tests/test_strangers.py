"""The lessons on a server that is not llama-server.

It speaks the API and nothing beside it: it asks for a key, refuses a model that it does not have,
has no addresses but `/v1`, knows neither schemas nor tools, and says the same to everybody. Or it
thinks until no token is left. Or it answers everything with a call, which lesson 08 has to bear. No
cell may fail.
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from lessons import KEY, SERVED, run
from stand_ins import running

CALL = {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
CALLS = [{"index": 0, "id": "call_1", "type": "function", "function": CALL}]
MESSAGES = {
    "parrot": {"role": "assistant", "content": "Hello!", "tool_calls": []},
    "thinker": {"role": "assistant", "content": None, "reasoning_content": "Well, let me see"},
    "caller": {"role": "assistant", "content": None, "tool_calls": CALLS},
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


@pytest.fixture(params=["parrot", "thinker"])
def stranger(request):
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server, running(server):
        server.model, server.asked = request.param, False
        yield server


# 01 and 02 ask servers of their own alone
@pytest.mark.parametrize("lesson", [name for name in SERVED if name[:2] not in {"01", "02"}])
def test_a_server_that_speaks_the_api_alone(lesson, stranger):
    run(lesson, LLM_BASE_URL=f"http://127.0.0.1:{stranger.server_port}/v1", LLM_API_KEY=KEY)
    assert stranger.asked


@pytest.mark.parametrize("stranger", ["caller"], indirect=True)
def test_a_model_that_answers_everything_with_a_call(stranger):
    address = f"http://127.0.0.1:{stranger.server_port}/v1"
    said = run("08_tools", LLM_BASE_URL=address, LLM_API_KEY=KEY)
    assert "caller makes the calls" in said and "The rounds are used up." in said
