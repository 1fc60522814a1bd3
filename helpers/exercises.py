"""Graders for the exercises of the lessons.

check("02.1", answer)     says what is right and what is missing, and never raises
hint("02.1")              says where to look
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

Findings = Iterator[tuple[bool, str]]  # whether it is right, and what was looked at
_GRADERS: dict[str, tuple[Callable[[Any], Findings], str]] = {}


def exercise(name: str, hint: str) -> Callable:
    """Register the function below as the grader of an exercise, such as "02.1"."""

    def register(grader: Callable[[Any], Findings]) -> Callable[[Any], Findings]:
        _GRADERS[name] = grader, hint
        return grader

    return register


def check(name: str, answer: Any) -> None:
    """Grade an answer, and print what is right and what is missing. Never raises.

    Args:
        name: lesson and number of the exercise, such as "02.1".
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

    An empty answer, and one that raises an error when it is tried, are findings too.
    """
    _load(name)
    if name not in _GRADERS:
        return [(False, f"there is no exercise {name}")]
    if answer is None or answer is ...:
        return [(False, "nothing here yet: put your answer in the place of the three dots")]
    findings = []
    try:
        for finding in _GRADERS[name][0](answer):
            findings.append(finding)
    except Exception as error:
        why = f"it could not be tried: {type(error).__name__}: {error}"
        if "ellipsis" in str(error):
            why = "nothing here yet: it still returns the three dots"
        findings.append((False, why))
    return findings


def hint(name: str) -> None:
    """Print a hint for an exercise, such as "02.1"."""
    _load(name)
    _, text = _GRADERS.get(name, (None, f"There is no exercise {name}."))
    print(text)


def _load(name: str) -> None:
    """Import the graders of the lesson to which an exercise belongs."""
    module = f"helpers.graders.lesson_{name.partition('.')[0]}"
    if find_spec(module):
        import_module(module)
