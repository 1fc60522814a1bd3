"""An account of this computer for each learner, with a home that nobody else can read.

Root makes the account. All that is done inside of a home is done by the account itself, so that
nothing in it, such as a link or a setting of git, can make root do something.
"""

import hashlib
import pwd
import re
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path

from classroom.keys import alike

FOLDER = "local-llms-from-python"  # the learner's own course, in their home
SECONDS = 240  # that a clone or an update may take
CLONE = 'rm -rf .course && git clone --quiet --depth=1 "$1" .course && mv .course "$2"'

_one_at_a_time = threading.Lock()  # the file of the accounts can be changed by one program alone


class NoAccount(Exception):
    """A learner's account or course cannot be made; the text says why, and what to do."""

    def __init__(self, why: str) -> None:
        """Hold the reason, which the hub shows to the learner, too."""
        super().__init__(why)
        self.jupyterhub_message = why


def account(name: str) -> str:
    """Return the account for the name on a card, such as `llm-muller-jorg-f0e4c2d1`.

    It is the same whenever the name is, whatever its key. The digest keeps people apart whose names
    are written alike without accents, and keeps a learner from getting an account of the system.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = re.sub("[^a-z0-9]+", "-", plain).strip("-")[:16].strip("-")
    digest = hashlib.sha256(alike(name).encode()).hexdigest()[:8]
    return "-".join(filter(None, ["llm", plain, digest]))


def make(name: str, homes: Path) -> Path:
    """Make this account if there is none, and return its home."""
    with _one_at_a_time:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            command = ["useradd", "--create-home", "--user-group", "--shell=/bin/bash",
                       f"--home-dir={homes / name}", name]  # fmt: skip
            made = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
            if made.returncode:
                raise NoAccount(f"The account {name} cannot be made: {made.stderr}") from None
            entry = pwd.getpwnam(name)
    home = Path(entry.pw_dir)
    home.chmod(0o700)
    return home


def bring_course(name: str, course: Path) -> str:
    """Copy the course into the home of this account, or update it there; return what was done.

    What learners have changed is kept by the command that they have for this at home, too:
    setup/update.py. If that fails, they go on with the course that they have.

    Args:
        name: of the account.
        course: the teacher's clone. What is committed there is what learners get.
    """
    home = Path(pwd.getpwnam(name).pw_dir)
    for folder in [course, course / ".git"]:  # the clone belongs to somebody else, and may be used
        trust = ["git", "config", "--global", "--replace-all", "safe.directory"]
        _run(name, *trust, str(folder), f"^{re.escape(str(folder))}$")
    if (home / FOLDER).exists():
        done = _run(name, sys.executable, str(home / FOLDER / "setup" / "update.py"))
        return done.stdout + done.stderr
    done = _run(name, "sh", "-c", CLONE, "sh", course.as_uri(), FOLDER)
    if done.returncode:
        raise NoAccount(f"The course cannot be copied: {done.stderr}")
    return "The course has been copied."


def _run(name: str, *command: str) -> subprocess.CompletedProcess:
    """Run a command as this account, in its home; one that takes too long is ended."""
    entry = pwd.getpwnam(name)
    try:
        return subprocess.run(
            command, cwd=entry.pw_dir, user=entry.pw_uid, group=entry.pw_gid, extra_groups=[],
            env={"HOME": entry.pw_dir, "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            umask=0o077, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS,
            encoding="utf-8", errors="replace",
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        return subprocess.CompletedProcess(command, 124, "", f"{error}")
