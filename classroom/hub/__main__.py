"""The commands of the hub.

    python -m classroom.hub         start it (as root); further options go to JupyterHub
    python -m classroom.hub warm    start everybody's server before class

`make hub` and `make hub-warm` call them.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from classroom import keys
from classroom.hub import accounts
from helpers.errors import ServerError

HERE = Path(__file__).resolve().parent
STATE = HERE / "state"  # who is logged in, and what nobody else may read
NOBODY = 65534

NOT_ROOT = """
The hub creates an account on this computer for each learner, so it needs Linux and root:

    sudo make hub
"""

NO_PROXY = """
The hub's proxy is not installed. This command installs it, and starts the hub:

    sudo make hub
"""

NOT_READABLE = """
The learners' accounts cannot read the course in {course}, or its Python in {python}:
{said}
Put the course into a folder that everybody may read, such as /srv, and use a Python that is not in
anybody's home:

    sudo git clone {course} /srv/{name}
    cd /srv/{name} && sudo make hub PYTHON=/usr/bin/python3
"""


def main() -> None:
    """Do what the command line says."""
    try:
        warm() if sys.argv[1:] == ["warm"] else start(sys.argv[1:])
    except ServerError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(130)


def start(options: list[str]) -> None:
    """Become JupyterHub, after looking whether it can work here."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("useradd"):
        sys.exit(NOT_ROOT)
    keys.read(keys.FILE)
    if not (HERE / "node_modules" / ".bin" / "configurable-http-proxy").exists():
        sys.exit(NO_PROXY)
    if said := hidden_from_learners():
        course = HERE.parent.parent
        sys.exit(NOT_READABLE.format(course=course, python=sys.executable, said=said,
                                     name=accounts.FOLDER))  # fmt: skip
    STATE.mkdir(mode=0o700, exist_ok=True)
    os.chdir(STATE)
    os.umask(0o077)
    program = str(Path(sys.prefix, "bin", "jupyterhub"))
    config = f"--config={HERE / 'jupyterhub_config.py'}"
    os.execv(program, [program, config, *options])


def hidden_from_learners() -> str:
    """Return why an account without any rights cannot use the course, or an empty text."""
    command = [sys.executable, "-c", "import helpers, jupyterhub.singleuser"]
    try:
        done = subprocess.run(
            command, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", env={},
            stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
        )  # fmt: skip
    except OSError as error:
        return str(error)
    return done.stderr.strip().rpartition("\n")[2] if done.returncode else ""


def warm() -> None:
    """Start everybody's server."""
    from classroom.hub.warm import TOKEN, warm  # slow to import, and for this alone

    people = {accounts.account(person.name): person.name for person in keys.read(keys.FILE)}
    try:
        token = (STATE / TOKEN).read_text(encoding="ascii")
    except OSError:
        sys.exit(
            "You are not root (type:  sudo make hub-warm), or the hub has not been started yet "
            "(type in another terminal:  sudo make hub)."
        )
    failed = warm(people, token)
    for account, why in failed.items():
        print(f"{people[account]}: {why}", file=sys.stderr)
    if failed:
        sys.exit("These servers have not started. The hub's own output says more.")
    print(f"{len(people)} servers are ready.")


if __name__ == "__main__":
    main()
