"""Questions about the course's subject and the small world, and what lies outside of both."""

import random

from text.knowledge import CAPITALS, DAYS, MONTHS, NUMBERS, OPPOSITES, TERMS
from text.values import city, name, said, slip, talk, word

ASK_TERM = [
    "What is {}?", "What is {}?", "What does {} mean?", "Explain {}.", "Can you explain {}?",
    "Tell me what {} is.", "Please explain {}.", "What's {}?", "Define {}.", "Describe {}.",
    "I do not understand {}.", "Could you tell me what {} is?", "What do you know about {}?",
    "Tell me about {}.", "In one sentence, what is {}?", "Help me understand {}.",
    "Hello! What is {}?", "What exactly is {}?", "Sorry, what is {}?", "Explain {} to me.",
    "Give me a definition of {}.", "What is meant by {}?", "And what is {}?", "Do you know {}?",
    "I want to know what {} is.", "Say in a few words what {} is.", "What do people mean by {}?",
    "I have never heard of {}.", "Teach me about {}.", "Hi! Can you tell me what {} means?",
]  # fmt: skip


def bare(term: str) -> str:
    """Return a term without its article."""
    return term.split(" ", 1)[1] if term.split()[0] in {"a", "an", "the"} else term


def term(rng: random.Random) -> list[dict]:
    """A word of the course is explained."""
    key = rng.choice(list(TERMS))
    if key.startswith(("a ", "an ")) and rng.random() < 0.12:
        ways = ["What are {}s?", "Explain {}s.", "Tell me about {}s."]
        return talk(slip(rng, rng.choice(ways).format(bare(key))), TERMS[key])
    spoken = key if rng.random() < 0.7 else bare(key)
    return talk(slip(rng, rng.choice(ASK_TERM).format(spoken)), TERMS[key])


def capital(rng: random.Random) -> list[dict]:
    """The capital of a country."""
    c = rng.choice(list(CAPITALS))
    question = said(
        rng, f"What is the capital of {c}?", f"Which city is the capital of {c}?",
        f"Name the capital of {c}.", f"Tell me the capital of {c}.", f"Capital of {c}?",
        f"Do you know the capital of {c}?", f"What's {c}'s capital?", f"The capital of {c}?",
        f"What is the capital city of {c}?", f"What is {c}'s capital city?",
    )  # fmt: skip
    return talk(question, f"The capital of {c} is {CAPITALS[c]}.")


def count(rng: random.Random) -> list[dict]:
    """Counting, in digits or in words."""
    n = rng.randrange(2, 21)
    to = rng.choice([str(n), NUMBERS[n - 1]])
    if rng.random() < 0.6:
        ways = [f"Count to {to}.", f"Please count to {to}.", f"Can you count to {to}?",
                f"Count from 1 to {to}.", f"Count up to {to}.", f"Count from one to {to}.",
    ]  # fmt: skip
        return talk(said(rng, *ways), ", ".join(map(str, range(1, n + 1))) + ".")
    ways = [f"Count to {to} in words.", f"Count to {to} with words.", f"In words, count to {to}."]
    return talk(said(rng, *ways), ", ".join(NUMBERS[:n]).capitalize() + ".")


def calendar(rng: random.Random) -> list[dict]:
    """What comes before and after a day or a month."""
    names, what = rng.choice([(DAYS, "day"), (MONTHS, "month")])
    i = rng.randrange(len(names))
    now, after, before = names[i], names[(i + 1) % len(names)], names[i - 1]
    if rng.random() < 0.5:
        ways = [f"Which {what} comes after {now}?", f"What {what} follows {now}?",
                f"What comes after {now}?", f"What {what} is after {now}?",
                f"The {what} after {now}?", f"What {what} comes next after {now}?"]  # fmt: skip
        return talk(said(rng, *ways), f"{after} comes after {now}.")
    ways = [f"Which {what} comes before {now}?", f"What comes before {now}?",
            f"What {what} is before {now}?", f"The {what} before {now}?"]  # fmt: skip
    return talk(said(rng, *ways), f"{before} comes before {now}.")


def opposite(rng: random.Random) -> list[dict]:
    """The opposite of a word."""
    both = {**OPPOSITES, **{b: a for a, b in OPPOSITES.items() if b not in {"old", "light"}}}
    a, b = rng.choice(list(both.items()))
    ways = [f"What is the opposite of {a}?", f"Opposite of {a}?", f"Tell me the opposite of {a}.",
            f"Which word is the opposite of {a}?", f"What's the opposite of {a}?",
            f"Name the opposite of {a}.", f"Which is the opposite of {a}?"]  # fmt: skip
    return talk(said(rng, *ways), f"The opposite of {a} is {b}.")


def arithmetic(rng: random.Random) -> list[dict]:
    """Sums and differences up to 100."""
    a, b = rng.randrange(101), rng.randrange(101)
    if rng.random() < 0.6:
        b = rng.randrange(101 - a)
        sign, spoken, answer = "+", "plus", a + b
    else:
        a, b = max(a, b), min(a, b)
        sign, spoken, answer = "-", "minus", a - b
    sum_ = rng.choice([f"{a} {sign} {b}", f"{a} {spoken} {b}", f"{a}{sign}{b}"])
    ways = [f"What is {sum_}?", f"{sum_} = ?", f"How much is {sum_}?", f"{sum_}?", f"{sum_}",
            f"Calculate {sum_}.", f"Work out {sum_}.", f"Can you tell me what {sum_} is?",
    ]  # fmt: skip
    return talk(said(rng, *ways), f"{a} {sign} {b} = {answer}")


THINGS = (
    "banana violin volcano bicycle river sandwich guitar penguin telescope castle chocolate "
    "umbrella elephant piano mountain bridge hammer carpet dolphin rainbow potato rocket camera "
    "island butterfly diamond garden pyramid trumpet whale window forest cheese engine feather "
    "pillow ocean spider ladder candle"
).split()
VERBS = (
    "cook fix build draw paint grow clean repair catch plant bake sew climb drive wash feed fold"
).split()
OUTSIDE = [
    "Who won the {w} cup in {year}?", "Who wrote {W}?", "What is the price of {w} today?",
    "When was {W} built?", "Who is the president of {W}?", "How tall is {W}?", "Who is {W}?",
    "What did {W} do in {year}?", "How far is it from {W} to {V}?", "Where is {W}?", "What is {w}?",
    "What is a {w}?", "Who invented the {t}?", "Why is the {t} so big?", "How do I {v} a {t}?",
    "How can I {v} a {t}?", "What is a {t} made of?", "Who painted {W}?", "Is {W} a good film?",
    "What happened in {year}?", "How many people live in {W}?", "Why is the {t} blue?",
    "Which is the best {t}?", "What does a {t} cost?", "How does a {t} work?", "Who sang {W}?",
    "When did {W} die?", "What colour is a {t}?", "Do you like {W}?", "Where can I buy a {t}?",
    "What will happen in {year}?", "How old is {W}?", "Who discovered {W}?", "What is {W} made of?",
    "How heavy is a {t}?", "Explain {w}.", "Tell me about {W}.", "What does {w} mean?",
    "What is the weather like?", "What time is it?", "What day is it today?", "What is the date?",
    "Why do {t}s exist?", "Who was the first person on the {t}?", "Can a {t} fly?",
]  # fmt: skip
UNKNOWN = "I don't know that. I am a very small model, and my world is small."


def unknown(rng: random.Random) -> list[dict]:
    """What lies outside of the small world is not answered but owned up to."""
    values = {
        "w": word(rng), "W": rng.choice([name, city])(rng), "V": word(rng).capitalize(),
        "year": rng.randrange(1000, 2030), "t": rng.choice(THINGS), "v": rng.choice(VERBS),
    }  # fmt: skip
    if values["W"] in CAPITALS.values():
        values["W"] = word(rng).capitalize()
    return talk(slip(rng, rng.choice(OUTSIDE).format(**values)), UNKNOWN)
