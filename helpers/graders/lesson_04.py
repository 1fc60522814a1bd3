"""Exercises of lesson 04: sampling."""

from collections.abc import Callable
from math import exp, isclose, log
from typing import Any

from ..exercises import Findings, exercise
from .words import expected, finding, first_faults, tried


@exercise("04.1", "At 0 find the largest first: numbers.index(max(numbers)) says where it is.")
@first_faults
def _heat(heat: Callable[[list[float], float], list[float]]) -> Findings:
    half = [log(0.5), log(0.25), log(0.25)]
    for numbers, temperature in [
        (half, 1), (half, 0.5), ([log(0.1), log(0.7), log(0.2)], 2), ([-3.5], 1),
        ([-2.0, -0.5, -1.0], 0), ([-2.0, -1.0, -1.0], 0), ([5.0, 1.0, 5.0, 2.0], 0),
        ([-5, -1, 3], 1.5),
        ([1000.0, 999.0, -1000.0], 1), ([-1000.0, -1001.0], 1), ([800.0, 790.0], 0.5),
    ]:  # fmt: skip
        given, wanted = list(numbers), _heated(numbers, temperature)
        got, words = tried(heat, given, temperature)
        shares = _numbers(got)
        if shares is not None:
            words = f"returned {_short(shares)}"
        fine = shares is not None and len(shares) == len(wanted)
        fine = fine and all(map(_near, shares, wanted))
        call = f"heat({_short(numbers)}, {temperature}) {words}"
        yield finding(fine, call, expected(_short(wanted), wanted, words))
        if given != numbers:
            yield False, f"the list that was given must stay as it was (now: {_short(given)})"


def _heated(numbers: list[float], temperature: float) -> list[float]:
    best = max(numbers)
    if temperature == 0:
        return [float(place == numbers.index(best)) for place in range(len(numbers))]
    powers = [exp((number - best) / temperature) for number in numbers]
    return [power / sum(powers) for power in powers]


def _numbers(values: Any) -> list[float] | None:
    """Return a list, a tuple or an array as numbers, and None for anything else."""
    if not isinstance(values, list | tuple) and not hasattr(values, "tolist"):
        return None
    try:
        return [float(value) for value in values] if all(map(_is_number, values)) else None
    except (TypeError, ValueError):
        return None


def _short(numbers: list[float]) -> str:
    return f"[{', '.join(f'{number:.4g}' for number in numbers)}]"


@exercise("04.2", "sorted(chances, key=chances.get, reverse=True) has the best token first.")
@first_faults
def _survivors(survivors: Callable[[dict, float, float], dict]) -> Findings:
    colours = {"red": 0.125, "blue": 0.5, "lilac": 0.0625, "green": 0.25, "grey": 0.0625}
    equal = dict.fromkeys("abcd", 0.25)
    for chances, p, least, left in [
        (colours, 1, 0, "red blue lilac green grey"),
        (colours, 0.5, 0, "blue"), (colours, 0.6, 0, "blue green"), (colours, 0.01, 0, "blue"),
        (colours, 0.75, 0, "blue green"), (colours, 0.875, 0, "blue green red"),
        (colours, 1, 0.25, "blue green red"),  # 0.125 is 0.25 of the best
        (colours, 1, 0.5, "blue green"), (colours, 1, 1, "blue"),
        (colours, 0.875, 0.3, "blue green"),
        (colours, 0.6, 0.5, "blue green"),  # the other order would leave blue alone
        (equal, 1, 1, "a b c d"), ({"only": 1.0}, 0.9, 0.1, "only"),
    ]:  # fmt: skip
        given, total = dict(chances), sum(chances[token] for token in left.split())
        wanted = {token: chances[token] / total for token in left.split()}
        got, words = tried(survivors, given, p, least)
        fine = isinstance(got, dict) and got.keys() == wanted.keys()
        fine = fine and all(_near(got[token], wanted[token]) for token in wanted)
        call = f"survivors({chances}, {p}, {least}) {words}"
        short = {token: round(chance, 4) for token, chance in wanted.items()}
        yield finding(fine, call, expected(str(short), wanted, words))
        if given != chances:
            yield False, f"the dictionary that was given must stay as it was (now: {given})"


def _is_number(value: Any) -> bool:
    return hasattr(value, "__float__")  # fractions and numpy's numbers too, but not text


def _near(value: Any, wanted: float) -> bool:
    return _is_number(value) and isclose(value, wanted, rel_tol=1e-6, abs_tol=1e-9)


@exercise("04.3", "First ask(temperature=0); then {'temperature': 0, name: value} for each field.")
@first_faults
def _honours(honours: Callable[[Callable, dict], dict]) -> Findings:
    penalties = {"repetition_penalty": 2, "repeat_penalty": 2, "temprature": 2}
    for server, knows, strict, trials in [
        ("that knows repeat_penalty alone", {"repeat_penalty"}, False, penalties),
        ("that refuses all but repetition_penalty", {"repetition_penalty"}, True, penalties),
        ("that ignores everything", set(), False, {**penalties, "temperature": 2}),
        ("that knows temperature", {"temperature"}, False, {"temperature": 2, "top_q": 0.1}),
        ("that knows stop", {"stop"}, True, {"stop": ["O"], "min_p": 0.9}),
        ("that knows max_tokens", {"max_tokens"}, False, {"top_a": 1, "max_tokens": 1}),
        ("that is tried with nothing", set(), False, {}),
    ]:
        ask, mistakes, given = *_server(knows, strict, trials), dict(trials)
        got, words = tried(honours, ask, given)
        no = "refused" if strict else "ignored"
        wanted = {name: "honoured" if name in knows else no for name in trials}
        call = f"a server {server}: honours(ask, {trials}) {words}"
        yield finding(got == wanted, call, wanted)
        if isinstance(got, dict) and "honored" in got.values():
            yield False, "the word is 'honoured', with a u"
            return
        for mistake in mistakes[:1]:
            yield False, f"a server {server}: {mistake}"
        if given != trials:
            yield False, f"the dictionary that was given must stay as it was (now: {given})"


def _server(knows: set, strict: bool, trials: dict) -> tuple[Callable[..., str], list[str]]:
    """Return an `ask` that only knows some fields, and the list of what was wrong with calls."""
    mistakes: list[str] = []
    replies = iter(range(1_000_000))

    def ask(**fields: Any) -> str:
        tried = sorted(fields.keys() & trials.keys() - {"temperature"})
        if "temperature" not in fields or ("temperature" not in trials and fields["temperature"]):
            mistakes.append(f"a request without temperature=0: ask(**{fields})")
        elif len(tried) > 1 or (tried and fields["temperature"] != 0):
            mistakes.append(f"more than one field at a time: ask(**{fields})")
        if strict and fields.keys() - knows - {"temperature"}:
            raise ValueError("400: unknown field")
        draws = "temperature" in knows or "temperature" not in trials
        if draws and fields.get("temperature", 0.8) != 0:
            return f"Story number {next(replies)}."
        changed = sorted(fields.keys() & knows - {"temperature"})
        if changed == ["stop"]:
            return ""
        if changed == ["repeat_penalty"]:
            return "In a far kingdom."  # another text of the same length
        return f"Once upon a time{' and'.join(['', *changed])}."

    ask.__qualname__ = "ask"  # errors about a call show it
    return ask, mistakes
