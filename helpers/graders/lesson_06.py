"""Exercises of lesson 06: The OpenAI SDK."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import openai

from ..exercises import Findings, exercise


@exercise("06.1", "All three can be given to OpenAI(...), or to with_options(...) later.")
def _client(client: Any) -> Findings:
    yield isinstance(client, openai.OpenAI), f"an OpenAI client (yours: {type(client).__name__})"
    address = client.base_url
    here = address.scheme == "http" and address.host in {"127.0.0.1", "localhost", "::1"}
    yield here and address.port == 9931, f"the address (yours: {address})"
    yield address.path.rstrip("/") == "/v1", "the path /v1"
    timeout = getattr(client.timeout, "read", client.timeout)
    yield timeout == 30, f"30 seconds (yours: {timeout})"
    yield client.max_retries == 0, f"no retries (yours: {client.max_retries})"


@exercise("06.2", "Four `except` lines. Which of the classes is a kind of which other?")
def _verdict(verdict: Callable[[Callable], str]) -> Findings:
    request = httpx2.Request("POST", "http://127.0.0.1/v1")

    def failing(kind: type, status: int | None = None) -> Callable:
        def ask() -> str:
            if status is None:
                raise kind(request=request)
            raise kind("no", response=httpx2.Response(status, request=request), body=None)

        return ask

    calls = []
    reply = verdict(lambda: calls.append("asked") or "Hello!")
    yield reply == "Hello!", "the reply, if there is one"
    yield len(calls) == 1, f"asked once (yours: {len(calls)} times)"
    for kind, status, word in [
        (openai.BadRequestError, 400, "wrong"), (openai.InternalServerError, 503, "busy"),
        (openai.APIConnectionError, None, "nobody"), (openai.APITimeoutError, None, "late"),
    ]:  # fmt: skip
        got = verdict(failing(kind, status))
        yield got == word, f"{word!r} for {kind.__name__} (yours: {got!r})"
    for kind, status in [(openai.NotFoundError, 404), (openai.APIStatusError, 418)]:
        try:
            got = verdict(failing(kind, status))
            yield False, f"{kind.__name__} passes through (yours: {got!r})"
        except kind:
            yield True, f"{kind.__name__} passes through"


@exercise("06.3", "asyncio.Semaphore(at_most), and `async with` around the await.")
def _ask_all(ask_all: Callable) -> Findings:
    for at_most in (3, 2):
        working, most = 0, 0

        async def ask(question: str) -> str:
            nonlocal working, most
            working += 1
            most = max(most, working)
            await asyncio.sleep((ord("i") - ord(question)) / 200)  # the first takes longest
            working -= 1
            return question.upper()

        asked = asyncio.wait_for(ask_all(ask, list("abcdefgh"), at_most), timeout=5)
        try:
            answers = asyncio.run(asked)
        except TimeoutError:
            yield False, f"ready within 5 s, with at_most={at_most}"
            return
        yield answers == list("ABCDEFGH"), f"every answer, in order, with at_most={at_most}"
        yield most == at_most, f"{at_most} under way at the same time (yours: {most})"
