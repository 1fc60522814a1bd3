"""Exercises of lesson 12: choosing."""

from collections.abc import Callable
from typing import Any

from ..exercises import Findings, exercise


@exercise("12.1", "Go through the table, and look for the word that decides each case.")
def _choice(choice: dict[str, str]) -> Findings:
    right = {
        "thirty people in a room share one computer": {"requests", "SDK"},
        "a watermark in every text": {"in process"},
        "tonight local, tomorrow in a cloud": {"SDK"},
        "no package may be installed but requests": {"requests"},
    }
    for case, ways in right.items():
        mine = choice.get(case)
        yield mine in ways, f"{case}: {'nothing yet' if mine in (None, ...) else mine}"


@exercise("12.2", "The last question is the last message with the role user: cut before it.")
def _undo(undo: Callable[[list[dict]], list[dict]]) -> Findings:
    rule = {"role": "system", "content": "Be brief."}
    first = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    second = [{"role": "user", "content": "Bye"}, {"role": "assistant", "content": "Bye"}]
    tool = [{"role": "assistant", "content": ""}, {"role": "tool", "content": "rain"}]
    for before, after, what in [
        ([rule, *first], second, "question and answer are gone"),
        ([rule, *first], second[:1], "a question without an answer too"),
        ([rule, *first], first, "the same question asked twice: the second"),
        ([rule, *first, *second], first, "of three rounds, the last"),
        ([rule], [second[0], *tool, second[1]], "a tool's result goes with its question"),
        ([], first, "without a system message too"),
        ([rule], [], "with no question, nothing changes"),
        ([], [], "nothing stays nothing"),
    ]:
        yield list(undo([*before, *after])) == before, what


@exercise("12.3", "max(..., key=..., default=None) over the ways whose first token comes in time.")
def _fastest(fastest: Callable[[dict[str, Any], float], str | None]) -> Findings:
    measured = {"a": (0.4, 90.0), "b": (0.1, 50.0), "c": (0.3, 40.0), "d": (2.0, 200.0)}
    for wait, wanted in [(3.0, "d"), (0.5, "a"), (0.35, "b"), (0.05, None)]:
        got = fastest(dict(measured), wait)
        yield got == wanted, f"with a wait of at most {wait} s: {wanted} (yours: {got})"
