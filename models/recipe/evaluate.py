"""How good is cria? Each skill is tried on questions that training has not seen.

    python evaluate.py [--each 100] [--skill memory --show]

The questions are put in other words than the training text's, and their values are drawn anew.
The model answers greedily, through the real llama-server. Prints a table for the model card.
"""

import argparse
import json
import math
import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests
from text import copying, tools
from text.knowledge import CAPITALS, DAYS, MONTHS, OPPOSITES, TERMS
from text.values import city, name, number, word
from text.world import bare

from helpers import LlamaServer


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


def small_talk(rng: random.Random) -> Probe:
    """Greetings and manners; the three that learners try first are among them."""
    said, answer = rng.choice([
        ("Hello, how are you?", "fine|well|better"), ("Hi! How are you today?", "fine|well"),
        ("Sup! How're you doing? ;)", "fine|well"), ("hey, hows it going", "fine|well"),
        ("Good morning, how do you feel today?", "fine|well"), ("hello cria!", "help|can i do"),
        ("Hey, are you doing okay?", "fine|well"), ("good evening, cria", "help|can i do"),
        ("Thank you so much!", "welcome"), ("Thanks, cria!", "welcome"), ("thank u", "welcome"),
        ("OK, bye!", "goodbye"), ("Good bye, cria!", "goodbye"), ("I have to go, bye", "goodbye"),
        ("So, who are you?", "cria"), ("What is your name, please?", "cria"),
        ("Tell me who you are.", "cria"), ("Are you a human being?", "no"),
        ("Please tell me a joke.", "token"), ("What can you do for me?", "chat"),
        ("How big are you, cria?", "million"), ("i am so tired", "sorry"),
    ])  # fmt: skip
    opening = rng.choice([[], [], [system(f"You are a helpful assistant for {name(rng)}.")]])
    return Probe([*opening, user(said)], lambda text: bool(re.search(answer, text.lower())))


def tone(rng: random.Random) -> Probe:
    """The tone that the system prompt asks for; each has a rule of its own."""
    kind, rule = rng.choice([
        ("witty", "hardly|tokens|jokes"), ("pirate", "ahoy|arr|matey"),
        ("very formal", "good day"), ("helpful", "how can i help|how are you|what can i do"),
        ("one word", r"^\w+[.!]$"),
    ])  # fmt: skip
    asked = rng.choice(["Please be {} today.", "You are a {} companion.", "You are {} cria."])
    if kind == "one word":
        asked = rng.choice(["Answer with a single word.", "Only one word per answer."])
    greeting = rng.choice(["Hello, how are you?", "Hi, how are you doing?", "Hello, cria"])
    messages = [system(asked.format(kind)), user(greeting)]
    return Probe(messages, lambda text: bool(re.search(rule, text.lower())))


def memory(rng: random.Random) -> Probe:
    """A value from an earlier turn, over two to five turns."""
    tell, reply, question, value = rng.choice([
        ("Hey, my name is {}.", "Nice to meet you, {}!", "Say, what is my name?", name(rng)),
        ("Just call me {}.", "Nice to meet you, {}!", "Can you tell me my name?", name(rng)),
        ("I live in {} now.", "{} sounds like a good place!", "So where do I live?", city(rng)),
        ("The number is {}, remember it.", "I will remember {}.", "So what was the number?",
         str(number(rng))),
        ("My favourite colour is clearly {}.", "{} is a fine colour!",
         "So what is my favourite colour?", word(rng)),
    ])  # fmt: skip
    messages = copying.talk(tell.format(value), reply.format(value).capitalize())
    messages[1]["content"] = reply.format(value)
    for _ in range(rng.randrange(4)):
        messages += copying.aside(rng)
    return Probe([*messages, user(question)], lambda text: bool(re.search(rf"\b{value}\b", text)))


def subject(rng: random.Random) -> Probe:
    """The words of the course, asked for in new words."""
    key = rng.choice(list(TERMS))
    ways = ["Could you explain to me what {} is?", "I wonder what {} is.", "So what is {}?",
            "Please define {} for me.", "Remind me, what is {}?", "Quick question: what is {}?",
            "Explain in a few words: {}", "I keep hearing about {}. What is it?"]  # fmt: skip
    text = rng.choice(ways).format(key if rng.random() < 0.8 else bare(key))
    return Probe([user(text)], lambda answer: answer == TERMS[key])


def world(rng: random.Random) -> Probe:
    """Capitals, counting, the calendar, opposites, sums and differences."""
    kind = rng.randrange(5)
    if kind == 0:
        c = rng.choice(list(CAPITALS))
        asked = rng.choice([f"Please tell me the capital of {c}.", f"{c}: what is its capital?"])
        return Probe([user(asked)], holds(CAPITALS[c]))
    if kind == 1:
        n = rng.randrange(3, 21)
        counted = ", ".join(map(str, range(1, n + 1))) + "."
        asked = rng.choice([f"Now count to {n}.", f"Could you count to {n}, please?"])
        return Probe([user(asked)], lambda text: text == counted)
    if kind == 2:
        names = rng.choice([DAYS, MONTHS])
        i = rng.randrange(len(names))
        asked = f"Please tell me what comes after {names[i]}."
        return Probe([user(asked)], lambda text: text.startswith(names[(i + 1) % len(names)]))
    if kind == 3:
        a, b = rng.choice(list(OPPOSITES.items()))
        asked = rng.choice([f"Do you know the opposite of {a}?", f"{a} is the opposite of what?"])
        return Probe([user(asked)], lambda text: b in text)
    a = rng.randrange(100)
    b = rng.randrange(101 - a)
    asked, answer = rng.choice([(f"Now add up {a} + {b}.", a + b), (f"Tell me {a} + {b}.", a + b),
                                (f"So how much is {a + b} - {b}?", a)])  # fmt: skip
    return Probe([user(asked)], lambda text: text.split("=")[-1].strip(" .") == str(answer))


def repeat(rng: random.Random) -> Probe:
    """Words never seen, said again exactly."""
    text = " ".join(word(rng) for _ in range(rng.randrange(1, 6)))
    ways = ['Now repeat "{}".', "Repeat after me, please: {}", 'Say the words "{}".',
            "Echo this: {}"]  # fmt: skip
    return Probe([user(rng.choice(ways).format(text))], lambda answer: answer.strip('"') == text)


def extract(rng: random.Random) -> Probe:
    """JSON from a sentence, with and without `response_format`."""
    v = {"name": name(rng), "age": rng.randrange(1, 100), "city": city(rng)}
    o = {"item": word(rng), "quantity": rng.randrange(1, 100), "price": rng.randrange(1, 1000)}
    values, sentence = rng.choice([
        (v, "{name}, who lives in {city}, is {age} years old."), (v, "{name} of {city} is {age}."),
        (o, "I order {quantity} {item} at {price} euros."),
        (o, "{quantity} {item}, {price} euros."),
    ])  # fmt: skip
    keys = list(values)
    listed = f"{', '.join(keys[:-1])} and {keys[-1]}"
    asked = rng.choice([f"Please extract {listed} as JSON: {sentence.format(**values)}",
                        f"I need {listed} as JSON. {sentence.format(**values)}"])  # fmt: skip
    form = rng.choice([{}, {"response_format": {"type": "json_object"}}])
    return Probe([user(asked)], lambda text: parsed(text) == values, form)


def parsed(text: str) -> object:
    """Return the JSON in a text, or None."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def label(rng: random.Random) -> Probe:
    """One of the labels that were offered, and the right one."""
    kind = rng.choice(["positive", "negative"])
    texts = {"positive": ["I really love this {}!", "My {} is great, I am so happy.", "A fine {}!"],
             "negative": ["I really hate this {}!", "My {} is terrible, I am so unhappy.",
                          "An awful {}!"]}  # fmt: skip
    asked = rng.choice(["Is that positive or negative? {}", "Positive or negative: {}"])
    text = rng.choice(texts[kind]).format(rng.choice(["table", "train", "tool", word(rng)]))
    return Probe([user(asked.format(text))], lambda answer: answer == kind)


def tool_call(rng: random.Random) -> Probe:
    """The right tool of two to four, its arguments exact, and an answer that holds its result."""
    offered = {t[0]: t for t in (rng.choice([tools.known, tools.invented])(rng) for _ in range(4))}
    chosen, *others = list(offered.values())[: rng.randrange(2, 5)]
    form = {
        "tools": [tools.schema(tool) for tool in rng.sample([chosen, *others], len(others) + 1)]
    }
    if rng.random() < 0.2:
        return Probe([user("Hello there, how are you?")], holds("fine", "well", "help"), form)
    request = rng.choice(chosen[3]).format(**chosen[2])
    wanted = {"name": chosen[0], "arguments": chosen[2]}
    messages = [user(rng.choice(["Please: {}", "{}", "Quick: {}"]).format(request))]
    return Probe(messages, lambda text: parsed(text) == wanted, form, result=word(rng))


def unknown(rng: random.Random) -> Probe:
    """What is outside of its world."""
    asked = rng.choice([
        "Who wrote Hamlet?", "Why is the sky blue?", "How do I boil an egg?", "Who built Rome?",
        "What is the meaning of life?", "Who is the king of {W}?", "How far away is the sun?",
        "What is a giraffe?", "Who won the race in {W}?", "How do planes fly?", "What is love?",
        "When did the war of {W} end?", "Who was {W}?", "What does {w} taste like?",
        "Which team is the best?", "What is the price of gold?", "Who invented the wheel?",
        "How deep is the lake of {W}?", "What is the tallest tree?", "Where is my {w}?",
    ])  # fmt: skip
    text = asked.format(W=word(rng).capitalize(), w=word(rng))
    return Probe([user(text)], holds("don't know"))


def story(rng: random.Random) -> Probe:
    """A story that ends by itself, without going round in circles."""
    ways = ["Tell me a story about anything.", "Now tell me a story.", "One more story, please.",
            "Tell us a story, cria!", "I want to hear a story."]  # fmt: skip
    fields = {"temperature": 1.0, "seed": rng.randrange(2**31), "max_tokens": 300, "logprobs": True,
              "top_k": 0, "top_p": 1.0, "min_p": 0.0}  # fmt: skip

    def ends(text: str) -> bool:
        words = text.split()
        fours = [tuple(words[i : i + 4]) for i in range(len(words) - 3)]
        return len(words) > 40 and len(set(fours)) > 0.9 * len(fours)

    return Probe([user(rng.choice(ways))], ends, fields)


SKILLS = {  # the goals that were set, in percent
    small_talk: 98, tone: 95, memory: 95, subject: 90, world: 90, repeat: 95, extract: 95,
    label: 90, tool_call: 90, unknown: 90, story: 95,
}  # fmt: skip


def ask(server: LlamaServer, messages: list[dict], fields: dict) -> dict:
    """Return the first choice of the server's answer."""
    body = {"messages": messages, "temperature": 0, "max_tokens": 120, **fields}
    answer = requests.post(f"{server.base_url}/chat/completions", json=body, timeout=120)
    answer.raise_for_status()
    return answer.json()["choices"][0]


def try_one(server: LlamaServer, probe: Probe) -> tuple[bool, str, dict]:
    """Return whether the answer is right, the answer, and the choice it came in."""
    choice = ask(server, probe.messages, probe.fields)
    text = choice["message"]["content"] or ""
    calls = choice["message"].get("tool_calls")
    if calls:
        function = calls[0]["function"]
        call = {"name": function["name"], "arguments": parsed(function["arguments"])}
        text = json.dumps(call)
    right = probe.right(text) and choice["finish_reason"] != "length"
    if calls and right:
        returned = {"role": "tool", "tool_call_id": calls[0]["id"], "content": probe.result}
        messages = [*probe.messages, choice["message"], returned]
        final = ask(server, messages, probe.fields)["message"]["content"] or ""
        right, text = probe.result in final, f"{text} -> {final}"
    return right, text, choice


def bits(choices: list[dict]) -> float:
    """Return the surprise of a token, in bits, averaged over all tokens of these choices."""
    tokens = [token["logprob"] for choice in choices for token in choice["logprobs"]["content"]]
    return -sum(tokens) / len(tokens) / math.log(2)


def main() -> None:
    """Try every skill and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=100, help="questions a skill (default: 100)")
    parser.add_argument("--skill", help="only this one")
    parser.add_argument("--show", action="store_true", help="print the wrong answers")
    options = parser.parse_args()
    print("| skill | right | goal |\n|---|---|---|")
    with LlamaServer() as server, ThreadPoolExecutor(4) as four:
        for skill, goal in SKILLS.items():
            if options.skill not in {None, skill.__name__}:
                continue
            rng = random.Random(f"held out: {skill.__name__}")
            probes = [skill(rng) for _ in range(options.each)]
            tried = list(four.map(lambda probe: try_one(server, probe), probes))
            score = 100 * sum(right for right, _, _ in tried) / len(tried)
            note = f" ({bits([c for *_, c in tried]):.1f} bits a token)" if skill is story else ""
            title = skill.__name__.replace("_", " ")
            print(f"| {title}{note} | {score:.0f} % | {goal} % |", flush=True)
            for probe, (right, text, _) in zip(probes, tried, strict=True):
                if options.show and not right:
                    print(f"    {probe.messages[-1]['content']!r}\n        -> {text!r}")


if __name__ == "__main__":
    main()
