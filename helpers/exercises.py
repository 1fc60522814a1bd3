"""Graders for the exercises of the lessons.

check("03.1", answer)     says what is right and what is missing, and never raises
hint("03.1")              says where to look
"""

import ctypes
import reprlib
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import UnionType
from typing import Any, get_origin

from helpers import tab

if not tab.HERE:
    import psutil

Findings = Iterator[tuple[bool, str]]  # whether it is right, and what was looked at
MEMORY = 1e9  # bytes of memory that an answer may take while it runs
PATIENCE = 1  # seconds that it may take to stop, and five times as long if it resists
KINDS = {Callable: "a function", list: "a list", str: "a string", dict: "a dictionary",
         type: "a class"}  # fmt: skip
_GRADERS: dict[str, tuple[Callable[[Any], Findings], str, float]] = {}


class _Stopped(BaseException):
    """Raised inside an answer that does not end; no `except Exception` there may catch it."""


def exercise(name: str, hint: str, seconds: float = 10) -> Callable:
    """Register the function below as the grader of an exercise, such as "03.1".

    It is stopped if it has not ended after this many seconds.
    """

    def register(grader: Callable[[Any], Findings]) -> Callable[[Any], Findings]:
        _GRADERS[name] = grader, hint, seconds
        return grader

    return register


def check(name: str, answer: Any) -> None:
    """Grade an answer, and print what is right and what is missing. Never raises.

    Args:
        name: lesson and number of the exercise, such as "03.1".
        answer: what the exercise asks for: a value, a function or a class.
    """
    findings = grade(name, answer)
    for fine, finding in findings:
        print("✓" if fine else "✗", finding)
    if all(fine for fine, _ in findings):
        print("Well done!")
    else:
        print(f'Not yet. If you are stuck: hint("{name}")')


def grade(name: str, answer: Any) -> list[tuple[bool, str]]:
    """Return the findings about an answer: whether each is right, and what was looked at.

    An empty answer is a finding too, and so is one that is of another kind than the grader's
    annotation says, raises an error when it is tried, does not end, or takes too much memory.
    """
    _load(name)
    if name not in _GRADERS:
        return [(False, f"there is no exercise {name}")]
    if answer is None:
        return [(False, "it is None, which is what print(), .update() and .append() return")]
    if answer is ...:
        return [(False, "nothing here yet: replace the three dots with your answer")]
    grader, _, seconds = _GRADERS[name]
    findings: list[tuple[bool, str]] = []
    if tab.HERE:  # there are no threads: an answer that never ends is ended with the kernel
        _try(grader, answer, findings)
        return findings
    worker = threading.Thread(target=_try, args=(grader, answer, findings), daemon=True)
    worker.start()
    try:
        why = _waited_for(worker, seconds)
    finally:  # also when the interrupt button ends the wait
        _stop(worker)
    if not why:
        return findings
    if worker.is_alive():
        return [*findings, (False, f"it cannot be stopped: {why}; restart the kernel")]
    return [*findings, (False, f"it was stopped: {why}")]


def _try(grader: Callable, answer: Any, findings: list) -> None:
    try:
        if kind := _other_kind(grader, answer):
            findings.append((False, f"{kind} is expected; this is {reprlib.repr(answer)}"))
            return
        for finding in grader(answer):
            findings.append(finding)
    except _Stopped:
        pass
    except BaseException as error:  # sys.exit() too is no right answer
        why = f"it could not be tried: {type(error).__name__}: {error}{line_of(error)}"
        if "ellipsis" in str(error):
            why = "nothing here yet: it still returns the three dots"
        findings.append((False, why))


def _other_kind(grader: Callable, answer: Any) -> str:
    """Return which kind of answer a grader says it takes, or nothing if this one is of the kind."""
    annotation = next(iter(grader.__annotations__.values()), Any)
    kind = get_origin(annotation) or annotation
    if kind in (Any, UnionType) or not isinstance(kind, type) or isinstance(answer, kind):
        return ""
    return KINDS.get(kind, f"an object of the class {kind.__name__}")


def line_of(error: BaseException) -> str:
    """Return in which line of a learner's cell an error arose, or nothing if in none."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith("<frozen") and not Path(frame.filename).exists():
            return f" (line {frame.lineno} of the cell: {frame.line})" if frame.line else ""
    return ""


def _waited_for(worker: threading.Thread, seconds: float) -> str:
    """Wait until the worker ends; return nothing; or return why it must be stopped."""
    memory = psutil.Process().memory_info
    most, deadline = memory().rss + MEMORY, time.monotonic() + seconds
    while worker.is_alive():
        if memory().rss > most:
            return f"it took more than {MEMORY / 1e9:g} GB of memory"
        if time.monotonic() > deadline:
            return f"it had not ended after {seconds:g} s"
        worker.join(0.05)
    return ""


def _stop(worker: threading.Thread) -> None:
    """Raise an error in a thread until it ends; give up where it catches all of them."""
    for _ in range(5):
        if worker.is_alive():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(worker.ident), ctypes.py_object(_Stopped)
            )
            worker.join(PATIENCE)


def hint(name: str) -> None:
    """Print a hint for an exercise, such as "03.1"."""
    _load(name)
    print(_GRADERS[name][1] if name in _GRADERS else f"There is no exercise {name}.")


def _load(name: str) -> None:
    """Import the graders of the lesson to which an exercise belongs."""
    module = f"helpers.graders.lesson_{name.partition('.')[0]}"
    if find_spec(module):
        import_module(module)
