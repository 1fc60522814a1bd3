"""Lessons 00 and 01 on a learner's computer: other servers, a proxy, models that lie around."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import LlamaServer, model
from helpers.engines import PYTHON, XLLAMACPP, find_binary, server_program
from helpers.network import free_port

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
KEY = "open-the-door"
RUN = """
import sys, nbformat
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
for cell in nbformat.read(sys.argv[1], as_version=4).cells:
    if cell.cell_type == "code":
        shell.run_cell(cell.source).raise_error()
"""
LESSONS = pytest.mark.parametrize("lesson", ["00_start_here", "01_server"])


def run(lesson: str, **variables: str) -> str:
    """Run a lesson in a process of its own; return what it printed if no cell has failed."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, f"{lesson}.ipynb"], cwd=NOTEBOOKS, timeout=280,
        env={**os.environ, **variables}, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@LESSONS
def test_a_class_server_with_a_key(lesson):
    with LlamaServer(options=["--api-key", KEY, "--alias", "professor"]) as server:
        assert KEY not in run(lesson, LLM_BASE_URL=server.base_url, LLM_API_KEY=KEY)


@LESSONS
def test_a_proxy_that_does_not_answer(lesson, monkeypatch):
    for name in ["NO_PROXY", "no_proxy"]:
        monkeypatch.delenv(name, raising=False)
    dead = f"http://127.0.0.1:{free_port()}"
    run(lesson, **{name: dead for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]})


def test_the_prebuilt_engine_in_the_place_of_llama_server():
    assert "this server has no router mode" in run("01_server", LLM_ENGINE="xllamacpp")


def test_a_model_in_the_cache_is_none_of_the_routers(tmp_path):
    data, cache = model("cria").read_bytes(), tmp_path / "hub" / "models--someone--tiny-GGUF"
    for place, content in {
        f"blobs/{hashlib.sha256(data).hexdigest()}": data,
        f"snapshots/{'a' * 40}/tiny-Q8_0.gguf": data,
        "refs/main": b"a" * 40,
    }.items():
        (cache / place).parent.mkdir(parents=True)
        (cache / place).write_bytes(content)
    assert "['cria']" in run("01_server", HF_HOME=str(tmp_path))


def test_the_program_of_a_server_is_llama_server_or_the_prebuilt_one(monkeypatch):
    assert server_program() == [find_binary()]
    monkeypatch.setenv("LLM_ENGINE", "ollama")
    assert server_program() == [find_binary()]
    monkeypatch.setenv("LLM_ENGINE", "xllamacpp")
    assert server_program() == [*PYTHON, XLLAMACPP]
