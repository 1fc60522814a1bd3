"""Keeps one llama-server at work: if it ends, hangs or eats memory, it is started again.

A server that hangs goes on saying 200 on /health. So it is asked for a token, again and again. The
question is always the same: llama-server then takes the slot that has just answered it, and no
learner's prompt is driven out of a slot.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable
from http.client import responses

import httpx
import psutil

from classroom.keys import COMMAND
from classroom.servers import EVERY, PATIENCE, Servers
from helpers import LlamaServer, network
from helpers.errors import ServerError

QUESTION = {"prompt": "Hello", "n_predict": 1, "temperature": 0}
TRIAL = {"n_predict": 16, "ignore_eos": True}  # to measure the speed
SLOWEST = 600  # seconds that it may take
LOOK, WEIGH = 0.1, 1.0  # seconds between two looks: is it there, how much memory has it
AGAIN = 3.0  # seconds before another try, where it cannot be started


class ClassServer(LlamaServer):
    """A `LlamaServer` whose processes can be weighed and killed."""

    def memory(self) -> int:
        """Return the bytes of memory that the server holds; 0 if it has ended."""
        total = 0
        for process in self._processes():
            with contextlib.suppress(psutil.Error):
                total += process.memory_info().rss
        return total

    def speed(self) -> float:
        """Return how many tokens a second the model writes, if it writes one reply alone.

        Raises:
            ServerError: it writes nothing, as a model for embeddings does, or far too slowly.
        """
        url, body = f"{self.url}/completion", {**QUESTION, **TRIAL}
        status, said = network.ask(url, self.api_key, body, timeout=SLOWEST)
        if status == 200:
            return said["timings"]["predicted_per_second"]
        if status:
            why = f"answered {status} {responses.get(status, '')}"
        elif self.running:
            why = f"did not write {TRIAL['n_predict']} tokens within {SLOWEST} s"
        else:
            why = f"ended at the first question:\n{self.log(lines=3)}"
        raise ServerError(
            f"{self.model} cannot be used: llama-server {why}\n"
            f"Name another model, or a smaller one:  {COMMAND} --model cria"
        )

    def kill(self) -> None:
        """End the server at once: one that hangs would let a polite end wait for seconds."""
        for process in self._processes():
            with contextlib.suppress(psutil.Error):
                process.kill()
        self.stop()

    def _processes(self) -> list[psutil.Process]:
        """Return what the watcher has started."""
        try:
            return psutil.Process(self._watcher.pid).children(recursive=True)
        except (psutil.Error, AttributeError):  # it has ended, or was never started
            return []


class Watch(Servers):
    """Starts a server again when it has ended, hangs, or takes too much memory.

    Attributes:
        url: where the server listens now.
        memory: the bytes that it held at the last look.
    """

    def __init__(
        self,
        server: ClassServer,
        limit: float,
        *,
        say: Callable[[str], None] = print,
        patience: float = PATIENCE,
    ) -> None:
        """Watch a server that has been started.

        Args:
            server: the server.
            limit: bytes of memory that it may hold.
            say: takes what the teacher should read.
            patience: seconds without any sign of life.
        """
        super().__init__(say, patience)
        self.server, self.limit = server, limit
        self.model, self.api_key = server.model, server.api_key
        self.url, self.memory = server.url, 0
        self.ready.set()
        self._alive = time.monotonic()

    @property
    def about(self) -> str:
        """How much memory the server holds."""
        return f"{self.memory / 1e6:,.0f} MB of memory, of at most {self.limit / 1e6:,.0f}"

    def url_for(self, name: str, taken: Counter[str]) -> str:
        """Return where the server listens now."""
        return self.url

    def sign_of_life(self, url: str = "") -> None:
        """Note that the server is at work."""
        self._alive = time.monotonic()

    async def __aexit__(self, *error: object) -> None:
        await super().__aexit__(*error)
        await asyncio.to_thread(self.server.kill)  # it may be loading its model

    async def _keep(self) -> None:
        while True:
            why = await self._trouble()
            self.ready.clear()
            begin = time.monotonic()
            self._say(f"llama-server {why}. It is being restarted.")
            while not await self._started():
                await asyncio.sleep(AGAIN)
            away = time.monotonic() - begin
            self._note_end(time.time(), why, away)
            self._say(f"llama-server answers again, after {away:.1f} s.")
            self.ready.set()

    async def _started(self) -> bool:
        """Start the server in the place of the one that is there; return whether that worked."""
        try:
            await asyncio.to_thread(self.server.kill)
            await asyncio.to_thread(self.server.start)
        except (ServerError, OSError, RuntimeError) as error:  # the latter: no room for a process
            self._say(f"llama-server cannot be started: {error}")
            return False
        self.url = self.server.url
        self.sign_of_life()
        return True

    async def _trouble(self) -> str:
        """Wait until something is wrong, and return what it is."""
        asking = asyncio.create_task(self._ask())
        weighed = 0.0
        try:
            while not asking.done():
                if not self.server.running:
                    return "has ended"
                if time.monotonic() - weighed > WEIGH:
                    self.memory = await asyncio.to_thread(self.server.memory)
                    weighed = time.monotonic()
                if self.memory > self.limit:
                    return f"holds {self.memory / 1e9:.1f} GB of memory"
                await asyncio.sleep(LOOK)
            return f"has not answered for {self.patience:g} s"
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def _ask(self) -> None:
        """Ask the server again and again; return when it does nothing any more."""
        key = {"Authorization": f"Bearer {self.server.api_key}"}
        async with httpx.AsyncClient(trust_env=False, headers=key) as client:
            self.sign_of_life()
            while True:
                question = asyncio.create_task(self._answers(client))
                look = asyncio.create_task(self._look(client, self.url))
                asked = time.monotonic()
                try:
                    while not question.done():
                        await asyncio.wait([question], timeout=LOOK)
                        if time.monotonic() - max(asked, self._alive) > self.patience:
                            return
                finally:
                    question.cancel()
                    look.cancel()
                if await question:
                    self.sign_of_life()
                elif time.monotonic() - self._alive > self.patience + EVERY:
                    return  # it answers, but with errors
                await asyncio.sleep(EVERY)

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        """Return whether the server answers the question with a token."""
        try:
            answer = await client.post(f"{self.url}/completion", json=QUESTION, timeout=None)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200
