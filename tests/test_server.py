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

from helpers import BinaryNotFound, LlamaServer, ModelNotFound, PortTaken, ServerError, ServerFailed
from helpers.engines import chosen, find_binary


@pytest.fixture(scope="module")
def server():
    with LlamaServer() as running:
        yield running


@pytest.fixture
def busy_port():
    """A port on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def processes_under(server: LlamaServer) -> list[psutil.Process]:
    return family(server._watcher.pid)


def all_gone(processes: list[psutil.Process]) -> bool:
    return gone(processes, seconds=10)


def end(server: LlamaServer) -> None:
    """Kill the server itself, as running out of memory would."""
    processes_under(server)[-1].kill()
    server._watcher.wait(10)


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


def test_takes_a_name_for_the_model():
    with LlamaServer(options=["--alias", "professor"]) as server:
        models = requests.get(f"{server.base_url}/models", timeout=5).json()
        assert models["data"][0]["id"] == server.model == "professor"


def test_listens_on_the_port_that_was_asked_for():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with LlamaServer(port=port) as server:
        assert server.url == f"http://127.0.0.1:{port}"


def test_stop_leaves_nothing_and_can_be_said_twice():
    server = LlamaServer().start()
    processes, url = processes_under(server), server.url
    assert len(processes) >= 2, "the watcher and the server"
    server.stop()
    server.stop()
    assert all_gone(processes)
    assert not server.running
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/health", timeout=5)


def test_start_said_twice_starts_once():
    with LlamaServer() as server:
        first = processes_under(server)
        assert server.start() is server
        assert processes_under(server) == first


def test_the_same_object_starts_again_after_the_server_died():
    server = LlamaServer().start()
    end(server)
    assert not server.running
    server.start()
    try:
        assert requests.get(f"{server.url}/health", timeout=5).status_code == 200
    finally:
        server.stop()


def test_ends_with_its_object():
    server = LlamaServer().start()
    processes = processes_under(server)
    del server
    assert all_gone(processes)


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


def test_a_proxy_in_the_environment_does_not_swallow_it(monkeypatch, busy_port):
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]:
        monkeypatch.setenv(name, f"http://127.0.0.1:{busy_port}")
    with LlamaServer() as server:
        assert server.running


# --- a server that runs already ------------------------------------------------------------------


def test_attaches_to_the_server_that_the_environment_names(server, monkeypatch):
    monkeypatch.setenv("LLM_BASE_URL", server.base_url)
    with LlamaServer() as attached:
        assert attached.base_url == server.base_url
        assert attached.model == "cria"
        assert "was running already" in attached._repr_html_()
    assert requests.get(f"{server.url}/health", timeout=5).status_code == 200, "never stopped"


def test_an_explicit_wish_starts_a_server_of_its_own(server, monkeypatch):
    monkeypatch.setenv("LLM_BASE_URL", server.base_url)
    with LlamaServer(options=["--ctx-size", "512"]) as own:
        assert own.url != server.url


def test_says_so_when_nothing_answers_there(monkeypatch):
    monkeypatch.setenv("LLM_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(ServerError, match="nothing answers there") as error:
        LlamaServer().start()
    assert "unset it" in str(error.value)


def test_says_so_when_the_key_is_refused(monkeypatch):
    with LlamaServer(options=["--api-key", "right"]) as locked:
        monkeypatch.setenv("LLM_BASE_URL", locked.base_url)
        monkeypatch.setenv("LLM_API_KEY", "wrong")
        with pytest.raises(ServerError, match="refuses the key in LLM_API_KEY"):
            LlamaServer().start()
        monkeypatch.setenv("LLM_API_KEY", "right")
        assert LlamaServer().start().running


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


def test_named_binary_is_not_there():
    with pytest.raises(BinaryNotFound, match="not a program that can be run"):
        LlamaServer(binary="/nowhere/llama-server").start()


def test_port_is_taken(busy_port):
    with pytest.raises(PortTaken, match=f"Port {busy_port} is taken"):
        LlamaServer(port=busy_port).start()


def test_server_ends_while_it_starts(fake_program):
    server = LlamaServer(binary=fake_program("print('my last words'); raise SystemExit(3)"))
    with pytest.raises(ServerFailed, match="ended while it started") as error:
        server.start()
    assert "my last words" in str(error.value)
    assert not server.running


def test_server_never_becomes_ready(fake_program):
    server = LlamaServer(binary=fake_program("import time; time.sleep(60)"), timeout=1)
    with pytest.raises(ServerFailed, match="not ready within 1 s"):
        server.start()
    assert server._watcher is None


def test_an_option_that_does_not_exist():
    with pytest.raises(ServerFailed, match=f"no flag of {chosen()}") as error:
        LlamaServer(options=["--no-such-option"]).start()
    assert "--no-such-option" in str(error.value)
    assert "Python" not in str(error.value), "the watcher ends without noise of its own"


def test_a_file_that_only_begins_like_a_model(tmp_path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + os.urandom(1000))
    server = LlamaServer(broken)
    with pytest.raises(ModelNotFound, match="or damaged"):
        server.start()
    assert not server._watcher, "it is noticed before a server is started"


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
