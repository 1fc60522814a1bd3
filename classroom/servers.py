"""What the gateway has to know of the llama-servers behind it, wherever they run."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import httpx

EVERY, PATIENCE = 2.0, 30.0  # seconds between two questions, and without any sign of life


@dataclass(frozen=True)
class Ended:
    """One end of a server that nobody wanted."""

    when: float  # seconds since 1970
    why: str
    lost: tuple[str, ...]  # who lost a reply by it
    away: float = 0  # seconds until it could answer again, where that is known


class Servers:
    """One llama-server or several.

    Attributes:
        model: the name of the model.
        api_key: the key that the servers ask for.
        about: what the teacher's page says about them.
        ready: set as long as there is one that can be asked.
        ended: every end that nobody wanted.
        resized: is told how many slots there are, whenever that changes.
    """

    model: str
    api_key: str
    about: str

    def __init__(self, say: Callable[[str], None], patience: float) -> None:
        """Prepare them.

        Args:
            say: takes what the teacher should read.
            patience: seconds without any sign of life.
        """
        self.ready = asyncio.Event()
        self.ended: list[Ended] = []
        self.resized: Callable[[int], None] = lambda slots: None
        self.patience = patience
        self._say = say
        self._lost: set[str] = set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.ready.clear()

    async def _keep(self) -> None:
        """Look again and again who is there, and whether they answer."""
        raise NotImplementedError

    def url_for(self, name: str, taken: Counter[str]) -> str:
        """Return the server for this learner's question.

        Args:
            name: the learner.
            taken: how many slots of each server are at work.
        """
        raise NotImplementedError

    def sign_of_life(self, url: str) -> None:
        """Note that this server is at work: it has made a token, or read a part of a prompt."""
        raise NotImplementedError

    async def _look(self, client: httpx.AsyncClient, url: str) -> None:
        """See whether a server is at work while the watch's question waits behind long prompts.

        A large model may read them for minutes, but after each batch its slots have got further.
        """
        before = b""
        while True:
            await asyncio.sleep(EVERY)
            with contextlib.suppress(httpx.HTTPError):
                slots = await client.get(f"{url}/slots", timeout=None)
                if slots.status_code == 200:
                    if before and slots.content != before:
                        self.sign_of_life(url)
                    before = slots.content

    def missed(self, url: str) -> None:
        """Note that this server could not be reached."""

    def lost(self, name: str, url: str) -> None:
        """Note that this server has ended before the learner's reply did."""
        self._lost.add(name)

    def _note_end(self, when: float, why: str, away: float = 0) -> None:
        self.ended.append(Ended(when, why, tuple(sorted(self._lost)), away))
        self._lost.clear()
