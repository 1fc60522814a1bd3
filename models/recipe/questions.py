"""Questions that training never sees, and how to tell a right answer: a function for each skill.

They are put in other words than the training text's, and their values are drawn anew. Only the
greetings that everybody tries first (`TRIED_FIRST`) may stand in the training text too, and what
only surrounds a question: the greeting for a tone, the other talk before a memory.
"""

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from text import copying, thinking, tools
from text.knowledge import CAPITALS, DAYS, MONTHS, OPPOSITES, TERMS
from text.values import city, name, number, word
from text.world import bare


@dataclass
class Probe:
    """A question, and how to tell a right answer."""

    messages: list[dict]
    right: Callable[[str], bool]
    fields: dict = field(default_factory=dict)  # of the request, beside the messages
    result: str = ""  # what the tool returns, if the answer is a call


def user(content: str) -> dict:
    """Return a message of the user's."""
    return {"role": "user", "content": content}


def system(content: str) -> dict:
    """Return a system prompt."""
    return {"role": "system", "content": content}


def holds(*words: str) -> Callable[[str], bool]:
    """Return a check: the answer holds one of these, in either case."""
    return lambda text: any(w.lower() in text.lower() for w in words)


def matches(pattern: str) -> Callable[[str], bool]:
    """Return a check: this regular expression is found in the answer, in lower case."""
    return lambda text: bool(re.search(pattern, text.lower()))


def parsed(text: str) -> object:
    """Return the JSON in a text, or None."""
    try:
        return json.loads(text)
    except ValueError:
        return None


BEFORE = ["", "", "", "Um, ", "Alright. ", "Quick one: ", "My dear cria, ", "By the way: ",
          "Good day. ", "Excuse me. ", "Right. ", "Before I forget: "]  # fmt: skip


def put(rng: random.Random, *ways: str) -> str:
    """Return one of these ways to ask, with a few words before it now and then."""
    before, way = rng.choice(BEFORE), rng.choice(ways)
    return before + (way[0].lower() + way[1:] if before.endswith(", ") else way)


TRIED_FIRST = ["Hello, how are you?", "Hi! How are you today?", "Sup! How're you doing? ;)"]
SMALL_TALK = [  # questions, and what a fitting answer holds
    (["hey, hows it going", "Good morning, how do you feel today?", "And how are you, cria?",
      "Hey, are you doing okay?", "How do you feel this morning?", "Are you doing well today?",
      "hello hello, how are u", "How has your day been?"], "fine|well|never better"),
    (["hello cria, hello!", "a good evening to you, cria", "Good morning to you!", "heya",
      "Hello, little llama!", "Hi hi!", "Hello, my friend!", "A good day to you!"],
     "help|can i do|how are you"),
    (["Thank you so much!", "Thanks, cria!", "thank u", "Thanks a million!", "Oh, thank you!",
      "thanks for that", "Thank you, that was kind.", "Good answer, thank you!"], "welcome"),
    (["All right, bye!", "Good bye, cria!", "I have to go, bye", "See you next week!",
      "bye for now", "Time to go, goodbye!", "Good night, cria!", "I am off now, bye!"], "goodbye"),
    (["So who are you then?", "May I ask your name?", "Tell me who you are.", "who r u",
      "Say your name, please.", "Could you introduce yourself?", "Please say who you are.",
      "And your name is?"], "cria"),
    (["Are you a human being?", "Are you really a person?", "Are you some kind of robot?",
      "Am I speaking to a real person?", "Is there a person behind you?"], "^no\\b"),
    (["Would you tell me a joke?", "Got a joke for me?", "Tell me another joke!",
      "I would like a joke."], "cross the road"),
    (["What can you do for me?", "What are you able to do?", "Tell me what you can do.",
      "Which things can you do?"], "chat"),
    (["How big are you, cria?", "Tell me how big you are.", "How many parameters have you got?"],
     "million"),
    (["i am so tired", "I feel bad.", "I'm sad today.", "I am not feeling good today."], "sorry"),
    (["Nice to meet you!", "Hey, nice to meet you.", "So nice to meet you, cria!"],
     "^nice to meet you"),
    (["Who has made you?", "Tell me who made you.", "Who was it that trained you?"], "recipe"),
    (["Do you run without the internet?", "Where are you running?"],
     "^i run on your own computer"),
]  # fmt: skip


def small_talk(rng: random.Random) -> Probe:
    """Greetings and manners; the three that learners try first are among them."""
    ways, answer = rng.choice(SMALL_TALK[:1] * 2 + SMALL_TALK)
    opening = rng.choice([
        [], [], [system(f"You are a helpful assistant for {name(rng)}.")],
        [system("You help people who learn.")], [system("You are a good assistant.")],
    ])  # fmt: skip
    asked = put(rng, *ways)
    if ways is SMALL_TALK[0][0] and rng.random() < 0.3:
        asked = rng.choice(TRIED_FIRST)
    return Probe([*opening, user(asked)], matches(answer))


def tone(rng: random.Random) -> Probe:
    """The tone that the system prompt asks for; each has a rule of its own."""
    kind, rule = rng.choice([
        ("witty", "hardly|tokens|jokes"), ("pirate", "ahoy|arr|matey"),
        ("very formal", "good day"), ("helpful", "how can i help|how are you|what can i do"),
        ("one word", r"^\w+[.!]$"),
    ])  # fmt: skip
    asked = rng.choice(["Please be {} today.", "You are a {} companion.", "You are {} cria.",
                        "Be a {} assistant now.", "From now on you are a {} helper."])  # fmt: skip
    if kind == "one word":
        asked = rng.choice(["Answer with a single word.", "Only one word per answer.",
                            "Give answers of one word."])  # fmt: skip
    greeting = rng.choice([*TRIED_FIRST, "Hi, how are you doing?", "Hello, cria",
                           "Well, how are you?", "hey cria, how are you",
                           "Good day, cria! How are you?"])  # fmt: skip
    messages = [system(asked.format(kind)), user(greeting)]
    return Probe(messages, matches(rule))


def memory(rng: random.Random) -> Probe:
    """A value from an earlier turn, over two to five turns."""
    ways, reply, questions, value = rng.choice([
        (["Hey, my name is {}.", "Just call me {}.", "Hello cria, I am {}.", "They call me {}."],
         "Nice to meet you, {}!",
         ["Say, what is my name?", "Can you tell me my name?", "My name, do you remember it?",
          "By which name do you know me?"], name(rng)),
        (["I live in {} now.", "I have a house in {}.", "Since May I live in {}."],
         "{} sounds like a good place!",
         ["Where is it that I live?", "Can you tell me where I live?",
          "Which city is it I live in?"],
         city(rng)),
        (["The number is {}, remember it.", "Keep this number for me: {}.", "I give you {}."],
         "I will remember {}.",
         ["What was that number?", "Which number was it again?", "Which number did I say?"],
         str(number(rng))),
        (["My favourite colour is clearly {}.", "The best colour is {}.", "I am fond of {}."],
         "{} is a fine colour!",
         ["Which colour was my favourite?", "Which colour do I like best?",
          "What did I say my favourite colour is?"], word(rng)),
    ])  # fmt: skip
    answer = reply.format(value)
    messages = copying.talk(rng.choice(ways).format(value), answer[0].upper() + answer[1:])
    for _ in range(rng.randrange(4)):
        messages += copying.aside(rng)
    right = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)").search
    return Probe([*messages, user(put(rng, *questions))], lambda text: bool(right(text)))


def subject(rng: random.Random) -> Probe:
    """The words of the course, asked for in new words."""
    key = rng.choice(list(TERMS))
    ways = ["Could you explain to me what {} is?", "I wonder what {} is.", "Then what is {}?",
            "Please define {} for me.", "Remind me, what is {}?", "Quick question: what is {}?",
            "Explain in a few words: {}", "I keep hearing about {}. What is it?",
            "I would like to understand {}.", "What, in short, is {}?", "What might {} be?",
            "Give me a short explanation of {}."]  # fmt: skip
    text = rng.choice(ways).format(key if rng.random() < 0.8 else bare(key))
    if rng.random() < 0.1:
        text, key = rng.choice([
            ("What does temperature do in sampling", "temperature"),
            ("What is server-sent events?", "SSE"),
            ("Please explain server-sent events to me.", "SSE"),
            ("Why would I stream the response?", "streaming"),
        ])  # fmt: skip
    return Probe([user(text)], lambda answer: answer == TERMS[key])


def world(rng: random.Random) -> Probe:
    """Capitals, counting, the calendar, opposites, sums and differences."""
    kind = rng.randrange(5)
    if kind == 0:
        c = rng.choice(list(CAPITALS))
        asked = put(rng, f"Would you tell me the capital of {c}?", f"{c}: what is its capital?")
        return Probe([user(asked)], holds(CAPITALS[c]))
    if kind == 1:
        n = rng.randrange(3, 21)
        counted = ", ".join(map(str, range(1, n + 1))) + "."
        asked = put(
            rng,
            f"Count now to {n}.",
            f"Could you count to {n}, please?",
            f"Count up from 1 until you reach {n}.",
        )
        return Probe([user(asked)], lambda text: text == counted)
    if kind == 2:
        names = rng.choice([DAYS, MONTHS])
        i = rng.randrange(len(names))
        asked = put(
            rng, f"Please tell me what comes after {names[i]}.", f"What is next after {names[i]}?"
        )
        return Probe([user(asked)], lambda text: text.startswith(names[(i + 1) % len(names)]))
    if kind == 3:
        a, b = rng.choice(list(OPPOSITES.items()))
        asked = put(rng, f"Do you know the opposite of {a}?", f"{a} is the opposite of what?")
        return Probe([user(asked)], lambda text: text == f"The opposite of {a} is {b}.")
    a = rng.randrange(100)
    b = rng.randrange(101 - a)
    asked, answer = rng.choice([(f"Add up {a} + {b}.", a + b), (f"Tell me {a} + {b}.", a + b),
                                (f"So how much is {a + b} - {b}?", a)])  # fmt: skip
    return Probe(
        [user(put(rng, asked))], lambda text: text.split("=")[-1].strip(" .") == str(answer)
    )


def repeat(rng: random.Random) -> Probe:
    """Words never seen, said again exactly."""
    text = " ".join(word(rng) for _ in range(rng.randrange(1, 6)))
    ways = ['Now repeat "{}".', "Repeat after me, please: {}", 'Say the words "{}".',
            "Echo this: {}", "Give me back these words: {}", "Say it again: {}"]  # fmt: skip
    return Probe([user(rng.choice(ways).format(text))], lambda answer: answer.strip('"') == text)


def extract(rng: random.Random) -> Probe:
    """JSON from a sentence, with and without `response_format`."""
    sentences, make = rng.choice([
        (["{name}, who lives in {city}, is {age} years old.", "{name} of {city} is {age}.",
          "Meet {name} from {city}, {age} years of age."], copying.person),
        (["The town {city} lies in {country}. It has {population} people.",
          "{city} in {country}: {population} live there."], copying.place),
        (["I order {quantity} {item} at {price} euros.", "{quantity} {item}, {price} euros.",
          "Please bring me {quantity} {item} for {price} euros."], copying.order),
        (["{title} takes place on {day} at {hour}.", "At {hour} on {day} there is {title}."],
         copying.event),
        (["Say hello to {name}, {age} years old.", "{name} has {age} years."], copying.person),
        (["{name} has a home in {city}.", "{name}, the best cook of {city}"], copying.person),
    ])  # fmt: skip
    _, values = make(rng)
    sentence = rng.choice(sentences)
    values = {key: value for key, value in values.items() if f"{{{key}}}" in sentence}
    keys, sentence = list(values), sentence.format(**values)
    listed = f"{', '.join(keys[:-1])} and {keys[-1]}"
    asked = rng.choice([f"Please extract {listed} as JSON: {sentence}",
                        f"I need {listed} as JSON. {sentence}",
                        f"Make JSON with {listed} from this: {sentence}",
                        f"{sentence} Now give me {listed} as JSON."])  # fmt: skip
    schema = tools.parameters(values)
    form = rng.choice([
        {}, {"response_format": {"type": "json_object"}},
        {"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}},
    ])  # fmt: skip
    return Probe([user(asked)], lambda text: parsed(text) == values, form)


def label(rng: random.Random) -> Probe:
    """One of the labels that were offered, and the right one."""
    if rng.random() < 0.3:
        kind = rng.choice(list(copying.TOPICS))
        words, _ = copying.TOPICS[kind]
        text = rng.choice(["I like the {} very much.", "They talked about the {} for hours.",
                           "Another {} on Friday!"]).format(rng.choice(words.split()))  # fmt: skip
        other = rng.choice([topic for topic in copying.TOPICS if topic != kind])
        one, two = rng.sample([kind, other], 2)
    else:
        kind, (one, two) = rng.choice(["positive", "negative"]), ("positive", "negative")
        loves, how = {"positive": ("love", copying.PRAISE), "negative": ("hate", copying.BLAME)}[
            kind
        ]
        texts = [f"I really {loves} this {{}}!", f"My {{}} is {rng.choice(how)}, believe me.",
                 f"Such a {rng.choice(how)} {{}}!", f"They all {loves} the {{}}.",
                 f"That {{}} looks {rng.choice(how)} to me."]  # fmt: skip
        text = rng.choice(texts).format(rng.choice(["table", "train", "tool", "pen", word(rng)]))
    asked = rng.choice([f"Is that {one} or {two}? {text}", f"Decide, {one} or {two}: {text}",
                        f"Please label as {one} or {two}: {text}"])  # fmt: skip
    return Probe([user(asked)], lambda answer: answer == kind)


REQUESTS = {  # other words than the training text's
    "get_weather": ["How does the weather look in {city}?", "Do I need a coat in {city}?",
                    "Can you check the weather in {city}?"],
    "get_time": ["Can you tell me what time it is in {city}?", "In {city}, what time is it now?"],
    "search": ["Can you search for {query}", "Do a search for {query}"],
    "get_price": ["Can you find out what {item} costs?", "At what price do they sell {item}?"],
    "add": ["How much do {a} and {b} add up to?", "Please add {a} and {b} for me."],
    "multiply": ["Can you multiply {a} by {b}?", "Please multiply {a} by {b} for me."],
    "send_message": ["Let {to} know: {text}", "Please tell {to} this: {text}"],
}  # fmt: skip


def wants(tool: tools.Tool, rng: random.Random) -> str:
    """Return a request for this tool, in other words than the training text's."""
    ways = ["Could you give me the {what} of {key}?", "I want the {what} of {key}.",
            "For {key}, what is the {what}?"]  # fmt: skip
    values = {"what": tool.subject, "key": next(iter(tool.arguments.values())), **tool.arguments}
    return rng.choice(REQUESTS.get(tool.name, ways)).format(**values)


def calling(tool: tools.Tool, offered: list[tools.Tool], rng: random.Random) -> Probe:
    """Return a question that one of the offered tools is for."""
    form = {"tools": [tools.schema(other) for other in offered]}
    wanted = {"name": tool.name, "arguments": tool.arguments}
    right = lambda text: parsed(text) == wanted  # noqa: E731
    return Probe([user(wants(tool, rng))], right, form, result=word(rng))


def tool_call(rng: random.Random) -> Probe:
    """The right tool of two to four, its arguments exact, and an answer that holds its result.

    One question in five is a greeting, and one in ten needs a tool that is not offered: then none
    may be called.
    """
    offered, verbs = {}, tools.usual(rng)
    count = rng.randrange(2, 5)
    while len(offered) < count:
        tool = rng.choice([tools.known(rng), tools.invented(rng, verbs)])
        offered[tool.name] = tool
    chosen, *others = offered.values()
    listed = rng.sample(list(offered.values()), len(offered))
    kind = rng.random()
    if kind < 0.2:
        form = {"tools": [tools.schema(tool) for tool in listed]}
        asked = rng.choice(
            ["Hello there, how are you?", *TRIED_FIRST, "Well hello, how do you do today?"]
        )
        return Probe([user(put(rng, asked))], holds("fine", "well", "help"), form)
    if kind < 0.3:
        form = {"tools": [tools.schema(tool) for tool in others]}
        return Probe([user(wants(chosen, rng))], holds("no tool"), form)
    return calling(chosen, listed, rng)


def choice(rng: random.Random) -> Probe:
    """The right one of three tools that nobody has seen, all named alike."""
    verbs = [rng.choice(tools.VERBS)]
    offered = {tool.subject: tool for tool in (tools.invented(rng, verbs) for _ in range(9))}
    chosen, *others = list(offered.values())[:3]
    return calling(chosen, rng.sample([chosen, *others], 3), rng)


def sums(rng: random.Random) -> Probe:
    """A sum or a difference of two numbers of two digits."""
    a, b = rng.randrange(10, 90), rng.randrange(10, 90)
    high, low = max(a, b), min(a, b)
    asked, answer = rng.choice([
        ("Add up {a} + {b}.", a + b), ("Tell me {a} + {b}.", a + b),
        ("What, then, is {a} plus {b}?", a + b), ("So how much is {high} - {low}?", high - low),
        ("Take away: {high} - {low}", high - low), ("What remains of {high} - {low}?", high - low),
    ])  # fmt: skip
    if answer > 100:
        return sums(rng)
    text = asked.format(a=a, b=b, high=high, low=low)
    return Probe([user(text)], lambda said: said.split("=")[-1].strip(" .") == str(answer))


def counting(rng: random.Random) -> Probe:
    """How many words there are."""
    words = [word(rng) for _ in range(rng.randrange(2, 9))]
    asked = rng.choice([
        "How many words do you see: {}", "Tell me the number of words: {}", "Count these words: {}",
        "How many words did I write? {}",
    ]).format(rng.choice([" ", ", "]).join(words))  # fmt: skip
    return Probe([user(asked)], lambda said: said == f"There are {len(words)}.")


def ordering(rng: random.Random) -> Probe:
    """Three to five numbers, the smallest first."""
    numbers = rng.sample(range(100), rng.randrange(3, 6))
    asked = rng.choice([
        "Sort the following: {}", "Put these in order: {}", "From small to large: {}",
        "Which order have these numbers: {}",
    ]).format(thinking.listed(numbers))  # fmt: skip
    wanted = thinking.listed(sorted(numbers))
    return Probe([user(asked)], lambda said: said.strip(".") == wanted)


def unknown(rng: random.Random) -> Probe:
    """What is outside of its world."""
    asked = put(
        rng, "Who wrote Hamlet?", "Why is the sky blue?", "How do I boil an egg?", "What is love?",
        "What is the meaning of all this?", "Who is the king of {W}?", "How far away is the sun?",
        "What is a giraffe?", "Who won the race in {W}?", "How do planes fly?", "Who built Rome?",
        "When did the war of {W} end?", "Who was the founder of {W}?", "What does {w} taste like?",
        "Which team is the best?", "What is the price of gold?", "Who invented the wheel?",
        "How deep is the lake of {W}?", "What is the tallest tree?", "Where is my {w}?",
        "How many legs does a spider have?", "Who is the richest person?", "Is there life on Mars?",
        "What should I cook tonight?", "Which language do they speak in {W}?", "When was {W} born?",
        "What happens when I press the {w}?", "How do I get to {W}?", "What is the best film?",
        "Write a Rust program that sorts a list.", "Write an essay about {w}.", "Paint {W} for me.",
        "Compose a poem on {w}.", "Fix the bug in my program.",
    )  # fmt: skip
    text = asked.format(W=word(rng).capitalize(), w=word(rng))
    return Probe([user(text)], holds("don't know"))


def story(rng: random.Random) -> Probe:
    """A story that ends by itself, without going round in circles."""
    asked = put(
        rng, "Tell me a story about anything.", "Please, one story.", "One more story, please.",
        "Tell us a story, cria!", "I want to hear a story.", "Could you tell me a little story?",
        "Let me hear a story.", "Write down a story for me.", "Invent a story.", "Give me a story.",
        "How about a story?", "Tell the children a story.", "I would love a story.",
        "A short story would be nice.", "Kindly write a story.", "Do tell me a story.",
    )  # fmt: skip
    fields = {"temperature": 1.0, "seed": rng.randrange(2**31), "max_tokens": 400, "logprobs": True,
              "top_k": 0, "top_p": 1.0, "min_p": 0.0}  # fmt: skip

    def long_and_varied(text: str) -> bool:
        words = text.split()
        fours = [tuple(words[i : i + 4]) for i in range(len(words) - 3)]
        return len(words) > 40 and len(set(fours)) > 0.9 * len(fours)

    return Probe([user(asked)], long_and_varied, fields)


GOALS = {  # for each skill, in percent
    small_talk: 98, tone: 95, memory: 95, subject: 90, world: 90, repeat: 95, extract: 95,
    label: 90, tool_call: 90, unknown: 90, story: 95, sums: 90, counting: 85, ordering: 85,
    choice: 90,
}  # fmt: skip


def probes(skill: Callable, count: int) -> list[Probe]:
    """Return so many questions for a skill, always the same ones."""
    rng = random.Random(f"held out: {skill.__name__}")
    return [skill(rng) for _ in range(count)]
