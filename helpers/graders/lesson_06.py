"""Exercises of lesson 06: The OpenAI SDK."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

import httpx2
import openai

from ..exercises import Findings, exercise
from .words import Raised, TooOften, finding, tried


@exercise("06.1", "All of it can be given to OpenAI(...), or to with_options(...) later.")
def _client(client: Any) -> Findings:
    fine = isinstance(client, openai.OpenAI)
    name = client.__name__ if isinstance(client, type) else type(client).__name__
    instead = f"the class {name}: call it" if isinstance(client, type) else f"yours: {name}"
    yield fine, "an OpenAI client" if fine else f"an OpenAI client ({instead})"
    if not fine:
        return
    address = client.base_url
    here = address.scheme == "http" and address.host in {"127.0.0.1", "localhost", "::1"}
    yield here, f"this computer, over http (yours: {address})"
    yield address.port == 9931, f"port 9931 (yours: {address.port})"
    yield address.path.rstrip("/") == "/v1", f"the path /v1 (yours: {address.path})"
    timeout = getattr(client.timeout, "read", client.timeout)
    yield timeout == 30, f"30 seconds for an answer (yours: {timeout!r})"
    yield client.max_retries == 0, f"no retries (yours: {client.max_retries})"


@exercise(
    "06.2",
    "Four `except` lines. One of the four classes is a kind of another: its `except` comes first.",
)
def _verdict(verdict: Callable[[Callable], Any]) -> Findings:
    request = httpx2.Request("POST", "http://127.0.0.1/v1")

    def of_status(kind: type, status: int) -> Exception:
        return kind("no", response=httpx2.Response(status, request=request), body=None)

    for reply in ["Hello!", "", None]:
        came, words, calls = _outcome(verdict, reply)
        where = f"where ask_it() returns {reply!r}, verdict(ask_it)"
        yield finding(came == reply, f"{where} {words}", repr(reply))
        if calls != 1:
            yield False, f"{where} called ask_it {calls} times, expected once"
            return
    for error, word in [
        (of_status(openai.BadRequestError, 400), "wrong"),
        (of_status(openai.InternalServerError, 500), "busy"),
        (of_status(openai.InternalServerError, 503), "busy"),
        (openai.APIConnectionError(request=request), "nobody"),
        (openai.APITimeoutError(request=request), "late"),
    ]:
        came, words, calls = _outcome(verdict, error)
        where = f"for {type(error).__name__} {getattr(error, 'status_code', '')}".rstrip()
        yield finding(came == word, f"{where} it {words}", repr(word))
        if calls != 1:
            yield False, f"{where} it called ask_it {calls} times, expected once"
    for error in [
        of_status(openai.NotFoundError, 404), of_status(openai.RateLimitError, 429),
        of_status(openai.APIStatusError, 418), openai.APIError("no", request, body=None),
        ValueError("no"),
    ]:  # fmt: skip
        came, words, _ = _outcome(verdict, error)
        if came != Raised(error):
            name = type(error).__name__
            yield False, f"{name} must pass through, but verdict(ask_it) {words}"
            return
    yield True, "any other error passes through"


def _outcome(verdict: Callable[[Callable], Any], reply: Any) -> tuple[Any, str, int]:
    """Return what came of the function, the same in words, and how often it has asked."""
    calls = []

    def ask_it() -> Any:
        calls.append(reply)
        if len(calls) > 9:
            raise TooOften
        if isinstance(reply, Exception):
            raise reply
        return reply

    try:
        came, words = tried(verdict, ask_it)
    except TooOften:
        return TooOften, "called ask_it again and again", len(calls)
    if isinstance(reply, Exception) and came == Raised(reply):
        words = f"raised {type(reply).__name__}"
    return came, words, len(calls)


class _Desk:
    """Answers a question once no more can be under way; the first one is answered last."""

    def __init__(self, questions: list[str], at_most: int) -> None:
        self.left, self.at_most = len(questions), at_most
        self.asked: list[str] = []
        self.working = self.most = 0
        self.idle = ""  # how few were under way where more could have been
        self.changed = time.monotonic()

    async def ask(self, question: str) -> str:
        """Return the question in capital letters."""
        alone = not self.asked and self.at_most > 1  # until all the others have their answers
        self.asked.append(question)
        self.working += 1
        self.most, self.changed = max(self.most, self.working), time.monotonic()
        while not self.idle and (
            self.working < min(self.at_most, self.left) or (alone and self.left > 1)
        ):
            await asyncio.sleep(0.002)
            if time.monotonic() > self.changed + 1:
                self.idle = f"only {self.working} under way, with {self.left} left"
        await asyncio.sleep(0)
        self.working, self.left, self.changed = self.working - 1, self.left - 1, time.monotonic()
        return question.upper()


@exercise("06.3", "asyncio.Semaphore(at_most), and `async with` around the await.")
def _ask_all(ask_all: Callable) -> Findings:
    for questions, at_most in [
        (list("abcdefgh"), 3), (list("abcdef"), 2), (list("abc"), 1), (list("abc"), 5),
        (list("aba"), 2), ([], 2),
    ]:  # fmt: skip
        desk, given = _Desk(questions, at_most), list(questions)
        call = f"ask_all(ask, {questions}, at_most={at_most})"
        answers, words = tried(asyncio.run, _awaited(ask_all, desk, given, at_most))
        if isinstance(answers, Raised):
            if isinstance(answers.error, TimeoutError):
                words = "was not ready after 5 s: is every ticket given back?"
            yield False, f"{call} {words}"
            return
        if _closed(answers):
            words = f"{words.partition(' (')[0]} (is there an `await`?)"
        expected = [question.upper() for question in questions]
        fine = isinstance(answers, list) and answers == expected
        yield finding(fine, f"{call} {words}", expected)
        enough = desk.most == min(at_most, len(questions))
        right = enough and not desk.idle and len(desk.asked) == len(questions)
        under_way = f"at most {desk.most} under way at the same time"
        if len(desk.asked) != len(questions):
            under_way = f"it asked {len(desk.asked)} times, expected {len(questions)}"
        elif desk.most > at_most:
            under_way += f", with at_most={at_most}"
        elif desk.idle:
            under_way = f"with at_most={at_most} there were at times {desk.idle}: begin the next "
            under_way += "as soon as one is answered"
        yield right, under_way
        if given != questions:
            yield False, f"the list of questions is left as it is (after the call it was {given})"
        if not (fine and right and given == questions):
            return


async def _awaited(ask_all: Callable, desk: _Desk, questions: list, at_most: int) -> Any:
    """Return the answers. Raises TimeoutError where they do not come."""
    made = ask_all(desk.ask, questions, at_most)
    if inspect.isawaitable(made):
        answers = await asyncio.wait_for(made, timeout=5)
        if isinstance(answers, asyncio.Future):  # what gather() returns
            answers.cancel()
            await asyncio.gather(answers, return_exceptions=True)
            raise TypeError("it returned what gather() returns; is there an `await` before it?")
        return answers
    if made is ...:
        return made
    _closed(made)
    raise TypeError(f"it returned a {type(made).__name__} before any await; is it `async def`?")


def _closed(answers: Any) -> list:
    """Return the coroutines among the answers, closed: nobody will await them."""
    held = answers if isinstance(answers, list | tuple) else [answers]
    waiting = [answer for answer in held if inspect.iscoroutine(answer)]
    for answer in waiting:
        answer.close()
    return waiting
