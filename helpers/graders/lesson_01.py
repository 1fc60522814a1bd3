"""Exercises of lesson 01: a server of your own."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from ..errors import ServerError
from ..exercises import Findings, exercise
from ..network import free_port
from ..server import LlamaServer
from .words import finding, shown, tried

HANGS = 2.8  # seconds after which the server that never answers hangs up


# --- 01.1 ----------------------------------------------------------------------------------------


@exercise("01.1", "The slots share the context: how many tokens must there be in all?", seconds=30)
def _slots(options: list[str] | tuple[str, ...]) -> Findings:
    if not isinstance(options, list | tuple) or not all(isinstance(o, str) for o in options):
        yield False, f"`options` is {shown(options, 80)}, expected a list of strings"
        return
    try:
        with LlamaServer("cria", options=options, own=True) as server:
            key = {"Authorization": f"Bearer {server.api_key}"}
            answer = requests.get(f"{server.url}/slots", headers=key, timeout=10)
            pool = "kv_unified = 'true'" in server.log(1000)
    except (ServerError, ValueError) as error:
        yield False, f"the server does not start with {options}: {error}"
        return
    if not answer.ok:
        yield (
            False,
            f"/slots does not answer with {options}: the status is {answer.status_code}",
        )
        return
    slots = answer.json()
    contexts = [slot["n_ctx"] for slot in slots]
    yield finding(len(slots) == 4, f"{len(slots)} slots", 4)
    yield finding(set(contexts) == {512}, f"their tokens: {contexts}", "512 in each")
    if set(contexts) == {512}:
        shared = "the slots share one pool of 512 tokens, expected 512 for each"
        yield not pool, shared if pool else "each slot has its tokens for itself"


# --- 01.2 and 01.3: servers that answer as the exercise needs ------------------------------------


@contextlib.contextmanager
def standing_in(answers: dict[str, object], key: str = "") -> Iterator[ThreadingHTTPServer]:
    """Serve JSON by path, a status where it is a number; never answer where it is None.

    `asked` lists what was requested; `hung` counts the clients that were still waiting after HANGS
    seconds.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            answer = answers.get(path, 404)
            server.asked.append((path, self.headers["Authorization"] or ""))
            if answer is None:
                self.close_connection = True
                self.connection.settimeout(HANGS)
                try:
                    self.connection.recv(1)  # returns when the other side hangs up
                except TimeoutError:
                    server.hung += 1
                return
            if key and self.headers["Authorization"] != f"Bearer {key}":
                answer = 401
            status = answer if isinstance(answer, int) else 200
            body = {"error": {"code": status}} if isinstance(answer, int) else answer
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_HEAD = do_GET  # llama-server takes it, too

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.asked, server.hung = True, [], 0
        server.block_on_close = False
        server.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


STATES = [  # the answer to /health, and in which state the server is
    ({"status": "ok"}, "is ready"),
    ({}, "answers 200, and nothing else"),
    (503, "loads its model (503)"),
    (404, "has no /health (404)"),
    (204, "answers 204"),
]


@exercise(
    "01.2",
    "requests.RequestException covers both: nobody listens, and no answer in time. "
    "Compare the status with 200.",
    seconds=30,
)
def _ready(ready: Callable[[str], bool]) -> Findings:
    call = "ready('http://127.0.0.1:…')"  # whatever the port
    came, words = tried(ready, f"http://127.0.0.1:{free_port()}")
    yield finding(came is False, f"nobody listens: {call} {words}", False)
    for answer, state in STATES:
        with standing_in({"/health": answer}) as server:
            came, words = tried(ready, server.url)
        right = isinstance(answer, dict)
        yield finding(came is right, f"the server {state}: {call} {words}", right)
    with standing_in({"/health": None}) as server:
        begin = time.monotonic()
        came, words = tried(ready, server.url)
        waited = time.monotonic() - begin
        yield finding(came is False, f"the server never answers: {call} {words}", False)
        if waited > HANGS + 1:
            asked = f"it asked {len(server.asked)} times, and waited {waited:.1f} s in all"
            yield False, f"{asked}, expected 2 s at most"
        waits = f"it waited until the server hung up, after {HANGS} s, expected 2 s at most"
        yield not server.hung, waits if server.hung else "it does not wait for ever"


@exercise(
    "01.3",
    'Look at the status first. The list is `json()["data"]`; the name of a model is its "id".',
    seconds=30,
)
def _first_model(first_model: Callable[[str, str], str | None]) -> Findings:
    call = "first_model('http://127.0.0.1:…', 'open-sesame')"

    def offering(*names: str) -> dict:
        return {"/v1/models": {"data": [{"id": name, "object": "model"} for name in names]}}

    for names in [("professor",), ("small", "large")]:
        with standing_in(offering(*names), key="open-sesame") as server:
            came, words = tried(first_model, server.url, "open-sesame")
            sent = server.asked[-1] if server.asked else ("nothing", "")
        offered = f"the server offers {' and '.join(names)}"
        yield finding(came == names[0], f"{offered}: {call} {words}", repr(names[0]))
    yield finding(sent[0] == "/v1/models", f"it asks for {sent[0]}", "/v1/models")
    header = sent[1] or "no such header"
    wanted = "Bearer open-sesame"
    yield finding(header == wanted, f"Authorization: {header}", wanted)
    others = {
        "the key is wrong (401)": (offering("professor"), "another"),
        "the model is still loading (503)": ({"/v1/models": 503}, ""),
        "the list is empty": (offering(), ""),
    }
    for state, (answers, key) in others.items():
        with standing_in(answers, key=key) as server:
            came, words = tried(first_model, server.url, "open-sesame")
        yield finding(came is None, f"{state}: {call} {words}", None)
