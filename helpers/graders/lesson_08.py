"""Exercises of lesson 08: tools."""

import json
import operator
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from openai.types.chat import ChatCompletionMessage as Message
from openai.types.chat import ChatCompletionMessageFunctionToolCall as Call

from ..exercises import Findings, exercise
from .words import Raised, TooOften, finding, shown, tried

# --- 08.1 ----------------------------------------------------------------------------------------

VALUES = {  # what each parameter allows, and what it does not
    "minutes": ([1, 90], [0, -5, 2.5, "five", None]),
    "label": (["tea", "two eggs"], [7, ["tea"], {"text": "tea"}]),
}


@exercise("08.1", 'Copy weather_tool. A schema for 1 and more: {"type": "integer", "minimum": 1}.')
def _timer(tool: dict) -> Findings:
    yield _is("type", tool.get("type"), "function")
    function = tool.get("function")
    if not isinstance(function, dict):
        yield False, f"function is {shown(function)}, expected: a dictionary"
        return
    yield _is("function: name", function.get("name"), "set_timer")
    yield _described("function", function)
    parameters = function.get("parameters")
    if not isinstance(parameters, dict) or not isinstance(parameters.get("properties"), dict):
        what = "a dictionary with a dictionary called properties"
        yield False, f"function: parameters is {shown(parameters)}, expected: {what}"
        return
    yield _is("parameters: type", parameters.get("type"), "object")
    properties = parameters["properties"]
    yield _is("properties: the list of names", sorted(properties, key=str), ["label", "minutes"])
    required = parameters.get("required")
    required = list(required) if isinstance(required, tuple) else required  # a list in JSON
    yield _is("parameters: required", required, ["minutes"])
    for name, (right, wrong) in VALUES.items():
        schema = properties.get(name)
        if isinstance(schema, dict):
            yield _described(name, schema)
            if odd := _malformed(schema):
                yield False, f"{name}: {odd}"
                continue
            for value in right:
                fine = _allows(schema, value)
                yield fine, f"{name} {'allows' if fine else 'should allow'} {value!r}"
            for value in wrong:
                fine = not _allows(schema, value)
                yield fine, f"{name} {'does not' if fine else 'should not'} allow {value!r}"
        elif name in properties:
            yield False, f"{name} is {shown(schema)}, expected: a schema, which is a dictionary"


def _is(what: str, got: object, expected: object) -> tuple[bool, str]:
    return finding(got == expected, f"{what} is {shown(got)}", repr(expected))


def _described(what: str, part: dict) -> tuple[bool, str]:
    words = part.get("description")
    fine = isinstance(words, str) and bool(words.strip())
    return fine, f"{what} has a description" + ("" if fine else f", and not {shown(words)}")


KINDS = {"string": str, "integer": int, "number": int | float, "object": dict, "array": list,
         "boolean": bool, "null": type(None)}  # fmt: skip
BOUNDS = {
    "minimum": operator.ge, "exclusiveMinimum": operator.gt,
    "maximum": operator.le, "exclusiveMaximum": operator.lt,
    "multipleOf": lambda value, step: step <= 0 or value % step == 0,
}  # fmt: skip
LISTS = {"anyOf": dict, "allOf": dict, "enum": object}


def _kinds(schema: dict) -> list:
    kinds = schema.get("type", list(KINDS))
    return kinds if isinstance(kinds, list) else [kinds]


def _malformed(schema: dict) -> str:
    """Return what in a schema is of a wrong kind, or nothing."""
    if not all(isinstance(kind, str) and kind in KINDS for kind in _kinds(schema)):
        return f"type is {shown(schema['type'])}, expected one of {', '.join(map(repr, KINDS))}"
    for key in BOUNDS:
        if key in schema and type(schema[key]) not in (int, float):
            return f"{key} is {shown(schema[key])}, expected: a number"
    for key, kind in LISTS.items():
        parts = schema.get(key, [])
        if not isinstance(parts, list) or not all(isinstance(part, kind) for part in parts):
            return f"{key} is {shown(parts)}, expected: a list"
        if kind is dict and (odd := next(filter(None, map(_malformed, parts)), "")):
            return odd
    return ""


def _allows(schema: dict, value: object) -> bool:
    """Return whether a schema allows a value, as far as the fields go that are needed here."""
    if "anyOf" in schema and not any(_allows(one, value) for one in schema["anyOf"]):
        return False
    if not all(_allows(one, value) for one in schema.get("allOf", [])):
        return False
    if not any(isinstance(value, KINDS[kind]) for kind in _kinds(schema)):
        return False
    if isinstance(value, int | float):
        return all(holds(value, schema[key]) for key, holds in BOUNDS.items() if key in schema)
    return value in schema.get("enum", [value])


# --- 08.2 ----------------------------------------------------------------------------------------


@exercise("08.2", "Look the name up first; then json.loads; then call; and catch what goes wrong.")
def _run(run: Callable[[Any, dict], str]) -> Findings:
    ran = []

    def double(number: int) -> int:
        ran.append(number)
        return 2 * number

    def minus(a: int, b: int) -> int:
        return a - b

    def weather(city: str) -> str:
        return {"Oslo": "3 degrees"}[city]

    def nothing() -> None:
        """Return nothing, as functions do that only do something."""

    def same(value: object) -> object:
        """Return what is true in JSON as well."""
        return value

    def fails() -> None:
        raise UserWarning("no")  # an exception whose name does not end with Error

    allowed = {"double": double, "minus": minus, "weather": weather, "nothing": nothing,
               "same": same, "fails": fails}  # fmt: skip
    given = dict(allowed)

    def called(name: str, arguments: str) -> tuple[object, str]:
        function = SimpleNamespace(name=name, arguments=arguments)
        call = SimpleNamespace(id="call_1", type="function", function=function)
        got, words = tried(run, call, allowed)
        return got, f"the call of {name} with {arguments or 'an empty string'} {words}"

    for name, arguments, expected in [
        ("double", '{"number": 21}', "42"),
        ("minus", '{"b": 2, "a": 5}', "3"),
        ("minus", '{"b": 2, "a": 2}', "0"),
        ("weather", '{"city": "Oslo"}', "3 degrees"),
        ("nothing", "{}", "None"),
        ("same", '{"value": true}', "True"),
    ]:
        got, words = called(name, arguments)
        yield finding(isinstance(got, str) and got == expected, words, repr(expected))
    for name, arguments in [
        ("delete_all", "{}"), ("print", "{}"), ("double", "{number"), ("double", ""),
        ("double", "{'number': 21}"), ("double", '{"n": 1}'), ("double", "{}"), ("double", "[4]"),
        ("double", "7"),
        ("nothing", "null"), ("nothing", "[]"), ("weather", '{"city": "Rome"}'), ("fails", "{}"),
    ]:  # fmt: skip
        got, words = called(name, arguments)
        fine = isinstance(got, str) and "error" in got.lower()
        yield finding(fine, words, "a string with the word error")
    yield finding(ran == [21], f"double ran for {ran}", "[21], and nothing else")
    state = "as it was" if allowed == given else "changed"
    yield allowed == given, f"the dictionary of functions is {state}"


# --- 08.3 ----------------------------------------------------------------------------------------


def _call(number: int, city: str) -> Call:
    function = {"name": "get_weather", "arguments": json.dumps({"city": city})}
    return Call.model_validate({"id": f"call_{number}", "type": "function", "function": function})


def _message(content: str | None, *calls: Call, none: list | None = None) -> Message:
    return Message(role="assistant", content=content, tool_calls=list(calls) or none)


SCRIPTS = {  # the messages of a model, one after the other; rounds; what the answer should be
    "the model answers at once": ([_message("Hello!")], 3, "Hello!"),
    "the list of calls is empty": ([_message("Hello!", none=[])], 1, "Hello!"),
    "the model answers at once with no content": ([_message(None)], 2, ""),
    "one call, then the answer": (
        [_message(None, _call(1, "Oslo")), _message("Cold.")], 3, "Cold."),
    "the answer comes in the last round": (
        [_message("Wait.", _call(1, "Oslo")), _message("Cold.")], 2, "Cold."),
    "two calls at once": (
        [_message("", _call(1, "Rome"), _call(2, "Oslo")), _message("Warm.")], 2, "Warm."),
    "one call after the other": (
        [_message(None, _call(1, "Oslo")), _message(None, _call(2, "Rome"), none=[]),
         _message("Both.")], 5, "Both."),
    "the model calls again and again": ([_message("So?", _call(1, "Oslo"))] * 99, 3,
                                        "too many calls"),
    "there is one round, and a call": ([_message(None, _call(1, "Oslo"))] * 99, 1,
                                       "too many calls"),
}  # fmt: skip


@exercise("08.3", "`for _ in range(rounds):` ends by itself. `return` leaves it early.", seconds=10)
def _loop(answer: Callable) -> Findings:
    for what, (script, rounds, expected) in SCRIPTS.items():
        wrong = _played(answer, script, rounds, expected)
        yield not wrong, f"{what} (rounds={rounds})" + (f": {wrong}" if wrong else "")


def _played(answer: Callable, script: list, rounds: int, expected: str) -> str:
    """Let an answer talk to a model that says what is in the script; return what is wrong."""
    asked: list = []
    ran: Counter[str] = Counter()
    question = "What is the weather?"

    def said(number: int) -> Message:
        return script[min(number, len(script)) - 1]

    def chat(messages: list) -> Message:
        if len(asked) == rounds:
            raise TooOften
        asked.append(list(messages) if isinstance(messages, list | tuple) else messages)
        return said(len(asked))

    def run(call: Call) -> str:
        if not isinstance(call, Call):
            raise TypeError(f"run takes a whole call, and was given {call!r}")
        ran[call.id] += 1
        return f"the result of {call.id}"

    try:
        got, words = tried(answer, chat, run, question, rounds)
    except TooOften:
        return f"chat was called {rounds + 1} times, expected: at most {rounds}"
    if isinstance(got, Raised):
        return f"it {words}"
    replies = [said(number + 1) for number in range(len(asked))]
    wanted = Counter(call.id for reply in replies for call in reply.tool_calls or [])
    for one in ran - wanted:
        return f"{one} was run {ran[one]} times, expected {wanted[one]}"
    history: list[object] = [{"role": "user", "content": question}]
    for number, messages in enumerate(asked):
        if why := _differs(messages, history):
            return f"at request {number + 1} {why}"
        message = said(number + 1)
        results = [{"role": "tool", "tool_call_id": call.id, "content": f"the result of {call.id}"}
                   for call in message.tool_calls or []]  # fmt: skip
        history += [message, *results]
    right = got == expected and isinstance(got, str)
    return "" if right else f"it {words}, expected {expected!r}"


def _differs(messages: object, expected: list) -> str:
    """Return in what the messages of a request differ from those that are expected."""
    if not isinstance(messages, list):
        return f"chat was given {shown(messages)}, expected a list of messages"
    if len(messages) != len(expected):
        return f"there were {len(messages)} messages, expected {len(expected)}"
    for number, (got, right) in enumerate(zip(messages, expected, strict=True), start=1):
        if not isinstance(right, dict):  # the model's own: as it came, or as a dictionary
            fields = got if isinstance(got, dict) else getattr(got, "__dict__", {})
            calls = fields.get("tool_calls") or []
            if fields.get("role") != "assistant" or len(calls) != len(right.tool_calls):
                return f"message {number} was {shown(got)}, expected the model's, with its calls"
        elif not isinstance(got, dict) or right != {k: got[k] for k in got if k != "name"}:
            return f"message {number} was {shown(got)}, expected {right}"
    return ""
