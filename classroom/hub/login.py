"""The key on the card opens the hub, too: it reads the same file as the class server."""

from pathlib import Path

from jupyterhub.auth import Authenticator
from tornado.web import HTTPError
from traitlets import Unicode

from classroom import keys
from classroom.hub.accounts import account


class CardAuthenticator(Authenticator):
    """Lets in whoever has a key; the name comes from the file of keys, and not from the form."""

    keys_file = Unicode(str(keys.FILE), help="the keys of the class server").tag(config=True)

    def __init__(self, **settings: object) -> None:
        """Read the file of keys; it is read again whenever it changes."""
        super().__init__(**settings)
        self.keys = keys.Keys(Path(self.keys_file))

    async def authenticate(self, handler: object, data: dict) -> dict:
        """Return who has this key."""
        person = self.keys.owner(data.get("password", ""))
        if not person:
            message = "The hub does not recognise this key. Type it exactly as it is on your card."
            raise HTTPError(403, message)
        return {"name": account(person.name), "admin": person.is_teacher}

    async def refresh_user(self, user: object, handler: object = None) -> bool:
        """Return whether somebody still has a key for this account."""
        return self.person(user.name) is not None

    def person(self, name: str) -> keys.Person | None:
        """Return whose account this is, if their key still counts."""
        return next((p for p in self.keys.people if account(p.name) == name), None)
