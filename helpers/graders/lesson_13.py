"""Exercises of lesson 13: more of the API."""

import copy
from collections.abc import Callable
from typing import Any

from ..exercises import Findings, exercise
from .words import first_faults, is_whole, shown, tried

# --- 13.1 ----------------------------------------------------------------------------------------

HI, MARK = {"type": "text", "text": "Hi"}, {"type": "text", "text": "!"}
SPACE = {"type": "text", "text": " \n"}
THOUGHT = {"type": "thinking", "thinking": "Hm", "signature": ""}
CALL = {"type": "tool_use", "id": "1", "name": "text", "input": {"text": "Hm"}}
NEW = {"type": "new_kind", "text": "not this"}
ANSWERS = [
    ("one block", [{"type": "text", "text": "Hi!"}], "Hi!"),
    ("two blocks of text", [HI, MARK], "Hi!"),
    ("a thought before the text", [THOUGHT, HI, MARK], "Hi!"),
    ("a call after the text", [HI, MARK, CALL], "Hi!"),
    ("a call between two texts", [HI, CALL, MARK], "Hi!"),
    ("a type that is not known", [NEW, HI, MARK], "Hi!"),
    ("spaces and line ends", [SPACE, HI, SPACE, MARK, SPACE], " \nHi \n! \n"),
    ("a call and no text", [THOUGHT, CALL], ""),
    ("no blocks", [], ""),
]


@exercise("13.1", 'Go through answer["content"], and keep what has the type "text".', 5)
@first_faults
def _text(text_in: Callable[[dict], str]) -> Findings:
    for what, content, expected in ANSWERS:
        answer = {"id": "1", "type": "message", "role": "assistant", "content": content,
                  "model": "cria", "stop_reason": "end_turn", "stop_sequence": None,
                  "usage": {"input_tokens": 9, "output_tokens": 3}}  # fmt: skip
        given = copy.deepcopy(answer)
        got, words = tried(text_in, given)
        fine = _same(got, expected)
        fault = f"{what}: from the content {shown(content)} it {words}, expected {expected!r}"
        yield fine, what if fine else fault
        if fine and given != answer:
            yield False, f"{what}: the answer that was given is changed"


def _same(got: Any, expected: Any) -> bool:
    """Return whether two values are of one type and equal; what cannot be compared is not."""
    try:
        return type(got) is type(expected) and bool(got == expected)
    except Exception:
        return False


# --- 13.2 ----------------------------------------------------------------------------------------

RULE = {"role": "system", "content": "You are a pirate."}
ASKED = {"role": "user", "content": "What is the weather in Oslo?"}
REPLY, MORE = {"role": "assistant", "content": "Cold."}, {"role": "user", "content": "And Rome?"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
OTHER_SCHEMA = {"type": "object", "properties": {}}


def _tools(key: str) -> list[dict]:
    """Return two tools, each with its schema under this key."""
    return [
        {"name": "get_weather", "description": "Get the weather in a city", key: SCHEMA},
        {"name": "get_time", "description": "Get the time", key: OTHER_SCHEMA},
    ]


OLD_TOOLS = [{"type": "function", "function": tool} for tool in _tools("parameters")]
BODIES = [
    ("one question", {"messages": [ASKED], "max_tokens": 50},
     {"messages": [ASKED], "max_tokens": 50}),
    ("max_tokens is missing", {"messages": [ASKED]}, {"messages": [ASKED], "max_tokens": 1000}),
    ("a system message", {"messages": [RULE, ASKED], "max_tokens": 50},
     {"messages": [ASKED], "system": "You are a pirate.", "max_tokens": 50}),
    ("a conversation", {"messages": [RULE, ASKED, REPLY, MORE], "max_tokens": 50},
     {"messages": [ASKED, REPLY, MORE], "system": "You are a pirate.", "max_tokens": 50}),
    ("a conversation without a system message", {"messages": [ASKED, REPLY, MORE]},
     {"messages": [ASKED, REPLY, MORE], "max_tokens": 1000}),
    ("other fields", {"messages": [ASKED], "max_tokens": 50, "temperature": 0, "stream": True},
     {"messages": [ASKED], "max_tokens": 50, "temperature": 0, "stream": True}),
    ("two tools", {"messages": [ASKED], "max_tokens": 50, "tools": OLD_TOOLS},
     {"messages": [ASKED], "max_tokens": 50, "tools": _tools("input_schema")}),
    ("a system message that is not the first",
     {"messages": [ASKED, REPLY, RULE, MORE], "max_tokens": 50},
     {"messages": [ASKED, REPLY, RULE, MORE], "max_tokens": 50}),
    ("everything at once",
     {"messages": [RULE, ASKED], "tools": OLD_TOOLS[:1], "temperature": 0.5, "top_p": 0.9},
     {"messages": [ASKED], "system": "You are a pirate.", "tools": _tools("input_schema")[:1],
      "temperature": 0.5, "top_p": 0.9, "max_tokens": 1000}),
]  # fmt: skip


@exercise("13.2", "Begin with a copy of the body, {**body}; then set one field after the other.", 5)
@first_faults
def _translated(translated: Callable[[dict], dict]) -> Findings:
    for what, body, expected in BODIES:
        before, wanted = {"model": "cria", **body}, {"model": "cria", **expected}
        given = copy.deepcopy(before)
        got, words = tried(translated, given)
        if not isinstance(got, dict):
            yield False, f"{what}: it {words}, expected a dictionary"
        elif fault := _difference(got, wanted):
            yield False, f"{what}: {fault}"
        elif given != before:
            yield False, f"{what}: the body that was given is changed"
        else:
            yield True, what


def _difference(got: dict, expected: dict) -> str:
    """Return in words the first field that is not as expected, or nothing."""
    for field, value in expected.items():
        if field not in got:
            return f"the field {field} is missing, expected {shown(value)}"
        if not _same(got[field], value):
            return f"{field} is {shown(got[field])}, expected {shown(value, 300)}"
    if more := [field for field in got if field not in expected]:
        return f"there is a field {shown(more[0])}: {shown(got[more[0]])}, expected none"
    return ""


# --- 13.3 ----------------------------------------------------------------------------------------

EAST, NORTH = [1.0, 0.0], [0.0, 1.0]
SEARCHES = [
    ("the most similar one", EAST, [NORTH, [1.0, 0.1]], 1, [1]),
    ("the most similar one comes first", EAST, [NORTH, [1.0, 1.0], [1.0, 0.1]], 2, [2, 1]),
    ("lengths do not count", EAST, [[0.1, 0.1], [9.0, 1.0], [50.0, 40.0]], 2, [1, 2]),
    ("a long question", [9.0, 0.0], [[0.1, 0.1], [9.0, 1.0], [50.0, 40.0]], 3, [1, 2, 0]),
    ("opposites are the least similar", EAST, [[-9.0, 0.0], NORTH, [0.2, 0.1]], 3, [2, 1, 0]),
    ("an embedding that comes twice", EAST, [[2.0, 0.5], NORTH, [2.0, 0.5]], 2, [0, 2]),
    ("fewer than were asked for", EAST, [NORTH, EAST], 5, [1, 0]),
    ("no embeddings", EAST, [], 3, []),
    ("lengths that are no sums", [1, 1, 1], [[1, 0, 0], [1, 1, 1]], 2, [1, 0]),
    ("three numbers each", [1, 2, 2], [[-1, -2, -2], [2, 4, 5], [2, 1, 2], [0, 2, -2]], 4,
     [1, 2, 3, 0]),
]  # fmt: skip
ALSO = {"an embedding that comes twice": [2, 0]}


@exercise("13.3", "Sort range(len(known)) by the cosine, with key= and reverse=True; then cut.", 5)
@first_faults
def _nearest(nearest: Callable[[list, list, int], list]) -> Findings:
    for what, question, known, most, expected in SEARCHES:
        given = copy.deepcopy((question, known))
        got, words = tried(nearest, *given, most)
        fine = _positions(got) in (expected, ALSO.get(what, expected))
        fault = f"{what}: nearest({question}, {known}, {most}) {words}, expected {expected}"
        yield fine, what if fine else fault
        if fine and given != (question, known):
            yield False, f"{what}: a list that was given is changed"


def _positions(got: Any) -> list[int] | None:
    """Return positions, in a list or an array, as Python's whole numbers; None for all else."""
    if isinstance(got, str | dict | set) or not hasattr(got, "__len__"):
        return None
    return [int(position) for position in got] if all(map(is_whole, got)) else None
