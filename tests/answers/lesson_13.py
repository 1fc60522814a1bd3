"""Answers to the exercises of lesson 13, as learners write them."""

TEXT = "def text_in(answer):\n"
LOOP = TEXT + '    text = ""\n    for block in answer["content"]:\n'
RIGHT_TEXT = [
    TEXT + '    return "".join(b["text"] for b in answer["content"] if b["type"] == "text")\n',
    LOOP + """        if block["type"] == "text":
            text += block["text"]
    return text
""",
    LOOP + """        if block["type"] != "text":
            continue
        text = text + block["text"]
    return text
""",
    TEXT + """    parts = []
    for block in answer.get("content") or []:
        match block:
            case {"type": "text", "text": text}:
                parts.append(text)
    return "".join(parts)
""",
    """def blocks(answer, kind):
    return [block for block in answer["content"] if block["type"] == kind]

def text_in(answer):
    return "".join(block["text"] for block in blocks(answer, "text"))
""",
    """text_in = lambda answer: "".join(
    map(lambda b: b["text"], filter(lambda b: b.get("type") == "text", answer["content"])))
""",
    TEXT + """    content = list(answer["content"])
    if not content:
        return ""
    first = content[0]
    rest = text_in({**answer, "content": content[1:]})
    return (first["text"] if first["type"] == "text" else "") + rest
""",
    """
def text_in(answer):
    if answer["stop_reason"] == "refusal":
        return ""
    return "".join(b["text"] for b in answer["content"] if b["type"] == "text")
""",
]  # fmt: skip
WRONG_TEXT = [
    (TEXT + "    return ...\n", "nothing here yet"),
    (TEXT + '    return answer["content"]\n', "returned [{'type': 'text'"),
    (TEXT + '    return answer["content"][0]["text"]\n', "two blocks of text"),
    (TEXT + '    return answer["content"][-1]["text"]\n', "returned '!', expected 'Hi!'"),
    (TEXT + '    return "".join(block["text"] for block in answer["content"])\n',
     "raised KeyError: 'text'"),
    (TEXT + '    return "".join(block.get("text", "") for block in answer["content"])\n',
     "a type that is not known"),
    (TEXT + '    return "".join(b["text"] for b in answer["content"] if "text" in b)\n',
     "returned 'not thisHi!', expected 'Hi!'"),
    (TEXT + '    return "".join(b["text"] for b in answer["content"]\n'
     '                   if b["type"] not in ("thinking", "tool_use"))\n',
     "returned 'not thisHi!', expected 'Hi!'"),
    (TEXT + '    return " ".join(b["text"] for b in answer["content"] if b["type"] == "text")\n',
     "returned 'Hi !', expected 'Hi!'"),
    (TEXT + '    return "\\n".join(b["text"] for b in answer["content"] if b["type"] == "text")\n',
     "returned 'Hi\\n!', expected 'Hi!'"),
    (TEXT + '    return [b["text"] for b in answer["content"] if b["type"] == "text"]\n',
     "returned ['Hi!'], expected 'Hi!'"),
    (LOOP + '        if block["type"] == "text":\n            return block["text"]\n',
     "returned 'Hi', expected 'Hi!'"),
    (LOOP + '        if block["type"] == "text":\n            text += block["text"]\n'
     "    print(text)\n", "is there a `return`?"),
    (LOOP + '        if block["type"] == "text":\n            text += block["text"].strip()\n'
     "    return text\n", "spaces and line ends"),
    (LOOP + '        if block["type"] != "text":\n            break\n'
     '        text += block["text"]\n    return text\n', "a thought before the text"),
    (LOOP + '        if block["type"] == "text":\n            text += block["text"]\n'
     "    return text or None\n", "a call and no text"),
    (TEXT + '    return answer["choices"][0]["message"]["content"]\n',
     "raised KeyError: 'choices'"),
    (TEXT + '    return answer.content[0].text\n', "has no attribute 'content'"),
    (TEXT + '    text = ""\n    while answer["content"]:\n'
     '        block = answer["content"].pop(0)\n        if block["type"] == "text":\n'
     '            text += block["text"]\n    return text\n',
     "the answer that was given is changed"),
    ("text_in = 'Hi!'", "a function is expected; this is 'Hi!'"),
    ("""
def text_in(answer):
    return "".join(b["text"] for b in answer["content"] if b["type"] == "text").strip()
""", 'spaces and line ends'),
]  # fmt: skip

TRANSLATED = """def translated(body):
    result = {"max_tokens": 1000, **body}
    first, *others = body["messages"]
    if first["role"] == "system":
        result["system"], result["messages"] = first["content"], others
    if "tools" in body:
        result["tools"] = []
        for tool in body["tools"]:
            function = tool["function"]
            result["tools"].append({
                "name": function["name"],
                "description": function["description"],
                "input_schema": function["parameters"],
            })
    return result
"""
FILTERED = """def tool_for_messages(tool):
    function = dict(tool["function"])
    function["input_schema"] = function.pop("parameters")
    return function

def translated(body):
    messages = body["messages"]
    system = [m["content"] for m in messages[:1] if m["role"] == "system"]
    new = {k: v for k, v in body.items() if k not in ("messages", "tools")}
    new["messages"] = messages[len(system):]
    if system:
        new["system"] = system[0]
    if "max_tokens" not in new:
        new["max_tokens"] = 1000
    if "tools" in body:
        new["tools"] = [tool_for_messages(tool) for tool in body["tools"]]
    return new
"""
RIGHT_TRANSLATED = [
    TRANSLATED,
    """import copy

def translated(body):
    result = copy.deepcopy(body)
    if result["messages"][0]["role"] == "system":
        result["system"] = result["messages"].pop(0)["content"]
    result.setdefault("max_tokens", 1000)
    for number, tool in enumerate(result.get("tools", [])):
        function = tool["function"]
        function["input_schema"] = function.pop("parameters")
        result["tools"][number] = function
    return result
""",
    FILTERED,
    """def translated(body):
    out = dict(body)
    if out.get("max_tokens") is None:
        out["max_tokens"] = 1000
    if body["messages"][0]["role"] == "system":
        out["system"] = body["messages"][0]["content"]
        out["messages"] = body["messages"][1:]
    if body.get("tools"):
        out["tools"] = [
            {"name": t["function"]["name"], "description": t["function"]["description"],
             "input_schema": t["function"]["parameters"]}
            for t in body["tools"]
        ]
    return out
""",
    """def translated(body):
    match body["messages"]:
        case [{"role": "system", "content": system}, *messages]:
            new = {**body, "system": system, "messages": messages}
        case _:
            new = {**body}
    new["max_tokens"] = body.get("max_tokens", 1000)
    names = {"name": "name", "description": "description", "parameters": "input_schema"}
    if tools := body.get("tools"):
        new["tools"] = [{names[key]: value for key, value in tool["function"].items()}
                        for tool in tools]
    return new
""",
    """import json

def translated(body):
    new = json.loads(json.dumps(body).replace('"parameters":', '"input_schema":'))
    if new["messages"][0]["role"] == "system":
        new["system"] = new["messages"][0]["content"]
        del new["messages"][0]
    if "tools" in new:
        new["tools"] = [tool["function"] for tool in new["tools"]]
    return {"max_tokens": 1000} | new
""",
]
WRONG_TRANSLATED = [
    ("def translated(body):\n    return ...\n", "nothing here yet"),
    ("def translated(body):\n    return body\n", "the field max_tokens is missing, expected 1000"),
    (TRANSLATED.replace('{"max_tokens": 1000, **body}', "{**body}"),
     "the field max_tokens is missing"),
    (TRANSLATED.replace('{"max_tokens": 1000, **body}', '{**body, "max_tokens": 1000}'),
     "max_tokens is 1000, expected 50"),
    (TRANSLATED.replace(', result["messages"] = first["content"], others', ' = first["content"]'),
     "messages is [{'role': 'system'"),
    (TRANSLATED.replace('= first["content"], others', "= first, others"),
     "system is {'role': 'system'"),
    (TRANSLATED.replace('    if first["role"] == "system":\n        result', "    result"),
     "one question: messages is []"),
    (TRANSLATED.replace('    if "tools" in body:', '    if first["role"] != "system":\n'
                        '        result["system"] = None\n    if "tools" in body:'),
     "there is a field 'system': None, expected none"),
    (TRANSLATED.replace('"input_schema": f', '"parameters": f'), "two tools: tools is"),
    (TRANSLATED.replace('function["parameters"],\n', 'function["parameters"],\n'
                        '                "type": "function",\n'), "two tools: tools is"),
    (TRANSLATED.replace("            result", "            result['tools'] = []\n"
                        "            result"), "two tools: tools is [{'name': 'get_time'"),
    (TRANSLATED.replace('function = tool["function"]', "function = tool"),
     "raised KeyError: 'name'"),
    (TRANSLATED.replace('    if "tools" in body:\n', "").replace(
        'in body["tools"]', 'in body.get("tools", [])').replace(
        '        result["tools"] = []\n        for', '    result["tools"] = []\n    for').replace(
        "            function =", "        function =").replace(
        "            result", "        result"), "there is a field 'tools': [], expected none"),
    (TRANSLATED.replace("    return result\n", ""), "it returned None (is there a `return`?)"),
    (TRANSLATED.replace('{"max_tokens": 1000, **body}', "body").replace(
        "    first,", '    result.setdefault("max_tokens", 1000)\n    first,'),
     "the body that was given is changed"),
    ('def translated(body):\n    return {"model": body["model"], "messages": body["messages"],\n'
     '            "max_tokens": body.get("max_tokens", 1000)}\n',
     "the field temperature is missing, expected 0"),
    (TRANSLATED.replace("**body}", '"model": body["model"], "messages": body["messages"]}'),
     "max_tokens is 1000, expected 50"),
    (TRANSLATED.replace('["content"], others', '["content"], others[:1]'),
     "a conversation: messages"),
    ("import json\n\n" + TRANSLATED.replace("return result", "return json.dumps(result)"),
     "expected a dictionary"),
    ("import copy\n\ndef translated(body):\n    system = body['messages'].pop(0)\n"
     "    return {**body, 'system': system['content']}\n", "messages is []"),
    ("translated = {}", "a function is expected; this is {}"),
    (FILTERED.replace("messages[:1] if", "messages if").replace(
        "messages[len(system):]", '[m for m in messages if m["role"] != "system"]'),
     "a system message that is not the first"),
]  # fmt: skip

SORTED = """    places = range(len(known))
    order = sorted(places, key=lambda i: cosine(question, known[i]), reverse=True)
    return order[:most]
"""
NEAREST = """def nearest(question, known, most):
    def cosine(a, b):
        dot = sum(x * y for x, y in zip(a, b))
        return dot / (sum(x * x for x in a) * sum(y * y for y in b)) ** 0.5
"""
NEAREST += SORTED
RIGHT_NEAREST = [
    NEAREST,
    """from math import sqrt

def nearest(question, known, most):
    found = []
    for position, vector in enumerate(known):
        dot = length = 0
        for x, y in zip(question, vector):
            dot += x * y
            length += y * y
        found.append((dot / sqrt(length), position))
    found.sort(reverse=True)
    return [position for _, position in found[:most]]
""",
    """import math

def nearest(question, known, most):
    def unit(v):
        return [x / math.hypot(*v) for x in v]
    q = unit(question)
    scores = {i: sum(map(lambda x, y: x * y, q, unit(v))) for i, v in enumerate(known)}
    return sorted(scores, key=scores.get, reverse=True)[:most]
""",
    """import heapq, math

def nearest(question, known, most):
    def score(i):
        return math.sumprod(question, known[i]) / math.hypot(*known[i])
    if not hasattr(math, "sumprod"):
        def score(i):
            return sum(x * y for x, y in zip(question, known[i])) / math.hypot(*known[i])
    return heapq.nlargest(most, range(len(known)), key=score)
""",
    """import math

def nearest(question, known, most):
    left, result = list(range(len(known))), []
    while left and len(result) < most:
        best = max(left, key=lambda i: sum(x * y for x, y in zip(question, known[i]))
                   / math.dist(known[i], [0] * len(question)))
        left.remove(best)
        result.append(best)
    return result
""",
    """def nearest(question, known, most):
    def dot(a, b):
        return sum(x * y for x, y in zip(a, b, strict=True))
    def minus(i):
        v = known[i]
        return -dot(question, v) / dot(v, v) ** .5
    return sorted(range(len(known)), key=minus)[:most]
""",
]
WRONG_NEAREST = [
    ("def nearest(question, known, most):\n    return ...\n", "nothing here yet"),
    (NEAREST.replace("order[:most]", "order"), "returned [1, 0], expected [1]"),
    (NEAREST.replace("order[:most]", "order[0]"), "returned 1, expected [1]"),
    (NEAREST.replace(", reverse=True", ""), "the most similar one: nearest([1.0, 0.0], "),
    (NEAREST.replace("order[:most]", "order[-most:]"), "returned [0], expected [1]"),
    (NEAREST.replace("dot / (sum(x * x for x in a) * sum(y * y for y in b)) ** 0.5", "dot"),
     "lengths do not count"),
    (NEAREST.replace("(sum(x * x for x in a) * sum(y * y for y in b)) ** 0.5",
                     "(sum(x * x for x in a) * sum(y * y for y in b))"), "lengths do not count"),
    (NEAREST.replace("return dot /", "return abs(dot) /"), "opposites are the least similar"),
    (NEAREST.replace("order[:most]", "[known[i] for i in order[:most]]"),
     "returned [[1.0, 0.1]], expected [1]"),
    (NEAREST.replace("order[:most]", "[i + 1 for i in order[:most]]"),
     "returned [2], expected [1]"),
    (NEAREST.replace("order[:most]", "[order[i] for i in range(most)]"),
     "fewer than were asked for"),
    ("def nearest(question, known, most):\n    def far(v):\n"
     "        return sum((x - y) ** 2 for x, y in zip(question, v))\n"
     "    return sorted(range(len(known)), key=lambda i: far(known[i]))[:most]\n",
     "lengths do not count"),
    (NEAREST.replace(SORTED,
                     "    best = sorted(known, key=lambda v: cosine(question, v), reverse=True)\n"
                     "    return [known.index(v) for v in best[:most]]\n"),
     "an embedding that comes twice"),
    (NEAREST.replace(SORTED, "    score = {cosine(question, v): i for i, v in enumerate(known)}\n"
                     "    return [score[c] for c in sorted(score, reverse=True)[:most]]\n"),
     "an embedding that comes twice"),
    (NEAREST.replace(SORTED, "    known.sort(key=lambda v: cosine(question, v), reverse=True)\n"
                     "    return list(range(len(known)))[:most]\n"), "returned [0], expected [1]"),
    (NEAREST.replace("    order =", "    for v in known:\n        v[:] = [x / 2 for x in v]\n"
                     "    order ="), "a list that was given is changed"),
    (NEAREST.replace("return order[:most]", "print(order[:most])"), "is there a `return`?"),
    (NEAREST.replace("order[:most]", "[str(i) for i in order[:most]]"), "returned ['1']"),
    (NEAREST.replace("order[:most]", "set(order[:most])"), "returned {1}, expected [1]"),
    (NEAREST.replace("return order[:most]",
                     "return [cosine(question, known[i]) for i in order[:most]]"),
     "returned [0.99"),
    (NEAREST.replace("return order[:most]", "return max(order)"), "returned 1, expected [1]"),
    (NEAREST.replace("question, known, most", "question, known"), "raised TypeError"),
    (NEAREST.replace("    return order", "    while True:\n        pass\n    return order"),
     "had not ended after"),
    ("nearest = []", "a function is expected; this is []"),
    ("""
def nearest(question, known, most):
    def dot(a, b):
        return sum(x * y for x, y in zip(a, b))
    likeness = lambda i: dot(question, known[i]) / sum(map(abs, known[i]))
    return sorted(range(len(known)), key=likeness, reverse=True)[:most]
""", 'lengths that are no sums'),
]  # fmt: skip

RIGHT = {"13.1": RIGHT_TEXT, "13.2": RIGHT_TRANSLATED, "13.3": RIGHT_NEAREST}
WRONG = {"13.1": WRONG_TEXT, "13.2": WRONG_TRANSLATED, "13.3": WRONG_NEAREST}
