"""`make update`: the corrections come in, and nothing is lost, whatever state a clone is in.

Every case runs the real command in a real clone of a small course.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "setup" / "update.py"
LESSON = "notebooks/03_raw_http.ipynb"
MINE = "notebooks/03_raw_http.mine.ipynb"

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="there is no git here")


class Clone:
    """A folder with git in it, and the command of the course."""

    def __init__(self, folder: Path):
        self.folder = folder

    def git(self, *words: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words]
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, encoding="utf-8", check=True
        ).stdout.strip()

    def write(self, **texts: str | None) -> "Clone":
        for name, text in texts.items():
            file = self.folder / NAMES.get(name, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink() if text is None else file.write_text(text)
        return self

    def commit(self, **texts: str | None) -> "Clone":
        self.write(**texts).git("add", "--all")
        self.git("commit", "--quiet", "--message", "a change")
        return self

    def update(self, code: int = 0, **variables: str) -> str:
        command = [sys.executable, self.folder / "setup" / "update.py"]
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", env={**os.environ, **variables}
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def read(self, name: str) -> str:
        return (self.folder / NAMES.get(name, name)).read_text()


NAMES = {"lesson": LESSON, "mine": MINE, "other": "notebooks/03.ipynb", "new": "notebooks/08.ipynb"}


@pytest.fixture
def course(tmp_path, monkeypatch) -> Clone:
    """What the teacher has: a lesson, another, and the command."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "teacher").mkdir()
    teacher = Clone(tmp_path / "teacher")
    teacher.git("init", "--quiet", "--initial-branch=main")
    teacher.commit(**{"setup/update.py": SCRIPT.read_text(), "lesson": "1", "other": "1"})
    return teacher


@pytest.fixture
def learner(course, tmp_path) -> Clone:
    """A learner's clone, in a folder with a name as people give it."""
    folder = tmp_path / "o'brien's -kurs ü"
    course.git("clone", "--quiet", ".", str(folder))
    return Clone(folder)


def test_corrections_come_in(course, learner):
    course.commit(lesson="2", new="1")
    assert "up to date" in learner.update()
    assert (learner.read("lesson"), learner.read("new")) == ("2", "1")
    assert learner.git("status", "--porcelain") == ""
    assert "nothing new" in learner.update()


def test_a_changed_notebook_is_kept_beside_the_new_one(course, learner):
    learner.write(lesson="mine", other="mine too")
    course.commit(lesson="2")
    assert MINE in learner.update()
    assert (learner.read("lesson"), learner.read("mine")) == ("2", "mine")
    assert learner.read("other") == "mine too"  # the course has not touched it
    assert not (learner.folder / "notebooks/03.mine.ipynb").exists()


def test_each_copy_has_a_name_of_its_own(course, learner):
    for number in "23":
        learner.write(lesson=f"mine {number}")
        course.commit(lesson=number)
        learner.update()
    assert learner.read("mine") == "mine 2"
    assert learner.read("notebooks/03_raw_http.mine-2.ipynb") == "mine 3"


def test_an_own_file_of_the_same_name_is_kept(course, learner):
    learner.write(new="mine")
    course.commit(new="theirs")
    learner.update()
    assert learner.read("new") == "theirs"
    assert learner.read("notebooks/08.mine.ipynb") == "mine"


def test_what_is_staged_is_kept(course, learner):
    learner.write(lesson="staged", **{"own.txt": "own"}).git("add", "--all")
    learner.write(lesson="changed again")
    course.commit(lesson="2")
    learner.update()
    kept = {path.read_text() for path in (learner.folder / "notebooks").glob("*.mine*")}
    assert kept == {"staged", "changed again"}
    assert (learner.read("lesson"), learner.read("own.txt")) == ("2", "own")


def test_commits_of_the_learner_stay(course, learner):
    learner.commit(lesson="mine", other="mine too", **{"own.txt": "own"})
    head = learner.git("rev-parse", "HEAD")
    learner.write(**{"own.txt": "newer"})
    course.commit(lesson="2")
    learner.update()
    assert (learner.read("lesson"), learner.read("mine")) == ("2", "mine")
    assert (learner.read("other"), learner.read("own.txt")) == ("mine too", "newer")
    assert learner.git("rev-parse", "HEAD^1") == head
    assert learner.git("show", "HEAD:own.txt") == "own"
    assert learner.git("rev-parse", "HEAD^2") == course.git("rev-parse", "HEAD")
    assert "nothing new" in learner.update()


def test_a_detached_head_moves_on(course, learner):
    learner.git("checkout", "--quiet", "--detach")
    learner.write(lesson="mine")
    course.commit(lesson="2")
    learner.update()
    assert (learner.read("lesson"), learner.read("mine")) == ("2", "mine")


def test_an_earlier_conflict_is_settled(course, learner):
    learner.commit(lesson="mine", other="mine too")
    course.commit(lesson="2")
    with pytest.raises(subprocess.CalledProcessError):
        learner.git("pull", "--quiet", "--no-rebase")
    assert "<<<<" in learner.read("lesson")
    learner.update()
    kept = {path.read_text() for path in (learner.folder / "notebooks").glob("*.mine*")}
    assert "mine" in kept
    assert (learner.read("lesson"), learner.read("other")) == ("2", "mine too")
    assert "nothing new" in learner.update()


def test_a_rebase_that_has_begun_is_left_alone(course, learner):
    learner.commit(lesson="mine")
    course.commit(lesson="2")
    with pytest.raises(subprocess.CalledProcessError):
        learner.git("pull", "--quiet", "--rebase")
    before = learner.git("status")
    assert "git rebase --abort" in learner.update(code=1)
    assert learner.git("status") == before


def test_what_the_course_drops_goes_only_if_nobody_has_changed_it(course, learner):
    learner.write(other="mine")
    course.commit(lesson=None, other=None)
    learner.update()
    assert not (learner.folder / LESSON).exists()
    assert learner.read("other") == "mine"


def test_links_and_folders_in_the_way_are_moved_aside(course, learner, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    shutil.move(learner.folder / "notebooks", elsewhere)
    (learner.folder / "notebooks").symlink_to(elsewhere)
    (elsewhere / "03_raw_http.ipynb").write_text("mine")
    learner.write(**{"new.txt/own": "own"})
    course.commit(lesson="2", other=None, **{"new.txt": "theirs"})
    learner.update()
    assert (elsewhere / "03_raw_http.ipynb").read_text() == "mine"
    assert (elsewhere / "03.ipynb").read_text() == "1"
    assert (learner.read("lesson"), learner.read("new.txt")) == ("2", "theirs")
    assert (learner.folder / "notebooks.mine").resolve() == elsewhere
    assert learner.read("new.mine.txt/own") == "own"


def test_a_branch_that_follows_nothing_takes_the_main_one(course, learner):
    learner.git("checkout", "--quiet", "-b", "work")
    learner.write(lesson="mine")
    course.commit(lesson="2")
    learner.update()
    assert (learner.read("lesson"), learner.read("mine")) == ("2", "mine")


def test_in_a_fork_the_course_is_called_upstream(course, learner, tmp_path):
    learner.git("clone", "--quiet", "--bare", ".", str(tmp_path / "fork"))
    learner.git("remote", "rename", "origin", "upstream")
    learner.git("remote", "add", "origin", str(tmp_path / "fork"))
    learner.git("fetch", "--quiet", "origin")
    learner.git("branch", "--quiet", "--set-upstream-to=origin/main")
    course.commit(lesson="2")
    learner.update()
    assert learner.read("lesson") == "2"


def test_a_history_that_was_written_anew_makes_no_copies_of_what_nobody_changed(course, learner):
    learner.write(other="mine")
    course.write(lesson="2").git("add", "--all")
    course.git("commit", "--quiet", "--amend", "--message", "anew")
    learner.update()
    assert (learner.read("lesson"), learner.read("other")) == ("2", "mine")
    assert not (learner.folder / MINE).exists()


def test_line_ends_of_windows_are_no_change(course, learner):
    course.commit(lesson="1\n")
    learner.update()
    learner.git("config", "core.autocrlf", "true")
    (learner.folder / LESSON).write_bytes(b"1\r\n")
    course.commit(lesson="2\n")
    learner.update()
    assert (learner.folder / LESSON).read_bytes() == b"2\r\n"
    assert not (learner.folder / MINE).exists()


def test_a_file_becomes_a_program(course, learner):
    course.git("update-index", "--chmod=+x", LESSON)
    course.git("commit", "--quiet", "--message", "a program")
    learner.update()
    assert learner.git("status", "--porcelain") == ""
    assert os.name == "nt" or os.access(learner.folder / LESSON, os.X_OK)


def test_a_name_that_differs_in_upper_and_lower_case_alone_is_kept(course, learner):
    """To Windows and macOS they are the same file."""
    learner.write(**{"NOTES.txt": "mine"})
    course.commit(**{"notes.txt": "theirs"})
    learner.update()
    assert {"mine", "theirs"} <= {path.read_text() for path in learner.folder.glob("*.txt")}


def test_staged_files_of_any_name_and_a_clone_inside_are_no_hindrance(course, learner):
    names = ["it's ü.txt"] if os.name == "nt" else ['"x".txt', "a\nb.txt", "-f"]
    learner.write(**dict.fromkeys(names, "staged"))
    learner.git("init", "--quiet", "inside")
    Clone(learner.folder / "inside").commit(**{"own.txt": "own"})
    learner.git("add", "--all")
    learner.write(**dict.fromkeys(names, "changed again"))
    course.commit(lesson="2")
    learner.update()
    for name in names:
        kept = Path(name).with_name(f"{Path(name).stem}.mine{Path(name).suffix}")
        assert (learner.read(name), learner.read(str(kept))) == ("changed again", "staged")
    assert (learner.read("lesson"), learner.read("inside/own.txt")) == ("2", "own")


def test_hooks_filters_and_variables_of_the_learners_own_change_nothing(course, learner, tmp_path):
    for hook in ["reference-transaction", "post-index-change", "post-checkout"]:
        (tmp_path / hook).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / hook).chmod(0o755)
    learner.write(**{".git/info/attributes": "*.ipynb filter=outputs"})
    learner.write(lesson="1\nmy output")
    for name, value in {
        "core.hooksPath": str(tmp_path), "commit.gpgsign": "true", "pull.rebase": "true",
        "filter.outputs.clean": "printf 1",
    }.items():  # fmt: skip
        learner.git("config", name, value)
    course.commit(lesson="2")
    variables = ["DIR", "COMMON_DIR", "INDEX_FILE", "NAMESPACE", "QUARANTINE_PATH"]
    learner.update(**{f"GIT_{name}": str(tmp_path / "nowhere") for name in variables})
    assert (learner.read("lesson"), learner.read("mine")) == ("2", "1\nmy output")


def test_a_download_becomes_a_clone_once_it_has_an_address(course, learner):
    shutil.rmtree(learner.folder / ".git")
    learner.write(lesson="mine")
    assert "git clone ADDRESS" in learner.update(code=1)
    learner.git("init", "--quiet", "--initial-branch=main")
    assert "git remote add origin ADDRESS" in learner.update(code=1)
    learner.git("remote", "add", "origin", str(course.folder))
    course.commit(lesson="2")
    learner.update()
    assert (learner.read("lesson"), learner.read("mine")) == ("2", "mine")


def test_without_git_it_says_what_to_do(learner):
    assert "Install git" in learner.update(code=1, PATH="")


def test_without_network_nothing_is_changed_and_no_password_is_shown(learner):
    learner.write(lesson="mine")
    learner.git("remote", "set-url", "origin", "http://me:s3cret@127.0.0.1:9/course")
    said = learner.update(code=1)
    assert "did not answer" in said and "s3cret" not in said
    assert learner.read("lesson") == "mine"


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="needs a user who may not write")
def test_a_folder_that_cannot_be_written_is_a_message(course, learner):
    course.commit(lesson="2")
    learner.write(lesson="mine")
    (learner.folder / "notebooks").chmod(0o500)
    assert "nothing of yours is lost" in learner.update(code=1)
    (learner.folder / "notebooks").chmod(0o700)
    assert learner.read("lesson") == "mine"
