"""Calling tools: choose one of several, copy its arguments, answer from its result."""

import json
import random

from text import smalltalk, world
from text.values import city, name, number, phrase, word


def known(rng: random.Random) -> tuple:
    """A tool with a common purpose: name, description, arguments, request, answer."""
    c, p, i, a, b, who = city(rng), phrase(rng), word(rng), number(rng), number(rng), name(rng)
    return rng.choice([
        ("get_weather", "Get the weather in a city", {"city": c},
         ["What is the weather in {city}?", "How is the weather in {city}?",
          "Is it raining in {city}?", "Weather in {city}, please."], "The weather in {city}: {}."),
        ("get_time", "Get the time in a city", {"city": c},
         ["What time is it in {city}?", "Tell me the time in {city}.", "Time in {city}?"],
         "The time in {city} is {}."),
        ("search", "Search for a text", {"query": p},
         ["Search for {query}", "Look up {query}", "Find {query}", "Please search for {query}"],
         "I found this: {}."),
        ("get_price", "Get the price of an item", {"item": i},
         ["What does {item} cost?", "What is the price of {item}?", "How much is {item}?"],
         "The price of {item} is {}."),
        ("add", "Add two numbers", {"a": a, "b": b},
         ["Add {a} and {b}.", "Use the tool to add {a} and {b}.", "What is {a} plus {b}?"],
         "The sum of {a} and {b} is {}."),
        ("multiply", "Multiply two numbers", {"a": a, "b": b},
         ["Multiply {a} by {b}.", "What is {a} times {b}?", "Multiply {a} and {b}."],
         "The product of {a} and {b} is {}."),
        ("send_message", "Send a message to a person", {"to": who, "text": p},
         ["Send {to} the message: {text}", "Write to {to}: {text}", "Tell {to}: {text}"],
         "The message to {to}: {}."),
    ])  # fmt: skip


def invented(rng: random.Random) -> tuple:
    """A tool that nobody has seen, so that names are copied from the list of tools."""
    what, key = word(rng), rng.choice(["name", "city", "id", "item", word(rng)])
    value = rng.choice([name, city, word, number])(rng)
    requests = [f"What is the {what} of {{{key}}}?", f"Get the {what} of {{{key}}}.",
                f"Tell me the {what} of {{{key}}}.", f"I need the {what} of {{{key}}}.",
    ]  # fmt: skip
    answer = f"The {what} of {{{key}}} is {{}}."
    return f"get_{what}", f"Get the {what} of {key}", {key: value}, requests, answer


def schema(tool: tuple) -> dict:
    """Return a tool in the form of the API's `tools`."""
    name_, description, arguments, _, _ = tool
    kinds = {str: "string", int: "integer"}
    properties = {key: {"type": kinds[type(value)]} for key, value in arguments.items()}
    parameters = {"type": "object", "properties": properties, "required": list(arguments)}
    function = {"name": name_, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


def use(rng: random.Random) -> dict:
    """A conversation with tools: mostly one is called, sometimes none fits."""
    offered = {t[0]: t for t in (rng.choice([known, invented])(rng) for _ in range(4))}
    chosen, *others = list(offered.values())[: rng.choice([1, 2, 2, 3, 4])]
    tools = [chosen, *others]
    rng.shuffle(tools)
    offer = {"tools": [schema(tool) for tool in tools]}
    if rng.random() < 0.22:
        nothing = rng.choice([smalltalk.hello, smalltalk.manners, world.term])(rng)
        return {**offer, "messages": nothing}
    name_, _, arguments, requests, answer = chosen
    time = f"{rng.randrange(24)}:{rng.randrange(60):02}"
    result = rng.choice([f"{rng.randrange(40)} degrees", time,
                         word(rng), str(number(rng)), "sunny", "sent", phrase(rng)])  # fmt: skip
    call = {"type": "function", "function": {"name": name_, "arguments": arguments}}
    told = json.dumps({"result": result}) if rng.random() < 0.5 else result
    return {**offer, "messages": [
        {"role": "user", "content": rng.choice(requests).format(**arguments)},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": told},
        {"role": "assistant", "content": answer.format(result, **arguments)},
    ]}  # fmt: skip
