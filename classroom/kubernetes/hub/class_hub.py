"""Part of the hub's configuration: one card for each learner, for the hub and for the model.

The hub runs in an image of its own, without the course, so this reads the file of keys by itself.
"""

import unicodedata
from hmac import compare_digest
from pathlib import Path

from jupyterhub.auth import Authenticator
from tornado.web import HTTPError

KEYS = Path("/keys/keys.txt")


def alike(name: str) -> str:
    """Return what all spellings of one name have in common; the hub writes small letters."""
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


def keys() -> dict[str, str]:
    """Return the keys as they are now, by name."""
    lines = (line.split(maxsplit=1) for line in KEYS.read_text("utf-8-sig").splitlines())
    return {alike(line[1]): line[0] for line in lines if len(line) == 2 and line[0][0] != "#"}


class KeyFile(Authenticator):
    """Lets those in who type the name and the key of their card."""

    given = {}  # the key with which each of them has come in

    async def authenticate(self, handler: object, data: dict) -> dict | None:
        """Return the user, or nothing."""
        name = alike(data["username"])
        key, given = keys().get(name, ""), data["password"].strip().lower()
        if not (key and compare_digest(key.encode(), given.encode(errors="replace"))):
            return None
        self.given[name] = key
        return {"name": name, "admin": key.startswith("teacher-")}

    async def refresh_user(self, user: object, handler: object = None) -> bool:
        """Return whether the key still counts with which this user has come in."""
        name = alike(user.name)
        key = keys().get(name)
        return key is not None and key == self.given.get(name, key)


def give_key(spawner: object) -> None:
    """Give a learner's server the learner's own key."""
    key = keys().get(alike(spawner.user.name))
    if not key:
        raise HTTPError(403, f"{spawner.user.name} has no key any more. Add one to keys.txt.")
    spawner.environment = {**spawner.environment, "LLM_API_KEY": key}


c.JupyterHub.authenticator_class = KeyFile  # noqa: F821 (the hub brings `c`)
c.Authenticator.allow_all = True  # noqa: F821 (whoever has a key)
c.Authenticator.auth_refresh_age = 60  # noqa: F821 (seconds, for the hub's own pages)
c.Authenticator.refresh_pre_spawn = True  # noqa: F821
c.Spawner.pre_spawn_hook = give_key  # noqa: F821
