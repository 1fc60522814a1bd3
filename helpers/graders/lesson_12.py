"""Exercises of lesson 12: choosing."""

import copy
from collections.abc import Callable
from typing import Any

from ..exercises import Findings, exercise
from .words import Raised, finding, first_faults, shown, tried

WAYS = ["requests", "SDK", "in process"]


@exercise("12.1", "Go through the table of cases, and look for the word that decides each case.")
def _choice(choice: dict[str, str]) -> Findings:
    right = {
        "thirty people in a room share one computer": {"requests", "SDK"},
        "a watermark in every text": {"in process"},
        "tonight local, tomorrow in a cloud": {"SDK"},
        "no package may be installed but requests": {"requests"},
    }
    known = {way.lower(): way for way in WAYS}
    for case, ways in right.items():
        mine = choice.get(case)
        way = " ".join(mine.split()).lower() if isinstance(mine, str) else None
        if case not in choice:
            yield False, f"{case}: this case is missing from your dictionary"
        elif mine is None or mine is ...:
            yield False, f"{case}: nothing yet"
        elif way not in known:
            yield False, f'{case}: {shown(mine)} is none of "requests", "SDK" and "in process"'
        elif known[way] in ways:
            yield True, f"{case}: {known[way]}"
        else:
            yield False, f"{case}: {known[way]} is not what the table of cases says"


@exercise("12.2", "The last question is the last message with the role user: cut before it.")
@first_faults
def _undo(undo: Callable[[list[dict]], list[dict]]) -> Findings:
    rule = {"role": "system", "content": "Be brief."}
    first = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    second = [{"role": "user", "content": "Bye"}, {"role": "assistant", "content": "Bye"}]
    tool = [{"role": "assistant", "content": ""}, {"role": "tool", "content": "rain"}]
    late = {"role": "system", "content": "Be kind."}
    for before, after, what in [
        ([rule, *first], second, "question and reply are gone"),
        ([rule, *first], second[:1], "a question without a reply is gone too"),
        ([rule, *first], [dict(m) for m in first], "the same question twice: the second is gone"),
        ([rule, *first, *second], first, "of three questions, the last is gone"),
        ([rule], [second[0], *tool, second[1]], "a tool's result goes with its question"),
        ([rule, *first, second[0]], first[:1], "two questions in a row: only the last is gone"),
        ([], first, "without a system message too"),
        (first, second, "two questions without a system message"),
        ([rule, *first, late], second, "a system message before the last question stays"),
        ([rule, first[1]], [], "without a question, all messages are returned"),
        ([], [], "an empty list gives an empty list"),
    ]:
        kept = [*before, *after]
        given = copy.deepcopy(kept)
        got, words = tried(undo, given)
        if isinstance(got, list) and all(isinstance(m, dict) and "role" in m for m in got):
            words = f"returned {_roles(got)}"
        call = f"{what}: undo({_roles(kept)})"
        if given != kept and not isinstance(got, Raised):
            yield False, f"{call} changed the list that it was given"
        elif got == before and isinstance(got, list):
            yield True, what
        else:
            kind = "" if isinstance(got, list) else "a list: "
            yield False, f"{call} {words}, expected {kind}{_roles(before)}"


@exercise("12.3", "max(..., key=..., default=None) over the ways whose first token comes in time.")
@first_faults
def _fastest(fastest: Callable[[dict[str, Any], float], str | None]) -> Findings:
    four = {"a": (0.4, 90.0), "b": (0.1, 50.0), "c": (0.3, 40.0), "d": (2.0, 200.0)}
    for measured, wait, wanted in [
        (four, 3.0, {"d"}),
        (four, 0.5, {"a"}),
        (four, 0.35, {"b"}),
        (four, 0.4, {"a"}),  # exactly `wait` seconds are within
        (four, 0.05, {None}),
        (dict(reversed(four.items())), 0.5, {"a"}),
        ({"x": (0.2, 70.0), "y": (0.1, 70.0)}, 1, {"x", "y"}),
        ({"slow": (0.2, 0.5)}, 1, {"slow"}),
        ({}, 1, {None}),
    ]:
        call = f"fastest({measured}, {wait})"
        given = dict(measured)
        got, words = tried(fastest, given, wait)
        if given != measured and not isinstance(got, Raised):
            yield False, f"{call} changed the dictionary that it was given"
            continue
        fine = (got is None or isinstance(got, str)) and got in wanted
        yield finding(fine, f"{call} {words}", " or ".join(sorted(map(repr, wanted))))


def _roles(messages: list[dict]) -> str:
    """Return the roles and texts of messages, short."""
    return "[" + ", ".join(f"{m['role']}: {m.get('content')!r}" for m in messages) + "]"
