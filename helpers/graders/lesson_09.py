"""Exercises of lesson 09: in process."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..exercises import Findings, exercise
from ..models import model


@exercise("09.1", "np.argsort sorts upwards; cumsum adds up; the first whose sum reaches p is in.")
def _top_p(top_p: Callable[[Any, float], Any]) -> Findings:
    chances = np.array([0.125, 0.5, 0.0625, 0.25, 0.0625])  # their sums are exact
    for p, wanted in [(0.5, [1]), (0.6, [1, 3]), (0.8, [0, 1, 3]), (1.0, [0, 1, 2, 3, 4])]:
        got = sorted(int(token) for token in top_p(chances.copy(), p))
        yield got == wanted, f"top_p={p} keeps {wanted} (yours: {got})"
    got = sorted(int(token) for token in top_p(np.full(8, 0.125), 1.0))
    yield got == list(range(8)), f"of eight that are equal, all (yours: {got})"


@exercise("09.2", "llm.detokenize([token]) is the text of one token, in bytes; go through n_vocab.")
def _without(without: Callable[[Any, str], Callable]) -> Findings:
    from llama_cpp import Llama, LogitsProcessorList  # not everybody has it, nor needs it above

    llama = Llama(str(model("cria")), n_ctx=512, verbose=False, n_threads=1, n_threads_batch=1)
    try:
        for letter in "et":
            made = without(llama, letter)
            yield callable(made), "a function comes back"
            if not callable(made):
                return
            mistakes = []

            def careful(tokens: Any, logits: Any) -> Any:
                """Keep what the package would drop."""
                try:
                    changed = made(tokens, logits.copy())  # noqa: B023
                    return np.asarray(changed, dtype=np.single).reshape(logits.shape)
                except Exception as error:
                    mistakes.append(error)  # noqa: B023
                    return logits

            processor = LogitsProcessorList([careful])
            answer = llama.create_chat_completion(
                [{"role": "user", "content": "Hello! How are you?"}],
                temperature=0, max_tokens=30, logits_processor=processor,
            )  # fmt: skip
            if mistakes:
                yield False, f"the processor raises no error ({mistakes[0]!r})"
            text = answer["choices"][0]["message"]["content"]
            yield bool(text.strip()), "there is a reply"
            yield letter not in text.lower(), f"it has no {letter!r}"
    finally:
        llama.close()


@exercise("09.3", "Solve (hits - n/2) / sqrt(n/4) = z for n, where hits = share * n.")
def _length(length: Callable[[float, float], int]) -> Findings:
    for share, z in [(0.75, 4), (0.9, 4), (0.6, 6), (0.8, 4), (0.7, 3)]:
        n = length(share, z)
        yield isinstance(n, (int, np.integer)), "a whole number of tokens"
        score = (share * n - n / 2) / np.sqrt(n / 4)
        less = (share - 0.5) * (n - 1) / np.sqrt((n - 1) / 4)
        yield score >= z - 1e-9, f"{n} tokens with {share:.0%} green reach a z of {z}"
        yield less < z, f"{n - 1} would not"
