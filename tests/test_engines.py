"""One object, several engines: what they have in common, and where they differ.

The differences stand in a table in lesson 01; every cell of it is asked of the running engine here.
ollama cannot be installed where these tests run (it is on no package index), so what is said to it
is tested against a stand-in that knows the four routes that we use.
"""

import http.server
import json
import re
import shutil
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import pytest
import requests

from helpers import BinaryNotFound, LlamaServer, ServerError, model
from helpers.engines import engine as choose

ROOT = Path(__file__).resolve().parent.parent
ENGINES = ["llama-server", "xllamacpp", "llama_cpp.server"]
KEY = {"llama_cpp.server": "--api_key"}  # this one writes its flags with underscores
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
FORM = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


@pytest.fixture(scope="module", params=ENGINES)
def server(request):
    options = [KEY.get(request.param, "--api-key"), "sesame"]
    with LlamaServer(engine=request.param, options=options) as running:
        yield running


def ask(server: LlamaServer, content: str = "Hello!", **fields) -> requests.Response:
    headers = {"Authorization": f"Bearer {server.api_key}"}
    body = {"messages": [{"role": "user", "content": content}], "temperature": 0, **fields}
    url, stream = f"{server.base_url}/chat/completions", fields.get("stream", False)
    return requests.post(url, json=body, headers=headers, stream=stream, timeout=60)


def get(server: LlamaServer, path: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {server.api_key}"}
    return requests.get(server.url + path, headers=headers, timeout=60)


def events(server: LlamaServer, **fields) -> list:
    lines = [line for line in ask(server, stream=True, **fields).iter_lines() if line]
    data = [line.decode().removeprefix("data: ") for line in lines]
    return [text if text == "[DONE]" else json.loads(text) for text in data]


# --- what they have in common --------------------------------------------------------------------


def test_chat_and_usage(server):
    answer = ask(server).json()
    assert answer["choices"][0]["message"]["content"].startswith("H")
    assert answer["choices"][0]["finish_reason"] == "stop"
    usage = answer["usage"]
    assert usage["prompt_tokens"] + usage["completion_tokens"] == usage["total_tokens"]


def test_order_of_a_stream(server):
    role, *deltas, finish, done = events(server)
    assert role["choices"][0]["delta"]["role"] == "assistant"
    text = "".join(chunk["choices"][0]["delta"]["content"] for chunk in deltas)
    assert text == ask(server).json()["choices"][0]["message"]["content"]
    assert finish["choices"][0]["delta"] == {}
    assert finish["choices"][0]["finish_reason"] == "stop"
    assert done == "[DONE]"


def test_stop(server):
    choice = ask(server, "What is a token?", stop=["."]).json()["choices"][0]
    assert choice["finish_reason"] == "stop"
    assert choice["message"]["content"] and "." not in choice["message"]["content"]


def test_max_tokens(server):
    choice = ask(server, "Tell me a story.", max_tokens=5).json()["choices"][0]
    assert choice["finish_reason"] == "length"


def test_any_json(server):
    form = {"response_format": {"type": "json_object", "schema": FORM}}
    assert "a" in json.loads(ask(server, **form).json()["choices"][0]["message"]["content"])


def test_a_wrong_key_is_refused(server):
    answer = requests.get(f"{server.base_url}/models", timeout=5)
    assert answer.status_code == 401


def test_leaving_in_the_middle_frees_the_server(server):
    leave = ask(server, "Tell me a story.", stream=True, max_tokens=1500)
    next(leave.iter_lines())
    leave.close()
    begin = time.monotonic()
    assert ask(server, max_tokens=2).ok
    assert time.monotonic() - begin < 30


def test_it_listens_on_this_computer_alone(server):
    watcher = psutil.Process(server._watcher.pid)
    connections = [c for p in watcher.children(True) for c in p.net_connections(kind="inet")]
    assert {c.laddr.ip for c in connections if c.status == "LISTEN"} == {"127.0.0.1"}


@pytest.mark.parametrize("name", ENGINES)
def test_nothing_is_left_after_stop(name):
    server = LlamaServer(engine=name).start()
    assert server.engine == name
    watcher = psutil.Process(server._watcher.pid)
    processes = [watcher, *watcher.children(recursive=True)]
    server.stop()
    assert not psutil.wait_procs(processes, timeout=15)[1]


@pytest.mark.parametrize("name", ENGINES)
def test_a_broken_model_and_a_wrong_flag_are_named(name, tmp_path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))
    for arguments, words in [
        ({"model": broken}, "could not be loaded"),
        ({"options": ["--no-such-flag"]}, "no flag"),
    ]:
        with pytest.raises(ServerError, match=words):
            LlamaServer(engine=name, **arguments).start()


def test_the_prebuilt_engine_has_the_options_of_the_lessons():
    options = ["--ctx-size", "512", "--parallel", "2", "--alias", "professor", "--metrics"]
    with LlamaServer(engine="xllamacpp", options=options) as server:
        assert [slot["n_ctx"] for slot in get(server, "/slots").json()] == [256, 256]
        assert server.model == "professor" == ask(server).json()["model"]
        assert get(server, "/metrics").ok
        asked_by_a_page = {"Origin": "https://example.org"}
        answer = requests.get(f"{server.url}/health", headers=asked_by_a_page, timeout=5)
        assert "Access-Control-Allow-Origin" not in answer.headers


# --- where they differ: the table of lesson 01 ---------------------------------------------------


def table() -> dict[str, dict[str, str]]:
    """The table in lesson 01: row → engine → what stands there."""
    lesson = nbformat.read(ROOT / "notebooks" / "01_server.ipynb", as_version=4)
    (cell,) = [c.source for c in lesson.cells if "| what differs |" in c.source]
    rows = [line.strip("| ").split(" | ") for line in cell.splitlines() if line.startswith("| ")]
    head, *body = [[word.strip("` ") for word in row] for row in rows]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in body}


def at_once(server: LlamaServer) -> str:
    """Whether a short question is answered while a long answer is still being written."""
    with ThreadPoolExecutor() as pool:
        long = pool.submit(ask, server, "Tell me a story.", max_tokens=1500, ignore_eos=True)
        time.sleep(0.2)
        ask(server, max_tokens=1)
        return "one by one" if long.done() else "several at once"


def names(server: LlamaServer) -> str:
    return ask(server, model="gpt-9", max_tokens=1).json()["model"]


def usage(server: LlamaServer) -> str:
    *_, last, _done = events(server, stream_options={"include_usage": True})
    return "a last chunk" if last.get("usage") else "never"


PROBES = {
    "/health": lambda s: str(get(s, "/health").status_code),
    "/props and /slots": lambda s: str(get(s, "/props").status_code),
    "content of the first chunk": lambda s: json.dumps(
        events(s)[0]["choices"][0]["delta"].get("content", "absent")
    ).strip('"'),
    "usage in a stream that asks for it": usage,
    "another model's name in the request": lambda s: (
        "ignored" if names(s) == "cria" else "ignored, and sent back"
    ),
    "an address that is wrong": lambda s: next(iter(get(s, "/nowhere").json())),
    "a body that is no JSON": lambda s: str(
        requests.post(
            f"{s.base_url}/chat/completions", data="{", timeout=9,
            headers={"Authorization": f"Bearer {s.api_key}"},
        ).status_code
    ),
    "json_schema": lambda s: (
        "obeyed"
        if ask(
            s, response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": FORM}}
        ).ok
        else "refused"
    ),
    "a call of a tool": lambda s: (
        "tool_calls"
        if ask(s, "What is the weather in Oslo?", tools=[WEATHER])
        .json()["choices"][0]["message"].get("tool_calls")
        else "text"
    ),
    "clients": at_once,
}  # fmt: skip


def test_the_table_asks_all_that_is_asked_here():
    assert list(table()) == list(PROBES)
    assert all(list(row) == ENGINES for row in table().values())


@pytest.mark.parametrize("row", PROBES)
def test_the_table_in_lesson_01_is_true(server, row):
    assert PROBES[row](server) == table()[row][server.engine]


# --- which one is taken --------------------------------------------------------------------------


@pytest.fixture
def no_llama_server(monkeypatch, tmp_path):
    """A computer without llama-server."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))


def test_the_prebuilt_engine_steps_in_where_there_is_no_llama_server(no_llama_server):
    assert choose().name == "xllamacpp"


def test_the_environment_may_choose(monkeypatch):
    assert choose().name == "llama-server"
    monkeypatch.setenv("LLM_ENGINE", "llama_cpp.server")
    assert choose().name == "llama_cpp.server"


def test_an_engine_that_does_not_exist():
    with pytest.raises(ValueError, match="xllamacpp"):
        LlamaServer(engine="vllm").start()


@pytest.mark.parametrize("name", ["xllamacpp", "llama_cpp.server"])
def test_an_engine_that_is_not_installed(monkeypatch, name):
    monkeypatch.setattr("helpers.engines.find_spec", lambda _: None)
    with pytest.raises(BinaryNotFound, match="not in this environment"):
        LlamaServer(engine=name).start()


def test_until_the_compile_is_done_the_message_says_how_far_it_is(
    no_llama_server, monkeypatch, tmp_path
):
    log = tmp_path / "compile.log"
    log.write_text("set-up: llama.cpp\n\r  compile  43% |###| 90/212 · about 01:40 left\r")
    monkeypatch.setattr("helpers.engines.COMPILE_LOG", log)
    with pytest.raises(BinaryNotFound, match="43% .* about 01:40 left"):
        LlamaServer(engine="llama-server").start()


# --- ollama --------------------------------------------------------------------------------------


class Ollama(http.server.BaseHTTPRequestHandler):
    """A stand-in for ollama: its list of models, the two steps of an import, and a chat."""

    def answer(self, status: int, content: dict) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        held = self.server.models
        if self.path == "/api/tags":
            self.answer(200, {"models": [{"name": f"{name}:latest"} for name in held]})
        else:
            self.answer(200, {"data": [{"id": f"{name}:latest"} for name in held] or None})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(self.path)
        if self.path.startswith("/api/blobs/"):
            self.server.blob = self.path.rpartition("/")[2], body
            self.answer(self.server.status, {"error": "disk is full"})
        elif self.path == "/api/create":
            assert json.loads(body)["files"] == {"cria.gguf": self.server.blob[0]}
            self.server.models.append(json.loads(body)["model"])
            self.answer(200, {"status": "success"})
        else:
            self.answer(200, {"choices": [{"message": {"content": json.loads(body)["model"]}}]})

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def ollama(monkeypatch):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ollama) as service:
        service.models, service.asked, service.status = ["other"], [], 201
        threading.Thread(target=service.serve_forever, daemon=True).start()
        monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{service.server_port}")
        yield service
        service.shutdown()


def test_cria_is_brought_to_ollama_once(ollama):
    with LlamaServer(engine="ollama") as server:
        assert (server.model, server.engine) == ("cria", "ollama")
        assert server.base_url.endswith(f":{ollama.server_port}/v1")
    assert ollama.blob[1] == model().read_bytes()
    with LlamaServer(engine="ollama"):
        pass
    assert [re.sub("sha256.*", "…", path) for path in ollama.asked].count("/api/create") == 1


def test_a_model_that_ollama_has(ollama):
    with LlamaServer("other", engine="ollama") as server:
        assert server.model == "other"
    assert ollama.asked == ["/v1/chat/completions"], "one token, and nothing was created"


def test_ollama_refuses(ollama):
    ollama.status = 507
    with pytest.raises(ServerError, match="ollama refused .*disk is full"):
        LlamaServer(engine="ollama").start()


def test_no_ollama(monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    with pytest.raises(ServerError, match="No ollama answers .*\n.*ollama serve"):
        LlamaServer(engine="ollama").start()


@pytest.mark.skipif(not shutil.which("ollama"), reason="there is no ollama on this computer")
def test_the_real_ollama():
    with LlamaServer(engine="ollama") as server:
        assert ask(server).ok
