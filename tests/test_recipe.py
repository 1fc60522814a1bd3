"""The recipe of cria: its text is what it should be, and the four steps make a model that loads."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import requests
from llama_cpp import Llama

from helpers import LlamaServer

ROOT = Path(__file__).resolve().parent.parent
RECIPE = ROOT / "models" / "recipe"
sys.path.insert(0, str(RECIPE))

import questions  # noqa: E402
from step1_text import SKILLS, conversation, long_conversation, template, with_thoughts  # noqa: E402
from text import copying, thinking, tools, values, world  # noqa: E402


def drawn(make, count: int = 200) -> list:
    rng = random.Random(7)
    return [make(rng) for _ in range(count)]


def test_the_same_seed_writes_the_same_text():
    assert drawn(conversation) == drawn(conversation)
    assert len({json.dumps(made) for made in drawn(conversation)}) > 190


def test_other_words_leave_the_values_in_their_places():
    sentence = "The {title} meeting starts {day}, at {hour} o'clock."
    blurred = set(drawn(lambda rng: values.blurred(rng, sentence, 1)))
    assert len(blurred) > 50
    for other in blurred:
        assert re.findall(r"{\w+}", other) == ["{title}", "{day}", "{hour}"]
        assert other.startswith("The {title} ") and other.endswith(" o'clock.")


@pytest.mark.parametrize(
    "make", [conversation, long_conversation, *SKILLS], ids=lambda m: m.__name__
)
def test_conversations_are_well_formed(make):
    for made in drawn(make):
        messages = made["messages"] if isinstance(made, dict) else made
        roles = [message["role"] for message in messages if message["role"] != "system"]
        assert roles[0] == "user" and roles[-1] == "assistant"
        assert all(pair != ("user", "user") for pair in zip(roles, roles[1:], strict=False))
        for message in messages:
            assert message["content"] or message.get("tool_calls")
            assert "{" not in message["content"] or message["content"][0] == "{"


def test_what_is_remembered_was_told():
    for messages in drawn(copying.memory):
        *_, last = messages
        value = last["content"].rsplit(" ", 1)[1].rstrip(".")
        assert any(value in m["content"] for m in messages[:-1] if m["role"] == "user")


def test_what_is_extracted_stands_in_the_sentence():
    for messages in drawn(copying.extract):
        asked, answered = messages[-2]["content"], json.loads(messages[-1]["content"])
        assert answered
        assert all(str(value) in asked for value in answered.values())


def test_a_called_tool_was_offered_and_its_arguments_were_said():
    for made in drawn(tools.use):
        calls = [c["function"] for m in made["messages"] for c in m.get("tool_calls", [])]
        for call in calls:
            assert call["name"] in [tool["function"]["name"] for tool in made["tools"]]
            said = " ".join(m["content"] for m in made["messages"] if m["role"] == "user")
            assert all(str(value) in said for value in call["arguments"].values())


def test_a_thought_ends_in_the_answer():
    for _, reply in drawn(thinking.how_many):
        number, _ = reply["reasoning_content"].split(", ")[-1].split()
        assert reply["content"].endswith(f" {number}.")
    for _, reply in drawn(thinking.in_order):
        before = []
        for step in reply["reasoning_content"].split("; "):
            number, listed = step.split(": ")
            after = listed.split(", ")
            assert after == sorted([*before, number], key=int)
            before = after
        assert reply["content"] == ", ".join(before) + "."
    for _, reply in drawn(world.arithmetic):
        for thought, answer in zip(
            reply["reasoning_content"].splitlines(), reply["content"].split("; "), strict=True
        ):
            left, result = answer.split(" = ")
            assert thought.startswith(f"{left}: ") and thought.endswith(f" {result}")
            a, sign, b = left.split()
            assert int(result) == (int(a) + int(b) if sign == "+" else int(a) - int(b))


def test_a_conversation_has_all_its_thoughts_or_only_the_last_or_none():
    for seed in range(300):
        rng = random.Random(seed)
        messages = tools.use(rng)["messages"]
        made = with_thoughts(rng, messages)
        blocks = ["reasoning_content" in m for m in made if m["role"] == "assistant"]
        assert blocks == sorted(blocks)
        kept = [m.get("reasoning_content") for m in made if m.get("reasoning_content")]
        assert set(kept) <= {m.get("reasoning_content") for m in messages}


def test_what_no_offered_tool_is_for_is_not_called():
    for seed in range(300):
        rng = random.Random(seed)
        offered = tools.offer(rng)
        request, reply = tools.none_fits(rng, offered)
        assert reply["content"] == tools.NO_TOOL and reply["reasoning_content"].endswith(": none")
        missing = reply["reasoning_content"].removesuffix(": none")
        assert not any(missing in tool.name or missing in tool.purpose for tool in offered)


def test_a_request_in_other_words_still_names_its_tool():
    for seed in range(200):
        rng = random.Random(seed)
        tool = tools.invented(rng)
        request, *_ = tools.once(rng, tool)
        assert tool.subject in request["content"]


def test_names_are_drawn_from_so_many_that_they_cannot_be_learned():
    rng = random.Random(1)
    names = [copying.name(rng) for _ in range(20_000)]
    assert len(set(names)) > 10_000


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


@pytest.fixture(scope="module")
def trained() -> set[str]:
    """What the training text lets users and system prompts say, a large sample of it."""
    heard = set()
    for make in SKILLS:
        for made in drawn(make, 2000):
            messages = made["messages"] if isinstance(made, dict) else made
            heard |= {plain(m["content"]) for m in messages if m["role"] != "assistant"}
    return heard


@pytest.mark.parametrize("skill", questions.GOALS, ids=lambda skill: skill.__name__)
def test_evaluation_asks_what_training_never_did(skill, trained):
    telling = 0 if skill is questions.tone else -1  # there the system prompt is what counts
    asked = {plain(probe.messages[telling]["content"]) for probe in questions.probes(skill, 100)}
    assert not asked & trained - {plain(greeting) for greeting in questions.TRIED_FIRST}


@pytest.mark.parametrize("skill", questions.GOALS, ids=lambda skill: skill.__name__)
def test_evaluation_asks_many_different_questions(skill):
    asked = {json.dumps([p.messages, p.fields]) for p in questions.probes(skill, 100)}
    assert len(asked) >= 80


def test_the_chat_template_in_the_file_is_the_recipe_s():
    with LlamaServer() as server:
        props = requests.get(f"{server.url}/props", timeout=5).json()
        messages = {
            "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}]
        }
        rendered = requests.post(f"{server.url}/apply-template", json=messages, timeout=5).json()
    assert props["chat_template"] == (RECIPE / "template.jinja").read_text(encoding="utf-8").strip()
    assert props["chat_template_caps"]["supports_tools"]
    assert rendered["prompt"] == template().render(**messages, add_generation_prompt=True)


@pytest.fixture
def python(monkeypatch) -> Path:
    """The Python that has PyTorch; with one thread it does not wait for the tests beside it."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    python = ROOT / ".venv-model" / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        pytest.skip("PyTorch is not a part of the course; `make model-setup` installs it")
    return python


TINY_TOKENS = ["step2_tokenizer.py", "--size", "500", "--spaced", "20", "--sample", "500"]
TINY_NETWORK = ["step3_network.py", "--layers", "1", "--row", "64", "--no-compile"]


def test_training_goes_on_after_it_was_killed(tmp_path, python):
    copy = tmp_path / "models" / "recipe"
    shutil.copytree(RECIPE, copy)
    checkpoint = copy.parent / "work" / "checkpoint.pt"
    subprocess.run([python, *TINY_TOKENS], cwd=copy, check=True, timeout=120)

    training = subprocess.Popen([python, *TINY_NETWORK, "--steps", "100000"], cwd=copy)
    deadline = time.monotonic() + 120
    while not checkpoint.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    training.kill()
    training.wait()

    run = partial(subprocess.run, cwd=copy, capture_output=True, text=True, timeout=120)
    other = run([python, *TINY_NETWORK, "--seed", "1", "--steps", "60"])
    assert other.returncode == 1 and "delete that file to begin anew" in other.stderr
    same = run([python, *TINY_NETWORK, "--steps", "60"])
    assert same.returncode == 0 and "going on after step" in same.stdout
    assert not checkpoint.exists() and (copy.parent / "work" / "network.pt").exists()


def test_four_steps_make_a_model_that_loads(tmp_path, python):
    copy, model = tmp_path / "models" / "recipe", tmp_path / "models" / "tiny.gguf"
    shutil.copytree(RECIPE, copy)
    for step in [
        TINY_TOKENS,
        [*TINY_NETWORK, "--steps", "24"],
        ["step4_gguf.py", "--model", str(model)],
    ]:
        subprocess.run([python, *step], cwd=copy, check=True, timeout=120)

    question = [{"role": "user", "content": "Hello!"}]
    with LlamaServer(model) as server:
        body = {"messages": question, "max_tokens": 5}
        answer = requests.post(f"{server.base_url}/chat/completions", json=body, timeout=30).json()
    assert answer["usage"]["completion_tokens"]
    llama = Llama(str(model), n_ctx=256, verbose=False)
    answer = llama.create_chat_completion(question, max_tokens=5)
    llama.close()
    assert answer["usage"]["completion_tokens"]
    assert (copy.parent / "work" / "network.pt").exists()
