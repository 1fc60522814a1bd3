"""Every fault that a user can reach ends soon, in an error of ours that says what to do.

At the end of the run a table is printed: fault, first line of the message, seconds.
"""

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests
from processes import ENGINES, WINE, family, gone
from stand_ins import api

from helpers import BinaryNotFound, LlamaServer, ModelNotFound, PortTaken, ServerError, ServerFailed
from helpers import model as cria
from helpers.engines import chosen
from helpers.network import free_port

ROOT = Path(__file__).resolve().parent.parent
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs something that Linux alone has")


@pytest.fixture
def fails(request, record_property):
    """Return a function that expects an error of ours with these words, and notes it."""

    def expect(action, kind: type[ServerError], *words: str) -> str:
        begin = time.monotonic()
        with pytest.raises(kind) as caught:
            action()
        seconds, message = time.monotonic() - begin, str(caught.value)
        assert caught.value.__suppress_context__ or not caught.value.__context__, "chained noise"
        assert "Traceback" not in message
        for word in words:
            assert word in message
        assert seconds < 30, "the goal is 5 s; the table shows what it was"
        fault = request.node.name.removeprefix("test_").replace("_", " ")
        first, *rest = message.splitlines()
        said = rest[0] if first.endswith("while it started.") else first
        record_property("fault", [fault, said, round(seconds, 2)])
        return message

    return expect


def ask(server: LlamaServer, **fields) -> requests.Response:
    question = {"messages": [{"role": "user", "content": "Tell me a story."}], **fields}
    return requests.post(f"{server.base_url}/chat/completions", json=question, timeout=60)


def wait_until_busy(server: LlamaServer) -> None:
    """Wait until an answer is being written."""
    deadline = time.monotonic() + 30
    while not any(slot["is_processing"] for slot in requests.get(f"{server.url}/slots").json()):
        assert time.monotonic() < deadline


# --- the program ---------------------------------------------------------------------------------


def test_no_program_at_that_path(fails):
    fails(LlamaServer(binary="/nowhere/llama-server").start, BinaryNotFound, "Correct the path")


def test_a_program_that_is_no_llama_server(fails, fake_program):
    other = LlamaServer(binary=fake_program("print('I am a clock')"))
    fails(other.start, ServerFailed, "I am a clock", "Is it a llama-server?")


def test_a_program_that_says_nothing_and_ends(fails, fake_program):
    fails(LlamaServer(binary=fake_program("")).start, ServerFailed, "Is it a llama-server?")


@LINUX
def test_a_file_that_is_no_program_for_this_computer(fails, tmp_path):
    text = tmp_path / "llama-server"
    text.write_bytes(b"\x7fELF and then nothing that makes sense")
    text.chmod(0o755)
    fails(LlamaServer(binary=text).start, ServerFailed, "cannot be run on this computer")


def test_crash_while_it_loads(fails, fake_program):
    crash = fake_program("import os; print('loading ...', flush=True); os.abort()")
    fails(LlamaServer(binary=crash).start, ServerFailed, "loading ...")


# --- the model -----------------------------------------------------------------------------------

WHOLE = cria().read_bytes()
BROKEN = {
    "empty": (b"", "It is empty"),
    "a_web_page": (b"<html>404</html>", "It is a web page"),
    "the_first_bytes_alone": (WHOLE[:8], "damaged"),
    "half_of_it": (WHOLE[: len(WHOLE) // 2], "damaged"),
    "another_architecture": (
        WHOLE.replace(b"\x05\0\0\0\0\0\0\0llama", b"\x05\0\0\0\0\0\0\0other", 1),
        "unknown model architecture",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_model_file_that_is_broken(fails, tmp_path, kind):
    content, words = BROKEN[kind]
    (tmp_path / "model.gguf").write_bytes(content)
    fails(LlamaServer(tmp_path / "model.gguf").start, ServerError, words)


def test_no_model_file(fails):
    fails(LlamaServer("nowhere.gguf").start, ModelNotFound, "There is no model")


# --- the options ---------------------------------------------------------------------------------

OPTIONS = {
    "an unknown flag": (["--no-such-flag"], "no flag of {}"),
    "a word for a number": (["--threads", "many"], "no flag of {}, or its value"),
    "too many slots": (["--parallel", "300"], "Ask for fewer"),
    "a context that does not fit": (["--ctx-size", "10000000"], "use a smaller --ctx-size"),
    "a template that is no template": (
        ["--chat-template", "{% if %}"],
        "Correct it, or leave it out",
    ),
}


@pytest.mark.parametrize("what", OPTIONS)
def test_an_option_that_does_not_fit(fails, what):
    options, words = OPTIONS[what]
    words = words.format(chosen())
    message = fails(LlamaServer(options=options).start, ServerFailed, words)
    assert len(message.splitlines()) < 16, "a message, no log"
    assert "Python" not in message, "the watcher ends without noise of its own"


@pytest.mark.parametrize("engine", ENGINES[:2])
def test_an_option_in_the_environment_that_does_not_fit(fails, monkeypatch, engine):
    monkeypatch.setenv("LLAMA_ARG_THREADS", "many")
    start = LlamaServer(engine=engine).start
    fails(start, ServerFailed, '"LLAMA_ARG_THREADS"', "Correct or unset that variable")


# --- the port ------------------------------------------------------------------------------------


def test_port_taken_by_another_program(fails):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        fails(LlamaServer(port=port).start, PortTaken, str(port))


def test_port_taken_by_another_llama_server(fails, tmp_path):
    shutil.copy(cria(), tmp_path / "another.gguf")
    with LlamaServer(tmp_path / "another.gguf") as other:
        port = int(other.url.rsplit(":", 1)[1])
        fails(LlamaServer(port=port).start, PortTaken, str(port))
        assert ask(other, max_tokens=2).ok


@pytest.mark.parametrize("port", [-1, 0, 65_536])
def test_a_port_that_cannot_be(port):
    with pytest.raises(ValueError, match="1 to 65535"):
        LlamaServer(port=port)


def test_a_free_port_that_is_snatched_away_costs_another_try(monkeypatch):
    """Between asking for a free port and listening on it, another program may take it."""
    with socket.create_server(("127.0.0.1", 0)) as thief:
        ports = iter([thief.getsockname()[1], free_port(), free_port()])
        monkeypatch.setattr("helpers.server.free_port", lambda: next(ports))
        with LlamaServer() as server:
            assert ask(server, max_tokens=2).ok


def test_the_key_is_not_sent_to_who_has_the_port(monkeypatch):
    """Another user of this computer sees the port in the list of processes, and may be faster."""
    monkeypatch.setenv("LLAMA_API_KEY", "sesame")
    with api() as thief:
        ports = iter([thief.server_port, free_port(), free_port()])
        monkeypatch.setattr("helpers.server.free_port", lambda: next(ports))
        with LlamaServer() as server:
            key = {"Authorization": f"Bearer {server.api_key}"}
            assert requests.get(f"{server.base_url}/models", headers=key, timeout=60).ok
    assert not [key for _, _, key in thief.asked if "sesame" in key]


# --- use ------------------------------------------------------------------------------------------


def test_use_before_start(fails):
    fails(lambda: LlamaServer().base_url, ServerError, "server.start()")


def test_use_after_stop(fails):
    with LlamaServer() as server:
        pass
    fails(lambda: server.base_url, ServerError, "not running", "server.start()")


@pytest.mark.parametrize("when", ["idle", "answering", "streaming"])
def test_killed_while(when):
    """The client sees it at once; the same object starts a new server, on the same port."""
    if WINE and when != "idle":
        pytest.skip("Wine may keep the connections of a program that was killed; Windows ends them")
    port = free_port()
    with LlamaServer(port=port) as server:
        victim = family(server._watcher.pid)[-1]
        endless = {"ignore_eos": True, "max_tokens": 100_000, "stream": when == "streaming"}
        with ThreadPoolExecutor(1) as client:
            if when != "idle":
                answer = client.submit(ask, server, **endless)
                wait_until_busy(server)
            victim.kill()
            if when != "idle":
                with pytest.raises(requests.RequestException):
                    answer.result(timeout=30)
        server._watcher.wait(15)
        assert not server.running
        server.start()
        assert server.url.endswith(f":{port}")
        assert ask(server, max_tokens=2).ok


# --- the computer --------------------------------------------------------------------------------


def test_no_room_for_the_log(fails, monkeypatch):
    def full(**_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tempfile.mkstemp", full)
    fails(LlamaServer().start, ServerFailed, "log", "No space left", "TMPDIR")


@LINUX
def test_a_disk_that_fills_up_later_does_not_stop_the_server(monkeypatch, tmp_path):
    """Every write to /dev/full fails as a write to a full disk does."""
    log = tmp_path / "log"
    log.touch()
    full = os.open("/dev/full", os.O_WRONLY)
    monkeypatch.setattr("tempfile.mkstemp", lambda **_: (full, str(log)))
    with LlamaServer() as server:
        assert ask(server, max_tokens=2).ok


CHILD = """
from helpers import LlamaServer
with LlamaServer() as server:
    print(server.model, server._get("/health")[0])
"""


def python(source: str, **variables: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", source]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


@LINUX
def test_a_home_in_which_nothing_can_be_written():
    done = python(CHILD, HOME="/proc", XDG_CACHE_HOME="/proc")
    assert done.stdout.split() == ["cria", "200"], done.stderr


def test_a_course_in_a_folder_with_spaces_and_letters_of_the_world(tmp_path):
    folder = tmp_path / "Jürgen's Köpfe 你好"
    for part in ["helpers", "models"]:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("work", "recipe"))
    done = python(CHILD, PYTHONPATH=str(folder), TMPDIR=str(folder), HOME=str(folder))
    assert done.stdout.split() == ["cria", "200"], done.stderr


# --- several at once -----------------------------------------------------------------------------


def test_twenty_starts_at_once():
    servers = [LlamaServer(options=["--parallel", "1"]) for _ in range(20)]
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(LlamaServer.start, servers))
    found = [process for server in servers for process in family(server._watcher.pid)]
    try:
        assert len({server.url for server in servers}) == 20
        assert all(server._get("/health")[0] == 200 for server in servers)
    finally:
        for server in servers:
            server.stop()
    assert gone(found)


def test_start_from_two_threads_starts_once():
    server = LlamaServer()
    threads = [threading.Thread(target=server.start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    me = psutil.Process()
    ours = [c for c in me.children() if "watcher.py" in " ".join(c.cmdline())]
    assert [c.pid for c in ours] == [server._watcher.pid]
    found = family(server._watcher.pid)
    server.stop()
    assert gone(found)


# --- the end of the program that started it ------------------------------------------------------

PARENT = """
import sys, time
from helpers import LlamaServer
print("begin", flush=True)
server = LlamaServer(binary=sys.argv[1] if len(sys.argv) > 1 else None)
server.start()
print(server._watcher.pid, flush=True)
{then}
time.sleep(120)
"""


def parent(then: str = "", *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-c", PARENT.format(then=then), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_parent_killed_while_the_server_still_loads(fake_program):
    slow = fake_program("import time; time.sleep(120)", name="slow-llama-server")
    process = parent("", str(slow))
    assert process.stdout.readline() == "begin\n"
    deadline = time.monotonic() + 30
    while len(found := psutil.Process(process.pid).children(recursive=True)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    assert gone(found)
    process.wait()


@LINUX
def test_watcher_killed():
    server = LlamaServer().start()
    found = family(server._watcher.pid)
    os.kill(found[0].pid, signal.SIGKILL)
    assert gone(found)
    assert not server.running
    server.start()
    assert ask(server, max_tokens=2).ok
    server.stop()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on Windows")
def test_fork_after_start():
    """A child made by fork holds every open file of its parent: the pipe must not be among them."""
    process = parent("import os\nos.write(1, b'%d\\n' % os.fork())")
    process.stdout.readline()
    watcher = psutil.Process(int(process.stdout.readline()))
    found = [watcher, *watcher.children()]
    child = max(int(process.stdout.readline()), int(process.stdout.readline()))
    assert psutil.pid_exists(child)
    process.kill()
    process.wait()
    try:
        assert gone(found), "the child keeps the server alive"
    finally:
        os.kill(child, signal.SIGKILL)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on Windows")
def test_the_end_of_a_forked_child_does_not_end_the_parent_s_server():
    with LlamaServer() as server:
        if not (child := os.fork()):
            try:
                server.stop()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert server.running
        assert ask(server, max_tokens=2).ok
