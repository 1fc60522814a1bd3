"""Skills in which a value is copied: repeating, remembering, JSON, labels."""

import json
import random

from text import smalltalk, world
from text.knowledge import DAYS
from text.values import (
    around,
    asked,
    blurred,
    city,
    colour,
    every,
    grammatical,
    name,
    number,
    phrase,
    slip,
    talk,
    word,
)
from text.words import FOODS, TASKS, THINGS

SAY_AGAIN = [
    "Repeat after me: {}", "Repeat: {}", "Say: {}", 'Say "{}".', 'Repeat "{}".', "Say {}",
    "Please repeat this: {}", 'Write "{}".', "Echo {}", 'Can you say "{}"?', "Write: {}",
    'Repeat the words "{}".', 'Please say "{}".', "Repeat this exactly: {}", 'Quote this: "{}"',
    "Say after me: {}", 'Repeat the text "{}".', "Copy this: {}", 'I say "{}". What did I say?',
    "Say the following: {}", 'Could you repeat "{}"?', '"{}" - please repeat that.', "Copy: {}",
    "Write the words {}", 'Tell me "{}".', "Say once more: {}", "Return these words: {}",
    'Now say "{}".', "Please echo: {}", "Say these words: {}", "Once more: {}",
    'Answer with "{}".', "Send this back: {}", "Words for you to repeat: {}", "Again, please: {}",
    'Please repeat the text "{}".', "Give me this again: {}",
]  # fmt: skip
REPEAT = [
    *every("Repeat|Echo|Copy|Quote|Write|Type|Read out|Return|Print|Answer with|Give me|Tell me",
           "| back| now| once more| exactly| for me| just| in full",
           ": {}|: \"{}\".|, please: {}|, please: \"{}\"|, this: {}|, what follows: {}| \"{}\"."),
    *every("Repeat|Copy|Quote|Write|Type|Read out|Return|Print|Give back|Send back|Put down",
           " this| the words| these words| the text| what I say| the following| the line| my words",
           "| again| once more| now| exactly| as it stands| at once", ": {}| - {}|: \"{}\"."),
    *every("{}", ". | - |: |! ", "Repeat that|Say that again|Echo that|Copy that|Now you say it",
           ".|!|, please."),
    *every("Say|Speak|Call out|Go on and say|I want you to say|Let me hear|Would you say|Just say",
           " |: |, please: | now: | once: | only ", '{}|"{}"|"{}".|"{}", please.'),
]  # fmt: skip


def repeat(rng: random.Random, text: str | None = None) -> list[dict]:
    """Words that nobody has seen, or this text, are said again, exactly."""
    longest = rng.choice([1, 3, 6, 20, 40])  # long ones teach copying fastest: it is all they hold
    texts = [phrase(rng, longest), phrase(rng, longest), name(rng), str(number(rng))]
    text = text or rng.choice(texts)
    way = rng.choice(rng.choice([SAY_AGAIN, REPEAT]))
    return talk(around(rng, way, exact=True).format(text), text)


# how it is made, told, acknowledged, asked for and answered
FACTS = [
    (name, ["My name is {}.", "I am {}.", "Hi, I'm {}.", "Call me {}.", "Hello! My name is {}.",
            "I'm called {}.", "Hi! I am {}.", "You can call me {}.", "{} is my name.",
            "Hello, I am {}.", "People call me {}.", "This is {} speaking.", "It is me, {}!",
            "My name's {}.", "I go by {}.", "You should know that my name is {}.",
            "Good morning, I am {}.", "Everybody calls me {}.", "I have a name: {}.",
            *every("Hey there, |So, |Well, |Good day, |Hi cria, ",
                   "my name is|the name is|they named me|I am known as|please call me", " {}",
                   ".|!")],
     "Nice to meet you, {}!",
     ["What is my name?", "What's my name?", "Do you remember my name?", "Who am I?",
      "Tell me my name.", "What am I called?", "Do you know my name?", "And what is my name?",
      "How am I called?", "What was my name?", "Say my name.", "Who is talking to you?",
      "Which name did I tell you?", "Have you forgotten my name?", "My name is what?",
      "Remember my name?", "Could you say my name?", "What name did I give you?",
      "My name, what is it?", "My name, do you know it?", "My name, have you kept it?",
      "Under what name am I known?", "By what name do you call me?",
      "By which name am I known?", "Which name do you know me by?",
      "Under which name do you know me?",
      *every("Can you say|Do you recall|Do you still know|Will you tell me|Please say|Now tell me",
             " my name| what my name is| who I am", "?")],
     "Your name is {}."),
    (city, ["I live in {}.", "My city is {}.", "I come from {}.", "I am from {}.",
            "My home is in {}.", "I moved to {}.", "My home town is {}.", "My house is in {}.",
            "I have lived in {} for years.", "We live in {}.", "I am at home in {}.",
            "Now I am living in {}.", "{} is where I live.", "I own a flat in {}.",
            "For years now {} has been my home.", "Since last year my home is in {}.",
            "I stay in {} these days.", "I settled in {}.", "My flat stands in {}."],
     "{} sounds like a good place!",
     ["Where do I live?", "Which city do I live in?", "Where am I from?", "What is my city?",
      "Do you remember where I live?", "Where is my home?", "In which city do I live?",
      "Where did I say I live?", "What is my home town?", "Tell me where I live.",
      "In what city am I at home?", "Where do I live, do you know?",
      "Which city is my home?", "Where is it that my house stands?", "My city, which one is it?",
      "My city, do you know it?",
      "Do you still know my city?", "Which city did I name?", "In which place do I live?",
      "Which town is it I am from?", "What city is it I call home?",
      *every("Can you say|Do you still know|Could you tell me|Please say|Now tell me",
             " where my home is| where I am from| which city I live in", "?")],
     "You live in {}."),
    (colour, ["My favourite colour is {}.", "I like the colour {}.", "I love the colour {}.",
              "My favorite color is {}.", "The colour I like most is {}.", "I like {} most.",
              "Of all colours I like {} best.", "My colour is {}.", "I prefer {}.",
              "I think {} is the best colour.", "My favourite colour is really {}.",
              "My favourite colour has always been {}.", "Nothing is as nice as {}.",
              "The finest colour is {}.", "I am a friend of {}.", "I adore {}.", "I dream in {}.",
              *every("I am|I was always|I have become", " keen on| happy with| glad about| a fan of"
                     "| proud of| in love with| very much for", " {}.| the colour {}."),
              *every("The|My", " best| nicest| first| only|", " colour| color",
                     " will be| has to be| must be| was", " {}."),
              "Of the colours, {} is the best for me.", "I could not live without {}.",
              *every("My favourite colour is|My favorite color is|The colour I love is",
                     " surely| now| still| always| and will be| <how>| <how>| <how>", " {}."),
              "{} is the colour I love.", "My favourite colour? It is {}."],
     "{} is a fine colour!",
     ["What is my favourite colour?", "Which colour do I like?", "What colour do I like?",
      "What is my favorite color?", "Do you remember my favourite colour?",
      "Which colour is my favourite?", "Tell me my favourite colour.", "What is my colour?",
      "Which colour did I tell you?", "Which is the colour I like most?",
      "Remember my favourite colour?", "What colour is my favourite?",
      "My favourite colour, what is it?", "My colour, do you know it?",
      "What did I call my favourite colour?",
      *every("Which|What", " colour| color", " do I love| do I prefer| did I name| was it",
             "?| again?"),
      *every("Which|What|And which", " colour| color",
             " do I like most| do I love best| is best for me| was the one I like| is my best one"
             "| did I say I like| did I call my favourite| was the favourite of mine", "?"),
      *every("What did I", " tell you| say", " is my favourite colour| my best colour is"
             "| the colour I like is| about my favourite colour", "?"),
      *every("Can you say|Do you still know|Could you tell me|Please say",
             " my favourite colour| which colour I like", "?")],
     "Your favourite colour is {}."),
    (number, ["My number is {}.", "Remember the number {}.", "My favourite number is {}.",
              "Please remember {}.", "The number is {}.", "Keep the number {} in mind.",
              "Note the number {}.", "Here is a number: {}.", "Do not forget the number {}.",
              "A number for you: {}.", "{} is my number.", "Store this number: {}.", "I chose {}.",
              "My number is {}, do not forget it.", "Hold on to this number: {}.", "Take {}.",
              "I tell you a number: {}.", "You get {} from me.", "Save {} for me."],
     "I will remember {}.",
     ["What is my number?", "Which number did I tell you?", "What number did I tell you?",
      "What was the number?", "Do you remember the number?", "Tell me my number.",
      "Which number was it?", "What number did I give you?", "Tell me the number.",
      "What number was that?", "The number again?", "Which number did I choose?",
      "What number did I name?", "My number, which one is it?", "My number, do you have it?",
      "Which number was that again?", "Which was the number again?", "Which number was it I gave?",
      *every("Can you say|Do you still know|Could you tell me|Please say",
             " the number| my number| which number it was", "?")],
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
        sentence = around(rng, rng.choice(tell), exact=True).format(value)
        sentence = sentence.replace("<how>", f"{word(rng)}ly")  # an adverb is no value
        conversation += talk(sentence, reply[0].upper() + reply[1:])
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3]) if asides is None else asides):
        conversation += aside(rng)
    if rng.random() < 0.1:
        conversation += not_told(rng, [fact for fact in FACTS if fact not in facts])
    for questions, answer in rng.sample(told, len(told)):
        conversation += talk(asked(rng, *questions), answer)
    return conversation


def not_told(rng: random.Random, facts: list = FACTS) -> list[dict]:
    """What was never told is not known."""
    *_, questions, _ = rng.choice(facts)
    return talk(asked(rng, *questions), "I don't know. You have not told me.")


PERSONS = [
    *every(
        "Have you heard that|I heard that|They say that|It seems that|I believe that|You see,"
        "|You may know that|Everybody knows that|Who told you that|Is it true that|Listen:",
        " {name}",
        " ({age})|, {age},|, aged {age},",
        " lives| stays| was seen",
        " in {city}",
        ".| today?",
    ),
    *every(
        "At the age of|When only|At just|Aged|Since the age of|Until the age of|Already at",
        " {age}",
        "| years",
        ", {name}",
        " left for| went to| came to| settled in| travelled to| stayed in",
        " {city}",
        ".",
    ),
    *every(
        "{name}",
        ", who comes from {city},| from {city}| ({city})|, born in {city},| in {city}",
        " is {age}| turned {age}| will be {age} soon| is now {age} years old",
        ".",
    ),
    *every(
        "{name}",
        " of| from| out of| in| over in",
        " {city}",
        " is {age}| has turned {age}| is {age} years of age|, {age}| became {age}|: {age} years",
        ".|",
    ),
    *every(
        "Greet|Here is|Have you met|Do meet|You must meet|I know|We saw|Ask|<task>|<task>|<task>|"
        "Hello to|See|Welcome",
        " {name}",
        " from| in| of",
        " {city}",
        ", aged {age}.|, {age}.| ({age}).|, {age} years old.|, who is {age}.|, {age} years.",
    ),
]
PLACES = [
    *every(
        "{city}|The village {city}|The port {city}|Our {city}",
        " in {country}|, which is in {country},| belongs to {country} and|, part of {country},",
        " has {population} inhabitants| counts {population} people| is home to {population}",
        ".",
    ),
    *every(
        "{city} is in {country}|You find {city} in {country}|{country} has a town named {city}",
        ". {population} people live there.|. Its population is {population}.|: {population} people",
    ),
    *every(
        "The small town|The old town|The hamlet|The harbour|The city|The market town|The place",
        " {city}",
        " lies| is found| can be found| stands| is to be seen",
        " in {country}| in the north of {country}| somewhere in {country}",
        ". It is home to {population}.|. It counts {population} people.| with {population} people."
        "|. Its {population} people are friendly.|, home of {population}.",
    ),
    *every(
        "{city} in {country}|{city} over in {country}|{city}, in {country}",
        ": | - |, ",
        "{population} people there|{population} inhabitants|population {population}"
        "|{population} are at home there|{population} have their home there"
        "|{population} dwell in it|{population} live in it|{population} are living there"
        "|{population} people in all|about {population} of them",
        ".|",
    ),
    *every(
        "{city}, |{city} (|{city} of |Look at {city}, ",
        "{country}",
        ", {population} people|"
        "; population {population}| with {population} inhabitants| - {population}",
    ),
]
ORDERS = every(
    "We order|They want|She wants|Please pack|Please send me|Bring us|Kindly send us|Could I get|"
    "I take|Deliver|I need|"
    "<task> me|", " {quantity} {item}", " for| at| at a price of|, that is|, which makes|:",
    " {price} euros| {price}", ".|",
)  # fmt: skip
EVENTS = [
    *every(
        "{title}|The {title}|Our {title}|The next {title}",
        " opens| starts| is planned| is set| will start| can be seen| comes| is held|"
        " took place| will take place| happens",
        " on {day}|, {day},",
        " at {hour}| at {hour} o'clock| from {hour} on",
        ".",
    ),
    *every(
        "On {day}|This {day}|Next {day}|Every {day}",
        " at {hour}| from {hour} on",
        " we meet for| you can see| comes| begins| they play",
        " {title}",
        ".",
    ),
    *every(
        "At {hour}|From {hour} on",
        " this| next| on| every",
        " {day}",
        " comes| begins| there will be| we have| you can hear| we plan| they show",
        " {title}",
        ".",
    ),
]


def drawn(
    rng: random.Random, ways: list[str], more: list[str], values: dict, blur: float = 0
) -> tuple[str, dict]:
    """Return one of these sentences with its values, and the values.

    Blur where each value can be known by its kind: of two names, the words decide which is which.
    """
    sentence = rng.choice(rng.choice([ways, more])).replace("<task>", rng.choice(TASKS).title())
    return blurred(rng, sentence, blur).strip().format(**values), values


def person(rng: random.Random) -> tuple[str, dict]:
    """A sentence about a person, and what it says."""
    v = {"name": name(rng), "age": rng.randrange(1, 100), "city": city(rng)}
    ways = ["{name} is {age} years old and lives in {city}.", "{name} ({age}) is from {city}.",
            "In {city} lives {name}, who is {age}.", "{name}, aged {age}, lives in {city}.",
            "My friend {name} from {city} is {age} years old.", "I am {name}, {age}, from {city}.",
            "{name} lives in {city} and is {age}.", "{age} years old, {name} lives in {city}.",
            "{name} is {age}. {name} lives in {city}.", "We met {name} ({age} years) in {city}.",
            "{city} is the home of {name}, {age} years old.", "Name: {name}, age: {age}, {city}",
            "At {age}, {name} moved to {city}.", "{name} turned {age} and still lives in {city}.",
            "{name} in {city} is {age}.", "This is {name} from {city}, {age}.",
            "{name} ({city}, {age})", "{name}, who is {age}, comes from {city}.",
            "{name}, living in {city}, is {age}.", "Do you know {name}, {age}, of {city}?",
    ]  # fmt: skip
    return drawn(rng, ways, PERSONS, v)


def part(rng: random.Random) -> tuple[str, dict]:
    """A sentence that says two things about a person, or one."""
    v = {"name": name(rng), "age": rng.randrange(1, 100), "city": city(rng)}
    keys, ways = rng.choice([
        (["name", "age"],
         ["{name} is {age} years old.", "{name} is {age}.", "{name} ({age})", "I am {name}, {age}.",
          "{name}, aged {age}", "{name} turned {age}.", "{name} is {age} years of age.",
          "My brother {name} is {age} years old.", "At {age}, {name} is old enough.",
          "The age of {name} is {age}.", "{name} will be {age} soon.",
          *every("Greet|Meet|Say hi to|Hello to", " {name}, ", "{age}.|aged {age}.|{age} years."),
          *every("{name}", " counts| has reached| has lived", " {age} years.")]),
        (["name", "city"],
         ["{name} lives in {city}.", "{name} comes from {city}.", "{name} is from {city}.",
          "My sister {name} lives in {city}.", "In {city} lives {name}.", "{name} of {city}",
          "{name} moved to {city}.", "I am {name}, and I live in {city}.", "{name} ({city})",
          "You will find {name} in {city}.", "{name} is at home in {city}.",
          *every("{name}", " has| owns", " a house| a flat| a shop| friends", " in {city}."),
          *every("{name}, ", "the best|a good|the old", " baker| singer", " of| in", " {city}")]),
        (["name"], ["Her name is {name}.", "This is {name}.", "I met {name}.", "It was {name}."]),
        (["city"], ["We were in {city}.", "I love {city}.", "It rains in {city}."]),
    ])  # fmt: skip
    blur = 0 if keys == ["name", "city"] else 0.2
    return blurred(rng, rng.choice(ways), blur).format(**v), {key: v[key] for key in keys}


def place(rng: random.Random) -> tuple[str, dict]:
    """A sentence about a city, and what it says."""
    v = {"city": city(rng), "country": word(rng).capitalize(), "population": number(rng)}
    ways = ["{city} is a city in {country} with {population} people.",
            "{population} people live in {city}, {country}.",
            "The city of {city} in {country} has {population} people.",
            "In {country} there is {city}, a town of {population}.",
            "{city} ({country}) has {population} people.", "{city}, {country}: {population} people",
            "With {population} people, {city} is a small city in {country}.",
            "{city} lies in {country} and has {population} people.",
            "There are {population} people in {city}, a town in {country}.",
            "{city} in {country} counts {population} people."]  # fmt: skip
    return drawn(rng, ways, PLACES, v)


def order(rng: random.Random) -> tuple[str, dict]:
    """A sentence that orders something, and what it says."""
    item = rng.choice([word(rng), rng.choice(THINGS + FOODS)])
    v = {"item": item, "quantity": rng.randrange(1, 100), "price": rng.randrange(1, 1000)}
    ways = ["I would like {quantity} {item} at {price} euros.",
            "Order: {quantity} {item} for {price} euros each.",
            "Please send {quantity} {item}, price {price} euros.",
            "We need {quantity} of the {item} for {price} euros.",
            "{quantity} times {item}, please, at {price} euros.",
            "I buy {quantity} {item} for {price}.",
            "{item}: {quantity} pieces, {price} euros each.",
            "Can I have {quantity} {item}? I pay {price} euros.",
            "Give me {quantity} {item} for {price} euros.", "{quantity} {item} at {price} euros",
            "Bring us {quantity} {item}, {price} euros each."]  # fmt: skip
    return drawn(rng, ways, ORDERS, v, blur=0 if item in THINGS + FOODS else 0.3)


def event(rng: random.Random) -> tuple[str, dict]:
    """A sentence about an event, and what it says."""
    v = {"title": word(rng).capitalize(), "day": rng.choice(DAYS), "hour": rng.randrange(24)}
    ways = ["{title} is on {day} at {hour} o'clock.", "On {day} at {hour} we have {title}.",
            "The {title} meeting starts {day} at {hour}.", "{day}, {hour} o'clock: {title}.",
            "{title} begins at {hour} on {day}.", "Come to {title} on {day} at {hour} o'clock.",
            "Do not miss {title}, {day} at {hour}.", "{title} ({day}, {hour} o'clock)",
            "{title} will be on {day} at {hour}.", "At {hour} o'clock on {day}: {title}",
            "We have {title} at {hour} on {day}.", "{title} happens {day} at {hour}.",
    ]  # fmt: skip
    return drawn(rng, ways, EVENTS, v, blur=0.3)


WISHES = [
    *every("I want|Show me|Get me|Collect|Note|I would like|Fill in|Please find", " {listed}",
           " as JSON| in JSON| as a JSON object", ": |. |\n", "{sentence}"),
    *every("{sentence}", " Then| So| And now| Next| Well, now| Please|",
           " give me| show me| write| return| get", " {listed}", " as JSON.| in JSON."),
    *every("Build|Create|Fill|Return", " JSON| a JSON object", " with| from| holding", " {listed}",
           ": | out of this: | for this text: | of: ", "{sentence}"),
]  # fmt: skip


def extract(rng: random.Random) -> list[dict]:
    """A sentence is turned into JSON, with the keys that were asked for."""
    sentence, values = rng.choice([person, person, part, part, place, order, event, event])(rng)
    keys = list(values)
    if rng.random() < 0.5:
        keys = rng.sample(keys, rng.randrange(1, len(keys) + 1))
    spoken = [f"the {key}" for key in keys] if rng.random() < 0.2 else keys
    listed = " and ".join([", ".join(spoken[:-1]), spoken[-1]] if len(keys) > 1 else spoken)
    if rng.random() < 0.1 and len(keys) == len(values):
        keys, listed = list(values), rng.choice(["the data", "everything", "what it says"])
    reply = json.dumps({key: values[key] for key in keys}, ensure_ascii=False)
    if rng.random() < 0.2:  # the system prompt says what is wanted, the user only gives the text
        ways = [f"Extract {listed} as JSON.", f"Answer in JSON with the keys {listed}.",
                f"Reply with JSON: {listed}.", f"Turn every text into JSON with {listed}.",
        ]  # fmt: skip
        return [{"role": "system", "content": rng.choice(ways)}, *talk(sentence, reply)]
    ways = [f"Extract {listed} as JSON: {sentence}", f"Give me {listed} as JSON. {sentence}",
            f"{sentence} Write {listed} as JSON.", f"JSON with {listed}: {sentence}",
            f"Extract the {listed} as JSON from this text: {sentence}",
            f"Return JSON with the keys {listed}.\n{sentence}", f"As JSON, {listed}: {sentence}",
            f"Write a JSON object with {listed}. {sentence}", f"{listed} as JSON: {sentence}",
            f"{sentence}\nGive me the {listed} as JSON.", f"Find {listed}, as JSON: {sentence}",
            f"Turn this into JSON with {listed}: {sentence}", f"{sentence} ({listed} as JSON)",
            f"Which {listed}? Answer as JSON. {sentence}"]  # fmt: skip
    more = rng.choice(WISHES).format(listed=listed, sentence=sentence)
    ways = rng.choice([ways, [more]])
    system = ["Answer in JSON.", "Reply with JSON only.", "You extract data as JSON."]
    wish = rng.choice(ways).replace("the the ", "the ")
    wish = wish if wish.startswith(sentence) else around(rng, wish, exact=True)
    conversation = talk(wish, reply)
    if rng.random() < 0.3:
        conversation.insert(0, {"role": "system", "content": rng.choice(system)})
    return conversation


BOUGHT = "phone book film course tool machine program computer server lesson coat bag game".split()
PRAISE = "great wonderful excellent lovely perfect good brilliant superb fine amazing nice".split()
BLAME = "terrible awful bad horrible useless poor broken dreadful disgusting ugly nasty".split()
FEELINGS = {  # praise or blame goes into the second gap
    "positive": ["I love this {0}. It works so well!", "This {0} is {1}!", "What a {1} {0}!",
                 "I am very happy with my {0}.", "The best {0} I ever had.",
                 "I like the {0} a lot.",
                 "A {1} {0}, thank you!", "This {0} made my day.", "My {0} is {1}.", "{1} {0}!",
                 "I really enjoy the {0}.", "The {0} is so {1}, I am glad that I bought it.",
                 "We love our {0}!", "Everybody should have such a {1} {0}.", "{0}: {1}!",
                 "I am so happy, the {0} is {1}.", "I would buy this {0} again.", "I adore my {0}.",
                 "The {0} works and looks {1}.", "It is a {1} {0}."],
    "negative": ["I hate this {0}. It broke at once.", "This {0} is {1}!", "What a {1} {0}!",
                 "I am very unhappy with my {0}.", "The worst {0} I ever had.",
                 "I dislike the {0}.",
                 "A {1} {0}, I want my money back.", "This {0} ruined my day.", "My {0} is {1}.",
                 "I really hate the {0}.", "The {0} is so {1}, I am sorry that I bought it.",
                 "{1} {0}!", "Nobody should buy such a {1} {0}.", "We hate our {0}!", "{0}: {1}!",
                 "I am so unhappy, the {0} is {1}.", "I would never buy this {0} again.",
                 "I regret my {0}.", "The {0} does not work and looks {1}.", "It is a {1} {0}."],
}  # fmt: skip
LIKES = {
    "positive": "love adore like enjoy praise admire",
    "negative": "hate dislike despise curse",
}


MORE_FEELINGS = [
    *every("I|We|They|My friends|All of us|People|My parents", "| truly| just| do| always",
           " {verb}", " the| this| my| our| your| that", " {thing}", "!| so much.|.| a lot."),
    *every("My|The|This|That|Our|Your", " {thing}", " is| was| feels| seems| smells| became",
           "| so| really| very| just", " {how}", "!|.| to us.| today.|, I think."),
    *every("What a|Quite a|Really a|Again a|A truly", " {how} {thing}", "!|.|, I must say."),
    *every("That was|It is|This must be|Yes, it is|I call that", " such a| a very| such a very",
           " {how} {thing}", "!|.|, really!"),
    *every("How {how}", " this| that| your| the", " {thing} is!| {thing} was!| {thing} looks."),
]  # fmt: skip


def feeling(rng: random.Random, answer: str, thing: str) -> str:
    """Return a sentence of praise or blame."""
    how = rng.choice(PRAISE if answer == "positive" else BLAME)
    verb = rng.choice(LIKES[answer].split())
    first = rng.choice(FEELINGS[answer]).format(thing, how)
    more = rng.choice(MORE_FEELINGS).format(verb=verb, thing=thing, how=how)
    return grammatical(rng.choice([first, more]))


TOPICS = {  # a word of the topic goes into the gap
    "sport": (
        "team race match goal football tennis runner player ball swimmer coach champion",
        ["The {} won in the last minute.", "We saw the {} on Sunday.", "The {} was fast.",
         "Everybody cheered for the {}.", "A fine day for the {}.", "The {} lost again."]),
    "weather": (
        "rain snow sun storm wind fog thunder cloud hail frost sunshine drizzle",
        ["There will be {} tomorrow.", "The {} came in the night.", "We had {} all week.",
         "After the {} it was cold.", "Look at the {} outside!", "No {} today."]),
    "food": (
        "soup cheese bread cake salad potato pizza apple rice sauce breakfast dinner",
        ["The {} tasted good.", "I cooked {} today.", "We ate {} with salt.", "More {}, please!",
         "The {} was still hot.", "She made {} for us."]),
    "music": (
        "song piano band violin concert singer guitar choir melody orchestra drum trumpet",
        ["The {} was loud.", "I heard the {} last night.", "The {} played for an hour.",
         "Turn down the {}!", "She knows every {}.", "What a beautiful {}."]),
}  # fmt: skip


ANY_TOPIC = ["I like {}.", "Tell me more about the {}.", "We spoke about the {} yesterday.",
             "The {} is my favourite.", "What do you think of the {}?", "I dream of {}.",
             "Have you seen the {}?", "A {}, at last!", "There is nothing better than the {}.",
             "I read about the {} on Monday.",
             *every("I saw|We talked about|She spoke of|He asked for|They want|I love",
                    " the| this| that| another| a", " {}",
                    "| on Monday| on Saturday| again| all day| for an hour| with me| very often",
                    ".|!|?"),
             *every("One more|Just a|The next|This|No|Some|Again a|Yet another|A second", " {}",
                    " on Sunday| for me| today| in June| at noon| tonight| this week|",
                    "!|.|?")]  # fmt: skip


def label(rng: random.Random) -> list[dict]:
    """A text gets one of the labels that were offered."""
    kinds = rng.choice([FEELINGS, FEELINGS, TOPICS])
    answer = rng.choice(list(kinds))
    if kinds is FEELINGS:
        thing = rng.choice(
            [rng.choice(THINGS + FOODS), rng.choice(BOUGHT), rng.choice(BOUGHT), word(rng)]
        )
        text = feeling(rng, answer, thing)
    else:
        words, sentences = TOPICS[answer]
        text = rng.choice(sentences + ANY_TOPIC).format(rng.choice(words.split()))
    text = text[0].upper() + text[1:]
    offered = list(kinds)
    if kinds is TOPICS:  # not always all of them, and in any order
        others = rng.sample([kind for kind in kinds if kind != answer], rng.randrange(1, 4))
        offered = rng.sample([answer, *others], len(others) + 1)
    *most, last = offered
    listed = f"{', '.join(most)} or {last}"
    ways = [f"Is this {listed}? {text}", f"Label this as {listed}: {text}",
            f"Classify as {listed}: {text}", f"{text} Is that {listed}?", f"{listed}? {text}",
            f"Choose {listed} for this text: {text}", f"{text} ({listed})", f"{text} {listed}?",
            f"Which is it, {listed}? {text}", f"Would you call this {listed}? {text}",
            f"The text is {listed}. Which? {text}", f"One of {listed}: {text}",
            f"Tell me, {listed}: {text}", f"Judge, {listed}? {text}", f"{text} So, {listed}?",
            f"Sort this, {listed}: {text}", f"What is this, {listed}? {text}",
            f"Please mark as {listed}: {text}", f"Is it {listed}? {text}"]  # fmt: skip
    if rng.random() < 0.2:
        system = rng.choice(
            [
                f"Label every text as {listed}.",
                f"Answer with {listed}.",
                f"Is the text {listed}?",
                f"You sort texts into {listed}.",
            ]
        )
        return [{"role": "system", "content": system}, *talk(slip(rng, text), answer)]  # fmt: skip
    return talk(slip(rng, around(rng, rng.choice(ways), exact=True)), answer)
