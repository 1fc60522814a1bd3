"""The number of threads leaves cores free, whatever the computer, and can be chosen."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import requests
from processes import ENGINES

from helpers import LlamaServer, engines, model

ROOT = Path(__file__).resolve().parent.parent
CHOICES = {  # how a learner chooses: options, variables
    "nothing": ([], {}, 1),
    "an option": (["--threads", "2"], {}, 2),
    "a variable": ([], {"LLAMA_ARG_THREADS": "2"}, 2),
    "both": (["--threads", "2"], {"LLAMA_ARG_THREADS": "3"}, 2),
}


@pytest.fixture(autouse=True)
def no_choice(monkeypatch):
    monkeypatch.delenv("LLAMA_ARG_THREADS", raising=False)


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("engine", ENGINES[:2])
def test_one_for_cria_unless_the_learner_says_otherwise(engine, choice, monkeypatch):
    options, variables, expected = CHOICES[choice]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with LlamaServer(engine=engine, options=options) as server:
        assert f"n_threads = {expected}\n" in server.log(lines=1000)


@pytest.mark.parametrize("engine", ENGINES[2:])
def test_the_bindings_own_server_has_as_many(monkeypatch, engine):
    """It does not say how many it has; so they are counted."""

    def counted() -> int:
        with LlamaServer(engine=engine) as server:
            question = {"messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 2}
            assert requests.post(f"{server.base_url}/chat/completions", json=question, timeout=60)
            return psutil.Process(server._watcher.pid).children()[-1].num_threads()

    one = counted()
    monkeypatch.setenv("LLAMA_ARG_THREADS", "5")
    assert counted() > one


@pytest.mark.parametrize(("here", "expected"), [(1, 1), (2, 1), (4, 2), (8, 4), (16, 8)])
def test_half_of_the_cores_for_a_larger_model(monkeypatch, tmp_path, here, expected):
    large = tmp_path / "large.gguf"
    with large.open("wb") as file:
        file.truncate(200_000_000)
    monkeypatch.setattr(engines, "cores", lambda: here)
    assert engines.threads(large) == engines.threads() == expected
    assert engines.threads(model("cria")) == 1


def test_the_first_part_of_a_large_model_may_be_small(monkeypatch, tmp_path):
    first, second = (tmp_path / f"large-0000{n}-of-00002.gguf" for n in (1, 2))
    first.touch()
    with second.open("wb") as file:
        file.truncate(200_000_000)
    monkeypatch.setattr(engines, "cores", lambda: 8)
    assert engines.threads(first) == 4


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux alone can tie to cores")
def test_cores_that_this_process_may_not_use_do_not_count():
    code = "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
    code += "from helpers.engines import cores\nprint(cores())"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, env=environment, capture_output=True).stdout.split() == [b"1"]
