"""Exercises of lesson 10: a watermark."""

import math
from collections.abc import Callable
from decimal import Decimal
from numbers import Real
from typing import Any

from ..exercises import Findings, exercise
from .words import first_faults, is_whole, tried


def _number(value: Any) -> bool:
    return isinstance(value, (Real, Decimal)) and not isinstance(value, bool)


@exercise(
    "10.1",
    "Count minus average, divided by the standard deviation; look at pairs == 0 first.",
    seconds=5,
)
@first_faults
def _z(z: Callable[[int, int, float], float]) -> Findings:
    cases = [(70, 100, 0.5), (75, 100, 0.5), (50, 100, 0.5), (40, 100, 0.25), (10, 100, 0.5)]
    cases += [(3, 4, 0.75), (9, 10, 0.1), (1, 1, 0.5), (0, 100, 0.5), (0, 0, 0.25)]
    for green, pairs, share in cases:
        wanted = (green - pairs * share) / math.sqrt(pairs * share * (1 - share) or 1)
        got, words = tried(z, green, pairs, share)
        fine = _number(got) and abs(float(got) - wanted) < 0.005
        yield fine, f"z({green}, {pairs}, {share}) {words}, expected {wanted:.2f}"


@exercise(
    "10.2", "z = 2 * (share - 0.5) * sqrt(n). Solve it for n, and round up to an int.", seconds=5
)
@first_faults
def _length(length: Callable[[float, float], int]) -> Findings:
    cases = [(0.75, 4), (0.875, 4), (0.625, 3), (0.75, 3), (0.6875, 2.5), (1.0, 4), (1.0, 0.5)]
    for share, z in [*cases, (0.75, 2.5)]:  # shares that a computer holds exactly
        wanted = math.ceil((z / (2 * (share - 0.5))) ** 2)
        got, words = tried(length, share, z)
        why = ", an int" if _number(got) and not is_whole(got) else ""
        fine = is_whole(got) and got == wanted
        yield fine, f"length({share}, {z}) {words}, expected {wanted}{why}"


@exercise(
    "10.3",
    "The last part begins at len(green) - length. Of equally good parts, keep the first.",
    seconds=5,
)
@first_faults
def _marked_part(marked_part: Callable[[list[bool], int], int]) -> Findings:
    cases = [
        ("01101110", 3), ("11100000", 3), ("00000111", 3), ("01010", 1), ("110011", 2),
        ("000", 2), ("1011", 4), ("10111101", 4), ("0101101011011", 6), ("0", 1),
    ]  # fmt: skip
    for letters, length in cases:
        green = [letter == "1" for letter in letters]
        counts = [sum(green[at : at + length]) for at in range(len(green) - length + 1)]
        wanted = counts.index(max(counts))
        got, words = tried(marked_part, list(green), length)
        fine = is_whole(got) and got == wanted
        shown = "[" + ", ".join("TF"[not one] for one in green) + "]"
        yield fine, f"marked_part({shown}, {length}) {words}, expected {wanted}"
