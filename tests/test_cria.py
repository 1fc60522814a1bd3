"""cria: a sample of every skill, its tokens, and its chat template in both engines."""

import random
import re
import sys
from pathlib import Path

import pytest
import requests
from tokenizers import Tokenizer, models, pre_tokenizers

from helpers import LlamaServer, model

RECIPE = Path(__file__).resolve().parent.parent / "models" / "recipe"
sys.path.insert(0, str(RECIPE))

from evaluate import ask, try_one  # noqa: E402
from questions import GOALS, choice, counting, probes  # noqa: E402
from step1_text import conversation, template  # noqa: E402
from step2_tokenizer import CUT  # noqa: E402

SAMPLE = 10  # questions a skill; `make eval` asks a hundred


@pytest.fixture(scope="module")
def server():
    with LlamaServer() as server:
        yield server


def on_the_card(skill) -> int:
    """The share of right answers, in percent, that the model card says."""
    title = skill.__name__.replace("_", " ")
    card = (RECIPE.parent / "README.md").read_text(encoding="utf-8")
    return int(re.search(rf"(?m)^\| {title}[^|]*\| (\d+)% \|", card)[1])


@pytest.mark.parametrize("skill", GOALS, ids=lambda skill: skill.__name__)
def test_reaches_its_goal_in_a_sample(server, skill):
    tried = [(probe, *try_one(server, probe)) for probe in probes(skill, 100)[:: 100 // SAMPLE]]
    wrong = [(probe.messages[-1]["content"], text) for probe, right, text, _ in tried if not right]
    score, goal = on_the_card(skill), GOALS[skill]
    if score >= goal:
        assert len(wrong) <= SAMPLE // 10, wrong
    else:
        missed = SAMPLE * (100 - score) / 100
        assert len(wrong) <= missed + 3, "worse than the card says, even for a sample"
        pytest.xfail(f"short of its goal: {score}% of {goal}%, as the card says")


@pytest.mark.parametrize("skill", [counting, choice], ids=lambda s: s.__name__)
def test_a_thought_pays(server, skill):
    asked = probes(skill, 100)[:20]
    thought, at_once = (
        sum(try_one(server, probe, thinks)[0] for probe in asked) for thinks in [True, False]
    )
    assert thought - at_once >= 4, "20 points or more are on the card"


def test_a_greeting_needs_no_thought(server):
    greeting = [{"role": "user", "content": "Hello, how are you?"}]
    replies = [
        ask(server, greeting, {"chat_template_kwargs": {"enable_thinking": thinks}})["message"]
        for thinks in [True, False]
    ]
    assert replies[0] == replies[1] and replies[0]["content"]
    assert not replies[0].get("reasoning_content")


def strings(count: int) -> list[str]:
    """Return text of the recipe, foreign signs, emoji, and any mixture of them."""
    rng = random.Random(5)
    signs = "aZ09 .,'\"{}<>|_\n\t\r  éßñ你好世界こ한Ωж😀👩‍👩‍👧🏳️‍🌈﷽\u200b\u00a0"
    texts = [conversation(rng)["messages"][-1]["content"] for _ in range(count // 2)]
    return texts + ["".join(rng.choices(signs, k=rng.randrange(30))) for _ in range(count // 2)]


def test_llama_cpp_cuts_text_as_training_did(server):
    from gguf import GGUFReader  # here, so that the other tests run where numpy does not load

    fields = {name: field.contents() for name, field in GGUFReader(model()).fields.items()}
    vocabulary = {token: i for i, token in enumerate(fields["tokenizer.ggml.tokens"])}
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"]]
    trained = Tokenizer(models.BPE(vocabulary, merges))
    trained.pre_tokenizer = pre_tokenizers.Sequence(CUT)
    with requests.Session() as session:
        for text in strings(1000):
            body = {"content": text, "parse_special": False}
            answer = session.post(f"{server.url}/tokenize", json=body, timeout=10).json()
            assert answer["tokens"] == trained.encode(text).ids, repr(text)
            back = session.post(f"{server.url}/detokenize", json=answer, timeout=10).json()
            assert back["content"] == text


def test_every_digit_is_a_token_of_its_own(server):
    body = {"content": "2026"}
    answer = requests.post(f"{server.url}/tokenize", json=body, timeout=10).json()
    assert len(answer["tokens"]) == 4


def test_the_template_renders_alike_everywhere(server):
    llama_cpp = pytest.importorskip("llama_cpp", reason="the binding is not here")
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    llama = llama_cpp.Llama(str(model()), vocab_only=True, verbose=False)
    binding = Jinja2ChatFormatter(
        llama.metadata["tokenizer.chat_template"], "<|im_end|>", "<|im_start|>"
    )
    llama.close()
    rng = random.Random(3)
    for _ in range(100):
        made = conversation(rng)
        messages = made["messages"][:-1]
        for message in messages:
            if not message.get("reasoning_content"):  # for llama-server, an empty one is none
                message.pop("reasoning_content", None)
        made = {**made, "messages": messages}
        if any("tool_calls" in message for message in made["messages"]):
            made["messages"] = made["messages"][:1]  # the API gives calls ids, the recipe does not
        recipe = template().render(**made, add_generation_prompt=True)
        answer = requests.post(f"{server.url}/apply-template", json=made, timeout=10).json()
        assert answer["prompt"] == recipe
        wish = made | {"chat_template_kwargs": {"enable_thinking": True}}
        answer = requests.post(f"{server.url}/apply-template", json=wish, timeout=10).json()
        assert answer["prompt"] == f"{recipe}<think>\n"
        assert binding(messages=made["messages"], tools=made.get("tools")).prompt == recipe
