"""The class server as a whole: a real llama-server behind it, a real uvicorn in front."""

import base64
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests
from classroom_room import (
    DATA,
    ENDLESS,
    HELLO,
    SECONDS,
    number,
    open_stream,
    opened,
    paused,
    received,
    soon,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai import AuthenticationError, OpenAI
from processes import gone

from classroom import connections, keys
from helpers.network import free_port, is_open

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("room")) as room:
        yield room


def events(answer: requests.Response) -> Iterator[dict]:
    """Yield the events of a stream. Who lets go of this ends the connection."""
    for line in answer.iter_lines():
        if line.startswith(b"data: {"):
            yield json.loads(line.removeprefix(b"data: "))


# --- what lessons do -----------------------------------------------------------------------------


def test_a_question_is_answered(room):
    answer = room.ask().json()
    assert answer["choices"][0]["message"]["content"] and answer["timings"]["predicted_n"]


def test_the_official_client_works_and_streams(room):
    client = OpenAI(base_url=f"{room.url}/v1", api_key=room.people["Ada"].key, timeout=SECONDS)
    assert client.models.list().data[0].id == "cria"
    messages = HELLO["messages"]
    stream = client.chat.completions.create(
        model="cria", messages=messages, max_tokens=8, stream=True
    )
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    wrong = OpenAI(base_url=f"{room.url}/v1", api_key="wrong", timeout=SECONDS)
    with pytest.raises(AuthenticationError, match="does not recognise this key"):
        wrong.models.list()


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/completion", {"prompt": "A token is", "n_predict": 3}, "content"),
        ("/v1/completions", {"prompt": "A token is", "max_tokens": 3}, "choices"),
        ("/tokenize", {"content": "Hello"}, "tokens"),
        ("/detokenize", {"tokens": [300]}, "content"),
        ("/apply-template", {"messages": HELLO["messages"]}, "prompt"),
    ],
)
def test_the_addresses_of_the_lessons_are_there(room, path, body, field):
    assert room.ask(body, path=path).json()[field]


@pytest.mark.parametrize("path", ["/props", "/slots", "/metrics", "/v1/chat/completion", "/", "//"])
def test_all_other_addresses_are_not(room, path):
    """`/slots` would show everybody's, and `/props` the folders of the teacher's computer."""
    answer = requests.get(room.url + path, headers=room.headers(), timeout=SECONDS)
    assert answer.status_code == 404
    assert "LlamaServer(own=True)" in answer.json()["error"]["message"]
    assert requests.get(room.url + path, timeout=SECONDS).status_code == 401


def test_a_wrong_method_is_an_answer_too(room):
    url = f"{room.url}/v1/chat/completions"
    assert requests.get(url, headers=room.headers(), timeout=SECONDS).status_code == 404
    assert requests.options(url, timeout=SECONDS).status_code == 401


def test_what_the_server_says_about_a_wrong_question_comes_through(room):
    answer = room.ask({"messages": "Hello!"})
    assert answer.status_code in {400, 500} and answer.json()["error"]["message"]


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer é".encode()},
        {"Authorization": "Basic " + base64.b64encode(b"Ada:wrong").decode()},
        {"x-api-key": "wrong"},
    ],
)
def test_without_a_right_key_nothing_but_health(room, sent):
    for path in ["/v1/models", "/nowhere"]:
        answer = requests.get(room.url + path, headers=sent, timeout=SECONDS)
        assert answer.status_code == 401 and "card" in answer.json()["error"]["message"]
    answer = room.ask(name="", headers=sent)
    assert answer.status_code == 401
    assert requests.get(f"{room.url}/health", headers=sent, timeout=SECONDS).json() == {
        "status": "ok"
    }


def test_a_key_counts_and_does_not_without_a_restart(room):
    (new,) = keys.add(room.file, ["Dan"])
    sent = {"Authorization": f"Bearer {new.key}"}
    assert room.ask(headers=sent).ok
    with paused(room.server):
        stream = open_stream(room, new.key)
        soon(lambda: room.at_work)
        keys.revoke(room.file, "Dan")
    last = json.loads(received(stream)[-1])
    assert "has been revoked" in last["error"]["message"], "its stream ends, too"
    assert room.ask(headers=sent).status_code == 401
    soon(lambda: not room.at_work)


def test_no_header_of_the_server_and_no_permission_for_other_pages_comes_back(room):
    sent = {**room.headers(), "Origin": "http://localhost:8888"}
    answer = room.ask(headers=sent)
    allowed = {"content-type", "content-length", "date"}
    assert {name.lower() for name in answer.headers} <= allowed


# --- limits --------------------------------------------------------------------------------------


def test_a_body_has_a_limit(room):
    answer = room.ask({**HELLO, "x": "x" * 300_000})
    assert answer.status_code == 413 and "256 KB" in answer.json()["error"]["message"]
    with contextlib.suppress(requests.ConnectionError):  # who sends so much may be cut off
        assert room.ask({**HELLO, "x": "x" * 20_000_000}).status_code == 413
    assert room.ask().ok


def test_a_reply_has_a_limit(room):
    asked = {**ENDLESS, "max_tokens": 10_000_000}
    with opened(room.file.parent, keys=False, tokens=5) as small:
        answer = small.ask(asked, name="").json()
    assert answer["usage"]["completion_tokens"] == 5


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "not JSON"),
        (b"", "not JSON"),
        (b'{"n": ' + b"[" * 100_000, "not JSON"),
        (b"[1, 2]", "must be an object"),
        (b"\xff\xfe", "not JSON"),
        (json.dumps({**HELLO, "n": 99}).encode(), "1 to 4 replies"),
        (json.dumps({**HELLO, "grammar": 'root ::= "a"{2,1}'}).encode(), "wrong way round"),
    ],
)
def test_what_is_wrong_is_said(room, body, words):
    url = f"{room.url}/v1/chat/completions"
    answer = requests.post(url, data=body, headers=room.headers(), timeout=SECONDS)
    assert answer.status_code == 400 and words in answer.json()["error"]["message"]


def test_a_reply_has_its_time(tmp_path):
    with opened(tmp_path, seconds=0.1) as room:
        answer = room.ask(ENDLESS)
        assert answer.status_code == 504 and "0.1 s" in answer.json()["error"]["message"]
        with room.ask({**ENDLESS, "stream": True}, stream=True) as answer:
            assert "0.1 s" in answer.text
        connection = open_stream(room)
        soon(lambda: room.gateway.tally.row("Ada").asked == 3 and not room.at_work)
        connection.close()


def test_a_reply_that_nobody_waits_for_keeps_its_slot_for_a_while(tmp_path, monkeypatch):
    monkeypatch.setattr("classroom.gateway.UNREAD", 5)
    with opened(tmp_path, patience=SECONDS) as room, paused(room.server):
        with pytest.raises(requests.Timeout):
            room.ask(ENDLESS, timeout=(SECONDS, 5))
        assert room.at_work == 1
        soon(lambda: not room.at_work)


def test_a_question_in_line_has_its_time_too(tmp_path):
    """Its learner reads why, before the time-out of a lesson is over."""
    with opened(tmp_path, each=1, seconds=3) as room:
        turns = room.gateway.turns
        held = turns.enter("Ada")
        assert re.search(r"at work for \d+ s", room.page())
        answer = room.ask()
        assert answer.status_code == 504 and "3 s" in answer.json()["error"]["message"]
        assert not turns.waiting
        turns.leave(held)
        assert room.ask().ok


def test_the_line_has_an_end(tmp_path):
    with opened(tmp_path, each=1, line_each=1) as room:
        turns = room.gateway.turns
        with paused(room.server):
            streams = [open_stream(room) for _ in range(2)]
            soon(lambda: (len(turns.working), len(turns.waiting)) == (1, 1))
            answer = room.ask()
        assert answer.status_code == 429 and int(answer.headers["Retry-After"]) >= 1
        assert "Too many questions of yours are waiting" in answer.json()["error"]["message"]
        assert room.ask(name="Cleo").ok, "others are let in"
        for stream in streams:
            stream.close()
        soon(lambda: not turns.working and not turns.waiting)
        assert room.ask().ok


# --- connections ---------------------------------------------------------------------------------


def test_a_connection_without_a_request_is_closed(room, monkeypatch):
    """Silent, with half a head, and with half of the next one; one that has asked is kept."""
    half, address = b"GET /health HTTP/1.1\r\nHost: x\r\n", urlsplit(room.url)

    def connected() -> socket.socket:
        return socket.create_connection((address.hostname, address.port), timeout=SECONDS)

    def asks(connection: socket.socket) -> None:
        connection.sendall(half + b"\r\n")
        answer = b""
        while b'{"status":"ok"}' not in answer:
            assert (part := connection.recv(65_536)), "it is closed"
            answer += part

    with connected() as kept, connected() as slow:
        asks(kept)
        asks(slow)
        monkeypatch.setattr(connections, "HEAD", 0.3)
        with connected() as silent, connected() as begun:
            for connection, sent in {silent: b"", begun: half, slow: half}.items():
                with contextlib.suppress(ConnectionError):  # it may be closed by now
                    connection.sendall(sent)
                    while connection.recv(65_536):
                        pass
        time.sleep(0.6)
        asks(kept)


def test_who_does_not_read_takes_no_slot(room):
    body = json.dumps({"prompt": "A token is", "n_predict": 900, "ignore_eos": True, "n_probs": 20})
    address = urlsplit(room.url)
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        slow.settimeout(SECONDS)
        slow.connect((address.hostname, address.port))
        lines = ["POST /completion HTTP/1.1", "Host: x", f"Content-Length: {len(body)}",
                 f"Authorization: Bearer {room.people['Ada'].key}", "", body]  # fmt: skip
        slow.sendall("\r\n".join(lines).encode() * 4)  # the system takes some megabytes by itself
        soon(lambda: room.at_work)

        def nothing_more_is_made() -> bool:
            return not any([time.sleep(0.02) or room.at_work for _ in range(30)])

        soon(nothing_more_is_made)
        assert slow.recv(12) == b"HTTP/1.1 200", "and the reply is still there"


def test_the_class_server_may_have_many_connections(monkeypatch):
    resource = pytest.importorskip("resource", reason="this system has no limits of that kind")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    try:
        connections.prepare()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 256
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


# --- streams -------------------------------------------------------------------------------------


def test_a_stream_passes_through_at_once(room):
    with room.ask({**ENDLESS, "stream": True}, stream=True) as answer:
        stream = events(answer)
        assert next(stream)["choices"]
        assert room.at_work == 1, "the reply is still being made"
        stream.close()
    soon(lambda: not room.at_work)


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_goes_frees_its_slot(room, stream):
    """In mid-stream; and while it waits for a reply that comes in one piece."""
    if stream:
        with room.ask({**ENDLESS, "stream": True}, stream=True) as answer:
            next(answer.iter_lines())  # and nobody holds the rest
    else:
        with paused(room.server), pytest.raises(requests.Timeout):
            room.ask(ENDLESS, timeout=(SECONDS, 0.1))
    soon(lambda: not room.at_work)
    key = {"Authorization": f"Bearer {room.server.api_key}"}
    slots = lambda: requests.get(f"{room.server.url}/slots", headers=key, timeout=SECONDS).json()  # noqa: E731
    soon(lambda: not any(slot["is_processing"] for slot in slots()))


# --- the teacher's page --------------------------------------------------------------------------


def test_the_page_is_for_the_teacher(room):
    url = f"{room.url}/teacher"
    for auth in [None, ("", "wrong"), ("", room.people["Ada"].key), ("é", "é")]:
        answer = requests.get(url, auth=auth, timeout=SECONDS)
        assert answer.status_code == 401 and "Ada" not in answer.text
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    broken = requests.get(url, headers={"Authorization": "Basic %%%"}, timeout=SECONDS)
    assert broken.status_code == 401


def test_the_page_counts_and_keeps_no_question(room):
    room.ask({"messages": [{"role": "user", "content": "A secret!"}], "max_tokens": 4}, "Cleo")
    room.ask({"messages": "A secret!"}, "Cleo")
    with paused(room.server):
        stream = open_stream(room, room.people["Cleo"].key)
        soon(lambda: room.at_work)
        page = room.page()
    received(stream, until=DATA)  # and no more: it is broken off
    assert number(page, "Cleo", 1) == "1", "at work"
    assert number(page, "Cleo", 3) == "3" and number(page, "Cleo", 7) == "1"
    assert number(page, "Cleo", 5) == "4", "tokens written"
    assert "Müller, Bo" in page and "No question and no reply is stored" in page
    assert "secret" not in page and room.people["Cleo"].key not in page
    soon(lambda: not room.at_work)
    assert int(number(room.page(), "Cleo", 5)) > 4, "those of a reply that was broken off, too"


def test_the_page_says_what_is_wrong_with_the_keys(room):
    before = room.file.read_text("utf-8")
    room.file.write_text(before + "<what?>\n", encoding="utf-8")
    page = room.page()
    assert "is not in effect yet" in page and "<what?>" not in page
    room.file.write_text(before, encoding="utf-8")
    assert "is not in effect yet" not in room.page()


def test_the_page_lets_a_browser_load_nothing_and_keep_nothing(room):
    answer = requests.get(
        f"{room.url}/teacher", auth=("", room.people["Teacher"].key), timeout=SECONDS
    )
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store" and "<script" not in answer.text


# --- malformed requests --------------------------------------------------------------------------

malformed = settings(
    max_examples=350, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)
FIELDS = [
    "messages", "prompt", "n", "stop", "tools", "grammar", "json_schema", "response_format",
    "stream", "temperature", "logit_bias", "logprobs", "top_logprobs", "tool_choice", "seed",
    "id_slot", "model", "chat_template_kwargs", "stream_options",
]  # fmt: skip


@malformed
@given(st.dictionaries(st.sampled_from(FIELDS), any_json, max_size=5), st.booleans())
def test_any_json_is_answered(room, fields, valid):
    body = {**(HELLO if valid else {}), **fields, "max_tokens": 1}
    answer = requests.post(
        f"{room.url}/v1/chat/completions",
        data=json.dumps(body),
        headers=room.headers(),
        timeout=SECONDS,
    )
    assert answer.status_code in {200, 400, 500}
    assert room.server.running


@malformed
@given(st.binary(max_size=400))
def test_any_body_is_answered(room, body):
    answer = requests.post(
        f"{room.url}/v1/completions", data=body, headers=room.headers(), timeout=SECONDS
    )
    assert answer.status_code == 400


def exchange(room, data: bytes) -> bytes:
    """Send these bytes and nothing more, and return how the answer begins."""
    host, port = room.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        try:
            return connection.recv(4096)
        except ConnectionError:
            return b""


@malformed
@given(
    st.sampled_from([b"", b"GET / HTTP/1.1\r\n", b"POST /v1/models HTTP/1.1\r\nHost: [\r\n"]),
    st.binary(max_size=200),
    st.sampled_from([b"", b"\r\n\r\n", b"\r\nAuthorization: Bearer \xff\r\n\r\n"]),
)
def test_any_bytes_do_no_harm(room, begin, middle, end):
    answer = exchange(room, begin + middle + end)
    assert not answer or answer.startswith(b"HTTP/1.1 4")


def test_after_all_this_others_are_served(room):
    assert room.ask(name="Müller, Bo").ok and not room.gateway.servers.ended
    soon(lambda: not room.at_work)


# --- without keys --------------------------------------------------------------------------------


def test_without_keys_only_programs_on_this_computer_may_ask(tmp_path):
    with opened(tmp_path, keys=False) as room:
        url, here = f"{room.url}/v1/models", {"Origin": "http://localhost:8888"}
        assert room.ask(name="").ok
        assert requests.get(url, headers=here, timeout=SECONDS).ok
        for wrong in [
            {"Origin": "https://example.org"},
            {"Origin": "null"},
            {"Origin": "http://["},
            {"Host": "example.org"},
            {"Host": "["},
        ]:
            for path in ["/v1/models", "/teacher"]:
                answer = requests.get(room.url + path, headers=wrong, timeout=SECONDS)
                assert answer.status_code in {400, 403}
                assert "Without keys only programs on this" in answer.text
        assert "this computer" in requests.get(f"{room.url}/teacher", timeout=SECONDS).text


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def command(tmp_path):
    """A class server that was started with the command, and what it has printed."""
    file, port, log = tmp_path / "keys.txt", free_port(), tmp_path / "said.txt"
    keys.add(file, ["Ada"])
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "classroom", "--keys", file, "--port", str(port), "--here"],
            cwd=ROOT, stdout=said, stderr=said,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )  # fmt: skip
    try:
        soon(lambda: is_open(port) or process.poll() is not None, 3 * SECONDS)
        yield process, port, file, log
    finally:
        process.kill()
        process.wait()


def test_the_command_serves_and_ends_and_shows_no_key(command):
    process, port, file, log = command
    teacher, ada = keys.read(file)
    url, sent = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {ada.key}"}
    answer = requests.post(
        f"{url}/v1/chat/completions?api_key={ada.key}", json=HELLO, headers=sent, timeout=SECONDS
    )
    assert answer.ok, log.read_text("utf-8")
    family = psutil.Process(process.pid).children(recursive=True)
    shown = " ".join(word for p in [psutil.Process(process.pid), *family] for word in p.cmdline())
    process.send_signal(signal.CTRL_BREAK_EVENT if os.name == "nt" else signal.SIGINT)
    process.wait(SECONDS)
    assert gone(family)
    said = log.read_text("utf-8")
    assert "Learners: 1. Slots: 2" in said and "MB" in said
    assert os.name == "nt" or "The class server has ended." in said
    assert "Traceback" not in said
    for person in [teacher, ada]:
        assert person.key not in shown + said


def test_a_port_that_is_taken_is_named(command):
    process, port, file, _ = command
    again = [sys.executable, "-m", "classroom", "--keys", file, "--port", str(port)]
    ran = subprocess.run(again, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert ran.returncode == 1 and "choose another port" in ran.stderr
    assert "Traceback" not in ran.stderr
