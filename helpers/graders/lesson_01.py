"""Exercises of lesson 01: a server of your own."""

from collections.abc import Callable

import requests

from ..exercises import Findings, exercise
from ..server import LlamaServer, free_port


@exercise("01.1", "The slots share the context: how many tokens must there be in all?")
def _slots(options: list[str]) -> Findings:
    yield isinstance(options, list) and all(isinstance(o, str) for o in options), "a list of texts"
    with LlamaServer(options=options) as server:
        slots = requests.get(f"{server.url}/slots", timeout=10).json()
    contexts = [slot["n_ctx"] for slot in slots]
    yield len(slots) == 4, f"four slots (yours: {len(slots)})"
    yield set(contexts) == {512}, f"512 tokens in each (yours: {contexts})"


@exercise("01.2", "requests.get raises ConnectionError where nobody listens; 503 is no success.")
def _ready(ready: Callable[[str], bool]) -> Findings:
    nobody = f"http://127.0.0.1:{free_port()}"
    yield ready(nobody) is False, "False where nobody listens"
    with LlamaServer(options=["--parallel", "1"]) as server:
        yield ready(server.url) is True, "True for a server that can answer"
        yield ready(server.url + "/nowhere") is False, "False for an answer that is no 200"


@exercise("01.3", "A loop over `messages`, then the opening of the assistant's turn after it.")
def _template(template: str) -> Findings:
    messages = [("user", "Hi"), ("assistant", "Hello"), ("user", "Bye")]
    body = {"messages": [{"role": role, "content": text} for role, text in messages]}
    with LlamaServer(options=["--chat-template", template]) as server:
        prompt = requests.post(f"{server.url}/apply-template", json=body, timeout=10).json()
    lines = prompt.get("prompt", str(prompt)).strip().splitlines()
    wanted = ["USER: Hi", "BOT: Hello", "USER: Bye", "BOT:"]
    for i, line in enumerate(wanted, start=1):
        got = lines[i - 1].rstrip() if len(lines) >= i else "nothing"
        yield got == line, f"line {i} is {line!r} (yours: {got!r})"
    yield len(lines) == len(wanted), f"{len(wanted)} lines (yours: {len(lines)})"
