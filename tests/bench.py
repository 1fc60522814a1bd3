"""How much do the helpers cost? `make bench` compares them with a bare llama-server, in one run.

The two are started in turns, so that whatever else the computer does meets both alike. A ratio of 1
means: no cost. Seconds differ from computer to computer; the ratios should not.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import requests

from helpers import LlamaServer, model
from helpers.server import find_binary, free_port

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
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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


if __name__ == "__main__":
    main()
