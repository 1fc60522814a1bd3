"""Exercises of lesson 11: a real model."""

import math
from collections.abc import Callable
from numbers import Real

from ..exercises import Findings, exercise
from .words import expected, finding, first_faults, is_whole, tried


@exercise("11.1", "weights + 2 * layers * context * kv_heads * width * 2.", seconds=5)
@first_faults
def _memory(memory: Callable[[dict, int], int]) -> Findings:
    for weights, layers, heads, width, context in [
        (3_000_000, 6, 3, 64, 2048), (145_000_000, 30, 3, 64, 8192), (0, 1, 1, 1, 1),
        (4_920_000_000, 32, 8, 128, 131_072), (7, 2, 5, 3, 11), (1000, 6, 3, 64, 0),
    ]:  # fmt: skip
        model = {"weights": weights, "layers": layers, "kv_heads": heads, "width": width}
        given, wanted = dict(model), weights + 2 * layers * context * heads * width * 2
        got, words = tried(memory, given, context)
        expected = f"{wanted}, an int" if isinstance(got, float) and got == wanted else wanted
        call = f"memory({model}, {context}) {words}"
        yield finding(is_whole(got) and got == wanted, call, expected)
        if given != model:
            yield False, f"the dictionary that was given must stay as it was (now: {given})"


@exercise("11.2", "Collect the files with size + cache <= free; max takes a key.", seconds=5)
@first_faults
def _choose(choose: Callable[[dict, int, int], str | None]) -> Findings:
    sizes = {"Q4_K_M": 105, "F16": 271, "Q8_0": 145}
    for files, free, cache, wanted in [
        (sizes, 200, 45, "Q8_0"), (sizes, 190, 45, "Q8_0"), (sizes, 189, 45, "Q4_K_M"),
        (sizes, 1000, 45, "F16"), (sizes, 149, 45, None), (sizes, 105, 0, "Q4_K_M"),
        (dict(reversed(sizes.items())), 200, 45, "Q8_0"), ({}, 1000, 45, None),
        ({"a": 9, "c": 40, "b": 40, "d": 50}, 60, 20, "c"), ({"": 5}, 10, 5, ""),
        ({"b": 7, "a": 7}, 7, 0, "b"), ({"empty": 0}, 5, 5, "empty"), (sizes, 20, 45, None),
    ]:  # fmt: skip
        given = dict(files)
        got, words = tried(choose, given, free, cache)
        fine = got is None if wanted is None else isinstance(got, str) and got == wanted
        yield finding(fine, f"choose({files}, {free}, {cache}) {words}", repr(wanted))
        if list(given.items()) != list(files.items()):
            yield False, f"the dictionary that was given must stay as it was (now: {given})"


@exercise("11.3", "Skip the tokens with p == -math.inf; math.exp for the others.", seconds=5)
@first_faults
def _divergence(divergence: Callable[[list, list], float]) -> Findings:
    for before, after in [
        ([0.5, 0.5], [0.5, 0.5]), ([0.5, 0.5], [0.25, 0.75]), ([0.25, 0.75], [0.5, 0.5]),
        ([0.7, 0.2, 0.1], [0.6, 0.2, 0.2]), ([0.1, 0.2, 0.7], [0.7, 0.2, 0.1]), ([1.0], [1.0]),
        ([1.0, 0.0], [0.5, 0.5]), ([1.0, 0.0], [1.0, 0.0]), ([0.5, 0.5], [1.0, 0.0]),
        ([0.0, 0.5, 0.5], [0.25, 0.25, 0.5]), ([0.5, 0.0, 0.5], [0.0, 0.5, 0.5]),
    ]:  # fmt: skip
        p, q = ([math.log(x) if x else -math.inf for x in chances] for chances in (before, after))
        wanted = sum(math.exp(a) * (a - b) for a, b in zip(p, q, strict=True) if a > -math.inf)
        given = p.copy(), q.copy()
        got, words = tried(divergence, *given)
        fine = isinstance(got, Real) and not isinstance(got, bool)
        fine = fine and (got == wanted or abs(got - wanted) < 1e-6)
        call = f"divergence({_short(p)}, {_short(q)}) {words}"
        yield finding(fine, call, expected(f"{wanted:.4f}", wanted, words))
        if given != (p, q):
            now = " and ".join(map(_short, given))
            yield False, f"the lists that were given must stay as they were (now: {now})"


def _short(numbers: list[float]) -> str:
    return f"[{', '.join(f'{number:.3f}' for number in numbers)}]"
