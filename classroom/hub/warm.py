"""Start everybody's server before class: thirty that start at once would keep all of them waiting.

make hub-warm
"""

import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from tqdm import tqdm

from classroom.hub import HUB_PORT

TOKEN = Path("warm-token")  # in the folder of the hub's state
API = f"http://127.0.0.1:{HUB_PORT}/hub/api"
AT_ONCE = max(2, os.cpu_count() or 2)
SECONDS = 600  # for one server, at most


def private(file: Path, text: str) -> None:
    """Write a file that nobody else can read."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text)


def warm(names: Iterable[str], token: str, api: str = API) -> dict[str, str]:
    """Start these learners' servers, a few at a time; return those that did not start, and why.

    Args:
        names: the accounts.
        token: the one that the hub has written into its folder.
        api: where the hub answers programs.
    """
    names = list(names)
    with requests.Session() as hub, ThreadPoolExecutor(AT_ONCE) as pool:
        hub.headers["Authorization"] = f"token {token}"
        hub.trust_env = False  # no proxy leads to this computer
        ended = pool.map(lambda name: _start(hub, f"{api}/users/{name}"), names)
        bar = tqdm(zip(names, ended, strict=True), total=len(names), unit=" servers")
        return {name: why for name, why in bar if why}


def _start(hub: requests.Session, user: str) -> str:
    """Start one server and wait for it; return what went wrong, or an empty text."""
    deadline = time.monotonic() + SECONDS
    try:
        hub.post(user, timeout=60)  # it may be known already
        while time.monotonic() < deadline:
            server = hub.get(user, timeout=60).json().get("servers", {}).get("", {})
            if server.get("ready"):
                return ""
            if not server.get("pending"):
                answer = hub.post(f"{user}/server", timeout=SECONDS)
                if not answer.ok and answer.status_code not in {400, 429}:  # running; too many
                    return answer.json().get("message", f"status {answer.status_code}")
            time.sleep(1)
    except (requests.RequestException, ValueError) as error:
        return f"the hub has not answered ({type(error).__name__})"
    return f"it has not started within {SECONDS} s"
