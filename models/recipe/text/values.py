"""Values that must be copied: drawn from so many that copying is learned, and not the list."""

import random
import re
from collections.abc import Collection
from itertools import cycle, product

from text.knowledge import CAPITALS, TERMS

ONSETS = "b c d f g h j k l m n p r s t v w z br ch cl dr fl gr kl pl pr sh sl st th tr".split()
VOWELS = "a e i o u a e i o ai ea ee ia io oa ou y".split()
CODAS = ["", "", "", "l", "m", "n", "r", "s", "t", "nd", "rk", "st", "x", "th", "ck"]
NAMES = (
    "Ada Alan Grace Linus Guido Tim Ken Anna Ben Clara David Emma Finn Maria Noah Olga Paul Rosa "
    "Sam Tom Lena Max Mia Leo Sara John Mary Peter Lisa Omar Yuki Chen Ivan Nina Jack Alice Bob"
).split()
COLOURS = (
    "red blue green yellow purple orange pink brown black white grey turquoise silver gold violet"
).split()
ENGLISH = sorted({w for text in TERMS.values() for w in text.strip(".").split() if w.isalpha()})


RUDE = re.compile("fu|shit|cum|clit|dick|cock|cunt|tit|nig|piss|rap[ei]|slut|whor|kik|nazi")


def every(*parts: str) -> list[str]:
    """Return every sentence that the parts can make: `every("Hi|Hello", "!|, cria!")` has four."""
    return ["".join(chosen) for chosen in product(*(part.split("|") for part in parts))]


def word(rng: random.Random) -> str:
    """Return a word of one to three syllables that nobody has seen: two alone make 29 million."""
    syllables = rng.choice([1, 2, 2, 2, 3])
    parts = [rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(syllables)]
    made = "".join(parts)
    return word(rng) if RUDE.search(made) else made


def name(rng: random.Random) -> str:
    """Return a person's name, mostly an invented one."""
    return rng.choice(NAMES) if rng.random() < 0.2 else word(rng).capitalize()


def city(rng: random.Random) -> str:
    """Return a city's name, mostly an invented one."""
    return rng.choice(list(CAPITALS.values())) if rng.random() < 0.2 else word(rng).capitalize()


def colour(rng: random.Random) -> str:
    """Return a colour, sometimes one that does not exist."""
    return rng.choice(COLOURS) if rng.random() < 0.6 else word(rng)


def number(rng: random.Random) -> int:
    """Return a number of one to five digits; often some of them are the same."""
    if rng.random() < 0.25:
        return int("".join(rng.choices(rng.sample("0123456789", 2), k=rng.choice([3, 4, 5]))))
    return rng.randrange(10 ** rng.choice([1, 2, 2, 3, 4, 5]))


def figure(rng: random.Random) -> int | float:
    """Return a number as a program may get it: of up to nine digits, or with a decimal point."""
    kind = rng.random()
    if kind < 0.2:
        places = rng.choice([1, 1, 2])
        return round(rng.randrange(1, 10 ** rng.choice([2, 3, 4, 5])) / 10**places, places)
    return rng.randrange(10 ** rng.randrange(6, 10)) if kind < 0.35 else number(rng)


def scramble(rng: random.Random) -> str:
    """Return letters in no order at all, which cut into the rarest of tokens."""
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randrange(2, 9)))


LETTERS = "äöüßéèçñøåłşžαβγδλπωжшдяйю你好世界水火山人日本語学生ありがとう😀🦙🌊🎉👍🔥🌍❤"


def foreign(rng: random.Random) -> str:
    """Return a few signs that English does not use: each is two to four bytes long."""
    return "".join(rng.choice(LETTERS) for _ in range(rng.randrange(1, 5)))


def phrase(rng: random.Random, longest: int = 6) -> str:
    """Return a few words, invented and English ones, and foreign signs now and then."""
    kinds = [
        word,
        lambda rng: rng.choice(ENGLISH),
        lambda rng: word(rng).capitalize(),
        foreign,
        scramble,
    ]
    count = rng.randrange(1, longest + 1)
    return " ".join(rng.choices(kinds, [10, 6, 3, 1, 2])[0](rng) for _ in range(count))


def blurred(rng: random.Random, sentence: str, often: float, keep: Collection[str] = ()) -> str:
    """Return the sentence, with probability `often` a fifth of its plain words replaced.

    Plain are those in lower case outside of braces; the words to `keep` stay.
    """
    if rng.random() >= often:
        return sentence

    plain = [word for word in ENGLISH if word.islower()]  # the others look like names

    def other(found: re.Match) -> str:
        return rng.choice(plain) if found[0] not in keep and rng.random() < 0.2 else found[0]

    return re.sub(r"(?<!\S)[a-z]+(?=[ ,.?:]|$)", other, sentence)


def grammatical(text: str) -> str:
    """Return the text with `an` in the place of `a` before a vowel."""
    return re.sub(r"\b([Aa]) (?=[aeiouAEIOU])", r"\1n ", text)


def slip(rng: random.Random, text: str) -> str:
    """Return the text as people type it: in lower case now and then, or with a typo."""
    if rng.random() < 0.25:
        text = text.lower()
    if rng.random() < 0.2 and text[-1] in ".?!":
        text = text[:-1]
    if rng.random() < 0.07 and len(text) > 8:
        i = rng.randrange(1, len(text) - 1)
        if text[i : i + 2].isalpha():  # a digit in another place would ask for another sum
            text = text[:i] + text[i + 1] + text[i] + text[i + 2 :]
    return text


BEFORE = (
    "Hey, |Hi! |Hello! |Hello, |Okay. |OK, |So, |And |Now: |Please: |Well, |cria, |Cria: |Sorry, |"
    "One question: |Listen: |Good morning! |Hm, |Yes, |Next: |Thanks! |Oh, |Dear cria, |Go on: |"
    "I have a question. |Tell me: |Then |But |Good. |Fine: |Hey you, |All right, |Please, |"
    "A question: |Mm, |My friend, |Again: |Quickly: |One more thing. |You there, |Hello again. |"
    "Let me ask: |Uh, |Just one thing: |A quick thing: |Wait, |Good to see you. |First: |Okay so, |"
    "Dear model, |Last question: |Hi again. |My good cria, |And this: |"
    "Ah, |Right then, |Now then, |Cria, my friend, |Good evening. |Pardon. |Umm, |Er, |Erm, |Uhm, |"
    "By the by: |Oh, by the way: |Incidentally: |While I think of it: |All right. |Okay then. |"
    "Sorry to ask: |A short one: |Before you go: |On another note: |Hmm. |My small cria, "
).split("|")
AFTER = (
    " Thanks!| Thank you!| Please!| Be quick.| I forgot.| I want to learn.| It is important.|"
    " You know that.| Just for fun.| I am curious.| Short, please."
).split("|")


def around(rng: random.Random, text: str, exact: bool = False) -> str:
    """Return the text with a few words before it, or after it, now and then.

    With `exact` the text itself stays as it is, and nothing comes after it. Nothing comes before a
    gap: it would be taken for a part of what goes there.
    """
    if rng.random() < 0.4 and text[0] != "{":
        before = rng.choice(BEFORE)
        if rng.random() < 0.2:  # whatever stands before it does not matter
            before = f"{phrase(rng, 3).capitalize()}{rng.choice('.!:,')} "
        continued = before[-2] not in ".!:" and text[:2] != "I " and not exact
        text = before + (text[0].lower() + text[1:] if continued else text)
    if not exact and rng.random() < 0.12 and text[-1] in ".?!":
        text += rng.choice(AFTER)
    return text


def said(rng: random.Random, *ways: str) -> str:
    """Return one of several ways to say the same, as people type it."""
    return slip(rng, rng.choice(ways))


def asked(rng: random.Random, *ways: str) -> str:
    """Return one of several ways to ask the same, as people type it, with words around it."""
    return slip(rng, around(rng, rng.choice(ways)))


def talk(*texts: str, thought: str = "") -> list[dict]:
    """Return messages in which user and assistant take turns; a thought comes before the last."""
    roles = cycle(["user", "assistant"])
    messages = [{"role": r, "content": t} for r, t in zip(roles, texts, strict=False)]
    if thought:
        messages[-1]["reasoning_content"] = thought
    return messages
