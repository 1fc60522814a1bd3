"""What a request may ask for, and what is known to stop a llama-server.

llama.cpp never ends, and fills the memory, when the bounds of a grammar or a schema are the wrong
way round (its issue 23108); it crashes on thousands of parentheses and on very long names, and
keeps everybody waiting for lists of ten thousands. The llama-server that the course compiles
refuses all this by itself; others (conda's, the prebuilt one) do not. So it is looked for here,
before any of them reads it. What takes gigabytes of memory is looked for here as well.
"""

import re
from collections.abc import Iterator

from helpers.errors import WrongGrammar

LENGTHS = ["max_tokens", "max_completion_tokens", "max_output_tokens", "n_predict"]
REPLIES = 4  # to one question
CANDIDATES = 20  # of each token, with their probabilities; OpenAI's limit, too
CANDIDATE_FIELDS = ["n_probs", "logprobs", "top_logprobs"]
LOOKBACKS = ["repeat_last_n", "dry_penalty_last_n"]  # tokens that llama-server makes room for
DEPTH, PARENTHESES, MEMBERS, NAME, MISSING = 100, 500, 2_000, 500, 100
TEXTS = {"messages", "prompt", "input", "content"}  # what the model reads; no rules are in there

# What is text in a grammar or a regular expression. If it is not closed, it goes on to the end; and
# `*+` never goes back: a search from each of 100,000 brackets would keep everybody waiting.
SET = r"\[(?:\\(?:.|\Z)|[^\]\\])*+(?:\]|\Z)"
NOT_RULES = re.compile(rf'(?s)"(?:\\(?:.|\Z)|[^"\\])*+(?:"|\Z)|{SET}|#[^\r\n]*')  # GBNF
NOT_PATTERN = re.compile(rf"(?s)\\.|{SET}")  # a regular expression
BOUNDS = re.compile(r"\{\s*(\d{1,18})\s*,\s*(\d{1,18})\s*\}")
PAIRS = [
    ("minLength", "maxLength"), ("minItems", "maxItems"), ("minimum", "maximum"),
    ("minProperties", "maxProperties"), ("exclusiveMinimum", "exclusiveMaximum"),
    ("minimum", "exclusiveMaximum"), ("exclusiveMinimum", "maximum"),
]  # fmt: skip


def replies(body: dict) -> int:
    """Return how many replies a request asks for.

    Raises:
        ValueError: too many, or no number.
    """
    given = (body.get(name) for name in ["n_cmpl", "n"])  # llama-server, too, prefers the first
    number = next((number for number in given if number is not None), 1)
    prompt = body.get("prompt")
    if isinstance(prompt, list) and not all(isinstance(token, int) for token in prompt):
        mixed = any(isinstance(part, int) for part in prompt)  # text and tokens of one prompt
        number = number if mixed else number * max(1, len(prompt))
    if not isinstance(number, int) or not 1 <= number <= REPLIES:
        raise ValueError(
            f"This class server makes 1 to {REPLIES} replies to one question: correct `n`, or send "
            "more requests."
        )
    return number


def shorten(body: dict, limit: int, field: str) -> None:
    """Put the limit into a request that asks for more tokens, or names no length for the reply."""
    given = [name for name in LENGTHS if name in body]
    for name in given or [field]:
        wanted = body.get(name)
        if wanted is None or (isinstance(wanted, int | float) and not 0 <= wanted <= limit):
            body[name] = limit
    for name in LOOKBACKS:
        if _is_number(body.get(name)):
            body[name] = min(body[name], limit)


def check(body: dict) -> None:
    """Look for what is known to stop a server.

    Raises:
        WrongGrammar: there are rules of that kind; the message says which.
        ValueError: too many candidates are asked for.
    """
    for name in CANDIDATE_FIELDS:
        if _is_number(body.get(name)) and body[name] > CANDIDATES:
            most = f"at most {CANDIDATES} candidates for each token"
            raise ValueError(f"This class server gives {most}: ask for fewer with `{name}`.")
    for name, value in _fields({k: v for k, v in body.items() if k not in TEXTS}):
        match name, value:
            case "grammar", str():
                _check_grammar(value)
            case "pattern", str():
                _check_text(NOT_PATTERN.sub("", value), "a pattern of this schema")
            case _, dict():
                _check_schema(value)
            case _, list() if len(value) > MEMBERS:
                raise WrongGrammar(
                    f"`{name[:40]}` has {len(value):,} members, and every learner would wait for "
                    f"them. Give at most {MEMBERS:,}."
                )


def _fields(value: object, name: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    """Yield every value in a request with its name; those of a list have the list's."""
    if depth > DEPTH:
        raise WrongGrammar(f"This request is nested more than {DEPTH} deep. Make it flatter.")
    yield name, value
    inside = value.items() if isinstance(value, dict) else ()
    inside = ((name, it) for it in value) if isinstance(value, list) else inside
    for key, it in inside:
        yield from _fields(it, key, depth + 1)


def _check_schema(schema: dict) -> None:
    for low, high in PAIRS:
        least, most = schema.get(low), schema.get(high)
        if _is_number(least) and _is_number(most) and least > most:
            raise WrongGrammar(
                f"In this schema {low} is greater than {high} ({least} and {most}), so nothing "
                "fits. Swap the two."
            )
    if len(schema) > MEMBERS:
        raise WrongGrammar(
            f"A part of this schema has {len(schema):,} members. Give at most {MEMBERS:,}."
        )
    if max(map(len, schema), default=0) > NAME:
        raise WrongGrammar(
            f"A name in this schema is longer than {NAME} characters. Use a shorter one."
        )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_grammar(grammar: str) -> None:
    rules = NOT_RULES.sub(" ", grammar)
    _check_text(rules, "this grammar")
    if max(rules.count("|"), rules.count("::=")) > MEMBERS:
        raise WrongGrammar(
            f"This grammar has more than {MEMBERS:,} rules or alternatives, and every learner "
            "would wait for it. Make it smaller."
        )


def _check_text(rules: str, where: str) -> None:
    for found in BOUNDS.finditer(rules):
        if int(found[1]) > int(found[2]):
            raise WrongGrammar(
                f"The bounds of a repetition in {where} are the wrong way round: {found[0]}. "
                "Write the smaller number first."
            )
    if len(re.findall(r"[?*]|\{\s*0", rules)) > MISSING:
        raise WrongGrammar(
            f"There are more than {MISSING} optional parts (?, *, {{0,…}}) in {where}, and every "
            "learner would wait for it. Make it smaller."
        )
    depth = 0
    for character in re.findall("[()]", rules):
        depth += 1 if character == "(" else -1
        if depth > PARENTHESES:
            raise WrongGrammar(
                f"More than {PARENTHESES} parentheses are open at once in {where}. Nest fewer."
            )
