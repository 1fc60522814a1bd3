"""Exercises of lesson 05: Streaming."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from ..exercises import Findings, exercise
from .words import first_faults, shown, tried


def _chunk(finish_reason: str | None = None, /, **delta: Any) -> str:
    return _event([{"index": 0, "delta": delta, "finish_reason": finish_reason}])


def _event(choices: list[dict], **more: Any) -> str:
    about = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "cria"}
    return json.dumps({**about, "choices": choices, **more})


ROLE, HI, MARK = _chunk(role="assistant", content=None), _chunk(content="Hi"), _chunk(content="!")
FINISH, SPACE, LINE = _chunk("stop"), _chunk(content=" "), _chunk(content="\n")
USAGE = _event([], usage={"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3})
STREAMS = {
    "text and [DONE]": [HI, MARK],
    "a null content": [ROLE, HI, MARK, FINISH],
    "a chunk without content": [_chunk(role="assistant"), HI, MARK, FINISH],
    "the usage chunk": [HI, MARK, FINISH, USAGE],
    "empty choices at the beginning": [_event([]), HI, MARK, FINISH],
    "text in the first chunk": [_chunk(role="assistant", content="Hi"), MARK, FINISH],
    "text in the finish chunk": [ROLE, HI, _chunk("stop", content="!")],
    "a thought": [ROLE, _chunk(reasoning_content="Hm", content=None), HI, MARK, FINISH],
    "a list without content": [ROLE, FINISH, USAGE],
    "a reply that talks about [DONE]": [ROLE, _chunk(content="[DONE]"), MARK, FINISH],
    "spaces and line ends": [ROLE, SPACE, HI, LINE, SPACE, MARK, LINE, FINISH],
}
REPLIES = {
    "a list without content": "",
    "a reply that talks about [DONE]": "[DONE]!",
    "spaces and line ends": " Hi\n !\n",
}


@exercise(
    "05.1",
    "Go through the choices of each chunk, whatever their number. A content may be None.",
    5,
)
@first_faults
def _reply(text_from: Callable[[list[str]], str]) -> Findings:
    for what, data in STREAMS.items():
        given, expected = [*data, "[DONE]"], REPLIES.get(what, "Hi!")
        got, words = tried(text_from, given)
        fine = got == expected
        yield fine, what if fine else f"{what}: text_from({given}) {words}, expected {expected!r}"
        if fine and given != [*data, "[DONE]"]:
            yield False, f"{what}: the list that was given is changed"


LINES = "data: 你好\n\ndata: end\n"
MARKS = "a\u2028b\u0085c\x0bd\x0ce\x1cf\xa0\n"  # Python's str.splitlines would cut at these


@exercise("05.2", "Keep what comes after the last b'\\n' until more bytes arrive; decode lines.", 5)
@first_faults
def _lines(lines: Callable[[Iterable[bytes]], Iterator[str]]) -> Findings:
    text, both = LINES.encode(), LINES.replace("\n", "\r\n").encode()
    plain = LINES.split("\n")[:-1]
    cases = [
        ("all in one piece", [text], plain),
        ("one byte at a time", [bytes([byte]) for byte in text], plain),
        ("cut inside a character", [text[:7], text[7:]], plain),
        ("lines that end with \\r\\n", [both], plain),
        ("cut between \\r and \\n", [b"data: 1\r", b"\ndata: 2\r", b"\n\r", b"\n"],
         ["data: 1", "data: 2", ""]),
        ("both ends mixed", [b"one\r\ntwo\n", b"\r\n\n"], ["one", "two", "", ""]),
        ("only \\n and \\r\\n end a line", [MARKS.encode()], [MARKS[:-1]]),
        ("spaces, comments and empty lines stay", [b": on\n\n  data:x \n"],
         [": on", "", "  data:x "]),
        ("empty pieces", [b"", b"on", b"", b"e\n", b""], ["one"]),
        ("nothing at all", [], []),
        ("a line without an end", [b"whole\nhal"], ["whole"]),
        ("a line without an end, cut inside a character", ["a\né".encode()[:-1]], ["a"]),
    ]  # fmt: skip
    for what, pieces, expected in cases:
        got, words = tried(lambda given: _all(lines(given)), iter(pieces))
        if got != expected:
            what += f": from {shown(pieces)} it {words}, expected {expected}"
        yield got == expected, what
    yield _at_once(lines)


def _all(got: Iterable[str] | None) -> list[str] | None:
    """Return the lines as a list, at most 50; None and three dots stay what they are."""
    return got if got is None or got is ... else list(islice(got, 50))


def _at_once(lines: Callable[[Iterable[bytes]], Iterator[str]]) -> tuple[bool, str]:
    """Return whether a line comes before the next piece is asked for."""
    read: list[bytes] = []
    pieces = (read.append(piece) or piece for piece in [b"one\nt", b"wo\n", b"three\n"])
    what = "a line as soon as it is complete"
    got, words = tried(lambda given: next(iter(lines(given))), pieces)
    if got != "one":
        return False, f"{what}: the first line of {[b'one', b'...']} {words}, expected 'one'"
    if len(read) > 1:
        return False, f"{what}: it took {len(read)} pieces before the first line, expected 1"
    return True, what


@exercise(
    "05.3", "Between n tokens there are n - 1 gaps; the wait for the first is none of them.", 5
)
@first_faults
def _speed(speed: Callable[[list[float]], tuple[float, float]]) -> Findings:
    cases = [
        ([0.5, 0.6, 0.7, 0.8], 10, "after it"),
        ([0.2, 0.3, 0.7], 4, "where the gaps differ"),
        ([3.0, 3.5], 2, "where there are two tokens"),
        ([1.0, 1.0, 1.0, 2.0, 2.0], 4, "where tokens come together"),
        ([30.0, 30.25, 30.5], 4, "after a long wait"),
        ([0.0625, 0.3125, 0.5625, 1.6625], 1.875, "where neither is a whole number"),
        ([0.0, 0.5, 1.0], 2, "where the first comes at once"),
    ]
    for arrivals, rate, where in cases:
        given = list(arrivals)
        got, words = tried(speed, given)
        try:
            first, then = (float(number) for number in got if not isinstance(number, str))
        except (TypeError, ValueError):
            yield False, f"two numbers: speed({arrivals}) {words}"
            return
        note = f" (yours: {shown(got)})"
        if where == "after it":
            yield abs(first - 0.5) < 1e-9, f"0.5 s to the first token{note}"
        elif abs(first - arrivals[0]) > 1e-9:
            wanted = f"{arrivals[0]}, not rounded"
            yield False, f"the time to the first token of {arrivals}: expected {wanted}{note}"
        finding = f"{rate} tokens a second {where}"
        fine = abs(then - rate) < 1e-6
        yield (
            fine,
            finding
            if fine
            else f"{finding}: speed({arrivals}){note}, expected {rate}, not rounded",
        )
        if given != arrivals:
            yield False, "the list that was given is changed"
            return
