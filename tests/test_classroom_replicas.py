"""A gateway in front of several llama-servers that something else keeps at work."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import httpx
import psutil
import pytest
from classroom_room import (
    CONTEXT,
    ENDLESS,
    SECONDS,
    Room,
    open_stream,
    paused,
    received,
    server_process,
    serving,
    soon,
    taken,
)

from classroom import cluster
from classroom.__main__ import main
from classroom.gateway import Gateway, Limits
from classroom.keys import Keys, add
from classroom.replicas import Replicas
from classroom.turns import Turns
from helpers import LlamaServer, ServerError, model
from helpers.network import free_port

ROOT = Path(__file__).resolve().parent.parent
SLOTS, PATIENCE = 2, 6
SIZES = ["--parallel", str(SLOTS + 1), "--ctx-size", str((SLOTS + 1) * CONTEXT)]
OPTIONS = [*SIZES, "--context-shift"]


class Listed(Replicas):
    """Replicas whose addresses stand in a list, as here is no DNS to ask."""

    def __init__(self, *urls: str, **options) -> None:
        super().__init__("http://llama-server:8080", "no-key", SLOTS, **options)
        self.listed = set(urls)

    async def _listed(self) -> set[str]:
        return set(self.listed)


def alive(*urls: str) -> Listed:
    """Return replicas that all answer."""
    replicas = Listed(*urls, say=lambda words: None)
    replicas._alive = dict.fromkeys(urls, 0.0)
    replicas._changed()
    return replicas


# --- whose question goes where --------------------------------------------------------------------

URLS = ["http://a", "http://b", "http://c"]


def test_a_learner_keeps_a_server_and_learners_spread():
    replicas, names = alive(*URLS), [f"Learner {n}" for n in range(300)]
    chosen = {name: replicas.url_for(name, Counter()) for name in names}
    assert chosen == {name: replicas.url_for(name, Counter()) for name in names}
    assert min(Counter(chosen.values()).values()) > 60 and len(set(chosen.values())) == 3


def test_a_server_more_or_less_moves_few_learners():
    names = [f"Learner {n}" for n in range(300)]
    before = [alive(*URLS).url_for(name, Counter()) for name in names]
    after = [alive(*URLS, "http://d").url_for(name, Counter()) for name in names]
    moved = [new for old, new in zip(before, after, strict=True) if old != new]
    assert set(moved) == {"http://d"} and len(moved) < 120


def test_a_full_server_is_passed_by_and_then_the_least_full_is_taken():
    replicas = alive(*URLS)
    usual = replicas.url_for("Ada", Counter())
    other = replicas.url_for("Ada", Counter({usual: SLOTS}))
    assert other != usual
    full = Counter(dict.fromkeys(URLS, SLOTS + 1)) - Counter({other: 1})
    assert replicas.url_for("Ada", full) == other


def test_a_question_that_is_larger_than_what_is_left_keeps_nobody_waiting():
    turns = Turns(slots=4, each=4)
    first, large, other = turns.enter("Ada"), turns.enter("Bo", 4), turns.enter("Cleo")
    turns.resize(2)
    turns.leave(first)
    assert large.works and not other.works
    turns.leave(large)
    assert other.works


def test_the_line_follows_the_number_of_servers():
    turns = Turns(slots=2, each=9)
    waiting = [turns.enter("Ada") for _ in range(6)]
    assert len(turns.working) == 2
    turns.resize(4)
    assert len(turns.working) == 4 and waiting[3].works
    turns.resize(2)
    turns.leave(waiting[0])
    assert len(turns.working) == 3, "nobody is sent away, and nobody let in"
    waiting[1].server = "http://a"
    assert turns.taken == {"http://a": 1, "": 2}


def test_without_any_server_questions_wait():
    replicas, told = alive("http://a"), []
    replicas.resized = told.append
    replicas.lost("Ada", "http://a")
    assert not replicas.ready.is_set() and told == [SLOTS], "never none: a line must move"
    (end,) = replicas.ended
    assert end.lost == ("Ada",) and end.why == "at http://a has ended"
    replicas.missed("http://a")
    assert len(replicas.ended) == 1, "it was left out already"


def test_dns_says_who_is_there():
    replicas = Replicas("http://localhost:8080", "", SLOTS)
    assert "http://127.0.0.1:8080" in asyncio.run(replicas._listed())


def test_a_name_without_an_address_is_noted_each_time_that_it_is_lost(monkeypatch):
    said, unknown = [], socket.gaierror(-2, "Name or service not known")
    replicas = Replicas("http://localhost:8080", "", SLOTS, say=said.append)
    replicas._alive = {"http://a": 0.0}
    for times in [1, 2]:
        with monkeypatch.context() as now:
            now.setattr("socket.getaddrinfo", Mock(side_effect=unknown))
            for _ in range(3):
                assert asyncio.run(replicas._listed()) == {"http://a"}, "as it was before"
        assert asyncio.run(replicas._listed()) != {"http://a"}
        assert len(said) == times and said[-1].endswith("at localhost has no address now: Name or "
                                                        "service not known.")  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "https://x",
        "x:8080",
        "llama-server",
        "http://",
        "http://x:1/v1",
        "http://x:y",
        "http://[",
        "",
        "http://x:1?a",
        "http://me:secret@x",
        "http://x:0",
        "http://a..b",
    ],
)
def test_an_address_that_is_none_of_theirs_is_refused(address):
    with pytest.raises(ServerError, match="(?s)takes http://, .*--servers http://") as error:
        Replicas(address, "", SLOTS)
    assert "secret" not in str(error.value)
    assert Replicas("http://x:1/", "", SLOTS)._port == 1 and Replicas("http://x", "", 1)._port == 80


def test_a_server_that_refuses_the_key_is_named_once():
    said = []
    with LlamaServer(options=["--api-key", "theirs"]) as server:
        url = server.url
        replicas = Replicas(url, "ours", SLOTS, say=said.append)
        for _ in range(2):
            asyncio.run(asked(replicas, url))
        assert len(said) == 1 and "refuses the key: LLAMA_API_KEY must be the one" in said[0]
        assert not replicas.ready.is_set()
    asyncio.run(asked(replicas, url))
    assert "does not answer (ConnectError)" in said[1]


async def asked(replicas: Replicas, url: str) -> None:
    key = {"Authorization": f"Bearer {replicas.api_key}"}
    async with httpx.AsyncClient(trust_env=False, headers=key, timeout=SECONDS) as client:
        await replicas._ask(client, url)


# --- with real servers ----------------------------------------------------------------------------


@contextlib.contextmanager
def two_servers(folder: Path) -> Iterator[tuple[Room, Listed, list[LlamaServer]]]:
    """Open a room with two llama-servers that the gateway has not started."""
    file, port = folder / "keys.txt", free_port()
    add(file, ["Ada", "Müller, Bo", "Cleo"])
    with (
        pytest.MonkeyPatch.context() as patch,
        LlamaServer(options=OPTIONS) as first,
        LlamaServer(options=OPTIONS) as second,
    ):
        patch.setattr("classroom.replicas.EVERY", 0.05)  # it looks while a reply is being written
        replicas = Listed(first.url, second.url, patience=PATIENCE)
        gateway = Gateway(Keys(file), replicas, Limits(SLOTS, CONTEXT))
        with serving(gateway, file, port) as room:
            soon(lambda: len(replicas._alive) == 2)
            yield room, replicas, [first, second]


@pytest.fixture(scope="module")
def cluster_room(tmp_path_factory):
    with two_servers(tmp_path_factory.mktemp("room")) as opened:
        yield opened


def test_everybody_is_served_by_both(cluster_room):
    room, replicas, _ = cluster_room
    assert replicas.model == "cria" and room.gateway.turns.slots == 2 * SLOTS
    for name in ["Ada", "Müller, Bo", "Cleo"]:
        assert room.ask(name=name).ok
    assert "llama-servers: 2" in room.page()


def usual(replicas: Listed, servers: list[LlamaServer]) -> list[LlamaServer]:
    """Return the servers, Ada's usual one first."""
    url = replicas.url_for("Ada", Counter())
    return sorted(servers, key=lambda server: server.url != url)


def test_a_server_that_is_no_longer_listed_ends_its_replies(cluster_room):
    """Kubernetes takes an address away before it ends a server."""
    room, replicas, servers = cluster_room
    going, _ = usual(replicas, servers)
    before = len(replicas.ended)
    with paused(going):
        stream = open_stream(room)
        soon(lambda: room.at_work)
        replicas.listed.remove(going.url)
        soon(lambda: len(replicas._alive) == 1)
        assert room.at_work, "the reply goes on"
    assert received(stream)[-1] == b"[DONE]"
    assert room.ask().ok
    assert not any(going.url in end.why for end in replicas.ended[before:]), "nobody's fault"
    replicas.listed.add(going.url)
    soon(lambda: len(replicas._alive) == 2)


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot stop a process")
def test_a_server_that_hangs_is_left_out_until_it_answers(cluster_room):
    room, replicas, servers = cluster_room
    hangs, other = usual(replicas, servers)
    with paused(hangs):
        soon(lambda: hangs.url not in replicas._alive and other.url in replicas._alive)
        assert room.ask().ok
        assert any(f"at {hangs.url} has not answered" in end.why for end in replicas.ended)
    soon(lambda: len(replicas._alive) == 2)


def test_a_server_whose_slots_are_taken_for_long_is_not_left_out(cluster_room, monkeypatch):
    monkeypatch.setattr("classroom.servers.EVERY", 0.2)
    room, replicas, servers = cluster_room
    before = len(replicas.ended)
    with taken(servers[0], SLOTS + 1):
        time.sleep(2 * PATIENCE)
    assert len(replicas.ended) == before and len(replicas._alive) == 2


def test_a_server_that_is_killed_costs_its_replies_alone(tmp_path):
    with two_servers(tmp_path) as (room, replicas, servers):
        killed, other = usual(replicas, servers)
        process = server_process(killed)
        with room.ask({**ENDLESS, "stream": True}, stream=True) as answer:
            lines = answer.iter_lines()
            next(lines)
            process.kill()
            assert b'"error"' in list(filter(None, lines))[-1]
        assert room.ask().ok, "the next question is answered by the other one"
        soon(lambda: list(replicas._alive) == [other.url])
        assert ("Ada",) in [end.lost for end in replicas.ended]
        page = room.page()
        assert "llama-servers: 1" in page and "Lost a reply: Ada." in page


# --- the commands ---------------------------------------------------------------------------------


def test_the_command_serves_before_servers_that_it_does_not_start(tmp_path):
    file, port = tmp_path / "keys.txt", free_port()
    add(file, ["Ada"])
    with LlamaServer(options=[*SIZES, "--api-key", "secret"]) as server:
        words = ["-m", "classroom", "--servers", server.url, "--keys", file, "--port", str(port)]
        process = subprocess.Popen(
            [sys.executable, *words, "--slots", str(SLOTS)], cwd=ROOT,
            env=os.environ | {"LLAMA_API_KEY": "secret"},
        )  # fmt: skip
        try:
            room = Room(Gateway(Keys(file), alive(server.url), Limits(SLOTS, CONTEXT)), file, port)
            answer = soon(lambda: answered(room), 5 * SECONDS)
            assert answer.json()["choices"]
            assert not psutil.Process(process.pid).children()
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(SECONDS)
            finally:
                process.kill()  # if it has not ended


def answered(room: Room) -> object:
    """Return the answer as soon as there is one."""
    with contextlib.suppress(OSError):
        answer = room.ask()
        return answer if answer.ok else None


def test_what_is_for_a_server_that_it_starts_is_refused(tmp_path):
    for more in ["--model", "cria"], ["--learners", "3"]:
        with pytest.raises(SystemExit, match="Leave them out. --slots says"):
            main(["--servers", "http://127.0.0.1:1", *more])


def test_here_is_here_with_servers_too(tmp_path, monkeypatch):
    add(tmp_path / "keys.txt", ["Ada"])
    hosts = []
    monkeypatch.setattr(Gateway, "web", lambda self, host, port: hosts.append(host))
    monkeypatch.setattr(Gateway, "serve", lambda self, web: asyncio.sleep(0))
    words = ["--servers", "http://127.0.0.1:1", "--keys", str(tmp_path / "keys.txt")]
    for more in [], ["--here"]:
        main([*words, "--port", str(free_port()), *more])
    assert hosts == ["0.0.0.0", "127.0.0.1"]


def test_without_keys_nobody_may_ask(tmp_path):
    words = ["-m", "classroom", "--servers", "http://x:1", "--keys", str(tmp_path / "none.txt")]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True)
    assert (
        done.returncode == 1 and "Make the keys" in done.stderr and "Traceback" not in done.stderr
    )


# --- the size of a cluster ------------------------------------------------------------------------


def test_the_size_is_a_sum():
    small, large = (cluster.plan(model("cria"), number) for number in [20, 200])
    assert (small.by_slots, small.servers) == (1, 2)
    assert (large.by_slots, large.servers) == (9, 10)
    assert large.settings["LLAMA_ARG_CTX_SIZE"] == 9 * large.each.context
    slow = cluster.plan(model("cria"), 200, speed=20.0)
    assert slow.by_speed == 17 and slow.servers == 18, (
        "200 x 100 / 60 tokens a second, 20 from each"
    )
    assert "price" not in str(slow) and "for the tokens" not in str(large)
    paid = cluster.plan(model("cria"), 20, core_price=0.05, gigabyte_price=0.01, hours=10)
    assert paid.cost == pytest.approx(2 * (4 * 0.05 + paid.each.limit / 1e9 * 0.01) * 10)
    assert re.search(r"price for 10 hours +4\.\d\d", str(paid))
