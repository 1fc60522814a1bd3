"""Answers to the exercises of lesson 02."""

LOOP = "{% for m in messages %}"
ROLE = "{% if m.role == 'user' %}USER: {% else %}BOT: {% endif %}"

RIGHT = {
    "02.1": [
        r"""
prompt = (
    "<|im_start|>system\nAnswer briefly.<|im_end|>\n"
    "<|im_start|>user\nHi!<|im_end|>\n"
    "<|im_start|>assistant\n"
)
""",
        r"""
prompt = '''<|im_start|>system
Answer briefly.<|im_end|>
<|im_start|>user
Hi!<|im_end|>
<|im_start|>assistant
'''
""",
        r"""
prompt = ""
for role, text in [("system", "Answer briefly."), ("user", "Hi!")]:
    prompt += f"<|im_start|>{role}\n{text}<|im_end|>\n"
prompt += "<|im_start|>assistant\n"
""",
        r"""
start, end = "<|im_start|>", "<|im_end|>"
prompt = start + "system\nAnswer briefly." + end + "\n" + start + "user\nHi!" + end + "\n"
prompt = prompt + start + "assistant\n"
""",
        r"""
lines = ["<|im_start|>system", "Answer briefly.<|im_end|>", "<|im_start|>user", "Hi!<|im_end|>"]
prompt = "\n".join([*lines, "<|im_start|>assistant", ""])
""",
        r"""
form = "<|im_start|>{}\n{}<|im_end|>\n"
prompt = form.format("system", "Answer briefly.") + form.format("user", "Hi!")
prompt += "<|im_start|>assistant\n"
""",
        r"""
from jinja2 import Template
talk = [("system", "Answer briefly."), ("user", "Hi!")]
form = "{% for r, t in talk %}<|im_start|>{{ r }}\n{{ t }}<|im_end|>\n{% endfor %}"
prompt = Template(form).render(talk=talk) + "<|im_start|>assistant\n"
""",
    ],
    "02.2": [
        """
def cut(text, stop):
    end = len(text)
    for sequence in stop:
        place = text.find(sequence)
        if place != -1:
            end = min(end, place)
    return text[:end]
""",
        """
def cut(text, stop):
    for sequence in stop:
        text = text.split(sequence)[0]
    return text
""",
        """
def cut(text, stop):
    for sequence in stop:
        text, _, _ = text.partition(sequence)
    return text
""",
        """
import re
def cut(text, stop):
    if not stop:
        return text
    return re.split("|".join(re.escape(one) for one in stop), text, maxsplit=1)[0]
""",
        """
def cut(text, stop):
    for i in range(len(text)):
        for sequence in stop:
            if text[i:].startswith(sequence):
                return text[:i]
    return text
""",
        """
def cut(text, stop):
    return text[: min((text.index(one) for one in stop if one in text), default=None)]
""",
        """
def cut(text, stop):
    kept = ""
    for character in text:
        kept += character
        for sequence in stop:
            if sequence in kept:
                return cut(kept[: -len(sequence)], stop)
    return kept
""",
        "cut = lambda text, stop: text if not stop else cut(text.split(stop[0])[0], stop[1:])",
    ],
    "02.3": [
        f'template = "{LOOP}{ROLE}{{{{ m.content }}}}\\n{{% endfor %}}BOT:"',
        f"""
template = '''{LOOP}
{ROLE}{{{{ m.content }}}}
{{% endfor %}}
BOT:'''
""",
        """
template = '''
{%- for m in messages %}
{%- if m.role == 'user' %}
{{- 'USER: ' + m.content + '\\n' }}
{%- else %}
{{- 'BOT: ' + m.content + '\\n' }}
{%- endif %}
{%- endfor %}
{{- 'BOT:' }}
'''
""",
        """
template = (
    "{% for m in messages %}{{ 'USER' if m.role == 'user' else 'BOT' }}: {{ m.content }}\\n"
    "{% endfor %}BOT: "
)
""",
        """
template = "{% for m in messages %}{% if m['role'] == 'user' %}USER: {{ m['content'] }}"
template += "{% else %}BOT: {{ m['content'] }}{% endif %}{{ '\\\\n' }}{% endfor %}BOT:\\n"
""",
        """
template = '''{% set names = {'user': 'USER', 'assistant': 'BOT'} %}
{% for message in messages %}
{{ names[message.role] }}: {{ message.content }}
{% endfor %}
BOT:

'''
""",
        """
template = '''{% for m in messages %}
{% if m.role == 'assistant' %}
BOT: {{ m.content }}
{% else %}
USER: {{ m.content }}
{% endif %}
{% endfor %}
{% if add_generation_prompt %}
BOT:
{% endif %}'''
""",
    ],
}

WRONG = {
    "02.1": [
        (
            r"""
prompt = "<|im_start|>system\nAnswer briefly.<|im_end|>\n<|im_start|>user\nHi!<|im_end|>\n"
prompt += "<|im_start|>assistant"
""",
            "expected a line break at the end",
        ),
        (
            r"""
prompt = "<|im_start|>system\nAnswer briefly.<|im_end|>\n<|im_start|>user\nHi!<|im_end|>\n"
""",
            "line 5 is '', expected '<|im_start|>assistant'",
        ),
        (
            r"""
prompt = "<|im_start|>system\nAnswer briefly.<|im_end|>\n<|im_start|>user\nHi!<|im_end|>\n"
prompt += "<|im_start|>assistant\n<|im_end|>\n"
""",
            "it has 6 line breaks, expected 5",
        ),
        (
            r"""
prompt = "<|im_start|>user\nHi!<|im_end|>\n<|im_start|>system\nAnswer briefly.<|im_end|>\n"
prompt += "<|im_start|>assistant\n"
""",
            "line 1 is '<|im_start|>user', expected '<|im_start|>system'",
        ),
        (
            r"""
prompt = "<|im_start|>user\nHi!<|im_end|>\n<|im_start|>assistant\n"
""",
            "line 1 is '<|im_start|>user'",
        ),
        (
            r"""
prompt = "<|im_start|>system Answer briefly.<|im_end|> <|im_start|>user Hi!<|im_end|> "
prompt += "<|im_start|>assistant"
""",
            "line 1 is '<|im_start|>system Answer briefly.",
        ),
        (
            r"""
prompt = "<|im_start|>system\nAnswer briefly.\n<|im_end|>\n<|im_start|>user\nHi!\n<|im_end|>\n"
prompt += "<|im_start|>assistant\n"
""",
            "line 2 is 'Answer briefly.', expected 'Answer briefly.<|im_end|>'",
        ),
        (
            r"""
prompt = "<|im_start|>system\nAnswer briefly<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
prompt += "<|im_start|>assistant\n"
""",
            "line 4 is 'Hi<|im_end|>', expected 'Hi!<|im_end|>'",
        ),
        (
            r"""
prompt = "<|im_start|>system\nAnswer briefly.<|im_end|>\n<|im_start|>user\nHi!<|im_end|>\n"
prompt += "<|im_start|>assistant\nHello!"
""",
            "expected a line break at the end",
        ),
        (
            r"""
prompt = "<|im_start>system\nAnswer briefly.<|im_end>\n<|im_start>user\nHi!<|im_end>\n"
prompt += "<|im_start>assistant\n"
""",
            "line 1 is '<|im_start>system'",
        ),
        (
            """
prompt = [{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": "Hi!"}]
""",
            "a string is expected; this is ",
        ),
        (
            r"""
prompt = r"<|im_start|>system\nAnswer briefly.<|im_end|>\n<|im_start|>user\nHi!<|im_end|>\n"
""",
            "it has 0 line breaks, expected 5",
        ),
        (
            """
prompt = '''
<|im_start|>system
Answer briefly.<|im_end|>
<|im_start|>user
Hi!<|im_end|>
<|im_start|>assistant
'''
""",
            "it begins with a line break, expected '<|im_start|>system'",
        ),
        ("prompt = 'USER: Hi!'", "line 2 is missing"),
    ],
    "02.2": [
        (
            """
def cut(text, stop):
    return text.split(stop[0])[0]
""",
            "raised IndexError",
        ),
        (
            """
def cut(text, stop):
    for sequence in stop:
        if sequence in text:
            return text.split(sequence)[0]
    return text
""",
            "['three', 'two']) returned 'one, two, ', expected 'one, '",
        ),
        (
            """
def cut(text, stop):
    for sequence in stop:
        return text[: text.find(sequence)]
    return text
""",
            "returned 'All of it', expected 'All of it.'",
        ),
        (
            """
def cut(text, stop):
    return text[: min(text.index(sequence) for sequence in stop)]
""",
            "raised ValueError",
        ),
        (
            """
import re
def cut(text, stop):
    return re.split("|".join(stop), text)[0] if stop else text
""",
            "raised error: missing )",
        ),
        (
            """
def cut(text, stop):
    for sequence in stop:
        text = text.rsplit(sequence, 1)[0]
    return text
""",
            "returned 'one, two, one, ', expected 'one, '",
        ),
        (
            """
def cut(text, stop):
    for sequence in stop:
        text = text.removesuffix(sequence)
    return text
""",
            "expected 'Hello.'",
        ),
        (
            """
def cut(text, stop):
    for sequence in stop:
        text = text.replace(sequence, "")
    return text
""",
            "expected 'one, '",
        ),
        (
            """
def cut(text, stop):
    for sequence in stop:
        text = text.split(sequence)[0]
    return text.strip()
""",
            "returned 'one,', expected 'one, '",
        ),
        (
            """
def cut(text, stop):
    end = len(text)
    for sequence in stop:
        if sequence in text:
            end = min(end, text.find(sequence) + len(sequence))
    return text[:end]
""",
            "returned 'Hello.<|im_end|>', expected 'Hello.'",
        ),
        (
            """
def cut(text, stop):
    while stop:
        text = text.split(stop.pop())[0]
    return text
""",
            "and is [] now",
        ),
        (
            """
def cut(text, stop):
    for sequence in stop:
        text = text.split(sequence)[0]
    print(text)
""",
            "returned None (is there a `return`?), expected",
        ),
        (
            """
def cut(text, stop):
    words = text.split()
    for i, word in enumerate(words):
        if word in stop:
            return " ".join(words[:i])
    return text
""",
            "expected 'Hello.'",
        ),
        (
            """
def cut(text, stop):
    for sequence in stop:
        place = text.find(sequence)
        if place > 0:
            text = text[:place]
    return text
""",
            "['User:', 'Hi']) returned 'User: ', expected ''",
        ),
        (
            """
def cut(text, stop):
    for sequence in stop:
        place = text.lower().find(sequence.lower())
        if place >= 0:
            text = text[:place]
    return text
""",
            "returned 'a ', expected 'a stop. A '",
        ),
        (
            """
def cut(text, stop):
    places = [text.find(sequence) for sequence in stop]
    return text[: min(places)] if places else text
""",
            "returned 'All of it', expected 'All of it.'",
        ),
        (
            """
def cut(text, stop):
    for sequence in sorted(stop):
        if sequence in text:
            return text[: text.index(sequence)]
    return text
""",
            "['two', 'three']) returned 'one, two, ', expected 'one, '",
        ),
        ("cut = 'All of it.'", "a function is expected; this is "),
        (
            """
def cut(text, stop):
    try:
        return text[: min(text.index(one) for one in stop)]
    except ValueError:
        return text
""",
            "expected 'one, '",
        ),
    ],
    "02.3": [
        (  # over several lines, the line break after %} is swallowed
            """
template = '''{% for m in messages %}
{% if m.role == 'user' %}USER: {{ m.content }}{% else %}BOT: {{ m.content }}{% endif %}
{% endfor %}
BOT:'''
""",
            "a line break directly after %} is swallowed",
        ),
        ("template = 'USER: Hi\\nBOT: Hello\\nUSER: Bye\\nBOT:'", "1 message: the prompt is"),
        (f'template = "{LOOP}{ROLE}{{{{ m.content }}}}\\n{{% endfor %}}"', "expected 'USER: Hi"),
        (f'template = "{LOOP}{ROLE}{{{{ m.content }}}}\\nBOT:{{% endfor %}}"', "3 messages"),
        (f'template = "{LOOP}{ROLE}{{{{ m.content }}}} {{% endfor %}}BOT:"', "3 messages"),
        (f'template = "{LOOP}USER: {{{{ m.content }}}}\\n{{% endfor %}}BOT:"', "USER: Hello"),
        (
            """
template = "{% for m in messages %}{% if loop.index % 2 %}USER{% else %}BOT{% endif %}: "
template += "{{ m.content }}\\n{% endfor %}BOT:"
""",
            "4 messages",
        ),
        (
            f'template = "{LOOP}{{{{ m.role }}}}: {{{{ m.content }}}}\\n{{% endfor %}}BOT:"',
            "user: Hi",
        ),
        (f'template = "{LOOP}{ROLE}{{{{ m }}}}\\n{{% endfor %}}BOT:"', "3 messages"),
        (f'template = "{LOOP}{ROLE}m.content\\n{{% endfor %}}BOT:"', "m.content"),
        (f'template = "{LOOP}{ROLE}{{{{ m.content }}}}\\nBOT:"', "does not take the template"),
        (
            f'template = "{LOOP}{ROLE}{{{{ m.content }}}}\\n{{% endfor %}}USER:"',
            "expected 'USER: Hi\\nBOT:'",
        ),
        (
            f'template = "{LOOP}{ROLE}{{{{ m.content }}}}\\n\\n{{% endfor %}}BOT:"',
            "the prompt is 'USER: Hi\\n\\nBOT:' (with an empty line in it)",
        ),
        (
            f'template = "{LOOP}{ROLE}{{{{ m.content }}}}\\n"',
            "Each {% for … %} needs an {% endfor %}.",
        ),
        ("template = 'vicuna'", "the prompt is 'vicuna'"),
        (
            """
def template(messages):
    return "".join(f"{m['role']}: {m['content']}\\n" for m in messages) + "BOT:"
""",
            "a string is expected; this is ",
        ),
    ],
}
