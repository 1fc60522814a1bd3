"""Exercises of lesson 07: structured output."""

import json
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import requests
from pydantic import BaseModel, ValidationError

from ..exercises import Findings, exercise
from ..server import LlamaServer


@exercise("07.1", "Field(ge=1) sets the smallest value that is allowed.")
def _order(order: type[BaseModel]) -> Findings:
    def accepts(**values: Any) -> bool:
        try:
            order.model_validate_json(json.dumps(values))
        except ValidationError:
            return False
        return True

    good = {"item": "lamp", "quantity": 3, "price": 9.5}
    yield issubclass(order, BaseModel), "a class made from BaseModel"
    yield accepts(**good), f"takes {good}"
    yield not accepts(**{**good, "quantity": 0}), "refuses a quantity of 0"
    yield not accepts(**{**good, "price": -1}), "refuses a price below 0"
    yield not accepts(**{**good, "quantity": "many"}), "refuses a quantity in words"
    for field, value in {"quantity": 1, "price": 0, "item": "chair"}.items():
        yield accepts(**{**good, field: value}), f"takes {value!r} as {field}"
    for field, value in {"quantity": 2.5, "item": 7}.items():
        yield not accepts(**{**good, field: value}), f"refuses {value!r} as {field}"
    for field in good:
        rest = {key: value for key, value in good.items() if key != field}
        yield not accepts(**rest), f"refuses an order without {field}"


@exercise(
    "07.2", "A month is 0 and 1 to 9, or 1 and 0 to 2. A day has three kinds of first digit.", 90
)
def _date(grammar: str) -> Findings:
    if not isinstance(grammar, str):
        yield False, "a grammar is a text"
        return
    bounds = re.findall(r"\{\s*(\d+)\s*,\s*(\d+)\s*\}", grammar)
    if any(int(least) > int(most) for least, most in bounds):  # some servers never end with these
        yield False, "the smaller bound of a repetition stands first, as in {1,2}"
        return
    pattern = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
    body = {"prompt": ["When?"] * 600, "grammar": grammar, "n_predict": 30,
            "temperature": 100.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}  # fmt: skip
    with LlamaServer("cria", options=["--parallel", "1"]) as server:
        headers = {"Authorization": f"Bearer {server.api_key}"}
        body |= {"model": server.model}
        url = f"{server.url}/completion"
        answer = requests.post(url, json=body, headers=headers, timeout=60)
    if not answer.ok:
        yield False, answer.json()["error"]["message"]
        return
    replies = [reply["content"] for reply in answer.json()]
    wrong = [reply for reply in replies if not pattern.fullmatch(reply)]
    yield not wrong, f"600 random replies are dates such as 2026-11-23 (not so: {wrong[:1]})"
    months, days = {reply[5:7] for reply in replies}, {reply[8:] for reply in replies}
    yield len(months) == 12, f"every month is among them (yours: {len(months)})"
    yield len(days) == 31, f"every day is among them (yours: {len(days)})"


@exercise("07.3", "Look the name up first; then json.loads; then call; and catch what goes wrong.")
def _run(run: Callable[[Any, dict], str]) -> Findings:
    ran = []

    def double(number: int) -> int:
        ran.append(number)
        return 2 * number

    def minus(a: int, b: int) -> int:
        return a - b

    def fails() -> None:
        raise ValueError("no")

    def call(name: str, arguments: str) -> SimpleNamespace:
        function = SimpleNamespace(name=name, arguments=arguments)
        return SimpleNamespace(id="call_1", type="function", function=function)

    allowed = {"double": double, "minus": minus, "fails": fails}
    yield run(call("double", '{"number": 21}'), allowed) == "42", "the result, as text"
    yield run(call("minus", '{"b": 2, "a": 2}'), allowed) == "0", "the function that is named"
    for what, wrong in {
        "an unknown name": call("delete_all", "{}"),
        "arguments that are no JSON": call("double", "{number"),
        "arguments with another name": call("double", '{"n": 1}'),
        "a function that fails": call("fails", "{}"),
    }.items():
        try:
            got = run(wrong, allowed)
        except Exception:
            got = None
        fine = isinstance(got, str) and "error" in got.lower()
        yield fine, f"a text with 'error' for {what}"
    yield ran == [21], "nothing else was run"
