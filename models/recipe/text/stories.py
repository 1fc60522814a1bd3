"""Stories, each drawn anew: more of them than anybody could read."""

import random

from text.values import asked, city, grammatical, name, talk
from text.words import ANIMALS, ASIDES, DEEDS, FOODS, LOOKS, MOODS, MOVES, PEOPLE, PLACES, THINGS

ASK = [
    "Tell me a story.", "Tell a story.", "Can you tell me a story?", "Write a story.",
    "Please tell me a story.", "I would like to hear a story.", "A story, please.",
    "What about a story?", "How about one story?", "How about a tale?",
    "How about telling a story?",
    "Write me a short story.", "Tell me a short story.", "Tell me another story.",
    "Do you know a story?", "Make up a story.", "I need a story.", "Story time!",
    "Can I hear a story?", "Write a little story for me.", "Do you have a story for me?",
]  # fmt: skip


def thing(rng: random.Random) -> str:
    """Return something with a look, such as `rusty key`."""
    return f"{rng.choice(LOOKS)} {rng.choice(THINGS + FOODS)}"


def being(rng: random.Random) -> str:
    """Return somebody with a mood, such as `shy otter`."""
    return f"{rng.choice(MOODS)} {rng.choice(ANIMALS + PEOPLE)}"


def somewhere(rng: random.Random) -> str:
    """Return a place, such as `behind the old mill`."""
    where = rng.choice(["by", "near", "behind", "under", "above", "beyond", "at", "in"])
    return f"{where} the {rng.choice(LOOKS)} {rng.choice(PLACES)}"


def story(rng: random.Random) -> list[dict]:
    """A story of 100 to 200 tokens, whose words are drawn from long lists."""
    pick = rng.choice
    # the usual beginning: what is chosen greedily is to be no close call
    hero, friend = "Ada" if rng.random() < 0.2 else name(rng), name(rng)
    who_lived = "clever llama" if rng.random() < 0.3 else being(rng)

    def happening() -> str:
        who = pick([hero, hero, friend, f"The {being(rng)}", f"A {being(rng)}"])
        return pick([
            f"{who} {pick(DEEDS)} a {thing(rng)} {somewhere(rng)}.",
            f"{who} {pick(DEEDS)} the {thing(rng)} and {pick(MOVES)} {pick(ASIDES)}.",
            f"{who} {pick(MOVES)} {pick(ASIDES)} {somewhere(rng)}.",
            f"{somewhere(rng).capitalize()} stood a {being(rng)} with a {thing(rng)}.",
            f'"{pick(["Take", "Keep", "Hide", "Give me", "Look at"])} the {thing(rng)}," '
            f"{pick(['said', 'whispered', 'shouted', 'begged'])} {pick([hero, friend])}.",
            f"Then {pick([hero, friend])} {pick(MOVES)}, and the {being(rng)} {pick(MOVES)}.",
            f"It was as {pick(LOOKS)} as a {thing(rng)}.",
        ])  # fmt: skip

    beginnings = [
        f"Once upon a time a {who_lived} called {hero} lived {somewhere(rng)}.",
        f"Long ago there was a {who_lived} named {hero}.",
        f"{hero} was a {who_lived} {somewhere(rng)}.",
        f"In {city(rng)} lived {hero}, a {who_lived}.",
    ]
    (beginning,) = rng.choices(beginnings, [5, 2, 1, 1])
    meeting = pick([
        f"One day {hero} met {friend}, a {being(rng)}.",
        f"There {hero} saw a {being(rng)}, whose name was {friend}.",
        f"{friend}, the {being(rng)}, came from {city(rng)}.",
    ])  # fmt: skip
    end = pick([
        f"And {hero} and {friend} {pick(MOVES)} {pick(ASIDES)} "
        f"{pick(['ever after', 'all night'])}.",
        f"In the end {hero} went home with a {thing(rng)}.",
        f"So {friend} kept the {thing(rng)}, and {hero} {pick(MOVES)}.",
        f"The {thing(rng)} is still there, {somewhere(rng)}.",
    ])  # fmt: skip
    middle = [happening() for _ in range(pick([4, 5, 6, 7]))]
    told = " ".join([beginning, meeting, *middle, end])
    return talk(asked(rng, *ASK), grammatical(told))
