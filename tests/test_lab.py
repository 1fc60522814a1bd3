"""`make lab` as a learner meets it: an address is printed, the lessons are there, and one runs."""

import os
import signal
import subprocess
from importlib.util import find_spec
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from lab import ROOT, address
from lab_api import JupyterServer


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    if not (ROOT / ".venv" / ".ready").exists() or not find_spec("llama_cpp"):
        pytest.skip("`make lab` would build an environment, or compile: it would outlive this test")
    log = tmp_path_factory.mktemp("lab") / "log"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    with log.open("w") as file:
        process = subprocess.Popen(
            ["make", "lab"], cwd=ROOT, env=clean, stdout=file, stderr=file, start_new_session=True
        )
    try:
        parts = urlsplit(address(process, log))
        running = JupyterServer(
            f"{parts.scheme}://{parts.netloc}", parse_qs(parts.query)["token"][0]
        )
        running.page = parts.path
        yield running
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def test_opens_on_the_first_lesson(lab):
    assert lab.page == "/lab/tree/notebooks/00_start_here.ipynb"
    assert lab.get(lab.page).status_code == 200


def test_lists_the_lessons(lab):
    listed = {entry["name"] for entry in lab.get("/api/contents/notebooks").json()["content"]}
    lessons = {path.name for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")}
    assert lessons and lessons <= listed


def test_is_for_whoever_has_the_token(lab):
    assert requests.get(f"{lab.root}/api/contents", timeout=30).status_code == 403


def test_runs_a_lesson_in_its_kernel(lab):
    assert lab.run("notebooks/01_server.ipynb") == []
