"""Stories, each drawn anew: more of them than anybody could read."""

import random

from text.values import city, name, said, talk

ASK = [
    "Tell me a story.", "Tell a story.", "Can you tell me a story?", "Write a story.",
    "Please tell me a story.", "I would like to hear a story.", "A story, please.",
    "Write me a short story.", "Tell me a short story.", "Tell me another story.",
    "Do you know a story?", "Make up a story.",
]  # fmt: skip
OBJECTS = "key lamp map drum stone book bell boat hat mirror coin clock kite rope spoon".split()
ANIMALS = "llama fox owl cat bear mouse goat dog raven hare deer frog wolf hen".split()
MOODS = "quiet curious brave shy clever cheerful lonely stubborn kind restless sleepy proud".split()
PEOPLE = "baker teacher smith gardener sailor weaver miller painter piper doctor".split()
PLACES = ["by the river", "on a hill", "near the sea", "in the old forest", "behind the mill",
          "at the edge of the desert", "under the bridge", "in a small house", "on an island",
    ]  # fmt: skip
OWNERS = "moon wind king river mountain sea rain forest queen sun".split()


def story(rng: random.Random) -> list[dict]:
    """A story of 100 to 200 tokens: somebody finds something and brings it where it belongs."""
    pick = rng.choice
    hero, friend, town = name(rng), name(rng), city(rng)
    thing, animal, mood, owner = pick(OBJECTS), pick(ANIMALS), pick(MOODS), pick(OWNERS)
    place, person, days = pick(PLACES), pick(PEOPLE), rng.randrange(2, 40)
    weather = pick("cold bright rainy windy warm grey stormy quiet".split())
    time = pick("morning evening night day".split())
    where = pick(["under a tree", "in the grass", "behind a door", "in the snow", "on the road"])
    sentences = [
        pick([f"Once upon a time there was a {mood} {animal} called {hero}, who lived {place}.",
              f"Long ago, {place}, lived a {mood} {animal}. Its name was {hero}.",
              f"{hero} was a {mood} {animal} who lived {place} near {town}."]),
        pick([f"One {weather} {time} {hero} found a {thing} {where}.",
              f"On the way to {town}, {hero} stumbled over a {thing}.",
              f"It was a {weather} {time}, and {where} lay a {thing}."]),
        pick([f'"Who has lost this?" {hero} asked, but nobody answered.',
              f"It was {pick(['old', 'heavy', 'shiny', 'broken', 'strange'])}, and it "
              f"{pick(['hummed', 'glowed', 'smelled of salt', 'was full of sand', 'ticked'])}.",
              f"{hero} had never seen anything like it.",
              f"The {thing} was {pick(['warm', 'cold', 'wet', 'dusty'])} to the touch."]),
        pick([f"So {hero} went to {town} to ask {friend}, the {pick(PEOPLE)}.",
              f"Then {friend}, a {pick(MOODS)} {pick(ANIMALS)}, came along and stopped.",
              f"{friend}, the {person} of {town}, knew what to do."]),
        pick([f'"It belongs to the {owner}," said {friend}. "You must bring it back."',
              f'"Keep it," said {friend}, "it has been waiting for you."',
              f'{friend} laughed. "I have been looking for that for {days} years!"']),
        pick([f"They walked for {days} days and "
              f"{pick(['sang', 'told stories', 'counted the stars', 'shared their bread'])}.",
              f"Together they {pick(['climbed a hill', 'crossed a river', 'followed a star'])}"
              f" until they came to {city(rng)}.",
              f"That {time} nobody slept, for there was much to {pick(['say', 'plan'])}."]),
        pick([f"There the {owner} was waiting, {pick(['angry', 'smiling', 'silent', 'asleep'])}.",
              f"A {pick(MOODS)} {pick(ANIMALS)} named {name(rng)} showed them the way.",
              f"On the way back it began to {pick(['rain', 'snow', 'get dark'])}."]),
        pick([f"In the end {hero} went home, {pick(['tired', 'happy', 'richer', 'wiser'])}, and "
              f"{pick(['slept for two days', 'told everyone', 'planted a tree', 'smiled'])}.",
              f"From that day on, {hero} and {friend} were never "
              f"{pick(['alone', 'bored', 'apart', 'afraid'])} again.",
              f"And if you go to {town}, you can still "
              f"{pick(['see it', 'hear it', 'ask them'])} today."]),
    ]  # fmt: skip
    return talk(said(rng, *ASK), " ".join(sentences))
