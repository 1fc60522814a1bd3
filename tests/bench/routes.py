"""How fast a reply arrives in each of the ways that the lessons teach.

The server says at the end of each reply how long it has worked on it. A ratio of 1 would mean that
all the rest, from the bytes to the library, takes no time. In process there is no server; that way
is compared with the server's own time for the same reply.
"""

import json
import re
import socket
import statistics
import subprocess
import time
from functools import cache
from urllib.parse import urlsplit

import requests
from limits import Limits
from openai import OpenAI
from sseclient import SSEClient

from helpers import LlamaServer, model
from helpers.engines import found, threads

MESSAGES = [{"role": "user", "content": "Tell me a story."}]
TIMES = re.compile(r'"(prompt_ms|predicted_ms)":\s*([\d.]+)')


def body(tokens: int) -> dict:
    """Return a request for a stream of exactly so many tokens."""
    return {"messages": MESSAGES, "max_tokens": tokens, "stream": True, "ignore_eos": True}


def worked(last: str) -> float:
    """Return how many seconds the server has worked, from the end of its answer."""
    times = dict(TIMES.findall(last))
    return (float(times["prompt_ms"]) + float(times["predicted_ms"])) / 1000


def by_socket(server: LlamaServer, tokens: int) -> float:
    """Send and read bytes."""
    address, data = urlsplit(server.base_url), json.dumps(body(tokens)).encode()
    head = (
        f"POST {address.path}/chat/completions HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
        "Connection: close\r\n\r\n"
    )
    received = bytearray()
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(head.encode() + data)
        while piece := connection.recv(65536):
            received += piece
    return worked(received[-4096:].decode())


def by_requests(server: LlamaServer, tokens: int) -> float:
    """Read the lines of a response."""
    where, last = f"{server.base_url}/chat/completions", ""
    with requests.post(where, json=body(tokens), stream=True, timeout=600) as answer:
        for line in answer.iter_lines(chunk_size=None):
            if line.startswith(b"data: {"):
                event = json.loads(line.removeprefix(b"data: "))
                last = line.decode() if "timings" in event else last
    return worked(last)


def by_sseclient(server: LlamaServer, tokens: int) -> float:
    """Let sseclient-py find the events."""
    where, last = f"{server.base_url}/chat/completions", ""
    with requests.post(where, json=body(tokens), stream=True, timeout=600) as answer:
        for event in SSEClient(answer).events():
            if event.data.startswith("{"):
                last = event.data if "timings" in json.loads(event.data) else last
    return worked(last)


def by_openai(server: LlamaServer, tokens: int) -> float:
    """Let the official client make objects of the events."""
    client = client_of(server.base_url, server.api_key)
    asked = {name: value for name, value in body(tokens).items() if name != "ignore_eos"}
    extra, times = {"ignore_eos": True}, {}
    for chunk in client.chat.completions.create(model=server.model, **asked, extra_body=extra):
        times = (chunk.model_extra or {}).get("timings") or times
    return worked(json.dumps(times))


@cache
def client_of(url: str, key: str) -> OpenAI:
    """Return the official client: programs make it once, and that takes longer than a reply."""
    return OpenAI(base_url=url, api_key=key, timeout=600)


WAYS = {
    "socket": by_socket, "requests": by_requests, "sseclient-py": by_sseclient,
    "openai": by_openai,
}  # fmt: skip


def routes(limits: Limits) -> dict[str, dict]:
    """Return for each way the seconds of a reply, those of the server, and their ratio."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    with LlamaServer(own=True) as server:
        for way in WAYS.values():
            way(server, 8)  # the first question takes longer
        for _ in limits.rounds():
            for name, way in WAYS.items():
                begin = time.perf_counter()
                server_time = way(server, limits.tokens)
                times[name].append((time.perf_counter() - begin, server_time))
    own = statistics.median(server for way in times.values() for _, server in way)
    rows = {name: _row(way) for name, way in times.items()}
    if in_process := _in_process(limits):
        rows["in process"] = _row([(taken, own) for taken in in_process])
    if speed := llama_bench(limits):
        rows["llama-bench"] = _row([(limits.tokens / speed, own)])
    return rows


def _row(times: list[tuple[float, float]]) -> dict:
    return {
        "seconds": statistics.median(taken for taken, _ in times),
        "server": statistics.median(server for _, server in times),
        "ratio": statistics.median(taken / server for taken, server in times),
    }


def _in_process(limits: Limits) -> list[float]:
    """Return the seconds of replies that this program makes itself; none without the binding."""
    try:
        from llama_cpp import Llama
    except ImportError:
        return []
    count = threads(model())
    llm = Llama(str(model()), n_ctx=1024, n_threads=count, n_threads_batch=count, verbose=False)
    no_end = {llm.token_eos(): -1000.0}
    times = []
    for _ in limits.rounds():
        llm.reset()
        begin = time.perf_counter()
        for _ in llm.create_chat_completion(
            MESSAGES, max_tokens=limits.tokens, stream=True, logit_bias=no_end
        ):
            pass
        times.append(time.perf_counter() - begin)
    llm.close()
    return times


def llama_bench(limits: Limits) -> float:
    """Return the tokens a second that llama.cpp's own program measures; 0 where it is not."""
    if not (program := found("llama-bench")):
        return 0
    words = ["--n-prompt", "0", "--n-gen", str(limits.tokens), "--threads", str(threads(model()))]
    told = subprocess.run(
        [program, "--model", model(), *words, "--output", "json"], capture_output=True, check=True
    )
    return json.loads(told.stdout)[0]["avg_ts"]
