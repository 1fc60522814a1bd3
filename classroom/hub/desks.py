"""A desk for each learner: a Jupyter server in an account and a home of their own."""

import asyncio
import os
import pwd
import resource
from collections.abc import Callable
from pathlib import Path

from jupyterhub.spawner import LocalProcessSpawner
from tornado.web import HTTPError
from traitlets import Unicode
from traitlets.config import LoggingConfigurable

from classroom.hub import GATEWAY_PORT, accounts

COURSE = Path(__file__).resolve().parent.parent.parent
PROCESSES = 300  # of one learner, threads included
LARGEST_FILE = 2 << 30  # bytes


class Desk(LoggingConfigurable):
    """Prepares a learner's home, and names the class server and the learner's own key.

    A mixin: it precedes one of JupyterHub's spawners, which starts the server.
    """

    gateway = Unicode(f"http://127.0.0.1:{GATEWAY_PORT}/v1", help="the class server").tag(
        config=True
    )
    homes = Unicode("/home", help="the folder of the learners' homes").tag(config=True)

    @property
    def account(self) -> str:
        """The account of this computer in which the server runs."""
        return self.user.name

    def prepare(self) -> None:
        """Make the account, and bring the course into its home."""
        accounts.make(self.account, Path(self.homes))
        self.log.info("%s: %s", self.account, accounts.bring_course(self.account, COURSE))

    async def start(self) -> tuple[str, int]:
        """Prepare the home, then start the server in it.

        Raises:
            HTTPError: this learner has no key any more. The hub looks itself only at whoever comes
                with a browser, and at nobody who is started through its API.
        """
        if not self.authenticator.person(self.user.name):
            raise HTTPError(403, f"{self.user.name} has no key of this class.")
        await asyncio.to_thread(self.prepare)
        return await super().start()

    def get_env(self) -> dict[str, str]:
        """Return the environment of this learner's server, which no other account can read."""
        person = self.authenticator.person(self.user.name)
        home = pwd.getpwnam(self.account).pw_dir
        return {
            **super().get_env(),
            "JUPYTER_RUNTIME_DIR": f"{home}/.run",  # short: the path of a socket has a limit
            "LLM_BASE_URL": self.gateway,
            "LLM_API_KEY": person.key if person else "",
            "LLAMA_ARG_THREADS": "1",  # of a server that a lesson starts: many share the cores
        }


class LearnerSpawner(Desk, LocalProcessSpawner):
    """A desk with the limits that Linux sets for each process, without systemd or containers."""

    def make_preexec_fn(self, name: str) -> Callable[[], None]:
        """Return what the new process does before it becomes the learner's server."""
        become_learner = super().make_preexec_fn(name)
        limits = {
            resource.RLIMIT_DATA: self.mem_limit or resource.RLIM_INFINITY,
            resource.RLIMIT_NPROC: PROCESSES,
            resource.RLIMIT_FSIZE: LARGEST_FILE,
            resource.RLIMIT_CORE: 0,
        }

        def prepare() -> None:
            for limit, most in limits.items():
                resource.setrlimit(limit, (most, most))
            os.umask(0o077)  # new files are for the learner alone
            become_learner()

        return prepare
