"""Calling tools: choose one of several, copy its arguments, answer from its result."""

import json
import random
import re
from typing import NamedTuple

from text import smalltalk, stories, world
from text.values import around, blurred, city, every, figure, name, number, phrase, talk, word

MESSAGES = [
    *every("Tell|Write|Text|Inform|Remind|Answer|Message|Ask|Please inform|Please write to",
           " {to}", " now| the following| what follows| about this| of this| for me|,",
           ": {text}| - {text}|: \"{text}\""),
    *every("Let|Make|Have|I will let|Please let|Do let|Help", " {to}",
           " read| hear| see| learn| get| have| find", " this| that| it|", ": {text}"),
    *every("For|To", " {to}", ": {text}| I write: {text}|, this: {text}"),
]  # fmt: skip


CLOTHES = (
    "a jacket|a scarf|gloves|a raincoat|boots|sunglasses|a sweater|a cap|mittens|a shawl|a vest|"
    "sandals|a cardigan|warm socks|an anorak|a blanket|a fur|shorts|a hood|wool|a parka"
).split("|")


class Tool(NamedTuple):
    """A tool, what it is asked with, and the sentence that its result is put in."""

    name: str
    purpose: str
    arguments: dict
    requests: list[str]
    answer: str

    @property
    def subject(self) -> str:
        """What it is asked for, the second word of its answer."""
        return self.answer.split()[1]


def known(rng: random.Random) -> Tool:
    """A tool with a common purpose."""
    c, p, i, a, b, who = city(rng), phrase(rng), word(rng), figure(rng), figure(rng), name(rng)
    wear = rng.choice(CLOTHES)
    return Tool(*rng.choice([
        ("get_weather", "Get the weather in a city", {"city": c},
         ["What is the weather in {city}?", "How is the weather in {city}?", "Weather in {city}?",
          "How does the sky look in {city}?",
          "Is it raining in {city}?", "Weather in {city}, please.", "Is it warm in {city}?",
          "I travel to {city}. How is the weather there?", "Tell me the weather in {city}.",
          "What is the weather like in {city} today?", "In {city}, is it raining?",
          "In {city}, what is the weather like?", "For {city}, the weather.",
          "How warm is it in {city}?",
          "Do I need an umbrella in {city}?", "Should I wear a hat in {city}?",
          "Will I need gloves in {city}?", "Is it a day for boots in {city}?",
          f"Do I need {wear} in {{city}}?", f"Must I wear {wear} in {{city}}?",
          f"Shall I take {wear} to {{city}}?",
          "Will it rain in {city}?", "Is it cold in {city}?",
          "What weather do they have in {city}?", "Check whether it snows in {city}."],
         "The weather in {city}: {}."),
        ("get_time", "Get the time in a city", {"city": c},
         ["What time is it in {city}?", "Tell me the time in {city}.", "Time in {city}?",
          "What is the time in {city}?", "How late is it in {city}?",
          "The time in {city}, please.", "In {city} it is how late?", "I need the time in {city}.",
          "Do you know what time it is in {city}?", "Which time do they have in {city}?",
          "In {city}, how late is it?",
          "The clocks in {city} say what?", "In {city}, is it night now?",
          "Say what time {city} has."],
         "The time in {city} is {}."),
        ("search", "Search for a text", {"query": p},
         ["Search for {query}", "Look up {query}", "Find {query}", "Please search for {query}",
          'Search for "{query}".', 'Look for "{query}".', "I am looking for {query}",
          "Run a search for {query}", "Start a search for {query}", "I want to find {query}",
          "What can you find about {query}", 'Could you look up "{query}"?', "Search: {query}",
          "Do look for {query}",
          "Could you search {query}", "Make a search: {query}", "Go and find {query}",
          "Could you search for {query}", "Will you look for {query}", "Can you find {query}",
          "Do search for {query}", "I need a search for {query}"],
         "I found this: {}."),
        ("get_price", "Get the price of an item", {"item": i},
         ["What does {item} cost?", "What is the price of {item}?", "How much is {item}?",
          "The price of {item}, please.", "I want to buy {item}. What does it cost?",
          "How much must I pay for {item}?", "Could you find out the cost of {item}?",
          "Do you know what {item} costs?", "Can you say what {item} costs?",
          "I wonder what {item} costs.", "Look up what {item} costs now.", "Is {item} dear?",
          "For how much do they sell {item}?", "Find out the price of {item}.",
          "Can you find out the price of {item}?", "Could you find out what {item} costs?",
          "Please find out what {item} costs.", "Can you tell me what {item} costs?",
          "What do they want for {item}?", "At what cost do they sell {item}?",
          "At what price is {item} sold?", "What price do they ask for {item}?",
          "At which price can I buy {item}?"], "The price of {item} is {}."),
        ("add", "Add two numbers", {"a": a, "b": b},
         ["Add {a} and {b}.", "Use the tool to add {a} and {b}.", "What is {a} plus {b}?",
          "What is {a} + {b}?", "Compute {a} plus {b}.", "The sum of {a} and {b}, please.",
          "Sum up {a} and {b}.",
          "What do {a} and {b} make together?", "Could you add {a} and {b}?", "{a} and {b}, added?",
          "How much do {a} and {b} make?", "What do {a} and {b} add up to?",
          "How much are {a} and {b} together?", "Please sum {a} and {b}.",
          "Please add {a} to {b}.", "Please add {a} and {b} now.", "Add {a} and {b} for us."],
         "The sum of {a} and {b} is {}."),
        ("multiply", "Multiply two numbers", {"a": a, "b": b},
         ["Multiply {a} by {b}.", "What is {a} times {b}?", "Multiply {a} and {b}.",
          "How much is {a} times {b}?", "Compute {a} times {b}.", "{a} times {b}, please.",
          "Could you multiply {a} with {b}?",
          "{a} * {b}", "I need {a} times {b}.", "Work out {a} times {b} for me.",
          "Please take {a} times {b}.", "Can you take {a} times {b} for me?",
          "Multiply {a} with {b}, please.", "{a} multiplied by {b}?", "Now multiply {a} by {b}.",
          "Please multiply {a} with {b}.", "Please multiply {a} by {b} now.",
          "Do multiply {a} by {b} for us."],
         "The product of {a} and {b} is {}."),
        ("send_message", "Send a message to a person", {"to": who, "text": p},
         ["Send {to} the message: {text}", "Write to {to}: {text}", "Tell {to}: {text}",
          'Send "{text}" to {to}.', 'Tell {to} "{text}".', "Message for {to}: {text}",
          "Inform {to}: {text}", "Say to {to}: {text}", "Pass this on to {to}: {text}",
          "Give {to} this message: {text}", "Please write {to} this: {text}",
          "I want {to} to know: {text}", "Let {to} have this: {text}", "Please tell {to}: {text}",
          "Please tell {to} that: {text}", "Make {to} know: {text}", "Let {to} hear: {text}",
          rng.choice(MESSAGES), rng.choice(MESSAGES), rng.choice(MESSAGES)],
         "The message to {to}: {}."),
    ]))  # fmt: skip


ASKS = every(
    "Could you|Can you|Will you|Would you|I want you to|Go and|Please|Try to",
    " hand me| also give me| get me| tell me|"
    " show me| find| look up| read| bring me| find out| check| say",
    " the <what>", " of| for| that belongs to| there is for| that goes with", " {<key>}",
    "?|.| now.|, please.| for me.|",
) + every(
    "For|With|Of|About|Concerning|As to|Regarding|In the case of|When it comes to", " {<key>}",
    ", I need the|, give me the|, tell me the|, which is the|, what would be the|, say the|: the|"
    ", what was the|, what is your|, what else is the|, and what is the|, is there a|"
    ", look up the|, how about the|, I want a",
    " <what>", "?|.| now.|, please.|",
) + every(
    "I need|I ask for|I would love|We look for|Give us|Get us|Which is|What was|What could be|"
    "We want|She wants|Give me|Bring|Who knows|I wish for|They want|I want to have|I must have|"
    "I want only|I also want|I want to see|I do want|"
    "Let me see|Let me have|Could I have|May I have|Hand me|I wonder about|And|What about",
    " the <what>", " of| for| that belongs to| there is for", " {<key>}", "?|.|, please.|",
)  # fmt: skip


VERBS = "get find read check show load open count fetch measure list print rate trace name".split()
PURPOSES = every("{verb} |{verb} |{verb}s |Return |", "the |the |a |", "{what}",
                 " of {key}| of a {key}| of one {key}| for {key}| by {key}|", "|.")  # fmt: skip
SUBJECTS = (
    "address age area author balance brand budget code color country currency date deadline depth "
    "distance duration email engine flavour founder genre grade height humidity income language "
    "leader length limit load location material mayor mileage model mood nickname order origin "
    "owner phone population position pressure profit quality rainfall rank rating region role "
    "salary score shape size sound source speed status stock style sunrise sunset symbol target "
    "temperature title type value version volume weight width year"
).split()


def usual(rng: random.Random) -> list[str]:
    """Return the verbs that somebody's tools begin with. Some people name all of them alike."""
    return rng.choice([VERBS, [rng.choice(VERBS)]])


def invented(rng: random.Random, verbs: list[str] = VERBS, what: str = "") -> Tool:
    """A tool that nobody has seen, so that names are copied from the list of tools."""
    what, key = what or word(rng), rng.choice(["name", "city", "id", "item", word(rng)])
    verb = rng.choice(verbs) if rng.random() < 0.7 else word(rng)
    value = rng.choice([name, city, word, figure])(rng)
    called = rng.choices([f"{verb}_{what}", f"{what}_{verb}", what], [6, 1, 1])[0]
    requests = [f"What is the {what} of {{{key}}}?", f"Get the {what} of {{{key}}}.",
                f"Tell me the {what} of {{{key}}}.", f"I need the {what} of {{{key}}}.",
                f"Find the {what} of {{{key}}}.", f"Which {what} has {{{key}}}?",
                f"Do you know the {what} of {{{key}}}?", f"The {what} of {{{key}}}, please.",
                f"For {{{key}}} I need the {what}.", f"{{{key}}}: what is its {what}?",
                f"Of {{{key}}}, tell me the {what}.", f"What {what} does {{{key}}} have?",
                f"Please look up the {what} of {{{key}}}.", f"Show me the {what} of {{{key}}}.",
                f"I would like the {what} of {{{key}}}.", f"With {{{key}}}, which {what} is it?",
                f"Can you get the {what} of {{{key}}}?", f"For {{{key}}}, get me the {what}.",
    ]  # fmt: skip
    asked = rng.choice(ASKS).replace("<what>", what).replace("<key>", key)
    request = blurred(rng, rng.choice([rng.choice(requests), asked, asked]), 0.3, keep=[what])
    answer = f"The {what} of {{{key}}} is {{}}."
    purpose = rng.choice(PURPOSES).format(verb=verb, what=what, key=key)
    purpose = purpose[0].upper() + purpose[1:] if rng.random() < 0.95 else ""
    return Tool(called, purpose, {key: value}, [request], answer)


def parameters(values: dict) -> dict:
    """Return the JSON schema of an object with such values: beside decimals, none is an integer."""
    kinds = {str: "string", int: "integer", float: "number"}
    if float in map(type, values.values()):
        kinds[int] = "number"
    properties = {key: {"type": kinds[type(value)]} for key, value in values.items()}
    return {"type": "object", "properties": properties, "required": list(values)}


def schema(tool: Tool) -> dict:
    """Return a tool in the form of the API's `tools`."""
    about = {"name": tool.name, "description": tool.purpose}
    return {"type": "function", "function": {**about, "parameters": parameters(tool.arguments)}}


def note(tool: Tool) -> str:
    """Return what is thought before the call: the word that was asked for, and the tool's name.

    In the list of tools each name stands twice, "get_rank: get_rank". The note is "rank: get_rank":
    what follows "rank:" has stood behind it before, and need only be copied. Where the name does
    not hold the word, or begins with it, the note is the name twice.
    """
    begin = max(0, tool.name.find(tool.subject))
    return f"{tool.name[begin:]}: {tool.name}"


def offer(rng: random.Random) -> list[Tool]:
    """Return one to four tools.

    Often all are invented: where only one is, it can be guessed without reading what it is for.
    """
    verbs = usual(rng)
    unseen = [lambda: invented(rng, verbs)]
    mixed = [lambda: known(rng), lambda: invented(rng, verbs, rng.choice(SUBJECTS)), *unseen]
    kinds = rng.choice([mixed, unseen])
    drawn = {tool.subject: tool for tool in (rng.choice(kinds)() for _ in range(4))}
    return list(drawn.values())[: rng.choice([1, 2, 3, 4])]


def call(tool: Tool) -> dict:
    """Return the call of a tool in the form of the API's `tool_calls`."""
    return {"type": "function", "function": {"name": tool.name, "arguments": tool.arguments}}


def result(rng: random.Random) -> str:
    """Return what a tool may find out."""
    time = f"{rng.randrange(24)}:{rng.randrange(60):02}"
    degrees = f"{rng.randrange(40)} degrees"
    return rng.choice([degrees, time, word(rng), str(number(rng)), "sunny", "sent", phrase(rng),
                       f"{rng.randrange(40)} degrees and {word(rng)}"])  # fmt: skip


def use(rng: random.Random) -> dict:
    """A conversation with tools: one is called, or one after the other, or none as none fits."""
    offered = offer(rng)
    called = rng.sample(offered, rng.choice([1, len(offered)]))
    kind = rng.random()
    if kind < 0.12:
        exchanges = [two(rng, called[0])]
    elif kind < 0.24:
        exchanges = [no_tool(rng, offered)]
    elif kind < 0.32:
        exchanges = [none_fits(rng, offered)]
    else:
        exchanges = [once(rng, tool) for tool in called]
        if rng.random() < 0.2:
            other = rng.choice([no_tool, no_tool, none_fits])(rng, offered)
            exchanges.insert(rng.randrange(len(exchanges) + 1), other)
    messages = [message for exchange in exchanges for message in exchange]
    return {"tools": [schema(tool) for tool in offered], "messages": messages}


def no_tool(rng: random.Random, offered: list[Tool]) -> list[dict]:
    """An exchange for which no tool is needed."""
    kinds = [smalltalk.hello, smalltalk.manners, world.term, stories.story]
    kinds += 2 * [world.unknown]
    made = rng.choice(kinds)(rng)
    known = "cost|price|time|weather|plus| of | have | has "  # such a question is for a tool
    fits = re.compile("|".join([known, *(rf"\b{tool.subject}\b" for tool in offered)]))
    while fits.search(made[0]["content"].lower()):
        made = rng.choice(kinds)(rng)
    return made


NO_TOOL = "I have no tool for that."


def none_fits(rng: random.Random, offered: list[Tool]) -> list[dict]:
    """A tool is asked for that is not offered."""
    listed = " ".join(f"{tool.name} {tool.purpose}" for tool in offered)
    missing = None
    while not missing or missing.subject in listed or missing.name in listed:
        what = rng.choice(["", rng.choice(SUBJECTS)])
        missing = rng.choice([known(rng), known(rng), invented(rng, VERBS, what)])
    word_ = {"found": "search", "sum": "add", "product": "multiply"}.get(missing.subject)
    request = around(rng, rng.choice(missing.requests), exact=True).format(**missing.arguments)
    return talk(request, NO_TOOL, thought=f"{word_ or missing.subject}: none")


def once(rng: random.Random, tool: Tool) -> list[dict]:
    """One tool is asked for, called, and answers, or fails."""
    found = result(rng)
    told = rng.choice([found, found, json.dumps({"result": found}, ensure_ascii=False)])
    final = tool.answer.format(found, **tool.arguments)
    if rng.random() < 0.12:
        problem = rng.choice(["timeout", "not found", "no network", f"no such {word(rng)}",
                              f"{word(rng).capitalize()}Error", phrase(rng, 4)])  # fmt: skip
        told = rng.choice([json.dumps({"error": problem}, ensure_ascii=False), f"error: {problem}"])
        final = f"Sorry, that did not work: {problem}."
    request = around(rng, rng.choice(tool.requests), exact=True).format(**tool.arguments)
    return [
        {"role": "user", "content": request},
        {"role": "assistant", "content": "", "reasoning_content": note(tool),
         "tool_calls": [call(tool)]},
        {"role": "tool", "content": told},
        {"role": "assistant", "content": final},
    ]  # fmt: skip


def two(rng: random.Random, tool: Tool) -> list[dict]:
    """One tool is asked for twice in one sentence, and called twice."""
    key = list(tool.arguments)[-1]
    changed = rng.choice([[key], list(tool.arguments)])  # of two numbers one may stay
    draw = {int: number, float: figure, str: lambda rng: word(rng).capitalize()}
    others = {key: draw[type(tool.arguments[key])](rng) for key in changed}
    again = tool._replace(arguments=tool.arguments | others)
    whats = {"get_weather": "the weather in {city}", "get_time": "the time in {city}",
             "search": '"{query}"', "get_price": "the price of {item}", "add": "{a} plus {b}",
             "multiply": "{a} times {b}", "send_message": '{to} "{text}"'}  # fmt: skip
    what = whats.get(tool.name, f"the {tool.subject} of {{{key}}}")
    wish = {"search": "Search for", "send_message": "Tell"}.get(tool.name, "Tell me")
    first, second = (what.format(**one.arguments) for one in (tool, again))
    found, found_too = result(rng), result(rng)
    told = tool.answer.format(found, **tool.arguments)
    told_too = tool.answer.format(found_too, **again.arguments)
    joined = f"{wish} {first} and {second}."
    if wish == "Tell me":
        joined = rng.choice([joined, joined, f"I need {first}, and also {second}.",
                             f"What about {first} and {second}?"])  # fmt: skip
    asked = around(rng, joined, exact=True)
    return [
        {"role": "user", "content": asked},
        {"role": "assistant", "content": "", "reasoning_content": note(tool),
         "tool_calls": [call(tool), call(again)]},
        {"role": "tool", "content": found},
        {"role": "tool", "content": found_too},
        {"role": "assistant", "content": f"{told} {told_too}"},
    ]  # fmt: skip
