"""The set-up in a disturbed world: the real command, in a small course with a uv of its own.

The virtual environment, pip, and every setting of the learner's are real. Its uv only records what
it was asked; its compile only says how it stands. So nothing comes from the network.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from small_course import Course, digest, uv_wheel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="this uv is a script, not for Windows")

HOSTILE = {  # what learners have set for other work
    "PIP_USER": "1", "PIP_TARGET": "elsewhere", "PIP_PREFIX": "elsewhere", "PIP_NO_INDEX": "1",
    "PIP_REQUIRE_VIRTUALENV": "0", "PIP_CONSTRAINT": "nowhere.txt", "PIP_QUIET": "3",
    "PIP_PYTHON": "nowhere", "PIP_EDITABLE": "x", "PIP_LOG": "/nowhere/log", "PIP_TIMEOUT": "",
    "PIP_ONLY_BINARY": "x", "PIP_NO_BINARY": ":all:", "UV_EXCLUDE_NEWER": "2020-01-01",
    "UV_REQUIRE_HASHES": "1", "UV_OFFLINE": "1", "UV_SYSTEM_PYTHON": "1", "UV_PYTHON": "3.8",
    "PYTHONPATH": "modules", "PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2",
    "PYTHONSAFEPATH": "1", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C",
    "VIRTUAL_ENV": "nowhere", "MAKEFLAGS": "-j4",
}  # fmt: skip


@pytest.fixture
def course(tmp_path) -> Course:
    """In a folder as people name it, with an index that holds its uv."""
    wheel = uv_wheel(tmp_path / "index" / "uv")
    (wheel.parent / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    return Course(tmp_path / "o'brien's -kurs ü", tmp_path / "index", digest(wheel))


def test_settings_of_the_learners_own_change_nothing(course, tmp_path):
    (tmp_path / "modules").mkdir()
    for name in ["pip", "helpers", "sitecustomize"]:
        (tmp_path / "modules" / f"{name}.py").write_text("raise ImportError('not this one')")
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv.toml").write_text("index = 5\nno-index = true")
    (course.folder / "setup" / ".#settings.py").symlink_to("an.editor's.lock")
    (course.folder / "setup" / "a copy.py").mkdir()
    said = course.set_up(XDG_CONFIG_HOME=str(tmp_path), **HOSTILE)
    assert "no C++ compiler" in said and "prebuilt engine" in said
    (asked,) = course.asked()
    assert asked["asked"][:2] == ["pip", "install"] and "--require-hashes" in asked["asked"]
    assert not {*asked["environment"]} & ({*HOSTILE} - {"LC_ALL", "PYTHONUTF8"})
    assert asked["environment"]["UV_DEFAULT_INDEX"] == course.variables["PIP_INDEX_URL"]
    assert not (tmp_path / "elsewhere").exists()
    where = course.python("import helpers; print(ascii(helpers.__file__))", LC_ALL="C")
    assert where == ascii(str(course.folder / "helpers" / "__init__.py"))

    course.set_up()  # where everything is there, nothing is installed
    assert course.asked() == []


def test_a_folder_that_was_moved_is_mended_and_keeps_what_is_the_learners(course, tmp_path):
    course.set_up()
    course.asked()
    (course.folder / ".venv" / "mine.txt").write_text("mine")
    packages = Path(course.python("import sysconfig; print(sysconfig.get_path('purelib'))"))
    (packages / "my_module.py").write_text("mine = 1")
    newer = packages / "pip" / "_internal" / "build_env"  # the lock's pip is newer than venv's own
    newer.mkdir()
    (newer / "__init__.py").write_text("raise ImportError('of another pip')")
    course.folder = course.folder.rename(tmp_path / "moved")
    course.set_up()
    assert "--reinstall" in course.asked()[0]["asked"]
    pip = course.folder / ".venv" / "bin" / "pip"
    assert str(course.folder) in subprocess.check_output([pip, "--version"], encoding="utf-8")
    assert course.python("import my_module, helpers; print(helpers.__file__)").startswith(
        str(course.folder)
    )
    assert (course.folder / ".venv" / "mine.txt").read_text() == "mine"


def test_what_was_interrupted_is_done_again(course):
    assert "1 failed" in course.set_up(code=1, FAULT="1 failed: dns error")
    shutil.rmtree(next((course.folder / ".venv").rglob("site-packages/pip")))
    course.asked()
    course.set_up()
    assert "--reinstall" in course.asked()[0]["asked"]


def test_an_environment_that_has_lost_its_python_is_mended(course):
    """As after an update of the system's Python, which removes the older one."""
    course.set_up()
    course.asked()
    for program in (course.folder / ".venv" / "bin").glob("python*"):
        program.unlink()
        program.symlink_to("/nowhere/python3")
    course.set_up()
    assert "--reinstall" in course.asked()[0]["asked"]
    assert course.python("print(1)") == "1"


def test_the_second_of_two_at_once_waits(course):
    (course.folder / "holder.py").write_text(
        f"import sys; sys.path.insert(0, {str(course.folder / 'setup')!r})\n"
        "import environment as e\nwith e.one_at_a_time(e.LOCK): print('held', flush=True); input()"
    )
    first = subprocess.Popen(
        [sys.executable, course.folder / "holder.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    first.stdout.readline()
    second = course.start()
    assert "waiting for it" in second.stdout.readline()
    assert not (course.folder / ".venv").exists()
    first.kill()  # a lock does not outlive whoever holds it
    first.wait()
    first.stdin.close()
    first.stdout.close()
    said, _ = second.communicate(timeout=240)
    assert second.returncode == 0, said


def test_an_environment_of_the_learners_own_stays(course):
    mine = course.folder / ".venv"
    mine.mkdir()
    (mine / "pyvenv.cfg").write_text("home = mine")
    assert "mv .venv my-venv" in course.set_up(code=1)
    assert [path.name for path in mine.iterdir()] == ["pyvenv.cfg"]

    shutil.rmtree(mine)
    mine.write_text("mine")
    assert "mv .venv my-venv" in course.set_up(code=1)
    assert mine.read_text() == "mine"
    mine.unlink()
    mine.symlink_to("/nowhere/my-venv")
    assert "mv .venv my-venv" in course.set_up(code=1)


def test_a_link_to_the_environment_of_another_folder_is_used_as_it_is(course, tmp_path):
    course.set_up()
    course.asked()
    other = tmp_path / "other"
    shutil.copytree(course.folder, other, ignore=shutil.ignore_patterns(".venv"))
    (other / ".venv").symlink_to(course.folder / ".venv")
    before = (course.folder / ".venv" / ".packages").read_text()
    course.folder, first = other, course.folder
    assert "used as it is" in course.set_up()
    assert course.asked() == []
    assert (first / ".venv" / ".packages").read_text() == before


def test_who_has_no_home_gets_one(course):
    course.set_up(HOME="/nonexistent")
    assert course.asked()[0]["environment"]["HOME"] == str(course.folder / ".home")


def test_a_stop_by_hand_is_no_stack_trace(course):
    (course.folder / "setup" / "settings.py").write_text(
        "def without_settings(): raise KeyboardInterrupt\nsurroundings = without_settings\n"
    )
    assert "Run the same command again to continue" in course.set_up(code=1)


def test_no_room_and_no_permission_are_told_apart(course):
    said = course.set_up(code=1, FAULT="cannot copy: No space left on device (os error 28)")
    assert "no room left" in said
    assert "cannot be written" in course.set_up(code=1, FAULT="x: Permission denied (os error 13)")
