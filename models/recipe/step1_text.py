"""Step 1 of 4: write the text that cria learns from.

    python step1_text.py --show 5          prints a few conversations

The text is written by a grammar (the folder text/, a file for each family of skills), so nothing in
it comes from elsewhere, and there is as much of it as training can use: each conversation is drawn
anew from a seed. No file is written: steps 2 and 3 draw what they need.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import jinja2
from text import copying, smalltalk, stories, thinking, tools, world

HERE = Path(__file__).resolve().parent
WORK = HERE.parent / "work"

# how often each skill is practised: what is hard more often than what is soon known by heart
SKILLS = {
    smalltalk.hello: 10, smalltalk.tone: 4, smalltalk.one_word: 3, smalltalk.manners: 18,
    smalltalk.persona: 4, smalltalk.choice: 3, smalltalk.greet_abroad: 3,
    world.term: 10, world.capital: 4, world.count: 8, world.calendar: 4, world.opposite: 4,
    world.arithmetic: 18, world.unknown: 12,
    copying.repeat: 12, copying.memory: 20, copying.not_told: 3, copying.extract: 28,
    copying.label: 12, tools.use: 66, stories.story: 12,
    thinking.how_many: 20, thinking.in_order: 24,
}  # fmt: skip


EASY = {skill: often for skill, often in SKILLS.items() if skill is not tools.use}


def conversation(rng: random.Random, skills: dict = SKILLS) -> dict:
    """Return one conversation: its `messages` and, where tools are offered, its `tools`."""
    (skill,) = rng.choices(list(skills), list(skills.values()))
    made = skill(rng)
    if isinstance(made, dict):
        messages = made["messages"]
        if rng.random() < 0.25:  # the template appends the list of tools to it
            messages = [{"role": "system", "content": smalltalk.plain_system(rng)}, *messages]
        return {**made, "messages": with_thoughts(rng, messages)}
    if made[0]["role"] == "system":
        return {"messages": with_thoughts(rng, made)}
    while rng.random() < 0.15:
        made = copying.aside(rng) + made  # people do not begin anew for every question
    if rng.random() < 0.45:
        made = [{"role": "system", "content": smalltalk.plain_system(rng)}, *made]
    return {"messages": with_thoughts(rng, made)}


def with_thoughts(rng: random.Random, messages: list[dict]) -> list[dict]:
    """Return the conversation with its thoughts, where some are empty, or without any.

    cria learns both, and which of them it does, the prompt says. Not every program sends thoughts
    back, so they may begin with the last question or the last reply.
    """
    turns = [i for i, message in enumerate(messages) if message["role"] == "assistant"]
    thought = any(messages[i].get("reasoning_content") for i in turns)
    begin = len(messages)
    if rng.random() < (0.7 if thought else 0.2):
        question = max(i for i, message in enumerate(messages) if message["role"] == "user")
        begin = rng.choice([0, question, turns[-1]])
    made = []
    for i, message in enumerate(messages):
        rest = {key: value for key, value in message.items() if key != "reasoning_content"}
        if i in turns and i >= begin:
            rest["reasoning_content"] = message.get("reasoning_content", "")
        made.append(rest)
    return made


def easy_conversation(rng: random.Random) -> dict:
    """Return a conversation without tools: a third as long, and quicker to teach copying."""
    return conversation(rng, EASY)


def long_conversation(rng: random.Random) -> dict:
    """Return a conversation of many exchanges, in which something early is asked for at the end."""
    return {"messages": with_thoughts(rng, copying.memory(rng, asides=rng.randrange(8, 40)))}


def template() -> jinja2.Template:
    """Return the chat template, as the model file will hold it."""
    environment = jinja2.Environment()
    # jinja's own is for web pages, and writes \u003c for <
    environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
    return environment.from_string((HERE / "template.jinja").read_text(encoding="utf-8"))


def texts(seed: int, make=conversation) -> Iterator[str]:
    """Yield conversations without end, as the one text that the model reads."""
    rng, form = random.Random(seed), template()
    while True:
        yield form.render(**make(rng))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", type=int, default=5, help="how many conversations (default: 5)")
    parser.add_argument("--seed", type=int, default=0, help="where the draws start (default: 0)")
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")  # Windows would write another code into a file
    for _, text in zip(range(options.show), texts(options.seed), strict=False):
        print(text, end="\n\n")
