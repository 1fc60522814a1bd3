"""Exercises of lesson 07: structured output."""

import json
import re
from collections.abc import Callable

import requests
from pydantic import BaseModel, ValidationError

from ..exercises import Findings, exercise
from ..server import LlamaServer
from .words import finding, raised, shown, tried


@exercise("07.1", "A line for each key, such as `item: str`. Field(ge=1) sets a smallest value.")
def _order(order: type[BaseModel]) -> Findings:
    if not issubclass(order, BaseModel):
        yield False, f"a class made from BaseModel, and not {shown(order)}"
        return
    if not order.model_fields:
        yield False, "nothing here yet: the class has no item, no quantity and no price"
        return
    good = {"item": "lamp", "quantity": 3, "price": 9.5}
    fine = [{}, {"quantity": 1}, {"price": 0}, {"item": "a lamp for a desk"}]
    wrong = [{"quantity": 0}, {"quantity": 2.5}, {"quantity": "many"}, {"price": -1},
             {"price": -0.01}, {"price": "cheap"}, {"item": 7}, {"item": None}, {"quantity": None},
             {"price": None}]  # fmt: skip
    for change in fine:
        yield _taken(order, good | change, True)
    for change in wrong:
        yield _taken(order, good | change, False)
    for key in good:
        yield _taken(order, {other: good[other] for other in good if other != key}, False)


def _taken(order: type[BaseModel], values: dict, expected: bool) -> tuple[bool, str]:
    """Return whether the class takes or refuses the values, as expected."""
    reply = json.dumps(values)
    try:
        made = order.model_validate_json(reply)
        taken, why = True, ""
        for name in values if expected else []:
            if (came := getattr(made, name, None)) != values[name]:
                return False, f"{reply} was taken, but its {name} became {shown(came)}"
    except ValidationError as error:
        taken = False
        why = "".join(f" ({'.'.join(map(str, e['loc']))}: {e['msg']})" for e in error.errors())
    except Exception as error:  # a validator of the learner's own
        return False, f"{reply} {raised(error)}"
    words = {True: "taken", False: "refused"}
    if taken == expected:
        return True, f"{reply} is {words[expected]}"
    return False, f"{reply} was {words[taken]}{why}, expected: {words[expected]}"


@exercise(
    "07.2",
    "A month is 0 and then 1 to 9, or 1 and then 0 to 2. A day has three such cases.",
    seconds=600,  # a limit for a grammar that hangs; on a computer that is at rest it takes five
)
def _date(grammar: str) -> Findings:
    bounds = re.findall(r"\{\s*(\d+)\s*,\s*(\d+)\s*\}", grammar)
    if any(int(least) > int(most) for least, most in bounds):  # some servers never end with these
        yield False, "the smaller bound of a repetition has to come first, as in {1,2}"
        return
    if not grammar.strip():
        yield False, "a grammar with a rule called root, and not an empty string"
        return
    replies: list[str] = []
    with LlamaServer("cria", options=["--parallel", "4"]) as server:
        for turn in range(30):
            if turn >= 15 and any(map(_FEBRUARY.match, replies)):
                break  # a grammar that allows 30 February has shown it by now, nearly always
            written = _written(server, grammar)
            if isinstance(written, str):
                yield False, f"the server refuses the grammar: {written}"
                return
            replies += written
            if wrong := [reply for reply in written if not _DATE.fullmatch(reply)]:
                what = shown(wrong[0])
                yield False, f"it allows {what}, which is not a date such as '2026-11-23'"
                return
    yield True, f"it allows nothing but dates ({len(replies)} random ones were looked at)"
    for what, begin, end, most in [("month", 5, 7, 12), ("day", 8, 10, 31)]:
        came = {reply[begin:end] for reply in replies}
        missing = [f"{i:02d}" for i in range(1, most + 1) if f"{i:02d}" not in came]
        why = f"no {what} {', '.join(missing)} came in {len(replies)} random dates, expected: all"
        yield not missing, why if missing else f"it allows each {what} from 01 to {most}"
    for place, ordinal in enumerate(["first", "second", "third", "fourth"]):
        came = {reply[place] for reply in replies}
        if missing := [digit for digit in "0123456789" if digit not in came]:
            why = f"no year with {' or '.join(missing)} as its {ordinal} digit came"
            yield False, f"{why} in {len(replies)} random dates, expected: all digits"
            break
    else:
        yield True, "it allows each digit at each place of the year"
    for what, dates in [("30 or 31 February", _FEBRUARY), ("31 April or the like", _THE_31ST)]:
        why = f"no {what} came in {len(replies)} random dates, expected: every day"
        fine = any(map(dates.match, replies))
        yield fine, f"it allows {what}" if fine else why


_FEBRUARY = re.compile(r".{4}-02-3")
_THE_31ST = re.compile(r".{4}-(?:04|06|09|11)-31")
_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


def _written(server: LlamaServer, grammar: str) -> list[str] | str:
    """Return forty random texts that the grammar allows, or why the server refuses it."""
    body = {"prompt": ["When?"] * 40, "grammar": grammar, "max_tokens": 30, "model": server.model,
            "temperature": 100.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}  # fmt: skip
    headers = {"Authorization": f"Bearer {server.api_key}"}
    answer = requests.post(
        f"{server.base_url}/completions", json=body, headers=headers, timeout=300
    )
    if not answer.ok:
        return answer.json()["error"]["message"].partition("\n")[0]
    return [reply["text"] for reply in answer.json()["choices"]]


@exercise("07.3", "json.loads in a `try`. Then one `if` after another, in the order of the list.")
def _fault(fault: Callable[[str], str]) -> Findings:
    for expected, replies in _REVIEWS.items():
        texts = [reply if isinstance(reply, str) else json.dumps(reply) for reply in replies]
        came = ((text, *tried(fault, text)) for text in texts)
        wrong = [f"fault({text!r}) {words}" for text, got, words in came if got != expected]
        words = wrong[0] if wrong else f"{len(texts)} replies are {expected!r}"
        yield finding(not wrong, words, repr(expected))


_REVIEWS = {
    "fine": [
        {"stars": 4, "text": "It works."}, {"stars": 1, "text": "No."}, {"text": "Yes", "stars": 5},
        {"stars": 2, "text": "ok", "stars in words": "two"}, ' {"stars": 3,\n "text": "ok"}\n',
        {"stars": 3, "text": " "},
    ],
    "not JSON": [
        "", "It works.", '{"stars": 4, "te', 'Here it is: {"stars": 4, "text": "It works."}',
        '```json\n{"stars": 4, "text": "It works."}\n```', "{'stars': 4, 'text': 'It works.'}",
        '{"stars": 4, "text": "It works."} I hope that helps.',
    ],
    "not an object": [[], ["stars", "text"], "4", '"stars and text"', "null", "true"],
    "stars": [
        {}, {"text": "It works."}, {"stars": 0, "text": "No."}, {"stars": 6, "text": "Yes"},
        {"stars": -3, "text": "No."}, {"stars": "4", "text": "ok"}, {"stars": True, "text": "ok"},
        {"stars": 4.5, "text": "ok"}, {"stars": None, "text": "ok"}, {"stars": [4], "text": "ok"},
        {"stars": 9, "text": ""},
    ],
    "text": [
        {"stars": 4}, {"stars": 4, "text": ""}, {"stars": 4, "text": None},
        {"stars": 4, "text": 7}, {"stars": 4, "text": ["It works."]},
    ],
}  # fmt: skip
