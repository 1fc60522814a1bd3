"""How much do the helpers cost, and what do they bring? `make bench` says it, in ratios.

The helper and a bare llama-server are started in turns, so that whatever else the computer does
meets both alike. A ratio of 1 means: no cost. Then the same reply is timed beside other programs
that are busy, with the threads of llama.cpp's own choice (a core each) and with ours. Seconds
differ from computer to computer; the ratios should not.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import requests

from helpers import LlamaServer, model
from helpers.engines import environment, find_binary
from helpers.network import free_port

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 30


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
    story = {"messages": [{"role": "user", "content": "Tell me a story."}], "max_tokens": 40}
    answer = requests.post(f"{server.base_url}/chat/completions", json=story, timeout=120)
    answer.raise_for_status()


def beside_others() -> None:
    """Print how much longer a reply takes beside busy programs: in the median, and at worst."""
    print(f"\n{'a reply beside':<19} {'a thread a core':>25} {'LlamaServer':>25}")
    print(" " * 20 + f"{'median':>16} {'worst':>8} {'median':>16} {'worst':>8}")
    every = ["--threads", str(os.cpu_count())]
    with LlamaServer(options=every) as theirs, LlamaServer(own=True) as ours:
        alone = {}
        for programs in [0, 1, 2]:
            row = f"{programs} busy programs"
            for server in [theirs, ours]:
                reply(server)
                with busy(programs):
                    times = [seconds(lambda server=server: reply(server)) for _ in range(ROUNDS)]
                typical = statistics.median(times)
                usual = alone.setdefault(server, typical)
                row += f"{typical / usual:>20.1f} {max(times) / usual:>8.1f}"
            print(row)


def main() -> None:
    """Time both ways in turns, and print the medians and their ratio."""
    times = {(way, part): [] for way in (bare, helped) for part in ("start", "stop")}
    for way in [bare, helped] * ROUNDS:
        life = way()
        for part in ["start", "stop"]:
            times[way, part].append(seconds(lambda life=life: next(life)))
    print(f"median of {ROUNDS} rounds   bare llama-server   LlamaServer   ratio")
    for part in ["start", "stop"]:
        plain, ours = (1000 * statistics.median(times[way, part]) for way in (bare, helped))
        print(f"{part:<19} {plain:>15.0f} ms {ours:>10.0f} ms {ours / plain:>7.1f}")
    beside_others()


if __name__ == "__main__":
    main()
