"""`LlamaServer` with the real llama-server: it starts, answers, stops, and says what is wrong."""

import json
import os
import socket
import sys
from pathlib import Path

import psutil
import pytest
import requests
from processes import family, gone

from helpers import BinaryNotFound, LlamaServer, PortTaken, ServerFailed
from helpers.engines import find_binary


@pytest.fixture(scope="module")
def server():
    with LlamaServer() as running:
        yield running


# --- what works ----------------------------------------------------------------------------------


def test_answers_through_the_address_it_gives(server):
    question = {"messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 8}
    answer = requests.post(f"{server.base_url}/chat/completions", json=question, timeout=30)
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"]
    assert answer.json()["model"] == server.model == "cria"


def test_listens_on_this_computer_alone(server):
    """If it listened on every address, this one would answer as well."""
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", port), timeout=2)


def test_refuses_to_be_asked_by_a_page_of_the_web(server):
    """A page open in the browser could otherwise read what the model says to whoever sits there."""
    here, elsewhere = "http://localhost:8888", "https://example.org"
    for origin, allowed in [(here, here), (elsewhere, None)]:
        answer = requests.get(f"{server.url}/health", headers={"Origin": origin}, timeout=5)
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed


def test_two_servers_have_two_ports(server):
    with LlamaServer() as other:
        assert other.url != server.url
        assert requests.get(f"{other.url}/health", timeout=5).json() == {"status": "ok"}


def test_passes_options_on_as_they_are(server):
    options = ["--ctx-size", "512", "--parallel", "1", "--api-key", "open-sesame"]
    with LlamaServer(options=options) as small:
        assert small.api_key == "open-sesame"
        key = {"Authorization": f"Bearer {small.api_key}"}
        props = requests.get(f"{small.url}/props", headers=key, timeout=5).json()
        assert props["default_generation_settings"]["n_ctx"] == 512
        assert requests.get(f"{small.url}/props", timeout=5).status_code == 401


def test_listens_on_the_port_that_was_asked_for():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with LlamaServer(port=port) as server:
        assert server.url == f"http://127.0.0.1:{port}"


def test_stop_leaves_nothing_and_can_be_said_twice():
    server = LlamaServer().start()
    processes, url = family(server._watcher.pid), server.url
    assert len(processes) >= 2, "the watcher and the server"
    server.stop()
    server.stop()
    assert gone(processes)
    assert not server.running
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/health", timeout=5)


def test_start_said_twice_starts_once():
    with LlamaServer() as server:
        first = family(server._watcher.pid)
        assert server.start() is server
        assert family(server._watcher.pid) == first


def test_ends_with_its_object():
    server = LlamaServer().start()
    processes = family(server._watcher.pid)
    del server
    assert gone(processes)


def test_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with LlamaServer() as server:
        assert "llama" in server.log(lines=100)
    assert not list(tmp_path.iterdir())


def test_log_can_be_read_afterwards():
    with LlamaServer() as server:
        during = server.log(lines=3)
        assert during and len(during.splitlines()) <= 3
    assert server.log()


def test_shows_what_runs_where(server):
    assert repr(server) == f"<LlamaServer: cria on {server.base_url}>"
    assert server.url in server._repr_html_()
    idle = LlamaServer()
    assert repr(idle) == "<LlamaServer: not running>"
    assert "not running" in idle._repr_html_()


# --- a server that runs already ------------------------------------------------------------------


def test_an_explicit_wish_starts_a_server_of_its_own(server, monkeypatch):
    monkeypatch.setenv("LLM_BASE_URL", server.base_url)
    with LlamaServer(options=["--ctx-size", "512"]) as own:
        assert own.url != server.url


# --- what goes wrong -----------------------------------------------------------------------------


def test_no_binary_anywhere(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr("helpers.engines.find_spec", lambda _: None)  # no xllamacpp either
    with pytest.raises(BinaryNotFound, match="no llama-server in this environment") as error:
        LlamaServer().start()
    assert "make lab" in str(error.value)


def test_binary_is_looked_for_in_order(monkeypatch, tmp_path, fake_program):
    for folder in ["environment/Library/bin", "path"]:
        (tmp_path / folder).mkdir(parents=True)
    places = ["environment", "environment/Library/bin", "path"]  # the second: conda's on Windows
    names = ["argument", "variable", *(f"{place}/llama-server" for place in places)]
    argument, variable, environment, library, path = (fake_program("", name) for name in names)
    monkeypatch.setattr(sys, "executable", str(environment.with_name("python")))
    monkeypatch.setenv("PATH", str(path.parent))
    monkeypatch.setenv("LLAMA_SERVER", str(variable))
    assert Path(find_binary(argument)) == argument
    assert Path(find_binary()) == variable
    monkeypatch.delenv("LLAMA_SERVER")
    for program in [environment, library, path]:
        assert Path(find_binary()) == program
        program.unlink()


def test_server_never_becomes_ready(fake_program):
    server = LlamaServer(binary=fake_program("import time; time.sleep(60)"), timeout=1)
    with pytest.raises(ServerFailed, match="not ready within 1 s"):
        server.start()
    assert server._watcher is None


IMPOSTOR = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "ok", "data": [{"id": "somebody else"}]}')
    def log_message(self, *_): pass
port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.HTTPServer(("127.0.0.1", port), Answer).serve_forever()
"""


def test_another_server_answers_in_its_place(fake_program):
    with pytest.raises(PortTaken, match="Another server answers"):
        LlamaServer(binary=fake_program(IMPOSTOR)).start()


def test_errors_show_no_stack_trace_in_a_notebook():
    assert ServerFailed("why")._render_traceback_() == ["ServerFailed: why"]


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a program without asking it")
def test_a_server_that_ignores_the_polite_end_is_killed(fake_program):
    deaf = fake_program(
        "import signal, sys\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + IMPOSTOR
    )
    with pytest.raises(PortTaken):  # start() ends it, and waits until it is gone
        LlamaServer(binary=deaf).start()
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(deaf) in json.dumps(p.info)]
