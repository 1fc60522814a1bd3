"""The check of the set-up: all is well here, and each thing that can be wrong has its remedy."""

import getpass
import os
import platform
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from stand_ins import api

from helpers import LlamaServer, models
from helpers.check_setup import checks, report
from helpers.check_setup.checks import CHECKS, Result
from helpers.check_setup.report import line

ROOT = Path(__file__).resolve().parent.parent


def expect(result: Result, state: str, *words: str) -> None:
    assert result.state == state, line(result)
    for word in words:
        assert word in line(result)
    assert bool(result.remedy) == (state != "OK"), "what is wrong has a remedy"


as_set_up = pytest.mark.skipif(
    not Path(sys.prefix, "share", "jupyter").exists(),
    reason="this Python holds its packages in another place than the set-up puts them",
)


@as_set_up
def test_all_is_well_here(capsys):
    assert report.check_setup()
    printed = capsys.readouterr().out
    assert "FAIL" not in printed
    assert len(printed.splitlines()) >= len(CHECKS)


def check(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess:
    """Run the check as a learner does, with other variables."""
    return subprocess.run(
        [sys.executable, "-m", "helpers.check_setup", *arguments],
        cwd=cwd, env={**os.environ, **environment}, capture_output=True, timeout=240,
    )  # fmt: skip


@as_set_up
def test_from_another_folder_and_without_secrets(tmp_path):
    """What a learner types, with a key, a password and a name in the environment."""
    home = tmp_path / "home" / "Ottokar"
    home.mkdir(parents=True)
    secret = {"LLM_API_KEY": "sesame-4711", "HTTP_PROXY": "http://otto:ge%40heim@proxy.example:3128",
              "HOME": str(home), "NO_PROXY": "127.0.0.1,localhost"}  # fmt: skip
    done = check("--report", "report.txt", cwd=tmp_path, **secret)
    assert done.returncode == 0, done.stdout + done.stderr
    text = (tmp_path / "report.txt").read_text()
    assert "a reply" in text and platform.system() in text
    for word in ["sesame", "heim", "otto", "Ottokar", str(ROOT), socket.gethostname()]:
        assert word not in text


def test_the_report_hides_what_a_message_holds():
    text = f"at {Path.home()}/models and {ROOT}/notebooks"
    assert report.without_secrets(text) == "at ~/models and the course/notebooks"


@pytest.mark.parametrize(
    ("variable", "value", "text"),
    [
        ("LLM_API_KEY", " sesame\r\n", "Incorrect key: sesame"),
        ("HF_TOKEN", "sesame", "Authorization: Bearer sesame"),
        ("LLM_BASE_URL", "http://otto:se/sa@me@h:1/v1", "otto has se%2Fsa%40me, or se/sa@me"),
        ("LLM_BASE_URL", "http://h/v1?api_key=sesame", "at http://h/v1?api_key=sesame"),
        ("HTTPS_PROXY", "otto:sesame@proxy:3128", "URL('otto:sesame@proxy:3128')"),
        ("NOTHING", "", "http://otto:sesame@h/v1, sk-sesame and hf_sesame"),
    ],
)
def test_no_key_or_password_is_shown(monkeypatch, variable, value, text):
    monkeypatch.setenv(variable, value)
    shown = report.without_keys(text)
    assert not any(word in shown for word in ["sesame", "otto", "sa@me", "sa%40me"]), shown


def test_a_switch_is_no_secret(monkeypatch):
    monkeypatch.setenv("USE_TOKENS", "1")
    assert report.without_keys("1 that works") == "1 that works"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-16"])
def test_under_any_encoding(encoding):
    done = check(PYTHONIOENCODING=encoding, LLM_BASE_URL="http://127.0.0.1:9")
    assert done.returncode == 1 and not done.stderr, done.stderr.decode(errors="replace")
    assert "Correct LLM_BASE_URL" in done.stdout.decode(encoding)


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither these signals nor these pipes")
def test_whoever_leaves_early_sees_no_traceback():
    left = subprocess.run(
        f"'{sys.executable}' -m helpers.check_setup | head -n 1",
        shell=True, cwd=ROOT, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert left.stdout.startswith("OK    Python") and not left.stderr, left.stderr
    running = subprocess.Popen(
        [sys.executable, "-u", "-m", "helpers.check_setup"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    running.stdout.readline()
    running.send_signal(signal.SIGINT)
    assert running.communicate(timeout=60)[1].strip() == "Interrupted."


def test_a_report_that_cannot_be_written(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(report, "CHECKS", [checks.ports])
    assert not report.check_setup(tmp_path / "missing" / "report.txt")
    assert "No such file or directory. Name another file." in capsys.readouterr().out

    assert not report.check_setup("a\0b"), "no file can be called that"


def test_the_end_of_the_report_says_where_to_look(monkeypatch, capsys):
    for state, end in [("FAIL", "Something is missing: see FAIL."), ("WARN", "Everything that")]:
        monkeypatch.setattr(report, "CHECKS", [lambda state=state: Result("it", state, "so", "do")])
        assert report.check_setup() == (state == "WARN")
        assert end in capsys.readouterr().out


def test_a_report_replaces_an_older_one_and_nothing_else(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(report, "CHECKS", [checks.ports])
    lesson = tmp_path / "lesson.ipynb"
    lesson.write_text("hours of work")
    assert not report.check_setup(lesson)
    assert lesson.read_text() == "hours of work"
    assert "holds something else, and was not overwritten" in capsys.readouterr().out
    assert report.check_setup(tmp_path / "setup.txt") and report.check_setup(tmp_path / "setup.txt")


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither this device nor this shell")
@pytest.mark.parametrize(("to", "said"), [("&-", ""), ("/dev/full", "Not printed: No space left")])
def test_nobody_can_read_what_is_printed(to, said):
    if to == "/dev/full" and not Path(to).exists():
        pytest.skip("this system has no device that is always full")
    done = subprocess.run(
        f"LLM_BASE_URL=http://127.0.0.1:9 '{sys.executable}' -m helpers.check_setup >{to}",
        shell=True, cwd=ROOT, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.startswith(said) and bool(done.stderr) == bool(said)


def test_the_door_is_open_from_everywhere(tmp_path):
    """Other things called setup, check or report are not in its way."""
    for name in ["setup", "check", "checks", "report"]:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong one')")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = check("--help", cwd=tmp_path, PYTHONPATH=path, PYTHONWARNINGS="error")
    assert b"--report FILE" in done.stdout and not done.stderr, done.stderr


def test_a_user_without_a_name_or_a_home(monkeypatch):
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", nobody)
    monkeypatch.setattr(Path, "home", nobody)
    assert report.without_secrets(f"in {ROOT}/models") == "in the course/models"
    monkeypatch.setenv("HOME", "/nowhere")
    expect(checks.disk(), "OK", "GB free")


def test_a_check_that_breaks_is_a_failure_and_no_crash(monkeypatch, capsys):
    def broken() -> Result:
        raise RuntimeError("oh no")

    monkeypatch.setattr(report, "CHECKS", [broken, checks.python])
    assert not report.check_setup()
    printed = capsys.readouterr().out
    assert "FAIL  broken            RuntimeError: oh no" in printed
    assert "Python" in printed, "the others are looked at all the same"


# --- each failure, provoked ----------------------------------------------------------------------


def test_an_old_python(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    expect(checks.python(), "FAIL", "3.11 or newer")


def test_another_python(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    expect(checks.python(), "WARN", "make lab")


def test_packages_that_are_missing_or_too_old(monkeypatch):
    def version(name: str) -> str:
        if name in {"sseclient-py", "llama-cpp-python"}:
            raise checks.metadata.PackageNotFoundError
        return "1.0" if name == "openai" else "999"

    monkeypatch.setattr(checks.metadata, "version", version)
    result = checks.packages()
    expect(result, "FAIL", "sseclient-py is missing", "openai 1.0, not")
    assert "llama-cpp-python" not in result.found, "that has a line of its own"


@pytest.mark.parametrize("owners", [["sseclient"], ["sseclient", "sseclient-py"], []])
def test_the_wrong_sseclient(monkeypatch, owners):
    found = {"sseclient": owners}
    monkeypatch.setattr(checks.metadata, "packages_distributions", lambda: found)
    expect(checks.sse_client(), "FAIL", "pip install sseclient-py")


def test_no_llama_server(monkeypatch):
    monkeypatch.delenv("LLAMA_SERVER", raising=False)
    monkeypatch.setattr("helpers.engines.found", lambda _: None)
    expect(checks.llama_server(), "WARN", "xllamacpp serves in its place", "Set the course up")
    monkeypatch.setenv("LLAMA_SERVER", "/nowhere/llama-server")
    expect(checks.llama_server(), "FAIL", "Correct the path")
    assert "in its place" not in checks.llama_server().found, "nothing serves for one that is named"
    monkeypatch.delenv("LLAMA_SERVER")
    monkeypatch.setattr("helpers.engines.find_spec", lambda _: None)
    expect(checks.llama_server(), "FAIL", "Set the course up")


@pytest.mark.parametrize("source", ["import os; os.abort()", "print('I am a clock')"])
def test_a_llama_server_that_does_not_start(monkeypatch, fake_program, source):
    monkeypatch.setenv("LLAMA_SERVER", str(fake_program(source)))
    expect(checks.llama_server(), "FAIL", "make clean lab")


def test_a_program_that_hangs_is_not_waited_for_for_ever(monkeypatch, fake_program):
    monkeypatch.setattr(checks, "PATIENCE", 0.5)
    monkeypatch.setenv("LLAMA_SERVER", str(fake_program("import time; time.sleep(5)")))
    expect(checks.llama_server(), "FAIL", "timed out")


def test_a_binding_that_ends_its_process(monkeypatch, fake_program):
    """As one does that was made for another processor."""
    crash = fake_program("import os; os.abort()", name="python")
    monkeypatch.setattr(sys, "executable", str(crash))
    monkeypatch.setattr(checks, "find_spec", lambda _: True)
    expect(checks.binding(), "FAIL", "another processor")


def test_no_binding(monkeypatch):
    monkeypatch.setattr(checks, "find_spec", lambda _: None)
    expect(checks.binding(), "WARN", "Lessons 09 to 12")


def test_no_binding_while_the_set_up_compiles(monkeypatch, tmp_path):
    (tmp_path / "compile.log").write_text("  compile  43%")
    monkeypatch.setattr("helpers.compile.LOG", tmp_path / "compile.log")
    monkeypatch.setattr(checks, "find_spec", lambda _: None)
    with FileLock(tmp_path / "compile.lock"):
        expect(checks.binding(), "WARN", "Lessons 09 to 12", "wait until it is done", "43%")
        assert checks.SET_UP not in checks.binding().remedy
    assert checks.SET_UP in checks.binding().remedy, "it has ended without success"


def test_a_model_that_is_not_the_one(monkeypatch, tmp_path):
    monkeypatch.setattr(models, "MODELS", tmp_path)
    expect(checks.model_file(), "FAIL", "git checkout -- models")
    expect(checks.reply(), "FAIL", "git checkout -- models")


def test_a_server_of_the_classroom_that_is_down(monkeypatch):
    monkeypatch.setenv("LLM_BASE_URL", "http://127.0.0.1:9/v1")
    expect(checks.reply(), "FAIL", "nothing answers there", "LLM_BASE_URL")


def test_a_server_of_the_classroom_that_is_up(monkeypatch):
    with LlamaServer() as server:
        monkeypatch.setenv("LLM_BASE_URL", server.base_url)
        expect(checks.reply(), "OK", "the server in LLM_BASE_URL")


def test_the_request_names_the_model_and_carries_the_key(monkeypatch):
    def rule(path: str, model: str) -> tuple | None:
        return (400, {"error": "model is required"}, {}) if "chat" in path and not model else None

    with api(("nomic-embed-text", "qwen3:0.6b"), rule) as server:
        monkeypatch.setenv("LLM_BASE_URL", server.root)
        monkeypatch.setenv("LLM_API_KEY", "sesame")
        expect(checks.reply(), "OK", "'Hi' from the server in LLM_BASE_URL")
    assert {(model, key) for _, model, key in server.asked if model} == {
        ("qwen3:0.6b", "Bearer sesame")
    }


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ({"content": "", "reasoning_content": "Hm"}, "thinks first"),
        ({"content": None, "reasoning": "Hm"}, "thinks first"),
        ({"content": "<think>Hm"}, "thinks first"),
        ({"content": " "}, "gives an empty one\n"),
    ],
)
def test_a_model_that_thinks_and_says_nothing(monkeypatch, message, why):
    thought = {"choices": [{"message": message}]}
    with api(rule=lambda path, model: (200, thought, {}) if model else None) as server:
        monkeypatch.setenv("LLM_BASE_URL", server.root)
        expect(checks.reply(), "WARN", why, "LLM_MODEL", "--reasoning off")


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("ALL_PROXY", "http://otto:ses#ame@proxy:3128", "InvalidURL"),
        ("http_proxy", "gopher://proxy", "Unknown scheme"),
        ("SSL_CERT_FILE", "/nowhere/school.pem", "FileNotFoundError"),
    ],
)
def test_a_variable_that_stops_the_client_of_lesson_06(monkeypatch, variable, value, why):
    monkeypatch.setenv(variable, value)
    expect(checks.reply(), "FAIL", why, "SSL_CERT_FILE", "ALL_PROXY")


@pytest.mark.skipif(sys.flags.ignore_environment, reason="this Python reads no PYTHONPATH")
def test_another_package_called_helpers(monkeypatch, tmp_path):
    """The index has one. Installed, it stands before ours in every notebook."""
    expect(checks.own_helpers(), "OK")
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    expect(checks.own_helpers(), "FAIL", "another package", "pip uninstall -y helpers")


def test_a_notebook_that_does_not_find_the_helpers(monkeypatch, fake_program):
    monkeypatch.setattr(sys, "executable", str(fake_program("", name="python")))
    expect(checks.own_helpers(), "FAIL", "does not find them", "make lab")


@pytest.mark.parametrize("name", ["openai", "json", "helpers"])
def test_a_file_of_the_learner_that_hides_a_package(monkeypatch, tmp_path, name):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / f"{name}.py").touch()
    monkeypatch.setattr(checks, "COURSE", tmp_path)
    expect(checks.own_helpers(), "FAIL", f"notebooks/{name}.py hides", "Rename")


def test_a_computer_that_cannot_reach_itself(monkeypatch):
    monkeypatch.setattr(checks, "is_open", lambda _: False)
    expect(checks.ports(), "FAIL", "firewall")


def test_usual_ports_that_are_taken(monkeypatch):
    monkeypatch.setattr(checks, "is_open", lambda port: port == 8080 or port > 20_000)
    expect(checks.ports(), "OK", "8080 (llama-server's usual one) is taken")


@pytest.mark.parametrize(
    ("excepted", "state"),
    [("", "WARN"), ("localhost", "WARN"), ("localhost, 127.0.0.1", "OK"), ("intra.net,*", "OK")],
)
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "all_proxy"])
def test_a_proxy_in_the_way(variable, excepted, state):
    """Seen as it was before `helpers` was imported, which excepts this computer."""
    show = "from helpers.check_setup import checks, report; print(report.line(checks.proxy()))"
    clean = {n: v for n, v in os.environ.items() if not n.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", show],
        capture_output=True, encoding="utf-8", timeout=60,
        env={**clean, variable: "http://otto:geheim@proxy.example", "NO_PROXY": excepted},
    )  # fmt: skip
    assert done.stdout.startswith(state), done.stdout + done.stderr
    assert ("export NO_PROXY=127.0.0.1,localhost" in done.stdout) == (state == "WARN")
    assert "geheim" not in done.stdout


def test_little_memory_and_little_room(monkeypatch):
    memory = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory._replace(available=5e8))
    expect(checks.memory(), "WARN", "0.5 of")
    usage = checks.shutil.disk_usage("/")
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: usage._replace(free=5e8))
    expect(checks.disk(), "WARN", "0.5 GB")


@as_set_up
def test_a_kernel_of_another_python(monkeypatch):
    class Spec:
        argv = ["/usr/bin/python3"]

    monkeypatch.setattr(
        "jupyter_client.kernelspec.KernelSpecManager.get_kernel_spec", lambda *_: Spec()
    )
    expect(checks.jupyter(), "WARN", "jupyter kernelspec uninstall python3")


@pytest.mark.skipif(os.name == "nt", reason="programs of Windows hold no such line")
@pytest.mark.parametrize("start", ["#!{}/python", "#!/bin/sh\n'''exec' '{}/python'"])
def test_a_folder_that_was_moved(monkeypatch, tmp_path, start):
    program = tmp_path / "python projects" / "bin" / "jupyter"
    program.parent.mkdir(parents=True)
    monkeypatch.setattr(sys, "executable", str(program.with_name("python")))
    program.write_text(start.format(program.parent))
    expect(checks.jupyter(), "OK")
    program.write_text(start.format("/home/otto/the course/.venv/bin"))
    expect(checks.jupyter(), "FAIL", "moved or copied", "make clean lab")


def test_no_widgets(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    expect(checks.jupyter(), "FAIL", "ipywidgets")
