"""What the helpers cost when a server is started, and what they bring beside busy programs.

The helper and a bare llama-server are started in turns, so that whatever else the computer does
meets both alike. Then the same reply is timed beside other programs, with the threads of
llama.cpp's own choice (a core each) and with ours.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import requests
from limits import Limits

from helpers import LlamaServer, model
from helpers.engines import environment, find_binary
from helpers.network import free_port

STORY = {"messages": [{"role": "user", "content": "Tell me a story."}], "max_tokens": 40}


def seconds(work: Callable[[], object]) -> float:
    """Return how long this takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def bare() -> Iterator[None]:
    """Start llama-server without any help, wait until it can answer, and end it."""
    port = free_port()
    command = [find_binary(), "--model", model(), "--host", "127.0.0.1", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=environment(model()), **quiet)
    while True:
        try:
            if requests.get(f"http://127.0.0.1:{port}/health", timeout=5).ok:
                break
        except requests.ConnectionError:
            time.sleep(0.002)
    yield
    process.terminate()
    process.wait()
    yield


def helped() -> Iterator[None]:
    """Do the same with the helper."""
    server = LlamaServer().start()
    yield
    server.stop()
    yield


def start(limits: Limits) -> dict:
    """Return the median seconds of both ways to start and to stop, and their ratios."""
    parts = ["start", "stop"]
    times = {(way, part): [] for way in (bare, helped) for part in parts}
    for _ in limits.rounds():
        for way in [bare, helped]:
            life = way()
            for part in parts:
                times[way, part].append(seconds(lambda life=life: next(life)))
    found = {}
    for part in parts:
        plain, ours = (statistics.median(times[way, part]) for way in (bare, helped))
        found[part] = {"bare": plain, "helped": ours, "ratio": ours / plain}
    return found


@contextlib.contextmanager
def busy(programs: int) -> Iterator[None]:
    """Keep so many cores busy, as a browser and a video call do."""
    running = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(programs)
    ]
    try:
        yield
    finally:
        for program in running:
            program.kill()
            program.wait()


def reply(server: LlamaServer) -> None:
    """Ask for forty tokens."""
    answer = requests.post(f"{server.base_url}/chat/completions", json=STORY, timeout=120)
    answer.raise_for_status()


def beside_others(limits: Limits) -> list[dict]:
    """Return how much longer a reply takes beside busy programs: in the median, and at worst."""
    rows, alone = [], {}
    every = ["--threads", str(os.cpu_count())]
    with LlamaServer(options=every) as theirs, LlamaServer(own=True) as ours:
        servers = {"a thread a core": theirs, "LlamaServer": ours}
        for programs in limits.busy_programs:
            for name, server in servers.items():
                reply(server)
                with busy(programs):
                    times = [seconds(lambda s=server: reply(s)) for _ in limits.rounds(parts=6)]
                usual = alone.setdefault(name, statistics.median(times))
                rows.append({
                    "programs": programs, "threads": name,
                    "median": statistics.median(times) / usual, "worst": max(times) / usual,
                })  # fmt: skip
    return rows
