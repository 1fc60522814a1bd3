"""Answers to the exercises of lesson 08, as learners write them."""

MINUTES = '{"type": "integer", "minimum": 1, "description": "How long"}'
LABEL = '{"type": "string", "description": "What for"}'
PROPERTIES = f'{{"minutes": {MINUTES}, "label": {LABEL}}}'
PARAMETERS = f'{{"type": "object", "properties": {PROPERTIES}, "required": ["minutes"]}}'
FUNCTION = f'{{"name": "set_timer", "description": "Set a timer", "parameters": {PARAMETERS}}}'
TOOL = f'timer_tool = {{"type": "function", "function": {FUNCTION}}}'
PYDANTIC = """\
from pydantic import BaseModel, Field
class Timer(BaseModel):
    minutes: int = Field(ge=1, description="How long it runs")
    label: str = Field("", description="What it is for")
"""

SAFELY = "def run_safely(call, allowed):\n"
LOOP = """\
def answer(chat, run, question, rounds):
    messages = [{"role": "user", "content": question}]
    for _ in range(rounds):
        message = chat(messages)
        if not message.tool_calls:
            return message.content or ""
        messages.append(message)
        for call in message.tool_calls:
            messages.append({"role": "tool", "tool_call_id": call.id, "content": run(call)})
    return "too many calls"
"""

RIGHT = {
    "08.1": [
        TOOL,
        TOOL.replace('"minimum": 1', '"exclusiveMinimum": 0'),
        TOOL.replace('"required"', '"additionalProperties": False, "required"'),
        TOOL.replace('"minimum": 1', '"minimum": 1, "maximum": 600'),
        TOOL.replace('"type": "string"', '"type": "string", "default": ""'),
        TOOL.replace('"type": "string"', '"type": ["string", "null"]'),
        f"minutes = {MINUTES}\nlabel = {LABEL}\n"
        'timer_tool = dict(type="function", function=dict(name="set_timer", description="Timer",\n'
        '    parameters=dict(type="object", properties=dict(label=label, minutes=minutes),\n'
        '                    required=["minutes"])))',
        PYDANTIC + 'timer_tool = {"type": "function", "function": {"name": "set_timer",\n'
        '    "description": "Set it", "parameters": Timer.model_json_schema()}}',
        f"timer_tool = json.loads({TOOL.removeprefix('timer_tool = ')!r})",
        TOOL.replace('["minutes"]', '("minutes",)'),
        TOOL.replace('"minimum": 1', '"allOf": [{"minimum": 1}]'),
        TOOL.replace('"type": "integer"', '"type": "number", "multipleOf": 1'),
        TOOL.replace('"parameters"', '"strict": False, "parameters"'),
    ],
    "08.2": [
        SAFELY + "    try:\n        function = allowed[call.function.name]\n"
        "        return str(function(**json.loads(call.function.arguments)))\n"
        '    except Exception as problem:\n        return f"error: {problem}"',
        SAFELY + "    if call.function.name not in allowed:\n"
        '        return "error: no such tool"\n'
        "    try:\n        arguments = json.loads(call.function.arguments)\n"
        '    except json.JSONDecodeError:\n        return "error: not JSON"\n'
        "    try:\n        result = allowed[call.function.name](**arguments)\n"
        '    except Exception as e:\n        return "Error: " + type(e).__name__\n'
        '    return f"{result}"',
        SAFELY + "    function = allowed.get(call.function.name)\n    if function is None:\n"
        '        return json.dumps({"error": "no such tool"})\n'
        "    try:\n        return str(function(**json.loads(call.function.arguments)))\n"
        '    except Exception as e:\n        return json.dumps({"error": type(e).__name__})',
        SAFELY + '    text = "an error: unknown name"\n'
        "    for name, function in allowed.items():\n        if name == call.function.name:\n"
        "            try:\n                arguments = json.loads(call.function.arguments)\n"
        "                text = str(function(**arguments))\n            except Exception:\n"
        '                text = "an error"\n    return text',
        SAFELY + "    try:\n        arguments = json.loads(call.function.arguments)\n"
        "        if not isinstance(arguments, dict):\n"
        '            raise TypeError("no object")\n'
        "        result = allowed[call.function.name](**arguments)\n"
        '    except Exception as e:\n        return repr(e) + " error"\n'
        "    else:\n        return str(result)",
        "run_safely = lambda call, allowed: _try(call, allowed)\n"
        "def _try(call, allowed):\n    try:\n"
        "        return str(allowed[call.function.name](**json.loads(call.function.arguments)))\n"
        '    except BaseException:\n        return "ERROR"',
    """
import json
def run_safely(call, allowed):
    try:
        return str(allowed[call.function.name](**json.loads(call.function.arguments)))
    except Exception as error:
        return f"error: {error}"
""",
],
    "08.3": [
        LOOP,
        LOOP.replace("        messages.append(message)\n",
                     '        messages.append({"role": "assistant", "content": message.content,\n'
                     '                         "tool_calls": message.tool_calls})\n'),
        LOOP.replace("for _ in range(rounds):", "while rounds > 0:\n        rounds -= 1"),
        LOOP.replace("for _ in range(rounds):\n        message",
                     "count = 0\n    while True:\n        if count == rounds:\n"
                     '            return "too many calls"\n        count += 1\n        message'),
        LOOP.replace("        messages.append(message)\n        for",
                     "        messages = messages + [message]\n        for"),
        'def answer(chat, run, question, rounds, messages=None):\n'
        '    messages = messages or [{"role": "user", "content": question}]\n'
        '    if rounds == 0:\n        return "too many calls"\n    message = chat(messages)\n'
        '    if not message.tool_calls:\n        return message.content or ""\n'
        '    results = [{"role": "tool", "tool_call_id": call.id, "content": run(call)}\n'
        "               for call in message.tool_calls]\n"
        "    return answer(chat, run, question, rounds - 1, [*messages, message, *results])",
        LOOP.replace("for _ in range(rounds)", "for number in range(1, rounds + 1)").replace(
            "        messages.append(message)\n",
            "        if number == rounds:\n            break\n        messages.append(message)\n"),
        LOOP.replace('message.content or ""',
                     '"" if message.content is None else message.content'),
        LOOP.replace('"content": run(call)', '"name": call.function.name, "content": run(call)'),
        LOOP.replace("messages.append(message)", "messages.append(message.model_dump())"),
        LOOP.replace("messages.append(message)",
                     'messages.append(message.model_dump(exclude_unset=True))'),
        LOOP.replace("messages.append(message)", "messages += [vars(message)]"),
        LOOP.replace("        if not message.tool_calls:", "        if message.refusal:\n"
                     "            return message.refusal\n        if not message.tool_calls:"),
        LOOP.replace("messages.append(message)", "messages.append(dict(message))"),
    ],
}  # fmt: skip

WRONG = {
    "08.1": [
        ("timer_tool = ...", "nothing here yet"),
        (f"timer_tool = {FUNCTION}", "type is None, expected 'function'"),
        (TOOL.replace('"set_timer"', '"timer"'), "name is 'timer', expected 'set_timer'"),
        (TOOL.replace('["minutes"]', '["minutes", "label"]'), "expected ['minutes']"),
        (TOOL.replace(', "required": ["minutes"]', ""), "required is None, expected ['minutes']"),
        (TOOL.replace('["minutes"]', '"minutes"'), "required is 'minutes', expected ['minutes']"),
        (TOOL.replace('"minimum": 1', '"minimum": 0'), "minutes should not allow 0"),
        (TOOL.replace('"minimum": 1', '"exclusiveMinimum": 1'), "minutes should allow 1"),
        (TOOL.replace('"minimum": 1', '"minLength": 1'), "minutes should not allow 0"),
        (TOOL.replace('"integer"', '"number"'), "minutes should not allow 2.5"),
        (TOOL.replace('"integer"', '"int"'), "minutes: type is 'int', expected one of"),
        (TOOL.replace('"integer"', "int"), "minutes: type is <class 'int'>, expected one of"),
        (TOOL.replace(MINUTES, '{"type": "integer", "minimum": 1}'), "minutes has a description"),
        (TOOL.replace('"description": "Set a timer"', '"description": ""'),
         "function has a description, and not ''"),
        (TOOL.replace('"description": "Set a timer", ', ""), "function has a description"),
        (TOOL.replace(PARAMETERS, PROPERTIES), "a dictionary called properties"),
        (TOOL.replace(LABEL, '"string"'), "label is 'string', expected: a schema"),
        (TOOL.replace('"label"', '"name"'), "expected ['label', 'minutes']"),
        (TOOL.replace('"string"', '"text"'), "label: type is 'text', expected one of"),
        ("timer_tool = [" + TOOL.removeprefix("timer_tool = ") + "]", "a dictionary is expected"),
        (f"timer_tool = {TOOL.removeprefix('timer_tool = ')!r}", "a dictionary is expected"),
        ('def set_timer(minutes, label=""):\n    pass\ntimer_tool = set_timer',
         "a dictionary is expected; this is <function"),
        (PYDANTIC + "import openai\ntimer_tool = openai.pydantic_function_tool(Timer,\n"
         '    name="set_timer", description="Set it")', "expected ['minutes']"),
        (TOOL.replace('"minimum": 1', '"minimum": "1"'), "minutes: minimum is '1', expected"),
        (TOOL.replace('"string"', '["string", 7]'), "label: type is ['string', 7], expected one"),
        (TOOL.replace('"string"', '{"a": 1}'), "label: type is {'a': 1}, expected one of"),
        (TOOL.replace(LABEL, '{"anyOf": 7, "description": "x"}'), "label: anyOf is 7, expected"),
        (TOOL.replace('"parameters"', '"arguments"'), "parameters is None, expected"),
        (TOOL.replace('"minimum": 1', '"enum": [1, 90, 2.5]'), "minutes should not allow"),
        (TOOL.replace('"minimum": 1', '"maximum": 1'), "minutes should allow 90"),
    ],
    "08.2": [
        (SAFELY + "    return ...", "nothing here yet"),
        (SAFELY + "    function = allowed[call.function.name]\n"
         "    return str(function(**json.loads(call.function.arguments)))", "raised KeyError"),
        (SAFELY + "    try:\n        function = allowed[call.function.name]\n"
         "        return function(**json.loads(call.function.arguments))\n"
         '    except Exception:\n        return "error"', "returned 42, expected '42'"),
        (SAFELY + "    try:\n        function = allowed[call.function.name]\n"
         "        return json.dumps(function(**json.loads(call.function.arguments)))\n"
         '    except Exception:\n        return "error"', "expected '3 degrees'"),
        (SAFELY + "    try:\n        function = allowed[call.function.name]\n"
         "        print(function(**json.loads(call.function.arguments)))\n"
         '    except Exception:\n        print("error")', "is there a `return`?"),
        (SAFELY + "    try:\n        function = eval(call.function.name)\n"
         "        return str(function(**json.loads(call.function.arguments)))\n"
         '    except Exception:\n        return "error"', "double with"),
        (SAFELY + "    try:\n        function = allowed.get(call.function.name) or "
         "eval(call.function.name)\n"
         "        return str(function(**json.loads(call.function.arguments)))\n"
         '    except Exception:\n        return "error"', "the call of print with {}"),
        (SAFELY + "    try:\n        function = allowed[call.function.name]\n"
         "        return str(function(**json.loads(call.function.arguments)))\n"
         '    except KeyError:\n        return "error: no such tool"\n'
         '    except json.JSONDecodeError:\n        return "error: not JSON"', "raised TypeError"),
        (SAFELY + "    try:\n        function = allowed[call.function.name]\n"
         "        return str(function(**json.loads(call.function.arguments)))\n"
         '    except (KeyError, ValueError):\n        return "error"', "raised TypeError"),
        (SAFELY + "    try:\n        function = allowed[call.function.name]\n"
         "        return str(function(**json.loads(call.function.arguments)))\n"
         "    except Exception as problem:\n        return str(problem)", "the word error"),
        (SAFELY + "    try:\n        function = allowed[call.function.name]\n"
         "        return str(function(*json.loads(call.function.arguments).values()))\n"
         '    except Exception:\n        return "error"', "returned '-3', expected '3'"),
        (SAFELY + "    try:\n        function = allowed.pop(call.function.name)\n"
         "        return str(function(**json.loads(call.function.arguments)))\n"
         '    except Exception:\n        return "error"', "functions is changed"),
        (SAFELY + "    try:\n        function = allowed[call.function.name]\n"
         "        return str(function(**(json.loads(call.function.arguments) or {})))\n"
         '    except Exception:\n        return "error"', "nothing with null"),
        (SAFELY + "    try:\n        function = allowed[call.function.name]\n"
         '        return str(function(**json.loads(call.function.arguments)) or "error")\n'
         '    except Exception:\n        return "error"', "expected '0'"),
        (SAFELY + "    try:\n        function = allowed[call.function.name]\n"
         "        function(**json.loads(call.function.arguments))\n"
         "        return str(function(**json.loads(call.function.arguments)))\n"
         '    except Exception:\n        return "error"', "double ran for [21, 21]"),
        (SAFELY + '    try:\n        function = allowed[call["name"]]\n'
         '        return str(function(**json.loads(call["arguments"])))\n'
         '    except Exception:\n        return "error"', "returned 'error', expected '42'"),
        (SAFELY + "    try:\n        function = allowed[call.function.name]\n"
         "        return str(function(**json.loads(call.function.arguments)))\n"
         "    except Exception as problem:\n        return type(problem).__name__",
         "fails with {} returned 'UserWarning', expected a string with the word error"),
        (SAFELY + "    try:\n        function = allowed[call.function.name]\n"
         "        return str(function(**json.loads(call.function.arguments)))\n"
         '    except Exception as problem:\n        return {"error": str(problem)}',
         "double with an empty string returned {'error'"),
        (SAFELY + "    try:\n        function = allowed[call.function.name]\n"
         "        return repr(function(**json.loads(call.function.arguments)))\n"
         '    except Exception:\n        return "error"', "expected '3 degrees'"),
        (SAFELY + "    if call.function.name not in allowed:\n        return 'error'\n"
         "    try:\n        arguments = json.loads(call.function.arguments)\n"
         "        assert arguments\n"
         "        return str(allowed[call.function.name](**arguments))\n"
         "    except Exception:\n        return 'error'", "returned 'error', expected 'None'"),
        (SAFELY + "    return str(allowed[call.name](**call.arguments))",
         "has no attribute 'name' (line"),
        ("run_safely = 'error'", "a function is expected; this is 'error'"),
        *((SAFELY + "    import ast\n    try:\n        return str(allowed[call.function.name]"
           f"(**{reads}(call.function.arguments)))\n    except Exception:\n        return 'error'",
           "the call of double with {'number': 21} returned '42'")
          for reads in ["eval", "ast.literal_eval"]),
    ],
    "08.3": [
        ("def answer(chat, run, question, rounds):\n    return ...", "nothing here yet"),
        (LOOP.replace("for _ in range(rounds):", "while True:"),
         "chat was called 4 times, expected: at most 3"),
        (LOOP.replace("range(rounds)", "range(rounds + 1)"),
         "chat was called 2 times, expected: at most 1"),
        (LOOP.replace("range(rounds)", "range(rounds - 1)"), "returned 'too many calls'"),
        (LOOP.replace("        messages.append(message)\n", ""), "messages, expected 3"),
        (LOOP.replace(' or ""', ""), "it returned None (is there a `return`?), expected ''"),
        (LOOP.replace("not message.tool_calls", "message.tool_calls is None"),
         "the list of calls is empty"),
        (LOOP.replace("        for call in message.tool_calls:\n            messages",
                      "        call = message.tool_calls[0]\n        messages"),
         "there were 3 messages, expected 4"),
        (LOOP.replace("in message.tool_calls:", "in reversed(message.tool_calls):"),
         "expected {'role': 'tool', 'tool_call_id': 'call_1'"),
        (LOOP.replace('"tool_call_id": call.id, ', ""), "expected {'role': 'tool', 'tool_call_id'"),
        (LOOP.replace('"role": "tool"', '"role": "user"'), "message 3 was {'role': 'user'"),
        (LOOP.replace('"content": run(call)', '"content": call.function.arguments'),
         "the result of call_1"),
        (LOOP.replace('return message.content or ""', 'print(message.content or "")'),
         "the model answers at once (rounds=3): it raised TypeError"),
        (LOOP.replace('    return "too many calls"\n', ""), "is there a `return`?"),
        (LOOP.replace('return "too many calls"', 'return "no answer"'),
         "returned 'no answer', expected 'too many calls'"),
        (LOOP.replace('"content": question', '"content": "question"'), "at request 1 message 1"),
        (LOOP.replace("chat(messages)", "chat(question)"),
         "chat was given 'What is the weather?', expected a list"),
        (LOOP.replace("messages.append(message)", 'messages.append({"role": "assistant",'
                      ' "content": message.content})'), "expected the model's, with its calls"),
        (LOOP.replace("for _ in range(rounds):\n",
                      "for _ in range(rounds):\n        messages = messages[:1]\n"),
         "one call, then the answer"),
        (LOOP.replace('                return message.content or ""', "").replace(
            "return message.content", "return message"), "it returned ChatCompletionMessage("),
        (LOOP.replace("for _ in range(rounds):", "while True:\n        try:\n            chat([])\n"
                      "        except Exception:\n            pass"),
         "there were 0 messages, expected 1"),
        (LOOP.replace("messages.append(message)", "messages.append(message.content)"),
         "expected the model's, with its calls"),
        ("answer = 7", "a function is expected; this is 7"),
        (LOOP.replace('"tool_call_id": call.id', '"id": call.id'), "'tool', 'id': 'call_1'"),
        (LOOP.replace('"content": run(call)', '"content": [run(call)]'),
         "['the result of call_1']}, expected {'role'"),
        (LOOP.replace('[{"role": "user"', '[{"role": "system", "content": ""}, {"role": "user"'),
         "there were 2 messages, expected 1"),
        (LOOP.replace('return message.content or ""', 'return message.content or "too many calls"'),
         "it returned 'too many calls', expected ''"),
        (LOOP.replace('return "too many calls"', 'raise RuntimeError("too many calls")'),
         "it raised RuntimeError: too many calls"),
        (LOOP.replace("        messages.append(message)\n", "").replace(
            "            messages.append(", "            messages.append(message)\n"
            "            messages.append("), "there were 5 messages, expected 4"),
        (LOOP.replace("            messages.append(", "            print(run(call))\n"
                      "            messages.append("), "call_1 was run 2 times, expected 1"),
        (LOOP.replace("run(call)", "run(call.function.name)"), "run takes a whole call"),
    ],
}  # fmt: skip
