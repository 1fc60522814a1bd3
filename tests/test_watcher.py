"""The program between kernel and server: it ends the server when the pipe ends, and not before."""

import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

WATCHER = Path(__file__).resolve().parent.parent / "helpers" / "watcher.py"
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True)"


def watch(*command: object) -> subprocess.Popen:
    pipe = subprocess.PIPE
    words = [sys.executable, WATCHER, *map(str, command)]
    return subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True)


def test_it_ends_with_its_command_and_hands_on_the_exit_code():
    with watch(sys.executable, "-c", "print('hello'); raise SystemExit(3)") as watcher:
        assert watcher.stdout.read() == "hello\n"
        assert watcher.wait(30) == 3


def test_it_ends_its_command_when_the_pipe_is_closed():
    watcher = watch(*SLEEP)
    deadline = time.monotonic() + 30
    while not (children := psutil.Process(watcher.pid).children()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.3)
    assert watcher.poll() is None, "as long as the pipe is open it stays"
    watcher.stdin.close()
    watcher.wait(30)
    assert not psutil.wait_procs(children, timeout=30)[1]
    watcher.stdout.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no polite end to be deaf to")
def test_it_kills_a_command_that_is_deaf_to_the_polite_end():
    watcher = watch(sys.executable, "-c", f"{DEAF}; time.sleep(60)")
    assert watcher.stdout.readline() == "1\n"
    watcher.stdin.close()
    assert watcher.wait(30) != 0
    watcher.stdout.close()


def test_a_command_that_cannot_be_run_is_one_line(tmp_path):
    with watch(tmp_path / "nowhere") as watcher:
        assert watcher.stdout.read().startswith(f"{tmp_path / 'nowhere'} cannot be run")
        assert watcher.wait(30) == 127


GROWS = "import time; held = []\nwhile True: held.append(bytes(2**20)); time.sleep(0.004)"
TAKES = "import time; held = bytearray(b'1') * 2**28; print(1, flush=True); time.sleep(60)"
FAST = "import helpers.watcher as w; w.PERIOD, w.MUCH = 0.02, 2**26; w.main()"


@pytest.mark.parametrize("program, is_ended", [(GROWS, True), (TAKES, False)])
def test_it_ends_a_command_whose_memory_grows_without_a_pause(program, is_ended):
    command = [sys.executable, "-c", FAST, sys.executable, "-c", program]
    how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "bufsize": 0}
    with subprocess.Popen(command, cwd=WATCHER.parent.parent, **how) as watcher:
        watcher.stdin.write(b"ready")
        if is_ended:
            watcher.wait(60)
            assert re.search(rb"its memory grew by 0\.\d GB", watcher.stdout.read())
        else:
            assert watcher.stdout.readline().strip() == b"1"
            time.sleep(2)  # a hundred looks
            assert watcher.poll() is None
            watcher.stdin.close()
            assert watcher.stdout.read() == b""
