"""Skills that need several steps, which a thought writes down: how many, and in which order."""

import random

from text.values import around, every, slip, talk, word
from text.words import ANIMALS, FOODS, THINGS

HOW_MANY = [
    *every("How many words are|Count the words|Say how many words are|The number of words|Words",
           " in this| here| in this list| that follow| in the text", ": {}|: \"{}\"| - {}"),
    *every("How many things are|How many items are|Count what is|How many are|Count the things",
           " in this list| here| on the list| named here", ": {}|: {}.| - {}|? {}"),
    *every("Give me the number of|What is the number of|Find out the number of", " words| items",
           ": {}|: \"{}\"| in this: {}"),
    *every("How many words|How many items", " can you find| are there| can be seen", ": {}|? {}"),
    *every("{}: how many|{}. How many", " words| things| items", " are these?| is that?|?"),
    *every("How many words|How many items|How many things",
           " did I list| did I name| did I type| did I send| have I said| have I put here",
           "? {}|: {}|? \"{}\"|? - {}"),
]  # fmt: skip


def how_many(rng: random.Random) -> list[dict]:
    """Words are counted; the thought numbers them, and so the last number is the answer."""
    kinds = [word, lambda rng: rng.choice(THINGS + FOODS + ANIMALS)]
    make = rng.choice([*kinds, lambda rng: rng.choice(kinds)(rng)])
    words = [make(rng) for _ in range(rng.randrange(1, 10))]
    listed = rng.choice([", ", " "]).join(words)
    question = around(rng, rng.choice(HOW_MANY), exact=True).format(listed)
    answer = f"There are {len(words)}." if len(words) > 1 else "There is 1."
    thought = ", ".join(f"{i} {w}" for i, w in enumerate(words, 1))
    return talk(question, answer, thought=thought)


IN_ORDER = [
    *every("Sort|Put in order|Order|Arrange|Bring into order|Please sort|Can you sort|Line up",
           "| these| the numbers| these numbers| by size| from small to large| for me",
           ": {}|: {}.| - {}|, please: {}"),
    *every("Smallest to largest|By size|The small ones first|From the smallest on|Low to high",
           ": {}|: {}.|, please: {}"),
    *every("In what order do|In which order would you put|How would you sort|Can you order",
           " these| the numbers| the following", ": {}|? {}"),
    *every("{}", ", |. |: |; ", "sort them|in order, please|put them in order|the smallest first",
           ".||!"),
]  # fmt: skip


def in_order(rng: random.Random) -> list[dict]:
    """Numbers are put in order; the thought names one after the other, and inserts it."""
    numbers = rng.sample(range(100), rng.choice([2, 3, 3, 4, 4, 5]))
    question = slip(rng, around(rng, rng.choice(IN_ORDER), exact=True).format(listed(numbers)))
    steps = [f"{n}: {listed(sorted(numbers[:i]))}" for i, n in enumerate(numbers, 1)]
    return talk(question, listed(sorted(numbers)) + ".", thought="; ".join(steps))


def listed(numbers: list[int]) -> str:
    """Return the numbers with commas between them."""
    return ", ".join(map(str, numbers))
