"""The class server's llama-server: killed, stopped or too large, it comes back."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest
import requests
from classroom_room import ENDLESS, SECONDS, SLOTS, opened, server_process, soon, taken
from processes import gone

from classroom.servers import Servers
from classroom.size import slots_at
from classroom.watch import ClassServer
from helpers.errors import ServerError


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("room"), patience=5) as room:
        yield room


def begun(room) -> Iterator[bytes]:
    """Return the lines of a stream that has begun."""
    lines = room.ask({**ENDLESS, "stream": True}, stream=True).iter_lines()
    next(lines)
    return lines


def test_a_server_that_is_killed_is_back_and_nobody_restarts_a_kernel(room):
    process, before, stream = (
        server_process(room.server),
        len(room.gateway.servers.ended),
        begun(room),
    )
    process.kill()
    assert gone([process])
    answers = []
    ask = lambda name: answers.append(room.ask(name=name).status_code)  # noqa: E731
    threads = [threading.Thread(target=ask, args=[name]) for name in ["Cleo", "Müller, Bo"]]
    for thread in threads:
        thread.start()
    lines = [line for line in stream if line.startswith(b"data: {")]
    error = json.loads(lines[-1].removeprefix(b"data: "))["error"]
    assert error["code"] == 503 and "Ask again" in error["message"]
    for thread in threads:
        thread.join(SECONDS)
    assert answers == [200, 200], "who asks while it is away waits for it"
    assert room.ask().ok
    (end,) = room.gateway.servers.ended[before:]
    assert end.why == "has ended" and end.lost == ("Ada",)
    assert "Lost a reply: Ada." in room.page()
    assert not room.at_work


@pytest.mark.skipif(not hasattr(psutil.Process, "suspend"), reason="it cannot be stopped here")
def test_a_server_that_hangs_is_noticed_and_replaced(room):
    process, begin = server_process(room.server), time.monotonic()
    process.suspend()
    answer = room.ask()
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) >= 1
    assert gone([process]), "nothing is left of it"
    assert room.ask().ok
    assert time.monotonic() - begin < SECONDS
    assert "has not answered for 5 s" in room.gateway.servers.ended[-1].why


def test_a_slow_model_makes_fewer_replies_at_once(room):
    assert [slots_at(speed) for speed in [0.5, 5, 10, 2000]] == [1, 2, 4, 800]
    assert room.server.speed() > 10


def test_a_model_that_writes_nothing_is_refused(room, monkeypatch):
    monkeypatch.setattr("classroom.watch.QUESTION", {})  # which no model answers
    with pytest.raises(ServerError, match=r"(?s)cannot be used: .* answered 400 Bad.*--model"):
        room.server.speed()
    monkeypatch.setattr("classroom.watch.network.ask", lambda *_, **__: (0, {}))
    with pytest.raises(ServerError, match=r"(?s)did not write 16 tokens within 600 s.*a smaller"):
        room.server.speed()


def test_a_model_that_ends_at_its_first_question_is_refused(room, monkeypatch):
    def ask(*_, **__) -> tuple[int, dict]:
        monkeypatch.setattr(ClassServer, "running", False)
        return 0, {}

    monkeypatch.setattr("classroom.watch.network.ask", ask)
    with pytest.raises(ServerError, match="(?s)llama-server ended at the first .*slot.*--model"):
        room.server.speed()


def test_health_says_that_it_is_away_and_that_it_is_back(room, monkeypatch):
    start, seen = room.server.start, threading.Event()
    monkeypatch.setattr(room.server, "start", lambda: seen.wait(SECONDS) and start())
    server_process(room.server).kill()
    soon(lambda: requests.get(f"{room.url}/health", timeout=SECONDS).status_code == 503)
    seen.set()
    soon(lambda: requests.get(f"{room.url}/health", timeout=SECONDS).ok)


def test_a_server_that_takes_too_much_memory_is_replaced(room):
    watch = room.gateway.servers
    soon(lambda: watch.memory)
    before, limit = len(watch.ended), watch.limit
    watch.limit = 1e6
    soon(lambda: not watch.ready.is_set())
    watch.limit = limit
    soon(lambda: len(watch.ended) > before and watch.ready.is_set())
    assert "of memory" in watch.ended[before].why
    assert room.ask().ok


def test_a_server_that_works_hard_is_left_alone(room):
    """All slots are busy for longer than the watch has patience: with streams, and without."""
    watch, before = room.gateway.servers, len(room.gateway.servers.ended)
    deadline, answers = time.monotonic() + 2 * watch.patience, []

    def busy(name: str, stream: bool) -> None:
        while time.monotonic() < deadline:
            answers.append(room.ask({**ENDLESS, "max_tokens": 300, "stream": stream}, name))

    people = [(name, stream) for name in ["Ada", "Cleo"] for stream in [True, False]]
    threads = [threading.Thread(target=busy, args=person) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(3 * SECONDS)
    assert answers and all(answer.ok for answer in answers)
    assert len(watch.ended) == before


def test_a_server_whose_slots_are_taken_for_long_is_left_alone(tmp_path, monkeypatch):
    """As by long prompts and a large model: the watch's question waits, but the server works."""
    monkeypatch.setattr("classroom.servers.EVERY", 0.2)
    with opened(tmp_path, patience=6, options=("--context-shift",)) as room:
        with taken(room.server, SLOTS + 1):
            time.sleep(2 * room.gateway.servers.patience)
        assert not room.gateway.servers.ended and room.ask().ok


@pytest.mark.parametrize(("shown", "works"), [([b"1", b"2", b"3"], True), ([b"1"], False)])
def test_slots_that_get_no_further_are_no_sign_of_life(monkeypatch, shown, works):
    """Newer servers show their slots even while they hang."""
    monkeypatch.setattr("classroom.servers.EVERY", 0.001)
    signs, left = [], list(shown)
    servers = Servers(print, 1)
    monkeypatch.setattr(servers, "sign_of_life", signs.append)

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=left.pop(0) if len(left) > 1 else left[0])

    async def look() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(servers._look(client, "http://a"), 0.2)

    asyncio.run(look())
    assert bool(signs) is works


def test_a_computer_without_room_for_a_process_is_asked_again(room, monkeypatch):
    start, failed = room.server.start, []

    def start_the_second_time():
        if failed:
            return start()
        failed.append(True)
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(room.server, "start", start_the_second_time)
    server_process(room.server).kill()
    assert soon(lambda: "cannot be started: [Errno 12]" in "\n".join(room.said))
    assert soon(lambda: room.ask().ok)


def test_who_tells_the_teacher(room):
    said = "\n".join(room.said)
    assert "It is being restarted." in said and "answers again, after" in said
