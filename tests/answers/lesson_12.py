"""Answers to the exercises of lesson 12: each is what a learner writes into the cell."""

RIGHT = {
    "12.1": [
        """choice = {
    'thirty people in a room share one computer': "SDK",
    'a watermark in every text': "in process",
    'tonight local, tomorrow in a cloud': "SDK",
    'no package may be installed but requests': "requests"}""",
        """choice = {
    'thirty people in a room share one computer': "requests",
    'a watermark in every text': "in process",
    'tonight local, tomorrow in a cloud': "SDK",
    'no package may be installed but requests': "requests"}""",
        """choice = {
    'thirty people in a room share one computer': "sdk",
    'a watermark in every text': "In process",
    'tonight local, tomorrow in a cloud': "sdk",
    'no package may be installed but requests': "Requests"}""",
        """choice = {
    'thirty people in a room share one computer': " SDK",
    'a watermark in every text': "in process ",
    'tonight local, tomorrow in a cloud': "SDK",
    'no package may be installed but requests': "requests"}""",
        """choice = {
    'thirty people in a room share one computer': "SDK",
    'a watermark in every text': "in  process",
    'tonight local, tomorrow in a cloud': "SDK",
    'no package may be installed but requests': "requests"}
choice["mine"] = 'SDK'""",
        """choice = dict(zip((
    'thirty people in a room share one computer',
    'a watermark in every text',
    'tonight local, tomorrow in a cloud',
    'no package may be installed but requests'), ['SDK', 'in process', 'SDK', 'requests']))""",
        """from collections import OrderedDict
choice = OrderedDict(zip((
    'thirty people in a room share one computer',
    'a watermark in every text',
    'tonight local, tomorrow in a cloud',
    'no package may be installed but requests'), ['requests', 'in process', 'SDK', 'requests']))""",
    ],
    "12.2": [
        """def undo(messages):
    for i in reversed(range(len(messages))):
        if messages[i]['role'] == 'user':
            return messages[:i]
    return messages""",
        """def undo(messages):
    users = [i for i, m in enumerate(messages) if m['role'] == 'user']
    return messages[:users[-1]] if users else messages""",
        """def undo(messages):
    users = [i for i, m in enumerate(messages) if m['role'] == 'user']
    return messages[:max(users, default=len(messages))]""",
        """def undo(messages):
    rest = list(messages)
    if any(m['role'] == 'user' for m in rest):
        while rest.pop()['role'] != 'user':
            pass
    return rest""",
        """def undo(messages):
    last = None
    for i, m in enumerate(messages):
        if m['role'] == 'user':
            last = i
    return messages[:last]""",
        """def undo(messages):
    i = len(messages) - 1
    while i >= 0:
        if messages[i].get('role') == 'user':
            return messages[:i]
        i -= 1
    return list(messages)""",
        """def undo(messages):
    if not messages:
        return []
    if not any(m['role'] == 'user' for m in messages):
        return messages
    *rest, last = messages
    return rest if last['role'] == 'user' else undo(rest)""",
        """import copy
def undo(messages):
    kept = copy.deepcopy(messages)
    roles = [m['role'] for m in kept]
    if 'user' not in roles:
        return kept
    return kept[:len(roles) - 1 - roles[::-1].index('user')]""",
        """undo = lambda messages: next((
    messages[:i] for i in range(len(messages) - 1, -1, -1) if messages[i]['role'] == 'user'
), messages)""",
    ],
    "12.3": [
        """def fastest(measured, wait):
    in_time = {w: r for w, (f, r) in measured.items() if f <= wait}
    return max(in_time, key=in_time.get, default=None)""",
        """def fastest(measured, wait):
    best = None
    for way, (first, rate) in measured.items():
        if first <= wait and (best is None or rate > measured[best][1]):
            best = way
    return best""",
        """def fastest(measured, wait):
    best = None
    for way, (first, rate) in measured.items():
        if first <= wait and (best is None or rate >= measured[best][1]):
            best = way
    return best""",
        """def fastest(measured, wait):
    rows = sorted(measured.items(), key=lambda row: row[1][1])
    rows = [way for way, row in rows if row[0] <= wait]
    return rows[-1] if rows else None""",
        """def fastest(measured, wait):
    best, most = None, float('-inf')
    for way in measured:
        if not measured[way][0] > wait and measured[way][1] > most:
            best, most = way, measured[way][1]
    return best""",
        """def fastest(measured, wait):
    try:
        return max((r, w) for w, (f, r) in measured.items() if f <= wait)[1]
    except ValueError:
        return None""",
        """def fastest(measured, wait):
    rates = {w: r for w, (f, r) in measured.items() if f <= wait}
    for way, rate in rates.items():
        if rate == max(rates.values()):
            return way""",
        """def fastest(measured, wait):
    ways = list(filter(lambda w: measured[w][0] <= wait, measured))
    if not ways:
        return None
    ways.sort(key=lambda w: -measured[w][1])
    return ways[0]""",
    ],
}

WRONG = {
    "12.1": [
        (
            """choice = {
    'thirty people in a room share one computer': "SDK",
    'a watermark in every text': "SDK",
    'tonight local, tomorrow in a cloud': "SDK",
    'no package may be installed but requests': "requests"}""",
            "watermark in every text: SDK is not",
        ),
        (
            """choice = {
    'thirty people in a room share one computer': "in process",
    'a watermark in every text': "in process",
    'tonight local, tomorrow in a cloud': "SDK",
    'no package may be installed but requests': "requests"}""",
            "one computer: in process is not",
        ),
        (
            """choice = {
    'thirty people in a room share one computer': "SDK",
    'a watermark in every text': "in process",
    'tonight local, tomorrow in a cloud': "requests",
    'no package may be installed but requests': "requests"}""",
            "in a cloud: requests is not",
        ),
        (
            """choice = {
    'thirty people in a room share one computer': "SDK",
    'a watermark in every text': "in process",
    'tonight local, tomorrow in a cloud': "SDK",
    'no package may be installed but requests': "SDK"}""",
            "but requests: SDK is not",
        ),
        (
            """choice = {
    'thirty people in a room share one computer': "SDK",
    'a watermark in every text': "in process",
    'tonight local, tomorrow in a cloud': "SDK",
    'no package may be installed but requests': ...}""",
            "but requests: nothing yet",
        ),
        (
            """choice = {
    'thirty people in a room share one computer': "SDK",
    'a watermark in every text': "in process",
    'tonight local, tomorrow in a cloud': "SDK",
    'no package may be installed but requests': None}""",
            "but requests: nothing yet",
        ),
        (
            """choice = {
    'thirty people in a room share one computer': "SDK",
    'a watermark in every text': "in process",
    'tonight local, tomorrow in a cloud': "SDK",
    'no package may be installed but requests': ""}""",
            "'' is none of",
        ),
        (
            """choice = {
    'thirty people in a room share one computer': "server",
    'a watermark in every text': "in process",
    'tonight local, tomorrow in a cloud': "SDK",
    'no package may be installed but requests': "requests"}""",
            "'server' is none of",
        ),
        (
            """choice = {
    'thirty people in a room share one computer': "SDK",
    'a watermark in every text': "in-process",
    'tonight local, tomorrow in a cloud': "SDK",
    'no package may be installed but requests': "requests"}""",
            "'in-process' is none of",
        ),
        (
            """choice = {
    'thirty people in a room share one computer': "SDK",
    'a watermark in every text': "in process",
    'tonight local, tomorrow in a cloud': ["SDK"],
    'no package may be installed but requests': "requests"}""",
            "['SDK'] is none of",
        ),
        (
            """choice = {
    'thirty people in a room share one computer': "SDK",
    'a watermark in every text': "in process",
    'tonight local, tomorrow in a cloud': "SDK"}""",
            "but requests: this case is missing",
        ),
        (
            "choice = ['SDK', 'in process', 'SDK', 'requests']",
            "a dictionary is expected; this is ",
        ),
        (
            "choice = {case: 'SDK' for case in 'abcd'}",
            "this case is missing from your dictionary",
        ),
        (
            """import requests
choice = {
    'thirty people in a room share one computer': "SDK",
    'a watermark in every text': "in process",
    'tonight local, tomorrow in a cloud': "SDK",
    'no package may be installed but requests': requests}""",
            "is none of",
        ),
    ],
    "12.2": [
        (
            """def undo(messages):
    return messages[:-2]""",
            "a question without a reply is gone too",
        ),
        (
            """def undo(messages):
    return messages[:-1]""",
            "expected [system: 'Be brief.', user: 'Hi'",
        ),
        (
            """def undo(messages):
    return messages[:1]""",
            "returned [system: 'Be brief.'], expected",
        ),
        (
            """def undo(messages):
    messages.pop()
    messages.pop()
    return messages""",
            "changed the list that it was given",
        ),
        (
            """def undo(messages):
    for i in reversed(range(len(messages))):
        if messages[i]['role'] == 'user':
            del messages[i:]
            break
    return messages""",
            "changed the list that it was given",
        ),
        (
            """def undo(messages):
    while messages and messages.pop()['role'] != 'user':
        pass
    return messages""",
            "changed the list that it was given",
        ),
        (
            """def undo(messages):
    for i, m in enumerate(messages):
        if m['role'] == 'user':
            return messages[:i]
    return messages""",
            "returned [system: 'Be brief.'], expected",
        ),
        (
            """def undo(messages):
    last = [m for m in messages if m['role'] == 'user'][-1]
    return messages[:messages.index(last)]""",
            "the same question twice",
        ),
        (
            """def undo(messages):
    last = [m for m in messages if m['role'] == 'user'][-1]
    for i in reversed(range(len(messages))):
        if messages[i] == last:
            return messages[:i]""",
            "raised IndexError: list index out of range",
        ),
        (
            """def undo(messages):
    for i in reversed(range(len(messages))):
        if messages[i]['role'] == 'user':
            return messages[:i]""",
            "returned None (is there a `return`?), expected",
        ),
        (
            """def undo(messages):
    for i in reversed(range(len(messages))):
        if messages[i]['role'] == 'user':
            return messages[:i]
    return []""",
            "without a question, all messages are returned",
        ),
        (
            """def undo(messages):
    for i in range(len(messages) - 1, 0, -1):
        if messages[i]['role'] == 'user':
            return messages[:i]
    return messages""",
            "without a system message too",
        ),
        (
            """def undo(messages):
    for i in reversed(range(len(messages))):
        if messages[i]['role'] == 'user':
            return messages[:i + 1]
    return messages""",
            "question and reply are gone: undo(",
        ),
        (
            """def undo(messages):
    for i in reversed(range(len(messages))):
        if messages[i]['role'] == 'user':
            return messages[:i] + messages[i + 2:]
    return messages""",
            "a tool's result goes with its question",
        ),
        (
            """def undo(messages):
    for i in reversed(range(len(messages))):
        if messages[i]['role'] == 'user':
            print(messages[:i])""",
            "is there a `return`?",
        ),
        (
            """def undo(messages):
    return tuple(messages[:-2])""",
            "expected a list: [system: 'Be brief.'",
        ),
        (
            """def undo(messages):
    users = [i for i, m in enumerate(messages) if m['role'] == 'user']
    return messages[:users[-2] if len(users) > 1 else 0]""",
            "expected [system: 'Be brief.',",
        ),
        (
            "undo = [1, 2]",
            "a function is expected; this is [1, 2]",
        ),
        (
            """def undo():
    return []""",
            "raised TypeError",
        ),
        (
            """def undo(messages):
    return ...""",
            "it still returns the three dots",
        ),
        (
            """def undo(messages):
    while True:
        pass""",
            "it was stopped",
        ),
        (
            """def undo(messages):
    system = [m for m in messages if m['role'] == 'system']
    rest = [m for m in messages if m['role'] != 'system']
    for i in reversed(range(len(rest))):
        if rest[i]['role'] == 'user':
            return system + rest[:i]
    return messages""",
            "a system message before the last question",
        ),
        (
            """
def undo(messages):
    for i in range(len(messages)):
        if messages[-i]["role"] == "user":
            return messages[:-i]
    return messages
""",
            "two questions without a system message",
        ),
    ],
    "12.3": [
        (
            """def fastest(measured, wait):
    return max(measured, key=lambda w: measured[w][1])""",
            "0.5) returned 'd', expected 'a'",
        ),
        (
            """def fastest(measured, wait):
    ways = [w for w in measured if measured[w][0] <= wait]
    return max(ways, key=lambda w: measured[w][1])""",
            "raised ValueError",
        ),
        (
            """def fastest(measured, wait):
    ways = [w for w in measured if measured[w][0] <= wait]
    return ways[-1] if ways else None""",
            "returned 'c', expected 'a'",
        ),
        (
            """def fastest(measured, wait):
    ways = [w for w in measured if measured[w][0] <= wait]
    return ways[0] if ways else None""",
            "returned 'a', expected 'd'",
        ),
        (
            """def fastest(measured, wait):
    ways = [w for w in measured if measured[w][0] <= wait]
    return min(ways, key=lambda w: measured[w][0], default=None)""",
            "returned 'b', expected 'd'",
        ),
        (
            """def fastest(measured, wait):
    ways = [w for w in measured if measured[w][0] < wait]
    return max(ways, key=lambda w: measured[w][1], default=None)""",
            "0.4) returned 'b', expected 'a'",
        ),
        (
            """def fastest(measured, wait):
    ways = [w for w in measured if measured[w][0] <= wait]
    return max(ways, key=lambda w: measured[w][1], default='')""",
            "returned '', expected None",
        ),
        (
            """def fastest(measured, wait):
    ways = [w for w in measured if measured[w][0] <= wait]
    return max(ways, default=None)""",
            "0.5) returned 'c', expected 'a'",
        ),
        (
            """def fastest(measured, wait):
    ways = [w for w in measured if measured[w][0] <= wait]
    return max((measured[w][1] for w in ways), default=None)""",
            "returned 200.0, expected 'd'",
        ),
        (
            """def fastest(measured, wait):
    ways = [w for w in measured if measured[w][0] <= wait]
    print(max(ways, key=lambda w: measured[w][1], default=None))""",
            "returned None (is there a `return`?), expected 'd'",
        ),
        (
            """def fastest(measured, wait):
    ways = [w for w in measured if measured[w][0] <= wait]
    return [max(ways, key=lambda w: measured[w][1], default=None)]""",
            "returned ['d'], expected 'd'",
        ),
        (
            """def fastest(measured, wait):
    best, most = None, 1
    for way in measured:
        if measured[way][0] <= wait and measured[way][1] > most:
            best, most = way, measured[way][1]
    return best""",
            "expected 'slow'",
        ),
        (
            """def fastest(measured, wait):
    for way in list(measured):
        if measured[way][0] > wait:
            del measured[way]
    return max(measured, key=lambda w: measured[w][1], default=None)""",
            "changed the dictionary that it was given",
        ),
        (
            """def fastest(measured, wait):
    best = max(measured, key=lambda w: measured[w][1])
    return best if measured[best][0] <= wait else None""",
            "returned None",
        ),
        (
            """def fastest(measured, wait):
    try:
        best = max(measured.values())
    except:
        return None
    return best""",
            "expected 'd'",
        ),
        (
            "fastest = 'd'",
            "a function is expected; this is 'd'",
        ),
        (
            """def fastest(measured):
    return 'd'""",
            "raised TypeError",
        ),
        (
            """def fastest(measured, wait):
    return ...""",
            "it still returns the three dots",
        ),
        (
            """def fastest(measured, wait):
    return {'a': 1}""",
            "returned {'a': 1}, expected 'd'",
        ),
    ],
}
