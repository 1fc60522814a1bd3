"""How good is cria? Each skill is tried on questions that training has not seen.

    python evaluate.py [--model FILE] [--each 100] [--skill memory --show]

Each question is asked twice: with a thought before the answer, for which the goal holds, and at
once. The model answers through the real llama-server, greedily but for stories: those are drawn at
temperature 1, and the table says how many bits of surprise a token of theirs holds. Where the
greedy token is certain there are none, and nothing for lesson 10 to hide a watermark in.
"""

import argparse
import json
import math
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from questions import GOALS, Probe, parsed, probes, story

from helpers import LlamaServer


def ask(server: LlamaServer, messages: list[dict], fields: dict) -> dict:
    """Return the first choice of the server's answer."""
    body = {"messages": messages, "temperature": 0, "max_tokens": 250, **fields}
    answer = requests.post(f"{server.base_url}/chat/completions", json=body, timeout=120)
    answer.raise_for_status()
    return answer.json()["choices"][0]


def try_one(server: LlamaServer, probe: Probe, thinks: bool = True) -> tuple[bool, str, dict]:
    """Return whether the answer is right, the answer, and the choice it came in."""
    fields = {**probe.fields, "chat_template_kwargs": {"enable_thinking": thinks}}
    choice = ask(server, probe.messages, fields)
    text = choice["message"]["content"] or ""
    calls = choice["message"].get("tool_calls")
    if calls:
        function = calls[0]["function"]
        call = {"name": function["name"], "arguments": parsed(function["arguments"])}
        text = json.dumps(call)
    right = probe.right(text) and choice["finish_reason"] != "length"
    right = right and len(calls or []) == bool(probe.result)  # one call, or none where none fits
    if calls and right:
        returned = {"role": "tool", "tool_call_id": calls[0]["id"], "content": probe.result}
        messages = [*probe.messages, choice["message"], returned]
        final = ask(server, messages, fields)["message"]["content"] or ""
        right = bool(re.search(rf"\b{probe.result}\b", final))
        text = f"{text} -> {final}"
    return right, text, choice


def bits(choices: list[dict]) -> float:
    """Return the surprise of a token, in bits, averaged over all tokens of these choices."""
    tokens = [token["logprob"] for choice in choices for token in choice["logprobs"]["content"]]
    return -sum(tokens) / len(tokens) / math.log(2)


def main() -> None:
    """Try every skill and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, help="file to try (default: the course's)")
    parser.add_argument("--each", type=int, default=100, help="questions a skill (default: 100)")
    names = [skill.__name__ for skill in GOALS]
    parser.add_argument("--skill", choices=names, help="only this one")
    parser.add_argument("--show", action="store_true", help="print the wrong answers")
    options = parser.parse_args()
    if options.each < 1:
        parser.error("--each takes 1 or more")
    print("| skill | with a thought | at once | goal |\n|---|---|---|---|")
    with LlamaServer(options.model or "cria") as server, ThreadPoolExecutor(4) as four:
        for skill, goal in GOALS.items():
            if options.skill not in {None, skill.__name__}:
                continue
            asked = probes(skill, options.each)
            thought, at_once = (
                list(four.map(lambda probe, t=thinks: try_one(server, probe, t), asked))
                for thinks in [True, False]
            )
            note = f" ({bits([c for *_, c in thought]):.1f} bits a token)" if skill is story else ""
            title = skill.__name__.replace("_", " ")
            print(f"| {title}{note} | {share(thought)} | {share(at_once)} | {goal} % |", flush=True)
            for probe, (right, text, _) in zip(asked, thought, strict=True):
                if options.show and not right:
                    print(f"    {probe.messages[-1]['content']!r}\n        -> {text!r}")


def share(tried: list[tuple]) -> str:
    """Return how many of these answers are right, in percent."""
    return f"{100 * sum(right for right, *_ in tried) / len(tried):.0f} %"


if __name__ == "__main__":
    main()
