"""The check of the set-up: all is well here, and each thing that can be wrong has its remedy."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from helpers import LlamaServer, check_setup, models
from helpers.check_setup import CHECKS, Result, line

ROOT = Path(__file__).resolve().parent.parent


def expect(result: Result, state: str, *words: str) -> None:
    assert result.state == state, line(result)
    for word in words:
        assert word in line(result)
    assert bool(result.remedy) == (state != "OK"), "what is wrong has a remedy"


def test_all_is_well_here(capsys):
    assert check_setup.check_setup()
    printed = capsys.readouterr().out
    assert "FAIL" not in printed
    assert len(printed.splitlines()) >= len(CHECKS)


def test_from_another_folder_and_without_secrets(tmp_path):
    """What a learner types, with a key, a password and a name in the environment."""
    home = tmp_path / "home" / "Ottokar"
    home.mkdir(parents=True)
    secret = {"LLM_API_KEY": "sesame-4711", "HTTP_PROXY": "http://otto:geheim@proxy.example:3128",
              "HOME": str(home), "NO_PROXY": "127.0.0.1,localhost"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "helpers.check_setup", "--report", "report.txt"],
        cwd=tmp_path, env={**os.environ, **secret}, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    report = (tmp_path / "report.txt").read_text()
    assert "a reply" in report and "Linux" in report or os.name == "nt" or sys.platform == "darwin"
    for word in ["sesame", "geheim", "otto", "Ottokar", str(ROOT), socket.gethostname()]:
        assert word not in report


def test_the_report_hides_what_a_message_holds():
    text = f"at {Path.home()}/models and {ROOT}/notebooks"
    assert check_setup.without_secrets(text) == "at ~/models and the course/notebooks"


def test_a_check_that_breaks_is_a_failure_and_no_crash(monkeypatch, capsys):
    def broken() -> Result:
        raise RuntimeError("oh no")

    monkeypatch.setattr(check_setup, "CHECKS", [broken, check_setup.python])
    assert not check_setup.check_setup()
    printed = capsys.readouterr().out
    assert "FAIL  broken            RuntimeError: oh no" in printed
    assert "Python" in printed, "the others are looked at all the same"


# --- each failure, provoked ----------------------------------------------------------------------


def test_an_old_python(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    expect(check_setup.python(), "FAIL", "3.11 or newer")


def test_another_python(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    expect(check_setup.python(), "WARN", "make lab")


def test_packages_that_are_missing_or_too_old(monkeypatch):
    def version(name: str) -> str:
        if name in {"sseclient-py", "llama-cpp-python"}:
            raise check_setup.metadata.PackageNotFoundError
        return "1.0" if name == "openai" else "999"

    monkeypatch.setattr(check_setup.metadata, "version", version)
    result = check_setup.packages()
    expect(result, "FAIL", "sseclient-py is missing", "openai 1.0, not")
    assert "llama-cpp-python" not in result.found, "that has a line of its own"


@pytest.mark.parametrize("owners", [["sseclient"], ["sseclient", "sseclient-py"], []])
def test_the_wrong_sseclient(monkeypatch, owners):
    found = {"sseclient": owners}
    monkeypatch.setattr(check_setup.metadata, "packages_distributions", lambda: found)
    expect(check_setup.sse_client(), "FAIL", "pip install sseclient-py")


def test_no_llama_server(monkeypatch):
    monkeypatch.setenv("LLAMA_SERVER", "/nowhere/llama-server")
    expect(check_setup.llama_server(), "WARN", "xllamacpp serves in its place", "Correct the path")
    monkeypatch.setattr(check_setup, "find_spec", lambda _: None)
    expect(check_setup.llama_server(), "FAIL", "Correct the path")


@pytest.mark.parametrize("source", ["import os; os.abort()", "print('I am a clock')"])
def test_a_llama_server_that_does_not_start(monkeypatch, fake_program, source):
    monkeypatch.setenv("LLAMA_SERVER", str(fake_program(source)))
    expect(check_setup.llama_server(), "FAIL", "make clean lab")


def test_a_program_that_hangs_is_not_waited_for_for_ever(monkeypatch, fake_program):
    monkeypatch.setattr(check_setup, "PATIENCE", 0.5)
    monkeypatch.setenv("LLAMA_SERVER", str(fake_program("import time; time.sleep(60)")))
    expect(check_setup.llama_server(), "FAIL", "timed out")


def test_a_binding_that_ends_its_process(monkeypatch, fake_program):
    """As one does that was made for another processor."""
    crash = fake_program("import os; os.abort()", name="python")
    monkeypatch.setattr(sys, "executable", str(crash))
    expect(check_setup.binding(), "FAIL", "another processor")


def test_no_binding(monkeypatch):
    monkeypatch.setattr(check_setup, "find_spec", lambda _: None)
    expect(check_setup.binding(), "WARN", "Lesson 06")


def test_a_model_that_is_not_the_one(monkeypatch, tmp_path):
    monkeypatch.setattr(models, "MODELS", tmp_path)
    expect(check_setup.model_file(), "FAIL", "git checkout -- models")
    expect(check_setup.reply(), "FAIL", "git checkout -- models")


def test_a_server_of_the_classroom_that_is_down(monkeypatch):
    monkeypatch.setenv("LLM_BASE_URL", "http://127.0.0.1:9/v1")
    expect(check_setup.reply(), "FAIL", "nothing answers there", "LLM_BASE_URL")


def test_a_server_of_the_classroom_that_is_up(monkeypatch):
    with LlamaServer() as server:
        monkeypatch.setenv("LLM_BASE_URL", server.base_url)
        expect(check_setup.reply(), "OK", "the server in LLM_BASE_URL")


def test_a_computer_that_cannot_reach_itself(monkeypatch):
    monkeypatch.setattr(check_setup, "is_open", lambda _: False)
    expect(check_setup.ports(), "FAIL", "firewall")


def test_usual_ports_that_are_taken(monkeypatch):
    monkeypatch.setattr(check_setup, "is_open", lambda port: port != 8888)
    expect(check_setup.ports(), "OK", "8080", "11434")


def test_a_proxy_in_the_way(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:password@proxy.example")
    for name in ["NO_PROXY", "no_proxy"]:
        monkeypatch.delenv(name, raising=False)
    result = check_setup.proxy()
    expect(result, "WARN", "export NO_PROXY=127.0.0.1,localhost", "$env:NO_PROXY")
    assert "password" not in line(result)
    monkeypatch.setenv("NO_PROXY", "localhost, 127.0.0.1")
    expect(check_setup.proxy(), "OK", "spares")


def test_little_memory_and_little_room(monkeypatch):
    memory = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory._replace(available=5e8))
    expect(check_setup.memory(), "WARN", "0.5 of")
    usage = check_setup.shutil.disk_usage("/")
    monkeypatch.setattr(check_setup.shutil, "disk_usage", lambda _: usage._replace(free=5e8))
    expect(check_setup.disk(), "WARN", "0.5 GB")


def test_a_kernel_of_another_python(monkeypatch):
    class Spec:
        argv = ["/usr/bin/python3"]

    monkeypatch.setattr(
        "jupyter_client.kernelspec.KernelSpecManager.get_kernel_spec", lambda *_: Spec()
    )
    expect(check_setup.jupyter(), "WARN", "jupyter kernelspec uninstall python3")


def test_no_widgets(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    expect(check_setup.jupyter(), "FAIL", "ipywidgets")
