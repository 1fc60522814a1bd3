"""Exercises of lesson 09: in process."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..exercises import Findings, exercise
from ..models import model
from .words import Raised, first_faults, is_whole, returned, tried


@exercise("09.1", "np.argsort sorts ascending; cumsum adds up; include the token that reaches p.")
@first_faults
def _top_p(top_p: Callable[[Any, float], Any]) -> Findings:
    chances = np.array([0.125, 0.5, 0.0625, 0.25, 0.0625])  # their sums are exact
    asked = [(chances, p) for p in (0.5, 0.6, 0.75, 0.8, 0.9, 1.0)]
    asked += [(np.array([0.5, 0.25, 0.25, 0]), 1.0), (np.array([1.0, 0]), 0.3)]
    asked += [(np.array([0.7, 0.1, 0.1, 0.1]), 1.0)]  # a computer makes a little less of this
    for array, p in [*asked, (np.full(8, 0.125), 0.5), (np.full(10, 0.1), 1.0)]:
        best = np.sort(array)[::-1]
        wanted = best[: np.searchsorted(best.cumsum(), p) + 1]  # their probabilities
        case = f"top_p({array if len(set(array)) > 1 else f'{len(array)} × {array[0]}'}, {p})"
        got, words = tried(top_p, array.copy(), p)
        if not np.iterable(got):
            yield False, f"{case} {words}, expected token numbers"
            continue
        tokens = list(got)
        if not all(map(is_whole, tokens)):
            yield False, f"{case} {words}, expected token numbers (int)"
            continue
        fine = len(set(tokens)) == len(tokens) and all(0 <= one < len(array) for one in tokens)
        fine = fine and np.array_equal(np.sort(array[tokens])[::-1], wanted)
        one_right = sorted(int(one) for one in np.argsort(-array, kind="stable")[: len(wanted)])
        any_of = "" if len(set(array)) > 1 else f"any {len(wanted)} of them, such as "
        shown = [int(one) for one in tokens]
        yield bool(fine), f"{case} returned {shown}, expected {any_of}{one_right}"


@exercise(
    "09.2",
    "llm.detokenize([token]) is the text of one token, in bytes; go through n_vocab.",
    seconds=30,
)
def _without(without: Callable[[Any, str], Callable]) -> Findings:
    from llama_cpp import Llama, LogitsProcessorList  # not everybody has it, nor needs it above

    llama = Llama(str(model("cria")), n_ctx=512, verbose=False, n_threads=1, n_threads_batch=1)
    texts = [llama.detokenize([token]).lower() for token in range(llama.n_vocab())]
    hello = [{"role": "user", "content": "Hello! How are you?"}]
    try:
        for letter in "etO":
            made, words = tried(without, llama, letter)
            if not callable(made):
                yield False, f"without(llm, {letter!r}) {words}, expected a function"
                return
            logits, problem = _logits(made, llama.n_vocab())
            yield not problem, f"the processor without(llm, {letter!r}) {problem or 'runs'}"
            if problem:
                return
            left = [t for t, text in enumerate(texts)
                    if letter.lower().encode() in text and logits[t] > -np.inf]  # fmt: skip
            some = f", such as {_token(llama, left[0])}, logit {logits[left[0]]:g}" if left else ""
            yield not left, f"{len(left)} tokens with {letter!r} are left{some}"
            lost = [t for t, text in enumerate(texts)
                    if letter.lower().encode() not in text and logits[t] == -np.inf]  # fmt: skip
            if lost:
                ends = llama.token_eos() in lost
                some = _token(llama, llama.token_eos() if ends else lost[0])
                some += ", which ends a turn" if ends else ""
                yield False, f"{len(lost)} tokens without {letter!r} are banned, such as {some}"
            answer = llama.create_chat_completion(
                hello, temperature=0, max_tokens=30, logits_processor=LogitsProcessorList([made])
            )
            text = answer["choices"][0]["message"]["content"]
            fine = bool(text.strip()) and letter.lower() not in text.lower()
            yield fine, f"without {letter!r} the reply is {text!r}"
    finally:
        llama.close()


def _token(llama: Any, token: int) -> str:
    return f"{llama.detokenize([token], special=True)!r} (token {token})"


def _logits(processor: Callable, count: int) -> tuple[np.ndarray, str]:
    """Call a logits processor; return the logits and what is wrong, which the package hides."""
    given = np.zeros(count, dtype=np.single)
    changed, words = tried(processor, np.array([1, 2, 3], dtype=np.intc), given)
    if changed is None or isinstance(changed, Raised):
        return given, words
    if _shape(changed) != given.shape:
        return given, f"{words}, expected {count} logits, one for each token"
    changed = np.asarray(changed, dtype=np.single)
    if np.isnan(changed).any():
        return given, "returned logits that are not numbers (nan)"
    return changed, "" if changed.max() > -np.inf else "banned every token"


@exercise(
    "09.3", "Go through the neighbours, tokens[i] and tokens[i + 1]: is tokens[i] == tokens[-1]?"
)
@first_faults
def _no_pair_twice(processor: Callable[[Any, Any], Any]) -> Findings:
    for tokens in [
        [1, 2, 3, 1], [1, 2, 1, 3, 1], [4, 4], [5, 1, 2], [3, 0, 5, 3, 0], [2, 2, 2, 5, 2],
        [1, 1, 2, 1], [1, 2, 1, 2, 1], [5, 0, 1, 5], [3], [],
    ]:  # fmt: skip
        banned = {after for before, after in zip(tokens, tokens[1:], strict=False)
                  if before == tokens[-1]}  # fmt: skip
        logits = np.array([0.5, -1.5, 2, 3, -4, 5], dtype=np.single)
        wanted = np.where([token in banned for token in range(6)], -np.inf, logits)
        got, words = tried(processor, np.array(tokens, dtype=np.intc), logits.copy())
        if isinstance(got, np.ndarray):
            words = returned(got.tolist())
        case = f"no_pair_twice({tokens}, {logits.tolist()})"
        fine = _shape(got) == (6,) and np.array_equal(np.asarray(got, dtype=float), wanted)
        yield fine, f"{case} {words}, expected {wanted.tolist()}"


def _shape(value: Any) -> tuple[int, ...]:
    """Return the shape of an answer, or (-1,) if its parts differ in length."""
    try:
        return np.shape(value)
    except ValueError:
        return (-1,)
