"""JupyterHub for a class. `make hub` starts it, with classroom/hub/state as its folder.

Every setting can be changed on the command line: make hub HUB="--LearnerSpawner.mem_limit=3G"
"""

import os
import secrets
import sys
from pathlib import Path

from classroom.hub import HUB_PORT, PROXY_PORT
from classroom.hub.accounts import FOLDER
from classroom.hub.desks import LearnerSpawner
from classroom.hub.login import CardAuthenticator
from classroom.hub.warm import TOKEN, private

HERE = Path(__file__).resolve().parent
c = get_config()  # noqa: F821 (JupyterHub runs this file)

# --- who comes in ---------------------------------------------------------------------------------
c.JupyterHub.bind_url = "http://:8000"  # the room
c.JupyterHub.authenticator_class = CardAuthenticator
c.JupyterHub.template_paths = [str(HERE / "templates")]
c.Authenticator.allow_all = True  # everybody who has a key
c.Authenticator.auth_refresh_age = 60  # seconds after which a key that was revoked is noticed
c.Authenticator.refresh_pre_spawn = True

# --- what they get --------------------------------------------------------------------------------
c.JupyterHub.spawner_class = LearnerSpawner
c.Spawner.cmd = [str(Path(sys.prefix, "bin", "jupyterhub-singleuser"))]
c.Spawner.notebook_dir = f"~/{FOLDER}"
c.Spawner.default_url = "/lab/tree/notebooks/00_start_here.ipynb"
c.Spawner.mem_limit = "2G"  # of data in each process
c.Spawner.args = [
    "--KernelManager.transport=ipc",  # on a port of this computer, others could read the outputs
    "--MappingKernelManager.cull_idle_timeout=2700",  # seconds: a kernel that nobody has used
    "--MappingKernelManager.cull_connected=True",  # ... though its page may be open somewhere
    "--ServerApp.shutdown_no_activity_timeout=3600",  # a server without kernels
]

# --- thirty at once -------------------------------------------------------------------------------
c.JupyterHub.concurrent_spawn_limit = max(2, os.cpu_count())  # more would all be late
c.Spawner.start_timeout = 300  # with the account and the copy of the course
c.Spawner.http_timeout = 120
c.JupyterHub.cleanup_servers = False  # the hub can be started again; nobody notices it

# --- the proxy in front, and who may start the servers before class -------------------------------
proxy = HERE / "node_modules" / ".bin" / "configurable-http-proxy"
c.ConfigurableHTTPProxy.command = [str(proxy)]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PROXY_PORT}"
c.JupyterHub.hub_port = HUB_PORT
if not TOKEN.exists():
    private(TOKEN, secrets.token_hex(32))
c.JupyterHub.services = [{"name": "warm", "api_token": TOKEN.read_text(encoding="ascii")}]
c.JupyterHub.load_roles = [
    {"name": "warm", "services": ["warm"], "scopes": ["admin:users", "servers"]}
]
