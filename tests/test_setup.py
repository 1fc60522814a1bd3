"""The set-up: what it runs where there is conda and where there is none, and what it says if stuck.

The uv way is the one that made the environment these tests run in. No conda channel is needed here:
a stand-in records what conda would have been asked.
"""

import importlib.util
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent

RECORDER = """
import os, sys
with open(os.environ["RECORD"], "a") as file:
    print(os.path.basename(sys.argv[0]), *sys.argv[1:], file=file)
"""


def load(name: str) -> ModuleType:
    """Import a script of setup/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "setup" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """setup/environment.py, working on a folder of its own, with an empty PATH."""
    module = load("environment")
    monkeypatch.setattr(module, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(module, "LOG", tmp_path / ".venv" / "compile.log")
    monkeypatch.setattr(sys, "argv", ["environment.py"])
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("RECORD", str(tmp_path / "record"))
    (tmp_path / ".venv").mkdir()
    return module


@pytest.fixture
def record(tmp_path):
    return lambda: (tmp_path / "record").read_text().replace(str(tmp_path), "TMP").splitlines()


# --- with conda ----------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", ["conda", "mamba", "micromamba"])
def test_conda_makes_the_environment_and_later_updates_it(
    environment, record, fake_program, tmp_path, tool
):
    fake_program(RECORDER, name=tool)
    environment.main()
    (tmp_path / ".venv" / "conda-meta").mkdir(parents=True)
    environment.main()
    assert record() == [
        f"{tool} env create --prefix TMP/.venv --file environment.yml",
        f"{tool} env update --prune --prefix TMP/.venv --file environment.yml",
    ]
    assert (tmp_path / ".venv" / ".ready").exists()


def test_pixi_lends_a_micromamba(environment, record, fake_program):
    fake_program(RECORDER, name="pixi")
    environment.main()
    assert record() == ["pixi exec micromamba env create --prefix TMP/.venv --file environment.yml"]


def test_a_failing_conda_leaves_no_mark_that_says_ready(environment, fake_program, tmp_path):
    fake_program("raise SystemExit(7)", name="conda")
    with pytest.raises(SystemExit) as stop:
        environment.main()
    assert stop.value.code == 7
    assert not (tmp_path / ".venv" / ".ready").exists()


# --- without -------------------------------------------------------------------------------------


def test_an_old_python_is_told_which_to_get(environment, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    with pytest.raises(SystemExit, match="needs Python 3.11 or newer") as stop:
        environment.main()
    for system in ["Debian", "Fedora", "macOS", "Windows"]:
        assert system in str(stop.value)


def test_a_python_without_venv_is_told_which_package_to_get(environment, monkeypatch):
    monkeypatch.setattr(environment, "PYTHON", Path("nowhere"))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(SystemExit, match="sudo apt install python3-venv"):
        environment.main()


def test_nobody_waits_for_the_compile_to_open_the_first_lesson(
    environment, fake_program, monkeypatch, tmp_path
):
    """What it starts in its place is a set-up of llama.cpp alone, whose progress goes to a file."""
    slow = "import sys, time; print(*sys.argv[1:], flush=True); time.sleep(20)"
    monkeypatch.setattr(sys, "executable", str(fake_program(slow, name="python")))
    monkeypatch.setattr(sys, "argv", ["environment.py", "--behind"])
    monkeypatch.setattr(environment, "install_packages", lambda: None)
    monkeypatch.setattr(environment, "llama_is_compiled", lambda: False)
    begin = time.monotonic()
    environment.main()
    assert time.monotonic() - begin < 15
    assert not (tmp_path / ".venv" / ".ready").exists()
    for _ in range(100):
        if (written := environment.LOG.read_text()).strip():
            break
        time.sleep(0.1)
    assert written.split() == [environment.__file__, "--no-conda", "--llama"]


def test_jupyterlab_is_told_not_to_ask_the_network(environment, fake_program, tmp_path):
    fake_program("", name="conda")
    environment.main()
    settings = tmp_path / ".venv/share/jupyter/lab/settings/overrides.json"
    assert '"fetchNews": "false"' in settings.read_text()


# --- the compile ---------------------------------------------------------------------------------


@pytest.fixture
def compiling(tmp_path, monkeypatch):
    """setup/compile_llama.py with an empty cache."""
    pytest.importorskip("filelock", reason="conda's environment holds no build tools: none are due")
    pytest.importorskip("platformdirs", reason="the same")
    module = load("compile_llama")
    monkeypatch.setattr(module, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    return module


def test_a_missing_compiler_is_one_clear_message(compiling, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(SystemExit, match="no C\\+\\+ compiler") as stop:
        compiling.compiled_wheel()
    for line in ["Debian, Ubuntu   sudo apt", "Fedora", "macOS", "Windows"]:
        assert line in str(stop.value)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no variable moves the cache folder")
def test_it_says_whether_the_wheel_is_there_already(monkeypatch, tmp_path):
    pytest.importorskip("filelock", reason="conda's environment holds no build tools: none are due")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    look = [sys.executable, ROOT / "setup" / "compile_llama.py", "--look"]
    assert subprocess.run(look).returncode == 1


def test_what_is_cached_is_used(compiling):
    folder = compiling.cache_folder()
    folder.mkdir(parents=True)
    (folder / "llama_cpp_python-0-py3-none-any.whl").touch()
    assert compiling.compiled_wheel() == folder / "llama_cpp_python-0-py3-none-any.whl"


def test_cache_is_kept_by_version_flags_and_processor(compiling, monkeypatch):
    before = compiling.cache_folder()
    assert compiling.cache_folder() == before
    changes = {
        "locked_requirement": lambda: "llama-cpp-python==9",
        "processor": lambda: "another",
        "FLAGS": ["-DOTHER=ON"],
    }
    folders = {before}
    for name, changed in changes.items():
        with monkeypatch.context() as only_here:
            only_here.setattr(compiling, name, changed)
            folders.add(compiling.cache_folder())
    assert len(folders) == 4


def test_progress_is_counted_and_a_failure_shows_its_last_lines(compiling, tmp_path, capfd):
    ninja = tmp_path / "ninja"
    ninja.write_text(
        f"#!{sys.executable}\nimport os\nassert os.environ['NINJA_STATUS'] == '[%f/%t] '\n"
        "for i in range(1, 4): print(f'[{i}/3] part')\nprint('error: oh no')\nraise SystemExit(1)\n"
    )
    ninja.chmod(0o755)
    with pytest.raises(SystemExit, match="error: oh no") as stop:
        compiling.run("compile", tmp_path, [ninja])
    assert "The compile of llama.cpp failed. The whole log:" in str(stop.value)
    assert "compile 100% |" in capfd.readouterr().err


def test_server_and_binding_come_from_one_compile():
    """The compiled llama-server lies beside the libraries that the binding loads."""
    command = Path(sys.executable).parent / "llama-server"
    if not command.is_symlink():
        pytest.skip("this environment is conda's: both come prebuilt")
    package = importlib.util.find_spec("llama_cpp").submodule_search_locations[0]
    assert command.resolve().parent == (Path(package) / "lib").resolve()


# --- the commands --------------------------------------------------------------------------------


def make(*arguments: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["make", *arguments], cwd=ROOT, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_make_alone_lists_every_command_in_a_line_each():
    listed = make()
    for target in re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()):
        assert re.search(rf"(?m)^  make {target} +\S", listed), target


def test_every_make_command_in_the_pages_exists():
    known = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()))
    for page in ["README.md", "CONTRIBUTING.md", "notebooks/README.md"]:
        written = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(r"(?m)(?:`|^    )make ([a-z-]+)\b", written):
            assert target in known, f"{page}: make {target}"


def test_nothing_is_redone_that_is_up_to_date():
    assert "environment.py" not in make("--dry-run", "test", "--assume-old=.venv/.ready")
