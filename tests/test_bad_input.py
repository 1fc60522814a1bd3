"""Anything at all, given to a public function: an error of ours, or a TypeError or ValueError."""

import os
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from processes import WINE

from helpers import LlamaServer, ServerError, model
from helpers.attach import checked, clean
from helpers.engines import engine, find_binary
from helpers.exercises import check, hint
from helpers.network import address, ask, is_open

GRADERS = sorted((Path(__file__).resolve().parent.parent / "helpers/graders").glob("lesson_*.py"))
LESSONS = [path.stem[-2:] for path in GRADERS]
EXERCISES = [
    f"{lesson}.{number}" for lesson in LESSONS for number in range(1, 4)
    if not (WINE and lesson in {"09", "10"})  # they need numpy, which does not load in Wine
]  # fmt: skip
anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(),
    st.lists(st.text()), st.dictionaries(st.text(), st.integers()), st.builds(object),
    st.text().map(lambda text: "x" * 5000 + text), st.sampled_from(["/", ".", "..", "~", "cria/"]),
)  # fmt: skip
two_hundred = settings(
    max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def refused_politely(action) -> None:
    """Run it; if it fails, the error is one that was meant, and it says something."""
    try:
        action()
    except (ServerError, TypeError, ValueError) as error:
        assert str(error)


@two_hundred
@given(anything)
def test_any_model(value):
    refused_politely(lambda: model(value))


@two_hundred
@given(anything)
def test_any_binary(value):
    refused_politely(lambda: find_binary(value))


@two_hundred
@given(
    st.fixed_dictionaries({
        "model": anything,
        "options": anything | st.lists(st.sampled_from(["--port", "-c", "--alias", "x", "-1"])),
        "port": anything | st.integers(1, 65_535),
        "binary": st.sampled_from([None, "/bin/true", "/bin/cat"]) | anything,
        "timeout": st.sampled_from([0.05, 1, -1, "soon", None, float("nan")]),
    })
)  # fmt: skip
def test_any_server(arguments):
    servers = []

    def start() -> None:
        servers.append(LlamaServer(**arguments))
        servers[0].start()

    try:
        refused_politely(start)
    finally:
        for server in servers:
            server.stop()


@two_hundred
@given(st.sampled_from(EXERCISES) | st.text(), anything)
def test_any_answer_to_an_exercise(number, answer):
    refused_politely(lambda: check(number, answer))
    refused_politely(lambda: hint(number))


@two_hundred
@given(anything)
def test_any_engine_address_key_or_port(value):
    refused_politely(lambda: engine(value))
    refused_politely(lambda: ask(str(value), timeout=1))
    refused_politely(lambda: ask("http://127.0.0.1:9", key=str(value), timeout=1))
    refused_politely(lambda: checked(value, "no-key", timeout=1))
    refused_politely(lambda: address(value))
    refused_politely(lambda: clean(str(value)))
    refused_politely(lambda: is_open(value))


def test_the_environment_may_hold_anything(monkeypatch, tmp_path):
    for value in ["", " ", "cria", "nowhere", str(tmp_path), "x" * 5000, "~", os.sep]:
        for name in ["LLM_MODEL", "LLAMA_SERVER", "LLM_ENGINE"]:
            with monkeypatch.context() as here:
                here.setenv(name, value)
                refused_politely(model)
                refused_politely(find_binary)
                refused_politely(engine)
