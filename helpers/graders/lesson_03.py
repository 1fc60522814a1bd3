"""Exercises of lesson 03: Raw HTTP."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from ..exercises import Findings, exercise
from .words import Raised, finding, first_faults, shown, tried


@exercise("03.1", "`model`, `messages`, `max_tokens`, and a field that rules out chance.")
def _body(body: dict) -> Findings:
    yield True, "the body is a dictionary"
    name, messages = body.get("model"), body.get("messages")
    fine = isinstance(name, str) and bool(name)
    yield _yours(fine, "`model` names a model", name)
    if fine and "server.model" in name:
        yield False, "`model`: without quotation marks, server.model is the name itself"
    fine = isinstance(messages, list | tuple) and all(isinstance(one, dict) for one in messages)
    yield _yours(fine, "`messages` is a list of dictionaries", messages)
    last = messages[-1] if fine and messages else {}
    fine = last.get("role") == "user"
    yield _yours(fine, "the last message has the role 'user'", last.get("role"))
    for message in messages[:-1] if isinstance(messages, list | tuple) else []:
        if isinstance(message, dict) and not {"role", "content"} <= message.keys():
            yield False, f"each message has a `role` and a `content` (yours: {message!r})"
    text = last.get("content")
    if isinstance(text, list):  # the API takes parts too
        text = "".join(str(part.get("text")) if isinstance(part, dict) else "" for part in text)
    fine = isinstance(text, str) and "gguf" in text.lower()
    yield _yours(fine, "its content asks about GGUF", last.get("content"))
    limit = body.get("max_tokens", body.get("max_completion_tokens"))
    fine = type(limit) is int and 0 < limit <= 20
    yield _yours(fine, "`max_tokens` is a whole number, 1 to 20", limit)
    warmth, seed = body.get("temperature"), body.get("seed")
    seeded = type(seed) is int and seed >= 0  # -1 asks for a new one each time
    coldest = type(warmth) in {int, float} and warmth <= 0
    fine = coldest or body.get("top_k") == 1 or body.get("top_p") == 0 or seeded
    how = f"`temperature` {warmth!r}, `seed` {seed!r}"
    yield fine, "the reply is the same every time" + ("" if fine else f" (yours: {how})")
    try:
        json.dumps(body)
    except (TypeError, ValueError) as error:
        yield False, f"it cannot be sent as JSON ({error})"


def _yours(fine: bool, what: str, value: Any) -> tuple[bool, str]:
    return fine, what if fine else f"{what} (yours: {shown(value)})"


@exercise("03.2", "`finish_reason` is next to the message, in the same choice.")
@first_faults
def _text(whole_text: Callable[[dict], str]) -> Findings:
    def answer(*replies: tuple[str | None, str]) -> dict:
        choices = []
        for index, (text, reason) in enumerate(replies):
            message = {"role": "assistant"} | ({} if text is None else {"content": text})
            choices.append({"index": index, "message": message, "finish_reason": reason})
        usage = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
        about = {"id": "1", "object": "chat.completion", "created": 1, "model": "cria"}
        return json.loads(json.dumps({**about, "choices": choices, "usage": usage}))

    for text in ("All of it.", " No", "length", ""):
        got, words = tried(whole_text, answer((text, "stop")))
        what = f"a reply {text!r} that ended with 'stop'"
        yield finding(got == text, f"{what}: it {words}", repr(text))
    for text in ("Half of", "A whole sentence.", "", None):
        got, words = tried(whole_text, answer((text, "length")))
        what = "a reply without `content`" if text is None else f"a reply {text!r}"
        what += f" that ended with 'length': it {words}"
        yield finding(_is_value_error(got), what, "it to raise a ValueError")
    for first, second in (("stop", "length"), ("length", "stop")):
        got, words = tried(whole_text, answer(("Yes.", first), ("No.", second)))
        fine = got == "Yes." if first == "stop" else _is_value_error(got)
        wanted = "'Yes.'" if first == "stop" else "it to raise a ValueError"
        what = f"two choices, 'Yes.' with {first!r} and 'No.' with {second!r}"
        yield finding(fine, f"{what}: it {words}", wanted)


def _is_value_error(came: Any) -> bool:
    return isinstance(came, Raised) and isinstance(came.error, ValueError)


@exercise("03.3", "Drop the oldest message but not the system message, then count again.")
@first_faults
def _trim(trim: Callable[[list[dict], int, Callable], list[dict]]) -> Findings:
    sizes = {"rule": 8, "s1": 4, "q1": 9, "a1": 1, "q2": 3, "a2": 2, "q3": 7}

    def count(messages: list[dict]) -> int:
        return 2 + sum(sizes[message["content"]] + 1 for message in messages)

    def named(messages: list[dict]) -> str:
        return f"[{', '.join(str(message['content']) for message in messages)}]"

    def talk(text: str) -> list[dict]:
        roles = {"r": "system", "s": "system", "q": "user", "a": "assistant"}
        return [{"role": roles[word[0]], "content": word} for word in text.split()]

    for text, limit, expected in [
        ("rule q1 a1 q2 a2 q3", 100, "rule q1 a1 q2 a2 q3"),
        ("rule q1 a1 q2 a2 q3", 38, "rule q1 a1 q2 a2 q3"),  # to the token
        ("rule q1 a1 q2 a2 q3", 37, "rule a1 q2 a2 q3"),
        ("rule q1 a1 q2 a2 q3", 27, "rule q2 a2 q3"),
        ("rule q1 a1 q2 a2 q3", 20, "rule q3"),
        ("rule q1 a1 q2 a2 q3", 5, "rule q3"),  # the newest stays even so
        ("q1 a1 q2 a2 q3", 29, "q1 a1 q2 a2 q3"),
        ("q1 a1 q2 a2 q3", 28, "a1 q2 a2 q3"),
        ("q1 a1 q2 a2 q3", 10, "q3"),
        ("q1 a1 q2 a2 q3", 0, "q3"),
        ("q1 q1 a1 q2 q1", 19, "a1 q2 q1"),  # equal messages
        ("q2 a2 q1 a1 q3", 20, "a1 q3"),  # q2 and a2 would fit, but are older than q1
        ("rule q1 s1 a1 q3", 36, "rule q1 s1 a1 q3"), ("rule q1 s1 a1 q3", 21, "rule a1 q3"),
        ("rule", 3, "rule"), ("q1", 3, "q1"), ("", 10, ""),
    ]:  # fmt: skip
        given, wanted = talk(text), talk(expected)
        before = deepcopy(given)
        got, words = tried(trim, given, limit, count)
        if isinstance(got, list) and all(isinstance(m, dict) and "content" in m for m in got):
            words = f"returned {named(got)}"
        elif isinstance(got, list) and got:
            words += " (whole messages are expected, not parts of them)"
        call = f"trim({named(before)}, limit={limit}), {count(before)} tokens, {words}"
        kind = "" if isinstance(got, list) else "a list: "
        yield finding(got == wanted, call, f"{kind}{named(wanted)}")
        if given != before:
            yield False, f"the list that was given must stay as it was (now: {named(given)})"
