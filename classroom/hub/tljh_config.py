"""The course on The Littlest JupyterHub: README.md beside this file says where it is put.

TLJH brings the hub, the proxy and the limits. Added are the login with the card, the course in each
home, and the class server's address and key.
"""

import sys
from pathlib import Path

from tljh.normalize import generate_system_username
from tljh.user_creating_spawner import UserCreatingSpawner

HERE = Path(__file__).resolve().parent  # where the course is, though a link leads here
sys.path.insert(0, str(HERE.parent.parent))

from classroom.hub.accounts import FOLDER  # noqa: E402
from classroom.hub.desks import Desk  # noqa: E402
from classroom.hub.login import CardAuthenticator  # noqa: E402


class CourseSpawner(Desk, UserCreatingSpawner):
    """A desk under the account that TLJH uses for this learner."""

    @property
    def account(self) -> str:
        """The account, as TLJH calls it."""
        return generate_system_username(f"jupyter-{self.user.name}")


c = get_config()  # noqa: F821 (JupyterHub runs this file)
c.JupyterHub.spawner_class = CourseSpawner
c.JupyterHub.authenticator_class = CardAuthenticator
c.JupyterHub.template_paths = [str(HERE / "templates")]
c.Authenticator.allow_all = True
c.Authenticator.auth_refresh_age = 60
c.Spawner.notebook_dir = f"~/{FOLDER}"
c.Spawner.default_url = "/lab/tree/notebooks/00_start_here.ipynb"
c.Spawner.args = ["--KernelManager.transport=ipc"]  # as in jupyterhub_config.py
c.Spawner.start_timeout = 300
