"""Exercises of lesson 02: Raw HTTP."""

import json
from collections.abc import Callable

from ..exercises import Findings, exercise


@exercise("02.1", "Three fields beside the messages' text: who speaks, how long, how bold.")
def _body(body: dict) -> Findings:
    messages = body.get("messages")
    yield isinstance(messages, list) and len(messages) >= 1, "`messages` is a list"
    yield messages[-1].get("role") == "user", "the last message is the user's"
    yield "GGUF" in messages[-1].get("content", ""), "it asks about GGUF"
    yield 0 < body.get("max_tokens", 0) <= 20, "the reply has 20 tokens at most"
    yield body.get("temperature") == 0, "the same reply every time"
    json.dumps(body)
    yield True, "it can be sent as JSON"


@exercise("02.2", "`finish_reason` stands beside the message, in the same choice.")
def _text(text_of: Callable[[dict], str]) -> Findings:
    def answer(text: str, reason: str) -> dict:
        return {"choices": [{"message": {"content": text}, "finish_reason": reason}]}

    yield text_of(answer("All of it.", "stop")) == "All of it.", "the text of a finished reply"
    try:
        text_of(answer("Half of", "length"))
        yield False, "a ValueError for a reply that was cut off (yours: none)"
    except ValueError:
        yield True, "a ValueError for a reply that was cut off"


@exercise("02.3", "Drop the oldest message that is no system message, and count again.")
def _trim(trim: Callable[[list[dict], int, Callable], list[dict]]) -> Findings:
    def count(messages: list[dict]) -> int:
        return sum(len(message["content"].split()) for message in messages)

    rule = {"role": "system", "content": "Be brief"}
    talk = [{"role": r, "content": f"{i} b c"} for i, r in enumerate(["user", "assistant"] * 3)]
    kept = [rule, *talk]
    short = trim(list(kept), 9, count)
    yield count(short) <= 9, f"it fits ({count(short)} of 9 words)"
    yield rule in short, "the system message stays"
    yield talk[-1] in short and talk[0] not in short, "the newest stay, the oldest go"
    yield trim(list(kept), 100, count) == kept, "what fits is left as it is"
