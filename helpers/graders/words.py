"""How the graders try an answer, and how they say in words what came of it."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from numbers import Integral
from typing import Any

from ..exercises import Findings, line_of

NO_RETURN = " (is there a `return`?)"
_HELP = re.compile(rf"(?:{re.escape(NO_RETURN)}| \(line \d+ of the cell: .*\))$")


class TooOften(BaseException):
    """Raised where an answer asks again and again; no `except Exception` in it may catch it."""


@dataclass
class Raised:
    """What came of a call that raised an error; one that returns an error is something else."""

    error: Exception


def tried(function: Callable, *arguments: Any) -> tuple[Any, str]:
    """Call an answer; return what came, a value or `Raised`, and the same in words.

    Raises:
        TypeError: the three dots came, which is no answer yet; `grade` says so.
    """
    try:
        value = function(*arguments)
    except Exception as error:
        return Raised(error), raised(error)
    return value, returned(value)


def raised(error: Exception) -> str:
    """Say that an answer raised an error: "raised KeyError: 'x' (line 3 of the cell: …)"."""
    said = f": {_cut(str(error), 200)}" if str(error) else ""
    return f"raised {type(error).__name__}{said}{line_of(error)}"


def expected(short: str, wanted: object, words: str) -> str:
    """Return what was expected, in short, unless an answer that was rounded looks the same."""
    return f"{wanted}, not rounded" if words == f"returned {short}" else short


def returned(value: Any) -> str:
    """Say what an answer returned: "returned 7". Raises TypeError for the three dots."""
    if value is ...:
        raise TypeError("ellipsis")
    if inspect.iscoroutine(value):
        value.close()
        return "returned a coroutine (is it `async def`? Here `def` is enough)"
    return f"returned {shown(value)}{NO_RETURN if value is None else ''}"


def is_whole(value: Any) -> bool:
    """Return whether a value is a whole number, of Python or of numpy, and not a bool."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def shown(value: Any, most: int = 200) -> str:
    """Return a value as a finding shows it: not too long."""
    return _cut(repr(value), most)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def finding(fine: Any, words: str, expected: Any) -> tuple[bool, str]:
    """Return a finding: what came and, if that is wrong, what was expected, and what may help."""
    return (True, _HELP.sub("", words)) if fine else (False, f"{words}, expected {expected}")


def first_faults(grader: Callable[[Any], Findings]) -> Callable[[Any], Findings]:
    """Let a grader end after three findings against an answer: more would hide the first."""

    @wraps(grader)
    def ending(answer: Any) -> Findings:
        faults = 0
        for fine, words in grader(answer):
            yield fine, words
            faults += not fine
            if faults == 3:
                return

    return ending
