"""Exercises of lesson 07: choosing."""

from collections.abc import Callable
from typing import Any

from ..exercises import Findings, exercise


@exercise("07.1", "Go through the table, and look for the word that decides each case.")
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


@exercise("07.2", "The last question is the last message with the role user: cut before it.")
def _undo(undo: Callable[[list[dict]], list[dict]]) -> Findings:
    rule = {"role": "system", "content": "Be brief."}
    first = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    second = [{"role": "user", "content": "Bye"}, {"role": "assistant", "content": "Bye"}]
    yield undo([rule, *first, *second]) == [rule, *first], "question and answer are gone"
    yield undo([rule, *first, second[0]]) == [rule, *first], "a question without an answer too"
    yield undo([rule]) == [rule], "with no question, nothing changes"
    yield undo([]) == [], "nothing stays nothing"


@exercise("07.3", "min(..., key=...) over the ways whose first token comes in time.")
def _fastest(fastest: Callable[[dict[str, Any], float], str | None]) -> Findings:
    measured = {"a": (0.1, 50.0), "b": (0.4, 90.0), "c": (2.0, 200.0)}
    for wait, wanted in [(3.0, "c"), (0.5, "b"), (0.2, "a"), (0.05, None)]:
        got = fastest(measured, wait)
        yield got == wanted, f"with a wait of at most {wait} s: {wanted} (yours: {got})"
