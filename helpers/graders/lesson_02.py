"""Exercises of lesson 02: the chat template."""

import re
from collections.abc import Callable

import requests

from ..errors import ServerError
from ..exercises import Findings, exercise
from ..server import LlamaServer
from .words import finding, first_faults, tried

BY_HAND = (
    "<|im_start|>system\nAnswer briefly.<|im_end|>\n"
    "<|im_start|>user\nHi!<|im_end|>\n"
    "<|im_start|>assistant\n"
)


@exercise(
    "02.1", "Three lines begin with <|im_start|>, and two end with <|im_end|>. Mind each \\n."
)
def _by_hand(prompt: str) -> Findings:
    if prompt.startswith("\n"):
        yield False, f"it begins with a line break, expected {BY_HAND[:18]!r}"
        prompt = prompt.lstrip("\n")
    mine, wanted = prompt.split("\n"), BY_HAND.split("\n")
    for number, line in enumerate(wanted[:-1], start=1):
        came = repr(mine[number - 1]) if number <= len(mine) else "missing"
        yield finding(came == repr(line), f"line {number} is {came}", repr(line))
    yield finding(
        prompt.endswith("\n"), f"it ends with {prompt[-12:]!r}", "a line break at the end"
    )
    lines = prompt.count("\n")
    yield finding(lines == len(wanted) - 1, f"it has {lines} line breaks", len(wanted) - 1)


CUTS = [  # text, stop sequences
    ("All of it.", []),
    ("All of it.", ["Some"]),
    ("Hello.<|im_end|>\n<|im_start|>user", ["<|im_end|>"]),
    ("one, two, one, two", ["two"]),
    ("one, two, three", ["three", "two"]),
    ("one, two, three", ["two", "three"]),
    ("one, two, three", ["four", "two"]),
    ("User: Hi", ["User:", "Hi"]),
    ("What? Yes (no).", ["(no"]),
    ("  two spaces, then the end \n", ["end"]),
    ("a stop. A STOP", ["STOP"]),
    ("it ends so", ["so"]),
    ("", ["end"]),
]


@exercise("02.2", "str.find says where a text begins, or -1. Cut at the smallest that is not -1.")
@first_faults
def _cut(cut: Callable[[str, list[str]], str]) -> Findings:
    for text, stop in CUTS:
        places = [text.find(one) for one in stop if one in text]
        wanted, given = text[: min(places, default=len(text))], list(stop)
        came, words = tried(cut, text, given)
        yield finding(came == wanted, f"cut({text!r}, {stop}) {words}", repr(wanted))
        if given != stop:
            yield False, f"the list of stop sequences was {stop} before, and is {given} now"


TALKS = [
    [("user", "Hi"), ("assistant", "Hello"), ("user", "Bye")],
    [("user", "Hi")],
    [("user", "What is {{ 1 }}?"), ("user", "Hello?"), ("assistant", "user"), ("user", "Fine.")],
]
ROLES = {"user": "USER: ", "assistant": "BOT: "}


@exercise(
    "02.3",
    "A loop over `messages`, then the opening of the assistant's turn after it. A line break "
    "directly after %} is swallowed: put it after }}.",
    seconds=30,
)
def _template(template: str) -> Findings:
    try:
        with LlamaServer("cria", options=["--chat-template", template], own=True) as server:
            prompts = [_prompt(server, talk) for talk in TALKS]
    except ServerError as error:
        words = f"the server does not take the template: {error}"
        for begin in ["for", "if"]:
            if _count(begin, template) != _count(f"end{begin}", template):
                words += f"\nEach {{% {begin} … %}} needs an {{% end{begin} %}}."
        yield False, words
        return
    for talk, prompt in zip(TALKS, prompts, strict=True):
        wanted = [ROLES[role] + text for role, text in talk] + ["BOT:"]
        lines = [line.rstrip() for line in prompt.strip().splitlines()]
        words = f"{len(talk)} message{'s' * (len(talk) > 1)}: the prompt is {prompt!r}"
        if len(lines) < len(wanted) and "".join(lines) == "".join(wanted):
            words += " (a line break directly after %} is swallowed)"
        elif lines != wanted and list(filter(None, lines)) == wanted:
            words += " (with an empty line in it)"
        yield finding(lines == wanted, words, repr("\n".join(wanted)))


def _count(word: str, template: str) -> int:
    """Return how many statements of a template begin with a word."""
    return len(re.findall(rf"{{%-?\s*{word}\b", template))


def _prompt(server: LlamaServer, talk: list[tuple[str, str]]) -> str:
    """Return the prompt that the server makes of a conversation, or its error."""
    body = {"messages": [{"role": role, "content": text} for role, text in talk]}
    headers = {"Authorization": f"Bearer {server.api_key}"}
    url = f"{server.url}/apply-template"
    answer = requests.post(url, json=body, headers=headers, timeout=10).json()
    return answer.get("prompt") or str(answer.get("error", ""))
