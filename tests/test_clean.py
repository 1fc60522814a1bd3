"""`make clean` removes what the set-up has made, and nothing else, whatever folders are called."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ODD = ["notebooks copy", "it's mine", '"quoted"', "-rf", "a\nb", "kurs ü", "$(HOME)", "*"]


@pytest.fixture
def course(tmp_path) -> Path:
    """A course with an environment as the set-up leaves it."""
    folder = tmp_path / "o'brien's course"
    (folder / "setup").mkdir(parents=True)
    shutil.copy(ROOT / "setup" / "clean.py", folder / "setup")
    shutil.copy(ROOT / "Makefile", folder)
    write(folder / ".venv", "pyvenv.cfg", "bin/tool", "lib/python3/x.py", ".packages", "uv.txt")
    return folder


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("mine")


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def clean(course: Path, code: int = 0) -> str:
    command = [sys.executable, course / "setup" / "clean.py"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=course.parent)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make here")
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_folders_may_be_called_anything(course):
    """`find … | xargs rm -rf` took all of notebooks/ for a folder called `notebooks copy`."""
    for odd in ODD:
        write(course, f"{odd}/.ipynb_checkpoints/1.ipynb", f"{odd}/__pycache__/mine.txt")
        write(course, f"notebooks/{odd}/.ipynb_checkpoints/1.ipynb")
    training = str(Path("models", "work", "network.pt"))
    write(course, "notebooks/00.ipynb", training, ".pytest_cache/mine")
    before = files(course)
    outside = {n: v for n, v in os.environ.items() if not n.startswith("MAKE")}
    command = ["make", "-j4", "clean", f"PYTHON={sys.executable}"]
    subprocess.run(command, cwd=course, env=outside, check=True, capture_output=True)
    gone = before - files(course)
    assert gone == {name for name in before if name.split("/")[0] == ".venv"}


def test_what_somebody_else_has_put_into_the_environment_stays(course):
    write(course / ".venv", "notes.txt", "my project/a.py")
    assert "what the set-up did not make: my project, notes.txt" in clean(course)
    assert files(course / ".venv") == {"notes.txt", "my project", "my project/a.py"}


def test_the_libraries_of_microsoft_go(course):
    """The package msvc-runtime puts them beside pyvenv.cfg, on Windows."""
    record = "Lib/site-packages/msvc_runtime-14.dist-info/RECORD"
    write(course / ".venv", record, "msvcp140.dll", "my.dll")
    (course / ".venv" / record).write_text("../../msvcp140.dll,sha256=a,1\nmsvc/x.py,,\n")
    assert "what the set-up did not make: my.dll" in clean(course)
    assert files(course / ".venv") == {"my.dll"}


def test_what_conda_has_installed_goes(course):
    write(course / ".venv", "conda-meta/history", "ssl/x", "fonts/a", "mine")
    write(course, "own/mine")
    own = (course / "own" / "mine").as_posix()
    for name, text in {
        "font": '{"files": ["fonts/a", "ssl/x"], "name": "font"}',
        "leads out": f'{{"files": ["../own/mine", "{own}"]}}',
        "cut off": '{"files": ["fon',
    }.items():
        (course / ".venv" / "conda-meta" / f"{name}.json").write_text(text)
    clean(course)
    assert files(course / ".venv") == {"mine"}
    assert files(course / "own") == {"mine"}


def test_an_environment_of_the_learners_own_stays(course):
    for mark in [".packages", "uv.txt"]:
        (course / ".venv" / mark).unlink()
    before = files(course)
    assert "stays: the set-up did not make it" in clean(course)
    assert files(course) == before


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
def test_no_link_is_followed(course, tmp_path):
    write(tmp_path / "elsewhere", "mine")
    for name in ["lib64", "lib/python3/link", "bin/link"]:
        (course / ".venv" / name).symlink_to(tmp_path / "elsewhere")
    clean(course)
    assert not (course / ".venv").exists()
    write(tmp_path / "environment", ".ready", "lib/x")
    (course / ".venv").symlink_to(tmp_path / "environment")
    assert "or it is a link" in clean(course)
    assert files(tmp_path / "environment") == {".ready", "lib", "lib/x"}
    assert files(tmp_path / "elsewhere") == {"mine"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_a_folder_that_cannot_be_written_is_a_message(course):
    if os.getuid() == 0:
        pytest.skip("root may write everywhere")
    (course / ".venv" / "bin").chmod(0o500)
    assert "could not be removed" in clean(course, code=1)
    (course / ".venv" / "bin").chmod(0o700)
    clean(course)
    assert not (course / ".venv").exists()
