"""Skills in which a value is copied: repeating, remembering, JSON, labels."""

import json
import random

from text import smalltalk, world
from text.knowledge import DAYS
from text.values import city, colour, name, number, phrase, said, slip, talk, word


def repeat(rng: random.Random) -> list[dict]:
    """Words that nobody has seen are said again, exactly."""
    longest = rng.choice([1, 3, 6, 20, 40])  # long ones teach copying fastest: it is all they hold
    text = rng.choice([phrase(rng, longest), phrase(rng, longest), name(rng), str(number(rng))])
    ways = ["Repeat after me: {}", "Repeat: {}", "Say: {}", 'Say "{}".', 'Repeat "{}".', "Say {}",
            "Please repeat this: {}", 'Write "{}".', "Echo {}", 'Can you say "{}"?', "Write: {}",
            'Repeat the words "{}".', 'Please say "{}".', "Repeat this exactly: {}",
            'Quote this: "{}"', "Say after me: {}"]  # fmt: skip
    return talk(rng.choice(ways).format(text), text)


# what it is called, how it is made, told, acknowledged, asked for and answered
FACTS = [
    (name, ["My name is {}.", "I am {}.", "Hi, I'm {}.", "Call me {}.", "Hello! My name is {}.",
            "I'm called {}.", "Hi! I am {}.", "You can call me {}.", "{} is my name.",
            "Hello, I am {}."],
     "Nice to meet you, {}!",
     ["What is my name?", "What's my name?", "Do you remember my name?", "Who am I?",
      "Tell me my name.", "What am I called?", "Do you know my name?", "And what is my name?",
      "How am I called?"], "Your name is {}."),
    (city, ["I live in {}.", "My city is {}.", "I come from {}.", "I am from {}.",
            "My home is in {}.", "I moved to {}.", "My home town is {}."],
     "{} sounds like a good place!",
     ["Where do I live?", "Which city do I live in?", "Where am I from?", "What is my city?",
      "Do you remember where I live?", "Where is my home?", "In which city do I live?"],
     "You live in {}."),
    (colour, ["My favourite colour is {}.", "I like the colour {}.", "I love the colour {}.",
              "My favorite color is {}.", "The colour I like most is {}."],
     "{} is a fine colour!",
     ["What is my favourite colour?", "Which colour do I like?", "What colour do I like?",
      "What is my favorite color?", "Do you remember my favourite colour?"],
     "Your favourite colour is {}."),
    (number, ["My number is {}.", "Remember the number {}.", "My favourite number is {}.",
              "Please remember {}.", "The number is {}.", "Keep the number {} in mind."],
     "I will remember {}.",
     ["What is my number?", "Which number did I tell you?", "What number did I tell you?",
      "What was the number?", "Do you remember the number?", "Tell me my number."],
     "The number is {}."),
]  # fmt: skip


def aside(rng: random.Random) -> list[dict]:
    """An exchange about something else."""
    other = [smalltalk.hello, smalltalk.manners, world.term, world.capital, world.arithmetic]
    return rng.choice([*other, world.opposite, world.calendar])(rng)


def memory(rng: random.Random, asides: int | None = None) -> list[dict]:
    """What was told earlier is known later; between the two there may be other talk."""
    facts = rng.sample(FACTS, rng.choice([1, 1, 1, 2, 2, 3]))
    told, conversation = [], []
    for make, tell, echo, questions, answer in facts:
        value = str(make(rng))
        told.append((questions, answer.format(value)))
        reply = echo.format(value)
        conversation += talk(rng.choice(tell).format(value), reply[0].upper() + reply[1:])
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3]) if asides is None else asides):
        conversation += aside(rng)
    for questions, answer in rng.sample(told, len(told)):
        conversation += talk(said(rng, *questions), answer)
    return conversation


def not_told(rng: random.Random) -> list[dict]:
    """What was never told is not known."""
    *_, questions, _ = rng.choice(FACTS)
    return talk(said(rng, *questions), "I don't know. You have not told me.")


def person(rng: random.Random) -> tuple[str, dict]:
    """A sentence about a person, and what it says."""
    v = {"name": name(rng), "age": rng.randrange(1, 100), "city": city(rng)}
    ways = ["{name} is {age} years old and lives in {city}.", "{name} ({age}) is from {city}.",
            "In {city} lives {name}, who is {age}.", "{name}, aged {age}, lives in {city}.",
            "My friend {name} from {city} is {age} years old.", "I am {name}, {age}, from {city}.",
            "{name} lives in {city} and is {age}.", "{age} years old, {name} lives in {city}.",
    ]  # fmt: skip
    return rng.choice(ways).format(**v), v


def place(rng: random.Random) -> tuple[str, dict]:
    """A sentence about a city, and what it says."""
    v = {"city": city(rng), "country": word(rng).capitalize(), "population": number(rng)}
    ways = ["{city} is a city in {country} with {population} people.",
            "{population} people live in {city}, {country}.",
            "The city of {city} in {country} has {population} people.",
            "In {country} there is {city}, a town of {population}."]  # fmt: skip
    return rng.choice(ways).format(**v), v


def order(rng: random.Random) -> tuple[str, dict]:
    """A sentence that orders something, and what it says."""
    v = {"item": word(rng), "quantity": rng.randrange(1, 100), "price": rng.randrange(1, 1000)}
    ways = ["I would like {quantity} {item} at {price} euros.",
            "Order: {quantity} {item} for {price} euros each.",
            "Please send {quantity} {item}, price {price} euros.",
            "We need {quantity} of the {item} for {price} euros."]  # fmt: skip
    return rng.choice(ways).format(**v), v


def event(rng: random.Random) -> tuple[str, dict]:
    """A sentence about an event, and what it says."""
    v = {"title": word(rng).capitalize(), "day": rng.choice(DAYS), "hour": rng.randrange(24)}
    ways = ["{title} is on {day} at {hour} o'clock.", "On {day} at {hour} we have {title}.",
            "The {title} meeting starts {day} at {hour}.", "{day}, {hour} o'clock: {title}.",
    ]  # fmt: skip
    return rng.choice(ways).format(**v), v


def extract(rng: random.Random) -> list[dict]:
    """A sentence is turned into JSON, with the keys that were asked for."""
    sentence, values = rng.choice([person, person, place, order, event])(rng)
    keys = list(values)
    if rng.random() < 0.5:
        keys = rng.sample(keys, rng.randrange(1, len(keys) + 1))
    listed = " and ".join([", ".join(keys[:-1]), keys[-1]] if len(keys) > 1 else keys)
    ways = [f"Extract {listed} as JSON: {sentence}", f"Give me {listed} as JSON. {sentence}",
            f"{sentence} Write {listed} as JSON.", f"JSON with {listed}: {sentence}",
            f"Extract the {listed} as JSON from this text: {sentence}",
            f"Return JSON with the keys {listed}.\n{sentence}",
            f"Write a JSON object with {listed}. {sentence}"]  # fmt: skip
    system = ["Answer in JSON.", "Reply with JSON only.", "You extract data as JSON."]
    conversation = talk(rng.choice(ways), json.dumps({key: values[key] for key in keys}))
    if rng.random() < 0.3:
        conversation.insert(0, {"role": "system", "content": rng.choice(system)})
    return conversation


FEELINGS = {
    "positive": ["I love this {}. It works so well!", "This {} is great!", "What a fine {}!",
                 "I am very happy with my {}.", "The best {} I ever had.", "I like the {} a lot.",
                 "A wonderful {}, thank you!", "This {} made my day."],
    "negative": ["I hate this {}. It broke at once.", "This {} is terrible!", "An awful {}.",
                 "I am very unhappy with my {}.", "The worst {} I ever had.", "I dislike the {}.",
                 "A bad {}, I want my money back.", "This {} ruined my day."],
}  # fmt: skip
TOPICS = {
    "sport": ["The team scored in the last minute.", "She won the race.", "He runs every morning."],
    "weather": ["It will rain tomorrow.", "The sun is shining.", "Snow fell all night."],
    "food": ["The soup was hot and good.", "We had bread and cheese.", "I baked a cake."],
    "music": ["She sings a song.", "He plays the piano well.", "The band was loud."],
}


def label(rng: random.Random) -> list[dict]:
    """A text gets one of the labels that were offered."""
    kinds = rng.choice([FEELINGS, FEELINGS, TOPICS])
    answer = rng.choice(list(kinds))
    thing = rng.choice([rng.choice(world.THINGS), "phone", "book", "film", "course", word(rng)])
    text = rng.choice(kinds[answer]).format(thing)
    *most, last = kinds
    offered = f"{', '.join(most)} or {last}"
    ways = [f"Is this {offered}? {text}", f"Label this as {offered}: {text}",
            f"Classify as {offered}: {text}", f"{text} Is that {offered}?",
            f"Choose {offered} for this text: {text}"]  # fmt: skip
    return talk(slip(rng, rng.choice(ways)), answer)
