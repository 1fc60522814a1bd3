"""Answers to the exercises of lesson 03."""

ASK = '[{"role": "user", "content": "What is GGUF?"}]'
BODY = f'exercise_body = {{"model": "cria", "messages": {ASK}'

RIGHT = {
    "03.1": [
        BODY + ', "max_tokens": 20, "temperature": 0}',
        BODY + ', "max_tokens": 1, "temperature": 0.0, "stream": False}',
        BODY + ', "max_completion_tokens": 20, "temperature": 0}',
        BODY + ', "max_tokens": 15, "seed": 7}',
        BODY + ', "max_tokens": 20, "seed": 0, "temperature": 1}',
        BODY + ', "max_tokens": 20, "top_k": 1}',
        'parts = [{"type": "text", "text": "What is GGUF?"}]\n'
        'exercise_body = {"model": "cria", "messages": [{"role": "user", "content": parts}], '
        '"max_tokens": 20, "temperature": 0}',
        'exercise_body = {"model": "cria", "max_tokens": 5, "temperature": 0, "messages": [\n'
        '    {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"},\n'
        '    {"role": "user", "content": "gguf - what is that?"}]}',
        'question = {"role": "user", "content": "Tell me: what does gguf mean?"}\n'
        'rule = {"role": "system", "content": "You are a friendly assistant."}\n'
        'exercise_body = dict(model="cria", messages=[rule, question], max_tokens=20, '
        "temperature=0)",
        'exercise_body = {"model": "cria"}\n'
        'exercise_body["messages"] = []\n'
        'exercise_body["messages"].append({"role": "user", "content": "Explain GGUF."})\n'
        'exercise_body.update({"max_tokens": 20, "temperature": 0})',
        """
exercise_body = {
    "model": "cria",
    "messages": ({"role": "user", "content": "What is GGUF?"},),
    "max_tokens": 20, "temperature": 0.7, "top_p": 0,
}
""",
    ],
    "03.2": [
        """
def whole_text(answer):
    choice = answer["choices"][0]
    if choice["finish_reason"] != "length":
        return choice["message"]["content"]
    raise ValueError
""",
        """
def whole_text(answer):
    first, *_ = answer["choices"]
    match first:
        case {"finish_reason": "length"}:
            raise ValueError("cut off")
        case {"message": {"content": text}}:
            return text
""",
        """
def whole_text(answer):
    choice = answer["choices"][0]
    text = choice["message"].get("content")
    if choice["finish_reason"] == "stop":
        return text
    raise ValueError(f"this is not all: {text}")
""",
        """
class CutOff(ValueError):
    pass


def whole_text(answer):
    if answer.get("choices")[0].get("finish_reason") == "length":
        raise CutOff
    return answer["choices"][0]["message"]["content"]
""",
        """
def whole_text(answer):
    reason = answer["choices"][0]["finish_reason"]
    if reason in ("length", "content_filter"):
        raise ValueError(reason)
    message = answer["choices"][0]["message"]
    return message["content"]
""",
        """
def whole_text(answer):
    try:
        text = answer["choices"][0]["message"]["content"]
    except KeyError:
        raise ValueError("no content") from None
    if answer["choices"][0]["finish_reason"] == "length":
        raise ValueError("half")
    return text
""",
        """
def fail(why):
    raise ValueError(why)


whole_text = lambda a: (
    fail("cut") if a["choices"][0]["finish_reason"] == "length"
    else a["choices"][0]["message"]["content"]
)
""",
        """
def whole_text(answer):
    choice = min(answer["choices"], key=lambda choice: choice["index"])
    if choice["finish_reason"] == "length":
        raise ValueError(f"cut after {answer['usage']['completion_tokens']} tokens")
    return choice["message"]["content"]
""",
        """
from openai.types.chat import ChatCompletion
def whole_text(answer):
    choice = ChatCompletion.model_validate(answer).choices[0]
    if choice.finish_reason == "length":
        raise ValueError("cut off")
    return choice.message.content
""",
    ],
    "03.3": [
        """
def trim(messages, limit, count):
    head = [m for m in messages[:1] if m["role"] == "system"]
    rest = messages[len(head):]
    while len(rest) > 1 and count(head + rest) > limit:
        rest = rest[1:]
    return head + rest
""",
        """
from collections import deque


def trim(messages, limit, count):
    head = messages[:1] if messages and messages[0]["role"] == "system" else []
    rest = deque(messages[len(head):])
    while len(rest) > 1 and count(head + list(rest)) > limit:
        rest.popleft()
    return head + list(rest)
""",
        """
def trim(messages, limit, count):
    n = int(bool(messages) and messages[0]["role"] == "system")
    options = [messages[:n] + messages[i:] for i in range(n, len(messages))]
    return next((o for o in options if count(o) <= limit), (options or [list(messages)])[-1])
""",
        """
def trim(messages, limit, count):
    if not messages:
        return []
    start = 1 if messages[0]["role"] == "system" else 0
    for first in range(start, len(messages)):
        kept = messages[:start] + messages[first:]
        if count(kept) <= limit:
            return kept
    return messages[:start] + messages[start:][-1:]
""",
        """
def trim(messages, limit, count):
    kept = messages.copy()
    system = bool(kept) and kept[0]["role"] == "system"
    while count(kept) > limit:
        if len(kept) <= 1 + system:
            break
        kept.pop(int(system))
    return kept
""",
        """
from copy import deepcopy


def trim(messages, limit, count):
    kept = deepcopy(messages)
    if kept and kept[0]["role"] == "system":
        system = [kept.pop(0)]
    else:
        system = []
    while len(kept) > 1 and not count(system + kept) <= limit:
        del kept[0]
    return system + kept
""",
        """
def trim(messages, limit, count):
    if count(messages) <= limit:
        return list(messages)
    if messages and messages[0]["role"] == "system":
        if len(messages) <= 2:
            return list(messages)
        return trim(messages[:1] + messages[2:], limit, count)
    return trim(messages[1:], limit, count) if len(messages) > 1 else list(messages)
""",
        """
def trim(messages, limit, count):
    system = [m for i, m in enumerate(messages) if i == 0 and m["role"] == "system"]
    talk = messages[len(system):]
    kept = []
    for message in reversed(talk):
        if kept and count(system + [message] + kept) > limit:
            break
        kept.insert(0, message)
    return system + kept
""",
    ],
}

WRONG = {
    "03.1": [
        (BODY + ', "max_tokens": 200, "temperature": 0}', "(yours: 200)"),
        (BODY + ', "max_tokens": 21, "temperature": 0}', "`max_tokens` is a whole number"),
        (BODY + ', "max_tokens": "20", "temperature": 0}', "(yours: '20')"),
        (BODY + ', "max_tokens": 0, "temperature": 0}', "1 to 20 (yours: 0)"),
        (BODY + ', "temperature": 0}', "(yours: None)"),
        (BODY + ', "max_tokens": 20}', "the reply is the same every time (yours: `temperature`"),
        (BODY + ', "max_tokens": 20, "temperature": 0.8}', "`temperature` 0.8"),
        (BODY + ', "max_tokens": 20, "temperature": "0"}', "`temperature` '0'"),
        (BODY + ', "max_tokens": 20, "temperature": False}', "`temperature` False"),
        (BODY + ', "max_tokens": 20, "seed": -1}', "`seed` -1"),
        (f'exercise_body = {{"messages": {ASK}, "max_tokens": 20, "temperature": 0}}', "`model`"),
        (f'exercise_body = {{"model": "server.model", "messages": {ASK}, "max_tokens": 20, '
         '"temperature": 0}', "without quotation marks"),
        ('exercise_body = {"model": "cria", "messages": [{"rule": "system", "content": "Hi."}, '
         '{"role": "user", "content": "What is GGUF?"}], "max_tokens": 20, "temperature": 0}',
         "each message has a `role` and a `content` (yours: {'rule'"),
        ('exercise_body = {"model": "cria", "messages": [{"role": "user", "text": "GGUF?"}]}',
         "its content asks about GGUF (yours: None)"),
        ('exercise_body = {"model": "cria", "messages": [{"role": "user", "content": ["GGUF?"]}]}',
         "its content asks about GGUF (yours: ['GGUF?'])"),
        (BODY + ', "options": {"max_tokens": 20, "temperature": 0}}', "1 to 20 (yours: None)"),
        (BODY + ', "max_tokens": 20.0, "temperature": 0}', "1 to 20 (yours: 20.0)"),
        ('exercise_body = {"model": "cria", "messages": {"role": "user", "content": "GGUF?"}}',
         "`messages` is a list of dictionaries (yours: {'role'"),
        ('exercise_body = {"model": "cria", "messages": "What is GGUF?"}', "'What is GGUF?'"),
        ('exercise_body = {"model": "cria", "messages": ["What is GGUF?"]}', "['What is GGUF?']"),
        ('exercise_body = {"model": "cria", "messages": []}', "the role 'user' (yours: None)"),
        ('exercise_body = {"model": "cria", "messages": [{"role": "system", '
         '"content": "What is GGUF?"}], "max_tokens": 20, "temperature": 0}', "(yours: 'system')"),
        ('exercise_body = {"model": "cria", "messages": [{"role": "user", '
         '"content": "What is a token?"}]}', "asks about GGUF (yours: 'What is a token?')"),
        ('import json\nexercise_body = json.dumps({"model": "cria"})', "a dictionary is expected"),
        (f'exercise_body = [{{"model": "cria", "messages": {ASK}}}]', "a dictionary is expected"),
        (BODY + ', "max_tokens": 20, "temperature": 0, "stop": {"."}}', "cannot be sent as JSON"),
    ("""
exercise_body = {"model": "cria"}.update({"stream": False})
""", 'it is None, which is what'),
],
    "03.2": [
        ('def whole_text(answer):\n    return answer["choices"][0]["message"]["content"]',
         "a reply 'Half of' that ended with 'length': it returned 'Half of', expected it"),
        ('def whole_text(answer):\n    print(answer["choices"][0]["message"]["content"])',
         "is there a `return`?"),
        ("""
def whole_text(answer):
    text = answer["choices"][0]["message"]["content"]
    if answer["choices"][0]["finish_reason"] == "length":
        raise ValueError
    return text
""", "a reply without `content` that ended with 'length': it raised KeyError"),
        ("""
def whole_text(answer):
    choice = answer["choices"][-1]
    if choice["finish_reason"] == "length":
        raise ValueError
    return choice["message"]["content"]
""", "two choices, 'Yes.' with 'stop' and 'No.' with 'length'"),
        ("""
def whole_text(answer):
    for choice in answer["choices"]:
        if choice["finish_reason"] == "length":
            raise ValueError
    return answer["choices"][0]["message"]["content"]
""", "two choices, 'Yes.' with 'stop' and 'No.' with 'length'"),
        ("""
def whole_text(answer):
    if answer["choices"][0]["finish_reason"] == "length":
        return ValueError("cut off")
    return answer["choices"][0]["message"]["content"]
""", "it returned ValueError('cut off'), expected it to raise a ValueError"),
        ("""
def whole_text(answer):
    if answer["choices"][0]["finish_reason"] == "length":
        raise TypeError("cut off")
    return answer["choices"][0]["message"]["content"]
""", "raised TypeError: cut off (line"),
        ("""
def whole_text(answer):
    text = answer["choices"][0]["message"].get("content", "")
    if not text.endswith("."):
        raise ValueError
    return text
""", "a reply ' No' that ended with 'stop': it raised ValueError"),
        ("""
def whole_text(answer):
    if "length" in str(answer):
        raise ValueError
    return answer["choices"][0]["message"]["content"]
""", "a reply 'length' that ended with 'stop'"),
        ("""
def whole_text(answer):
    if answer["choices"][0]["finish_reason"] == "length":
        raise ValueError
    return answer["choices"][0]["message"]["content"].strip()
""", "a reply ' No' that ended with 'stop': it returned 'No', expected ' No'"),
        ("""
def whole_text(answer):
    try:
        if answer["choices"][0]["finish_reason"] == "length":
            raise ValueError
        return answer["choices"][0]["message"]["content"]
    except Exception:
        return ""
""", "it returned '', expected it to raise a ValueError"),
        ("""
def whole_text(answer):
    if answer["finish_reason"] == "length":
        raise ValueError
    return answer["choices"][0]["message"]["content"]
""", "raised KeyError: 'finish_reason'"),
        ("""
def whole_text(answer):
    message = answer["choices"][0]["message"]
    if message.get("finish_reason") == "length":
        raise ValueError
    return message.get("content")
""", "it returned 'Half of'"),
        ("""
def whole_text(answer):
    assert answer["choices"][0]["finish_reason"] != "length"
    return answer["choices"][0]["message"]["content"]
""", "it raised AssertionError (line"),
        ("""
def whole_text(answer):
    if answer["choices"][0].finish_reason == "length":
        raise ValueError
    return answer["choices"][0].message.content
""", "'dict' object has no attribute 'finish_reason'"),
        ("""
def whole_text(answer):
    if answer["choices"][0]["finish_reason"] == "length":
        raise ValueError
    return answer["choices"][0]["message"]
""", "it returned {'role': 'assistant', 'content': 'All of it.'}, expected 'All of it.'"),
        ("""
def whole_text(answer):
    if not answer["choices"][0]["message"].get("content"):
        raise ValueError
    return answer["choices"][0]["message"]["content"]
""", "a reply 'Half of' that ended with 'length': it returned 'Half of'"),
        ('whole_text = "All of it."', "a function is expected"),
    ("""
def whole_text(answer):
    choice = answer["choices"][0]
    text = choice["message"].get("content")
    if not text or choice["finish_reason"] == "length":
        raise ValueError("no whole reply")
    return text
""", 'no whole reply'),
("""
def whole_text(answer):
    choice = answer["choices"][0]
    cut_off = "length"
    if choice["finish_reason"] is cut_off:
        raise ValueError("it was cut off")
    return choice["message"]["content"]
""", "it returned 'Half of'"),
],
    "03.3": [
        ("""
def trim(messages, limit, count):
    while count(messages) > limit and len(messages) > 1:
        del messages[1]
    return messages
""", "the list that was given must stay as it was"),
        ("""
def trim(messages, limit, count):
    kept = list(messages)
    while count(kept) > limit and len(kept) > 1:
        del kept[0]
    return kept
""", "expected [rule, a1, q2, a2, q3]"),
        ("""
def trim(messages, limit, count):
    kept = list(messages)
    while count(kept) > limit and len(kept) > 2:
        del kept[1]
    return kept
""", "trim([q1, a1, q2, a2, q3], limit=28), 29 tokens, returned [q1, q2, a2, q3]"),
        ("""
def trim(messages, limit, count):
    kept = list(messages)
    first = 1 if kept and kept[0]["role"] == "system" else 0
    while count(kept) >= limit and len(kept) > first + 1:
        del kept[first]
    return kept
""", "limit=38), 38 tokens, returned [rule, a1, q2, a2, q3], expected [rule, q1"),
        ("""
def trim(messages, limit, count):
    kept = list(messages)
    first = 1 if kept and kept[0]["role"] == "system" else 0
    while kept and count(kept) > limit:
        del kept[first]
    return kept
""", "limit=5), 38 tokens, raised IndexError"),
        ("""
def trim(messages, limit, count):
    kept = list(messages)
    first = 1 if kept and kept[0]["role"] == "system" else 0
    while len(kept) > first and count(kept) > limit:
        del kept[first]
    return kept
""", "limit=5), 38 tokens, returned [rule], expected [rule, q3]"),
        ("""
def trim(messages, limit, count):
    kept = list(messages)
    first = 1 if kept[0]["role"] == "system" else 0
    while count(kept) > limit and len(kept) > first + 1:
        del kept[first]
    return kept
""", "trim([], limit=10), 2 tokens, raised IndexError"),
        ("""
def trim(messages, limit, count):
    kept = list(messages)
    first = 1 if kept and kept[0]["role"] == "system" else 0
    while count(kept) > limit and len(kept) > first + 1:
        del kept[first : first + 2]
    return kept
""", "returned [rule, q2, a2, q3], expected [rule, a1, q2, a2, q3]"),
        ("""
def trim(messages, limit, count):
    kept = list(messages)
    while count(kept) > limit and len(kept) > 1:
        kept.pop()
    return kept
""", "limit=37), 38 tokens, returned [rule, q1, a1, q2, a2]"),
        ("""
def trim(messages, limit, count):
    kept = list(messages)
    while count(kept) > limit and len(kept) > 1:
        oldest = next(m for m in kept if m["role"] != "system")
        kept = [m for m in kept if m != oldest]
    return kept
""", "trim([q1, q1, a1, q2, q1], limit=19)"),
        ("""
def trim(messages, limit, count):
    kept = list(messages)
    if count(kept) > limit:
        del kept[1 if kept[0]["role"] == "system" else 0]
    return kept
""", "limit=27), 38 tokens, returned [rule, a1, q2, a2, q3]"),
        ("""
def trim(messages, limit, count):
    return [m for m in messages if count([m]) <= limit]
""", "limit=37), 38 tokens, returned [rule, q1, a1, q2, a2, q3]"),
        ("""
def trim(messages, limit, count):
    head = [m for m in messages if m["role"] == "system"]
    kept = []
    for message in [m for m in messages if m["role"] != "system"][::-1]:
        if not kept or count([*head, *kept, message]) <= limit:
            kept.append(message)
    return head + kept[::-1]
""", "trim([q2, a2, q1, a1, q3], limit=20), 29 tokens, returned [q2, a2, a1, q3]"),
        ("""
def trim(messages, limit, count):
    kept = tuple(messages)
    first = 1 if kept and kept[0]["role"] == "system" else 0
    while count(kept) > limit and len(kept) > first + 1:
        kept = kept[:first] + kept[first + 1 :]
    return kept
""", "expected a list: [rule, q1"),
        ("def trim(messages, limit, count):\n    return [m['content'] for m in messages]",
         "whole messages are expected"),
        ("""
def trim(messages, limit, count):
    head, rest = messages[:1], messages[1:]
    while len(rest) > 1 and count(rest) > limit:
        rest = rest[1:]
    return head + rest
""", "limit=37), 38 tokens, returned [rule, q1, a1, q2, a2, q3], expected [rule, a1"),
        ("""
def trim(messages, limit, count):
    kept = messages.copy()
    for message in kept:
        if count(kept) > limit and message["role"] != "system":
            kept.remove(message)
    return kept
""", "limit=27), 38 tokens, returned [rule, a1, a2, q3], expected [rule, q2, a2, q3]"),
        ("def trim(messages, limit, count):\n    print(messages)", "is there a `return`?"),
        ("def trim(messages, limit, count):\n    return len(messages)",
         "returned 6, expected a list: [rule"),
        ("""
def trim(messages, limit, count):
    kept = list(messages)
    while count(kept) > limit:
        kept = kept[:1] + kept[2:]
    return kept
""", "it was stopped"),
    ("""
def trim(messages, limit, count):
    system = [m for m in messages if m["role"] == "system"]
    rest = [m for m in messages if m["role"] != "system"]
    while len(rest) > 1 and count(system + rest) > limit:
        rest.pop(0)
    return system + rest
""", 'returned [rule, s1, q1, a1, q3]'),
],
}  # fmt: skip
