"""Exercises of lesson 03: Raw HTTP."""

import json
from collections.abc import Callable

from ..exercises import Findings, exercise


@exercise("03.1", "Four fields beside the text: which model, who speaks, how long, how bold.")
def _body(body: dict) -> Findings:
    messages = body.get("messages")
    yield isinstance(messages, list) and len(messages) >= 1, "`messages` is a list"
    yield messages[-1].get("role") == "user", "the last message is the user's"
    yield "gguf" in str(messages[-1].get("content")).lower(), "it asks about GGUF"
    limit = body.get("max_tokens", body.get("max_completion_tokens"))
    yield type(limit) is int and 0 < limit <= 20, "the reply has 20 tokens at most"
    seeded = type(body.get("seed")) is int and body["seed"] >= 0  # -1 asks for a new one each time
    same = body.get("temperature") == 0 or body.get("top_k") == 1 or seeded
    yield same, "the same reply every time"
    yield bool(body.get("model")), "it names the model"
    json.dumps(body)
    yield True, "it can be sent as JSON"


@exercise("03.2", "`finish_reason` stands beside the message, in the same choice.")
def _text(text_of: Callable[[dict], str]) -> Findings:
    def answer(text: str, reason: str) -> dict:
        message = {"role": "assistant", "content": text}
        return {"choices": [{"index": 0, "message": message, "finish_reason": reason}]}

    for text in ("All of it.", " No"):
        yield text_of(answer(text, "stop")) == text, f"the text of a finished reply, {text!r}"
    for text in ("Half of", "A whole sentence."):
        try:
            text_of(answer(text, "length"))
            yield False, f"a ValueError for a reply that was cut off, {text!r} (yours: none)"
        except ValueError:
            yield True, f"a ValueError for a reply that was cut off, {text!r}"


@exercise("03.3", "Drop the oldest message that is no system message, and count again.")
def _trim(trim: Callable[[list[dict], int, Callable], list[dict]]) -> Findings:
    def count(messages: list[dict]) -> int:
        return 2 + sum(len(message["content"]) + 1 for message in messages)

    rule = {"role": "system", "content": "Be brief"}
    roles, sizes = ["user", "assistant"] * 3, [9, 1, 3, 2, 7, 4]
    talk = [{"role": r, "content": "x" * size} for r, size in zip(roles, sizes, strict=True)]
    for head, what in (([rule], "with"), ([], "without")):
        for newest in (6, 5, 4, 2, 1):
            wanted = [*head, *talk[-newest:]]
            got = list(trim([*head, *talk], count(wanted), count))
            fits = f"{what} a system message, when the newest {newest} fit"
            yield got == wanted, f"{fits}: {len(wanted)} messages (yours: {len(got)})"
    yield list(trim([rule, *talk], 1000, count)) == [rule, *talk], "what fits is left as it is"
