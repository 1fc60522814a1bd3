"""Answers to the exercises of lesson 05, as learners write them."""

LOOP = "def text_from(data):\n    reply = ''\n    for text in data:\n"
END = "    return reply\n"
RIGHT_TEXT = [
    LOOP + """        if text == "[DONE]":
            break
        for choice in json.loads(text)["choices"]:
            reply += choice["delta"].get("content") or ""
""" + END,
    """def text_from(data):
    chunks = [json.loads(text) for text in data[:-1]]
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    return "".join(delta.get("content") or "" for delta in deltas)
""",
    LOOP + """        if text == "[DONE]":
            return reply
        chunk = json.loads(text)
        if chunk["choices"]:
            content = chunk["choices"][0]["delta"].get("content")
            if content is not None:
                reply += content
""",
    LOOP + """        try:
            content = json.loads(text)["choices"][0]["delta"]["content"]
        except (KeyError, IndexError, json.JSONDecodeError):
            continue
        if content:
            reply += content
""" + END,
    """def text_from(data):
    parts = []
    for text in data:
        if text != "[DONE]":
            chunk = json.loads(text)
            if len(chunk["choices"]) > 0:
                delta = chunk["choices"][0]["delta"]
                if "content" in delta and delta["content"]:
                    parts.append(delta["content"])
    return "".join(parts)
""",
    """def text_from(data):
    if not data or data[0] == "[DONE]":
        return ""
    choices = json.loads(data[0])["choices"]
    first = "".join(choice["delta"].get("content") or "" for choice in choices)
    return first + text_from(data[1:])
""",
    """def pieces(data):
    for text in data:
        if text.strip() == "[DONE]":
            return
        for choice in json.loads(text).get("choices") or []:
            yield (choice.get("delta") or {}).get("content") or ""

text_from = lambda data: "".join(pieces(data))
""",
    """
from openai.types.chat import ChatCompletionChunk
def text_from(data):
    reply = ""
    for text in data:
        if text != "[DONE]":
            for choice in ChatCompletionChunk.model_validate_json(text).choices:
                reply += choice.delta.content or ""
    return reply
""",
]  # fmt: skip
PLAIN = '        if text != "[DONE]":\n            '
WRONG_TEXT = [
    (LOOP + PLAIN + 'reply += json.loads(text)["choices"][0]["delta"]["content"]\n' + END,
     "raised TypeError"),
    (LOOP + PLAIN + 'reply += str(json.loads(text)["choices"][0]["delta"].get("content"))\n' + END,
     "returned 'NoneHi!None', expected 'Hi!'"),
    (LOOP + PLAIN + 'reply += json.loads(text)["choices"][0]["delta"].get("content", "")\n' + END,
     "raised TypeError"),
    (LOOP + PLAIN + 'reply += json.loads(text)["choices"][0]["delta"].get("content") or ""\n' + END,
     "raised IndexError: list index out of range"),
    (LOOP + '        reply += json.loads(text)["choices"][0]["delta"].get("content") or ""\n' + END,
     "raised JSONDecodeError"),
    (LOOP + '        if "[DONE]" in text:\n            break\n'
     '        for c in json.loads(text)["choices"]:\n'
     '            reply += c["delta"].get("content") or ""\n' + END,
     "returned '', expected '[DONE]!'"),
    ('def text_from(data):\n    reply = ""\n    for text in data[1:-1]:\n'
     '        for c in json.loads(text)["choices"]:\n'
     '            reply += c["delta"].get("content") or ""\n' + END,
     "returned '!', expected 'Hi!'"),
    (LOOP + PLAIN + 'for c in json.loads(text)["choices"]:\n'
     '                if c["finish_reason"]:\n                    return reply\n'
     '                reply += c["delta"].get("content") or ""\n' + END,
     "text in the finish chunk"),
    (LOOP + PLAIN + 'for c in json.loads(text)["choices"]:\n                d = c["delta"]\n'
     '                reply += d.get("content") or d.get("reasoning_content") or ""\n' + END,
     "returned 'HmHi!', expected 'Hi!'"),
    (LOOP + PLAIN + 'for c in json.loads(text)["choices"]:\n'
     '                reply += c["delta"].get("content") or ""\n    print(reply)\n',
     "returned None (is there a `return`?)"),
    ('def text_from(data):\n    data.pop()\n    reply = ""\n    for text in data:\n'
     '        for c in json.loads(text)["choices"]:\n'
     '            reply += c["delta"].get("content") or ""\n' + END,
     "the list that was given is changed"),
    (LOOP + PLAIN + 'for c in json.loads(text)["choices"]:\n'
     '                reply += (c["delta"].get("content") or "").strip()\n' + END,
     "spaces and line ends"),
    (LOOP + PLAIN + 'for c in eval(text)["choices"]:\n'
     '                reply += c["delta"].get("content") or ""\n' + END,
     "raised NameError: name 'null' is not defined"),
    ('def text_from(data):\n    return [c["delta"].get("content") or "" for text in data[:-1]\n'
     '            for c in json.loads(text)["choices"]]\n',
     "returned ['Hi', '!'], expected 'Hi!'"),
    (LOOP + "        try:\n            chunk = json.loads(text)\n"
     '            reply += chunk["choices"][0]["delta"]["content"]\n'
     "        except Exception:\n            break\n" + END,
     "returned '', expected 'Hi!'"),
    (LOOP + PLAIN + 'for c in json.loads(text)["choices"]:\n'
     '                reply = c["delta"].get("content") or reply\n' + END,
     "returned '!', expected 'Hi!'"),
    (LOOP + '        return text.split(\'"content": "\')[1].split(\'"\')[0]\n', "expected 'Hi!'"),
    (LOOP + PLAIN + 'for c in json.loads(text)["choices"]:\n'
     '                yield c["delta"].get("content") or ""\n', "returned <generator object"),
    (LOOP + PLAIN + 'chunk = json.loads(text)\n            if not chunk["choices"]:\n'
     '                break\n'
     '            reply += chunk["choices"][0]["delta"].get("content") or ""\n' + END,
     "empty choices at the beginning"),
    (LOOP + '        for c in text["choices"]:\n'
     '            reply += c["delta"].get("content") or ""\n' + END,
     "string indices must be integers"),
    (LOOP + PLAIN + 'reply += json.loads(text)["choices"][0]["message"]["content"]\n' + END,
     "raised KeyError: 'message'"),
    (LOOP + PLAIN + 'for c in json.loads(text)["choices"]:\n'
     '                reply += c["delta"].get("content") or ""\n    return reply, "stop"\n',
     "returned ('Hi!', 'stop'), expected 'Hi!'"),
    ("def text_from():\n    return ''\n", "raised TypeError"),
    ("text_from = 'Hi!'", "a function is expected; this is 'Hi!'"),
    ("""
import json
def text_from(data):
    reply = ""
    for text in data:
        try:
            reply += json.loads(text)["choices"][0]["delta"]["content"]
        except Exception:
            pass
    return reply.strip()
""", 'spaces and line ends'),
]  # fmt: skip

REST = 'def lines(pieces):\n    rest = b""\n    for piece in pieces:\n        rest += piece\n'
RIGHT_LINES = [
    REST + """        while b"\\n" in rest:
            line, rest = rest.split(b"\\n", 1)
            yield line.removesuffix(b"\\r").decode()
""",
    """def lines(pieces):
    rest = b""
    for piece in pieces:
        *complete, rest = (rest + piece).split(b"\\n")
        for line in complete:
            yield line.decode().rstrip("\\r")
""",
    """def lines(pieces):
    line = bytearray()
    for piece in pieces:
        for byte in piece:
            if byte == 10:
                if line[-1:] == b"\\r":
                    del line[-1]
                yield line.decode("utf-8")
                line = bytearray()
            else:
                line.append(byte)
""",
    """import codecs

def lines(pieces):
    decoder, rest = codecs.getincrementaldecoder("utf-8")(), ""
    for piece in pieces:
        rest += decoder.decode(piece)
        *complete, rest = rest.split("\\n")
        yield from (line.removesuffix("\\r") for line in complete)
""",
    REST + """        end = rest.find(b"\\n")
        while end >= 0:
            yield str(rest[:end], "utf-8").replace("\\r", "")
            rest = rest[end + 1 :]
            end = rest.find(b"\\n")
""",
    """class lines:
    def __init__(self, pieces):
        self.pieces, self.rest = iter(pieces), b""

    def __iter__(self):
        return self

    def __next__(self):
        while b"\\n" not in self.rest:
            self.rest += next(self.pieces)
        line, _, self.rest = self.rest.partition(b"\\n")
        return (line[:-1] if line.endswith(b"\\r") else line).decode()
""",
    """import re

def lines(pieces):
    rest = b""
    for piece in pieces:
        *complete, rest = re.split(rb"\\r?\\n", rest + piece)
        for line in complete:
            yield line.decode()
""",
]  # fmt: skip
WRONG_LINES = [
    ("def lines(pieces):\n    for piece in pieces:\n"
     "        yield from piece.decode().split('\\n')\n", "all in one piece: from"),
    ("def lines(pieces):\n    for piece in pieces:\n"
     "        yield from piece.decode().splitlines()\n", "raised UnicodeDecodeError"),
    ("def lines(pieces):\n    yield from b''.join(pieces).decode().replace('\\r', '')"
     ".split('\\n')[:-1]\n", "it took 3 pieces before the first line, expected 1"),
    ("def lines(pieces):\n    text = b''.join(pieces).decode(errors='ignore')\n"
     "    return text.replace('\\r', '').split('\\n')[:-1]\n", "it took 3 pieces"),
    (REST + "        *complete, rest = rest.split(b'\\n')\n"
     "        for line in complete:\n            yield line.decode()\n",
     "lines that end with \\r\\n: from"),
    (REST + "        *complete, rest = rest.split(b'\\n')\n"
     "        for line in complete:\n            yield line\n", "expected ['data: 你好'"),
    (REST + "        *complete, rest = rest.split(b'\\n')\n"
     "        for line in complete:\n            if line:\n"
     "                yield line.decode().rstrip('\\r')\n", "returned ['data: 你好', 'data: end']"),
    (REST + "        *complete, rest = rest.split(b'\\n')\n"
     "        for line in complete:\n            yield line.decode().strip()\n",
     "spaces, comments and empty lines stay"),
    (REST + "        *complete, rest = rest.split(b'\\n')\n"
     "        for line in complete:\n            yield line.decode().removesuffix('\\r')\n"
     "    yield rest.decode()\n", "returned ['data: 你好', '', 'data: end', '']"),
    (REST + "        *complete, rest = rest.split(b'\\n')\n"
     "        for line in complete:\n            yield line.decode().removesuffix('\\r')\n"
     "    if rest:\n        yield rest.decode(errors='replace')\n",
     "from [b'whole\\nhal'] it returned ['whole', 'hal'], expected ['whole']"),
    ("def lines(pieces):\n    rest = ''\n    for piece in pieces:\n"
     "        rest += piece.decode(errors='replace')\n        *complete, rest = rest.split('\\n')\n"
     "        yield from (line.removesuffix('\\r') for line in complete)\n",
     "one byte at a time: from"),
    ("def lines(pieces):\n    rest = ''\n    for piece in pieces:\n"
     "        rest += piece.decode('latin-1')\n        *complete, rest = rest.split('\\n')\n"
     "        yield from (line.removesuffix('\\r') for line in complete)\n",
     "all in one piece: from"),
    (REST + "        while b'\\n' in rest:\n            line, rest = rest.split(b'\\n', 1)\n"
     "            yield from line.decode().splitlines() or ['']\n",
     "only \\n and \\r\\n end a line"),
    (REST + "        for line in rest.splitlines(keepends=True):\n"
     "            if line.endswith((b'\\n', b'\\r')):\n"
     "                yield line.strip().decode()\n"
     "        rest = b''\n", "one byte at a time: from"),
    (REST + "        if b'\\n' in rest:\n            line, rest = rest.split(b'\\n', 1)\n"
     "            yield line.decode().removesuffix('\\r')\n", "all in one piece: from"),
    (REST + "        *complete, rest = rest.split(b'\\n')\n"
     "        for line in complete:\n            print(line.decode())\n",
     "it returned None (is there a `return`?)"),
    ("def lines(pieces):\n    rest, held = b'', []\n    for piece in pieces:\n"
     "        yield from held\n        rest += piece\n"
     "        *complete, rest = rest.split(b'\\n')\n"
     "        held = [line.decode().removesuffix('\\r') for line in complete]\n"
     "    yield from held\n", "it took 2 pieces before the first line, expected 1"),
    (REST + "        while b'\\n' in rest:\n            line, rest = rest.split(b'\\n')\n"
     "            yield line.decode().rstrip('\\r')\n", "too many values to unpack"),
    (REST + "        *complete, rest = rest.split(b'\\n')\n"
     "        return [line.decode() for line in complete]\n",
     "one byte at a time: from"),
    (REST + "        *complete, rest = rest.split(b'\\n')\n"
     "        yield [line.decode() for line in complete]\n",
     "returned [['data: 你好', '', 'data: end']], expected"),
    (REST.replace("rest += piece", "rest += piece.replace(b'\\r\\n', b'\\n')")
     + "        *complete, rest = rest.split(b'\\n')\n"
     "        for line in complete:\n            yield line.decode()\n",
     "cut between \\r and \\n: from"),
    (REST + "        while b'\\n' in rest:\n            yield rest.partition(b'\\n')[0].decode()\n",
     "all in one piece: from"),
    ("def lines(pieces):\n    while True:\n        yield 'data: end'\n", "all in one piece: from"),
    ("def lines(pieces):\n    return [line for line in pieces[0].decode().split('\\n')]\n",
     "raised TypeError"),
]  # fmt: skip

SPEED = "def speed(arrivals):\n"
RIGHT_SPEED = [
    SPEED + "    first, last = arrivals[0], arrivals[-1]\n"
    "    return first, (len(arrivals) - 1) / (last - first)\n",
    SPEED
    + "    first, *others = arrivals\n    return [first, len(others) / (others[-1] - first)]\n",
    SPEED + "    first, *_, last = arrivals\n"
    "    return (first, (len(arrivals) - 1) / (last - first))\n",
    "import numpy as np\n\n"
    + SPEED
    + "    return np.array([arrivals[0], 1 / np.diff(arrivals).mean()])\n",
    "speed = lambda times: (times[0], (len(times) - 1) / (times[-1] - times[0]))\n",
    SPEED + "    gaps = [b - a for a, b in zip(arrivals, arrivals[1:])]\n"
    "    return arrivals[0], len(gaps) / sum(gaps)\n",
    SPEED + "    total = 0\n    for n in range(1, len(arrivals)):\n"
    "        total += arrivals[n] - arrivals[n - 1]\n"
    "    return min(arrivals), (len(arrivals) - 1) / total\n",
    "import statistics\n\n" + SPEED + "    gaps = [b - a for a, b in zip(arrivals, arrivals[1:])]\n"
    "    return arrivals[0], 1 / statistics.mean(gaps)\n",
    SPEED + "    since = [t - arrivals[0] for t in arrivals]\n"
    "    yield arrivals[0]\n    yield (len(since) - 1) / since[-1]\n",
]
WRONG_SPEED = [
    (SPEED + "    return arrivals[0], len(arrivals) / arrivals[-1]\n",
     "10 tokens a second after it: speed([0.5, 0.6, 0.7, 0.8]) (yours: (0.5, 5.0)), expected 10"),
    (SPEED + "    return arrivals[0], len(arrivals) / (arrivals[-1] - arrivals[0])\n",
     "expected 10"),
    (SPEED + "    return arrivals[0], (len(arrivals) - 1) / arrivals[-1]\n", "expected 10"),
    (SPEED + "    return arrivals[0], (arrivals[-1] - arrivals[0]) / (len(arrivals) - 1)\n",
     "expected 10"),
    (SPEED + "    return arrivals[0], 1 / (arrivals[1] - arrivals[0])\n",
     "4 tokens a second where the gaps differ: speed([0.2, 0.3, 0.7])"),
    (SPEED + "    return arrivals[0], 1 / (arrivals[-1] - arrivals[-2])\n",
     "where the gaps differ"),
    (SPEED + "    return (len(arrivals) - 1) / (arrivals[-1] - arrivals[0]), arrivals[0]\n",
     "0.5 s to the first token (yours: (9.99"),
    (SPEED + "    print(arrivals[0], (len(arrivals) - 1) / (arrivals[-1] - arrivals[0]))\n",
     "returned None (is there a `return`?)"),
    (SPEED + "    return arrivals[0]\n", "two numbers: speed([0.5, 0.6, 0.7, 0.8]) returned 0.5"),
    (SPEED + "    first = arrivals.pop(0)\n"
     "    return first, len(arrivals) / (arrivals[-1] - first)\n",
     "the list that was given is changed"),
    (SPEED + "    first, *rest = arrivals\n"
     "    return first, (len(rest) - 1) / (rest[-1] - rest[0])\n",
     "raised ZeroDivisionError"),
    (SPEED + "    gaps = [b - a for a, b in zip(arrivals, arrivals[1:])]\n"
     "    return arrivals[0], sum(1 / gap for gap in gaps) / len(gaps)\n", "where the gaps differ"),
    (SPEED + "    return arrivals[0], round((len(arrivals) - 1) / (arrivals[-1] - 0.5))\n",
     "where the gaps differ"),
    (SPEED + "    return arrivals[0], (len(set(arrivals)) - 1) / (arrivals[-1] - arrivals[0])\n",
     "4 tokens a second where tokens come together"),
    (SPEED + "    return arrivals[0] * 1000, (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])\n",
     "0.5 s to the first token (yours: (500"),
    (SPEED + "    return f'{arrivals[0]} s', 'fast'\n", "two numbers: speed("),
    (SPEED + "    rate = (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])\n"
     "    return f'{arrivals[0]}', f'{rate}'\n", "two numbers: speed("),
    (SPEED + "    return arrivals[0], len(arrivals[1:]) / sum(arrivals[1:])\n", "expected 10"),
    (SPEED + "    return arrivals[0], (len(arrivals) - 1) // (arrivals[-1] - arrivals[0])\n",
     "(yours: (0.5, 9.0)), expected 10"),
    (SPEED + "    return arrivals[0], len(arrivals) - 1 / (arrivals[-1] - arrivals[0])\n",
     "expected 10"),
    (SPEED + "    arrivals.sort(reverse=True)\n"
     "    return arrivals[-1], (len(arrivals) - 1) / (arrivals[0] - arrivals[-1])\n",
     "the list that was given is changed"),
    (SPEED.replace("arrivals", "*arrivals")
     + "    return arrivals[0], (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])\n",
     "unsupported operand type(s)"),
    (SPEED + "    first = arrivals[0] or arrivals[1]\n"
     "    return first, (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])\n",
     "the time to the first token of [0.0, 0.5, 1.0]: expected 0.0"),
    ("""
def speed(arrivals):
    rate = (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])
    return round(arrivals[0], 1), round(rate)
""", 'expected 1.875'),
]  # fmt: skip

RIGHT = {"05.1": RIGHT_TEXT, "05.2": RIGHT_LINES, "05.3": RIGHT_SPEED}
WRONG = {"05.1": WRONG_TEXT, "05.2": WRONG_LINES, "05.3": WRONG_SPEED}
