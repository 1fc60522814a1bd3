"""Several llama-servers that something else keeps at work, and whose question goes to which.

On one computer `watch.py` starts the llama-server and starts it again. In a cluster Kubernetes does
that, for as many servers as it likes. All of them stand behind one name; DNS says which addresses
that name has now, and each address is asked for a token, as a server that hangs goes on saying 200
on /health.
"""

import asyncio
import hashlib
import socket
import time
from collections import Counter
from collections.abc import Callable
from math import inf
from urllib.parse import urlsplit

import httpx

from classroom.servers import EVERY, PATIENCE, Servers
from helpers.errors import ServerError

QUESTION = {"prompt": "Hello", "max_tokens": 1, "temperature": 0}


class Replicas(Servers):
    """The llama-servers behind one name, as many as there are now.

    A learner's questions go to the same server as long as it has a free slot: it has the beginning
    of the conversation in its memory already.
    """

    def __init__(
        self,
        address: str,
        api_key: str,
        slots: int,
        *,
        say: Callable[[str], None] = print,
        patience: float = PATIENCE,
    ) -> None:
        """Describe the servers.

        Args:
            address: what they have in common, such as `http://llama-server:8080`.
            api_key: the key that they ask for.
            slots: how many replies each of them makes at the same time.
            say: takes what should stand in the log.
            patience: seconds without any sign of life.

        Raises:
            ServerError: it is not an address of that form.
        """
        super().__init__(say, patience)
        self._host, self._port = _host_and_port(address)
        self.model, self.api_key, self.slots = "", api_key, slots  # model: the first answer says it
        # the servers that can be asked, and their last sign of life; and why others cannot
        self._alive: dict[str, float] = {}
        self._why_not: dict[str, set[str]] = {}

    @property
    def about(self) -> str:
        """What the teacher's page says about the servers."""
        return f"llama-servers: {len(self._alive)}"

    def url_for(self, name: str, taken: Counter[str]) -> str:
        """Return the learner's usual server, unless it is full."""

        def rank(url: str) -> tuple[int, bytes]:  # the second stays the same
            surplus = max(0, taken[url] - self.slots + 1)
            return surplus, hashlib.sha256(f"{name} {url}".encode()).digest()

        return min(self._alive, key=rank)

    def sign_of_life(self, url: str) -> None:
        """Note that this server is at work."""
        if url in self._alive:
            self._alive[url] = time.monotonic()

    def missed(self, url: str) -> None:
        """Note that this server could not be reached."""
        self._let_go(url, "cannot be reached")

    def lost(self, name: str, url: str) -> None:
        """Note that a server has ended before this learner's reply did."""
        super().lost(name, url)
        self._let_go(url, "has ended")

    # --- who is there ---

    async def _keep(self) -> None:
        """Look again and again which servers there are, and whether each of them answers."""
        asking: dict[str, asyncio.Task] = {}
        key = {"Authorization": f"Bearer {self.api_key}"}
        async with httpx.AsyncClient(trust_env=False, headers=key, timeout=self.patience) as client:
            try:
                while True:
                    listed = await self._listed()
                    for url in self._alive.keys() - listed:
                        self._drop(url)  # Kubernetes ends it, and lets it finish its replies
                    for url in listed:
                        if url not in asking or asking[url].done():
                            asking[url] = asyncio.create_task(self._ask(client, url))
                    for url in [url for url in asking if url not in listed]:
                        asking.pop(url).cancel()
                        self._why_not.pop(url, None)
                    await asyncio.sleep(EVERY)
            finally:
                for task in asking.values():
                    task.cancel()

    async def _listed(self) -> set[str]:
        """Return the addresses that the name has now; if DNS does not answer, those of before."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                self._host, self._port, type=socket.SOCK_STREAM
            )
        except OSError as error:
            self._note_why_not(self._host, f"has no address now: {error.strerror}")
            return set(self._alive)
        self._why_not.pop(self._host, None)
        hosts = {f"[{entry[4][0]}]" if ":" in entry[4][0] else entry[4][0] for entry in found}
        return {f"http://{host}:{self._port}" for host in hosts}

    async def _ask(self, client: httpx.AsyncClient, url: str) -> None:
        """Ask one server for a token: let it in if it answers, and go if it does not."""
        look = asyncio.create_task(self._look(client, url))
        try:
            if not self.model:
                models = await client.get(f"{url}/v1/models")
                models.raise_for_status()
                self.model = models.json()["data"][0]["id"]
            body = {"model": self.model, **QUESTION}
            answer = await client.post(f"{url}/v1/completions", json=body)
            answer.raise_for_status()
        except (httpx.HTTPError, ValueError, LookupError) as error:
            if time.monotonic() - self._alive.get(url, inf) > self.patience:
                self._let_go(url, f"has not answered for {self.patience:g} s")
            elif url not in self._alive:
                self._note_why_not(url, _reason(error))
            return
        finally:
            look.cancel()
        new = url not in self._alive
        self._alive[url] = time.monotonic()
        if new:
            self._why_not.pop(url, None)
            self._say(f"llama-server at {url} answers.")
            self._changed()

    def _note_why_not(self, where: str, why: str) -> None:
        """Say why a server cannot be asked, once for each reason."""
        said = self._why_not.setdefault(where, set())
        if why not in said:
            said.add(why)
            self._say(f"llama-server at {where} {why}.")

    def _let_go(self, url: str, why: str) -> None:
        """Ask a server nothing more until it answers the watch again."""
        if url in self._alive:
            self._say(f"llama-server at {url} {why}. It is left out until it answers.")
            self._note_end(time.time(), f"at {url} {why}")
            self._drop(url)

    def _drop(self, url: str) -> None:
        del self._alive[url]
        self._changed()

    def _changed(self) -> None:
        """Tell the gateway how many slots there are; with none of them, questions wait."""
        if self._alive:
            self.ready.set()
        else:
            self.ready.clear()
        self.resized(max(1, len(self._alive)) * self.slots)


def _host_and_port(address: str) -> tuple[str, int]:
    """Return the two parts of an address such as `http://llama-server:8080`."""
    try:
        parts = urlsplit(address.rstrip("/"))
        parts.hostname.encode("idna")
        more = parts.path or parts.query or parts.fragment or parts.username or parts.port == 0
        if parts.scheme == "http" and not more:
            return parts.hostname, parts.port or 80
    except (ValueError, AttributeError):  # no such port or name, or none at all
        pass
    raise ServerError(  # without what was typed, which may hold a password
        "--servers takes http://, a name or a number, and a port, with nothing after it.\n"
        "For example:  --servers http://llama-server:8080"
    )


def _reason(error: Exception) -> str:
    """Return why a server did not answer its question, for the log."""
    if isinstance(error, ValueError | LookupError):
        return "answers, but not as a llama-server does: is the address right?"
    if not isinstance(error, httpx.HTTPStatusError):
        return f"does not answer ({type(error).__name__})"
    if error.response.status_code == 401:
        return "refuses the key: LLAMA_API_KEY must be the one that the servers were started with"
    return f"answers {error.response.status_code} {error.response.reason_phrase}"
