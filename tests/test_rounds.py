"""Rounds of what a classroom does to servers: nothing is left of any, and the next one starts.

ROUNDS=500 .venv/bin/pytest tests/test_rounds.py      the long run; every run does a few rounds
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
import requests
from processes import family, gone

from helpers import LlamaServer
from helpers.network import is_open

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = int(os.environ.get("ROUNDS", "12"))
POSIX = pytest.mark.skipif(os.name == "nt", reason="the kills are signals")

PROGRAM = """
import signal, sys
from helpers import LlamaServer
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts with & ignores it
server = LlamaServer().start()
print(server._watcher.pid, server.url, flush=True)
sys.stdin.read()
"""


def ask(url: str, **fields) -> requests.Response:
    body = {"messages": [{"role": "user", "content": "Tell me a story."}], **fields}
    endpoint, stream = f"{url}/v1/chat/completions", fields.get("stream", False)
    return requests.post(endpoint, json=body, stream=stream, timeout=60)


def use(url: str, rng: random.Random) -> None:
    """Ask something, and sometimes leave in the middle of the answer."""
    if rng.random() < 0.5:
        assert ask(url, max_tokens=rng.randrange(1, 40)).ok
    else:
        ask(url, max_tokens=5000, ignore_eos=True, stream=True).close()


def in_this_program(rng: random.Random) -> tuple[list[psutil.Process], str]:
    """Start a server here; end it in one of the ways in which it can end."""
    server = LlamaServer(options=rng.choice([[], ["--parallel", "1"], ["--api-key", "k"]])).start()
    found, url = family(server._watcher.pid), server.url
    if server.api_key == "no-key":
        use(url, rng)
    ending = rng.choice(["stop", "forgotten", "server killed", "watcher killed", "killed, started"])
    if "server killed" in ending or ending == "killed, started":
        found[1].kill()
        server._watcher.wait(15)
        assert not server.running
    if ending == "watcher killed":
        found[0].kill()
        server._watcher.wait(15)
    if ending == "killed, started":
        server.start()
        found += family(server._watcher.pid)
        assert server._get("/health")[0] == 200
    if ending == "forgotten":
        del server
    else:
        server.stop()
    return found, url


def in_another_program(rng: random.Random) -> tuple[list[psutil.Process], str]:
    """Start a server in another Python, as a kernel does; end that Python."""
    pipe = subprocess.PIPE
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM]
    program = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)
    watcher, url = program.stdout.readline().split()
    found = family(int(watcher))
    use(url, rng)
    ending = rng.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT, None])
    if ending:
        program.send_signal(ending)
    else:
        program.stdin.close()  # it reads the end, and ends as a program does
    program.wait(30)
    program.stdout.close()
    return found, url


@POSIX
@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_nothing_is_left_after_any_round(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    rng = random.Random(ROUNDS)
    for number in range(ROUNDS):
        found, url = rng.choice([in_this_program, in_another_program])(rng)
        assert gone(found, 20), f"round {number}"
        assert not is_open(int(url.rsplit(":", 1)[1])), f"round {number}: the port is open"
        assert not list(tmp_path.iterdir()), f"round {number}: a file is left"
    me = psutil.Process()
    assert me.num_fds() < 200, "open files pile up"
