"""Exercises of lesson 01: a server of your own."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests

from ..exercises import Findings, exercise
from ..server import LlamaServer, free_port


def _key(server: LlamaServer) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.api_key}"}


@exercise("01.1", "The slots share the context: how many tokens must there be in all?")
def _slots(options: list[str]) -> Findings:
    yield isinstance(options, list) and all(isinstance(o, str) for o in options), "a list of texts"
    with LlamaServer("cria", options=options, own=True) as server:
        slots = requests.get(f"{server.url}/slots", headers=_key(server), timeout=10).json()
    contexts = [slot["n_ctx"] for slot in slots]
    yield len(slots) == 4, f"four slots (yours: {len(slots)})"
    yield set(contexts) == {512}, f"512 tokens in each (yours: {contexts})"


class Loading(BaseHTTPRequestHandler):
    """Answers as llama-server does while it loads its model."""

    def do_GET(self) -> None:
        """Answer 503, whatever is asked for."""
        self.send_error(503)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@exercise("01.2", "requests.get raises ConnectionError where nobody listens; 503 is no success.")
def _ready(ready: Callable[[str], bool]) -> Findings:
    nobody = f"http://127.0.0.1:{free_port()}"
    yield ready(nobody) is False, "False where nobody listens"
    with LlamaServer("cria", own=True) as server:
        yield ready(server.url) is True, "True for a server that can answer"
        yield ready(server.url + "/nowhere") is False, "False for an answer that is no 200"
    with HTTPServer(("127.0.0.1", 0), Loading) as loading:
        threading.Thread(target=loading.serve_forever, daemon=True).start()
        try:
            got = ready(f"http://127.0.0.1:{loading.server_port}")
        finally:
            loading.shutdown()
    yield got is False, "False while the model loads (503)"


@exercise("01.3", "A loop over `messages`, then the opening of the assistant's turn after it.")
def _template(template: str) -> Findings:
    talk = [("user", "Hi"), ("assistant", "Hello"), ("user", "Bye")]
    wanted = ["USER: Hi", "BOT: Hello", "USER: Bye", "BOT:"]

    def lines(of: list) -> list[str]:
        messages = [{"role": role, "content": text} for role, text in of]
        body, url = {"model": server.model, "messages": messages}, f"{server.url}/apply-template"
        answer = requests.post(url, json=body, headers=_key(server), timeout=10).json()
        return [line.rstrip() for line in answer.get("prompt", str(answer)).strip().splitlines()]

    with LlamaServer("cria", options=["--chat-template", template], own=True) as server:
        got, short = lines(talk), lines(talk[:1])
    for i, line in enumerate(wanted):
        mine = got[i] if len(got) > i else "nothing"
        yield mine == line, f"line {i + 1} is {line!r} (yours: {mine!r})"
    yield len(got) == len(wanted), f"{len(wanted)} lines (yours: {len(got)})"
    yield short == [wanted[0], wanted[-1]], f"a question alone: 2 lines (yours: {len(short)})"
