"""Answers to the exercises of lesson 12."""

CASES = (
    "thirty people in a room share one computer",
    "a watermark in every text",
    "tonight local, tomorrow in a cloud",
    "no package may be installed but requests",
)


def chosen(*ways: str) -> str:
    """Return the cell that chooses these ways, given as Python source."""
    return "choice = {" + ", ".join(f"{c!r}: {w}" for c, w in zip(CASES, ways, strict=False)) + "}"


NEVER = "\n    return messages"

RIGHT = {
    "12.1": [
        chosen('"SDK"', '"in process"', '"SDK"', '"requests"'),
        chosen('"requests"', '"in process"', '"SDK"', '"requests"'),
        chosen('"sdk"', '"In process"', '"sdk"', '"Requests"'),
        chosen('" SDK"', '"in process "', '"SDK"', '"requests"'),
        chosen('"SDK"', '"in  process"', '"SDK"', '"requests"') + '\nchoice["mine"] = "SDK"',
        f"choice = dict(zip({CASES!r}, ['SDK', 'in process', 'SDK', 'requests']))",
        "from collections import OrderedDict\n"
        f"choice = OrderedDict(zip({CASES!r}, ['requests', 'in process', 'SDK', 'requests']))",
    ],
    "12.2": [
        "def undo(messages):\n    for i in reversed(range(len(messages))):\n"
        "        if messages[i]['role'] == 'user':\n            return messages[:i]" + NEVER,
        "def undo(messages):\n    users = [i for i, m in enumerate(messages) if m['role'] == 'user']"
        "\n    return messages[:users[-1]] if users else messages",
        "def undo(messages):\n    users = [i for i, m in enumerate(messages) if m['role'] == 'user']"
        "\n    return messages[:max(users, default=len(messages))]",
        "def undo(messages):\n    rest = list(messages)\n    if any(m['role'] == 'user' for m in rest):"
        "\n        while rest.pop()['role'] != 'user':\n            pass\n    return rest",
        "def undo(messages):\n    last = None\n    for i, m in enumerate(messages):\n"
        "        if m['role'] == 'user':\n            last = i\n    return messages[:last]",
        "def undo(messages):\n    i = len(messages) - 1\n    while i >= 0:\n"
        "        if messages[i].get('role') == 'user':\n            return messages[:i]\n"
        "        i -= 1\n    return list(messages)",
        "def undo(messages):\n    if not messages:\n        return []\n"
        "    if not any(m['role'] == 'user' for m in messages):\n        return messages\n"
        "    *rest, last = messages\n    return rest if last['role'] == 'user' else undo(rest)",
        "import copy\ndef undo(messages):\n    kept = copy.deepcopy(messages)\n"
        "    roles = [m['role'] for m in kept]\n    if 'user' not in roles:\n        return kept\n"
        "    return kept[:len(roles) - 1 - roles[::-1].index('user')]",
        "undo = lambda messages: next((messages[:i] for i in range(len(messages) - 1, -1, -1)"
        " if messages[i]['role'] == 'user'), messages)",
    ],
    "12.3": [
        "def fastest(measured, wait):\n    in_time = {w: r for w, (f, r) in measured.items() if f <= wait}"
        "\n    return max(in_time, key=in_time.get, default=None)",
        "def fastest(measured, wait):\n    best = None\n    for way, (first, rate) in measured.items():\n"
        "        if first <= wait and (best is None or rate > measured[best][1]):\n"
        "            best = way\n    return best",
        "def fastest(measured, wait):\n    best = None\n    for way, (first, rate) in measured.items():\n"
        "        if first <= wait and (best is None or rate >= measured[best][1]):\n"
        "            best = way\n    return best",
        "def fastest(measured, wait):\n    rows = sorted(measured.items(), key=lambda row: row[1][1])\n"
        "    rows = [way for way, row in rows if row[0] <= wait]\n    return rows[-1] if rows else None",
        "def fastest(measured, wait):\n    best, most = None, float('-inf')\n    for way in measured:\n"
        "        if not measured[way][0] > wait and measured[way][1] > most:\n"
        "            best, most = way, measured[way][1]\n    return best",
        "def fastest(measured, wait):\n    try:\n        return max((r, w) for w, (f, r) in measured.items()"
        " if f <= wait)[1]\n    except ValueError:\n        return None",
        "def fastest(measured, wait):\n    rates = {w: r for w, (f, r) in measured.items() if f <= wait}\n"
        "    for way, rate in rates.items():\n        if rate == max(rates.values()):\n"
        "            return way",
        "def fastest(measured, wait):\n    ways = list(filter(lambda w: measured[w][0] <= wait, measured))"
        "\n    if not ways:\n        return None\n    ways.sort(key=lambda w: -measured[w][1])\n"
        "    return ways[0]",
    ],
}  # fmt: skip

IN_TIME = (
    "def fastest(measured, wait):\n    ways = [w for w in measured if measured[w][0] <= wait]\n"
)

WRONG = {
    "12.1": [
        (chosen('"SDK"', '"SDK"', '"SDK"', '"requests"'), "watermark in every text: SDK: the table"),
        (chosen('"in process"', '"in process"', '"SDK"', '"requests"'), "one computer: in process:"),
        (chosen('"SDK"', '"in process"', '"requests"', '"requests"'), "in a cloud: requests: the"),
        (chosen('"SDK"', '"in process"', '"SDK"', '"SDK"'), "but requests: SDK: the table says"),
        (chosen('"SDK"', '"in process"', '"SDK"', "..."), "but requests: nothing yet"),
        (chosen('"SDK"', '"in process"', '"SDK"', "None"), "but requests: nothing yet"),
        (chosen('"SDK"', '"in process"', '"SDK"', '""'), "'' is none of"),
        (chosen('"server"', '"in process"', '"SDK"', '"requests"'), "'server' is none of"),
        (chosen('"SDK"', '"in-process"', '"SDK"', '"requests"'), "'in-process' is none of"),
        (chosen('"SDK"', '"in process"', '["SDK"]', '"requests"'), "['SDK'] is none of"),
        (chosen('"SDK"', '"in process"', '"SDK"'), "but requests: this case is missing"),
        ("choice = ['SDK', 'in process', 'SDK', 'requests']", "a dictionary, with a way for each"),
        ("choice = {case: 'SDK' for case in 'abcd'}", "this case is missing from your dictionary"),
        ("import requests\n" + chosen('"SDK"', '"in process"', '"SDK"', "requests"), "is none of"),
    ],
    "12.2": [
        ("def undo(messages):\n    return messages[:-2]", "a question without a reply is gone too"),
        ("def undo(messages):\n    return messages[:-1]", "expected [system: 'Be brief.', user: 'Hi'"),
        ("def undo(messages):\n    return messages[:1]", "returned [system: 'Be brief.'], expected"),
        ("def undo(messages):\n    messages.pop()\n    messages.pop()\n    return messages",
         "changed the list that it was given"),
        ("def undo(messages):\n    for i in reversed(range(len(messages))):\n"
         "        if messages[i]['role'] == 'user':\n            del messages[i:]\n            break\n"
         "    return messages", "changed the list that it was given"),
        ("def undo(messages):\n    while messages and messages.pop()['role'] != 'user':\n"
         "        pass\n    return messages", "changed the list that it was given"),
        ("def undo(messages):\n    for i, m in enumerate(messages):\n        if m['role'] == 'user':\n"
         "            return messages[:i]\n    return messages", "of three questions, the last"),
        ("def undo(messages):\n    last = [m for m in messages if m['role'] == 'user'][-1]\n"
         "    return messages[:messages.index(last)]", "the same question twice"),
        ("def undo(messages):\n    last = [m for m in messages if m['role'] == 'user'][-1]\n"
         "    for i in reversed(range(len(messages))):\n        if messages[i] == last:\n"
         "            return messages[:i]", "raised IndexError: list index out of range"),
        ("def undo(messages):\n    for i in reversed(range(len(messages))):\n"
         "        if messages[i]['role'] == 'user':\n            return messages[:i]",
         "returned None (is there a `return`?), expected"),
        ("def undo(messages):\n    for i in reversed(range(len(messages))):\n"
         "        if messages[i]['role'] == 'user':\n            return messages[:i]\n    return []",
         "without a question, all messages are returned"),
        ("def undo(messages):\n    for i in range(len(messages) - 1, 0, -1):\n"
         "        if messages[i]['role'] == 'user':\n            return messages[:i]" + NEVER,
         "without a system message too"),
        ("def undo(messages):\n    for i in reversed(range(len(messages))):\n"
         "        if messages[i]['role'] == 'user':\n            return messages[:i + 1]" + NEVER,
         "question and reply are gone: undo("),
        ("def undo(messages):\n    for i in reversed(range(len(messages))):\n"
         "        if messages[i]['role'] == 'user':\n            return messages[:i] + messages[i + 2:]"
         + NEVER, "a tool's result goes with its question"),
        ("def undo(messages):\n    for i in reversed(range(len(messages))):\n"
         "        if messages[i]['role'] == 'user':\n            print(messages[:i])",
         "is there a `return`?"),
        ("def undo(messages):\n    return tuple(messages[:-2])", "(tuple)"),
        ("def undo(messages):\n    users = [i for i, m in enumerate(messages) if m['role'] == 'user']"
         "\n    return messages[:users[-2] if len(users) > 1 else 0]", "expected [system: 'Be brief.',"),
        ("undo = [1, 2]", "a function is expected; this is [1, 2]"),
        ("def undo():\n    return []", "raised TypeError"),
        ("def undo(messages):\n    return ...", "the three dots, so there is nothing here yet"),
        ("def undo(messages):\n    while True:\n        pass", "it was stopped"),
        ("def undo(messages):\n    system = [m for m in messages if m['role'] == 'system']\n"
         "    rest = [m for m in messages if m['role'] != 'system']\n"
         "    for i in reversed(range(len(rest))):\n        if rest[i]['role'] == 'user':\n"
         "            return system + rest[:i]" + NEVER, "a system message before the last question"),
    ],
    "12.3": [
        ("def fastest(measured, wait):\n    return max(measured, key=lambda w: measured[w][1])",
         "0.5) returned 'd' (str), expected 'a'"),
        (IN_TIME + "    return max(ways, key=lambda w: measured[w][1])", "raised ValueError"),
        (IN_TIME + "    return ways[-1] if ways else None", "returned 'c' (str), expected 'a'"),
        (IN_TIME + "    return ways[0] if ways else None", "returned 'a' (str), expected 'd'"),
        (IN_TIME + "    return min(ways, key=lambda w: measured[w][0], default=None)",
         "returned 'b' (str), expected 'd'"),
        (IN_TIME.replace("<=", "<") + "    return max(ways, key=lambda w: measured[w][1], default=None)",
         "0.4) returned 'b' (str), expected 'a'"),
        (IN_TIME + "    return max(ways, key=lambda w: measured[w][1], default='')",
         "returned '' (str), expected None"),
        (IN_TIME + "    return max(ways, default=None)", "0.5) returned 'c' (str), expected 'a'"),
        (IN_TIME + "    return max((measured[w][1] for w in ways), default=None)",
         "returned 200.0 (float), expected 'd'"),
        (IN_TIME + "    print(max(ways, key=lambda w: measured[w][1], default=None))",
         "returned None (is there a `return`?), expected 'd'"),
        (IN_TIME + "    return [max(ways, key=lambda w: measured[w][1], default=None)]",
         "returned ['d'] (list), expected 'd'"),
        ("def fastest(measured, wait):\n    best, most = None, 1\n    for way in measured:\n"
         "        if measured[way][0] <= wait and measured[way][1] > most:\n"
         "            best, most = way, measured[way][1]\n    return best", "expected 'slow'"),
        ("def fastest(measured, wait):\n    for way in list(measured):\n"
         "        if measured[way][0] > wait:\n            del measured[way]\n"
         "    return max(measured, key=lambda w: measured[w][1], default=None)",
         "changed the dictionary that it was given"),
        ("def fastest(measured, wait):\n    best = max(measured, key=lambda w: measured[w][1])\n"
         "    return best if measured[best][0] <= wait else None", "returned None"),
        ("def fastest(measured, wait):\n    try:\n        best = max(measured.values())\n    except:\n"
         "        return None\n    return best", "expected 'd'"),
        ("fastest = 'd'", "a function is expected; this is 'd'"),
        ("def fastest(measured):\n    return 'd'", "raised TypeError"),
        ("def fastest(measured, wait):\n    return ...", "the three dots, so there is nothing here yet"),
        ("def fastest(measured, wait):\n    return {'a': 1}", "(dict), expected 'd'"),
    ],
}  # fmt: skip
