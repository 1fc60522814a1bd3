"""Exercises of lesson 05: Streaming."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from ..exercises import Findings, exercise


@exercise("05.1", "Three kinds of chunk have no text: the first, the finish and the usage.")
def _reply(text_from: Callable[[list[str]], str]) -> Findings:
    def chunk(**delta: Any) -> str:
        return json.dumps({"choices": [{"delta": delta, "finish_reason": None}]})

    plain = [chunk(content="Hi"), chunk(content="!"), "[DONE]"]
    yield text_from(plain) == "Hi!", "text and [DONE]"
    yield text_from([chunk(role="assistant", content=None), *plain]) == "Hi!", "a null content"
    yield text_from([chunk(role="assistant"), *plain]) == "Hi!", "a chunk without content"
    usage = json.dumps({"choices": [], "usage": {"total_tokens": 3}})
    yield text_from([*plain[:2], usage, "[DONE]"]) == "Hi!", "the usage chunk"


@exercise("05.2", "Keep what comes after the last b'\\n' until more bytes arrive; decode lines.")
def _lines(lines: Callable[[list[bytes]], Iterator[str]]) -> Findings:
    text = "data: 你好\n\ndata: end\n"
    yield list(lines([text.encode()])) == ["data: 你好", "", "data: end"], "all in one piece"
    single = [bytes([byte]) for byte in text.encode()]
    yield list(lines(single)) == ["data: 你好", "", "data: end"], "one byte at a time"
    yield list(lines([])) == [], "nothing at all"
    yield list(lines([b"whole\nhal"])) == ["whole"], "a line without an end"
    read = []
    pieces = (read.append(piece) or piece for piece in [b"one\n", b"two\n"])
    yield next(iter(lines(pieces))) == "one" and read == [b"one\n"], "a line as soon as it is there"


@exercise("05.3", "Between n tokens there are n - 1 gaps; the wait for the first is none of them.")
def _speed(speed: Callable[[list[float]], tuple[float, float]]) -> Findings:
    first, rate = speed([0.5, 0.6, 0.7, 0.8])
    yield abs(first - 0.5) < 1e-9, f"0.5 s to the first token (yours: {first})"
    yield abs(rate - 10) < 1e-6, f"10 tokens a second after it (yours: {rate})"
    _, rate = speed([0.2, 0.3, 0.7])
    yield abs(rate - 4) < 1e-6, f"4 a second where the gaps differ (yours: {rate})"
