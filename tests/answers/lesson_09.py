"""Answers to the exercises of lesson 09: in process."""

RIGHT = {
    "09.1": [
        """
import numpy as np
def top_p(chances, p):
    order = np.argsort(chances)[::-1]
    count = int(np.sum(np.cumsum(chances[order]) < p)) + 1
    return order[:count]
""",
        """
def top_p(chances, p):
    order = sorted(range(len(chances)), key=lambda token: -chances[token])
    kept, total = [], 0
    for token in order:
        kept.append(token)
        total += chances[token]
        if total >= p:
            break
    return kept
""",
        """
def top_p(chances, p):
    kept, total = set(), 0
    while total < p and len(kept) < len(chances):
        best = max((t for t in range(len(chances)) if t not in kept), key=lambda t: chances[t])
        kept.add(best)
        total += chances[best]
    return kept
""",
        """
import numpy as np
def top_p(chances, p):
    order = np.argsort(-chances, kind="stable")
    before = np.cumsum(chances[order]) - chances[order]
    return [int(token) for token in order[before < p]]
""",
        """
def top_p(chances, p):
    total = 0
    for chance, token in sorted(zip(chances, range(len(chances))), reverse=True):
        if total >= p:
            return
        total += chance
        yield token
""",
        """
import numpy as np
def top_p(chances, p):
    chances = chances.copy()
    kept = []
    while p > 0 and len(kept) < len(chances):
        best = int(np.argmax(chances))
        kept.append(best)
        p -= chances[best]
        chances[best] = -1
    return tuple(kept)
""",
        """
from itertools import accumulate
def top_p(chances, p):
    order = sorted(enumerate(chances.tolist()), key=lambda pair: pair[1], reverse=True)
    sums = list(accumulate(chance for _, chance in order))
    n = next((i for i, total in enumerate(sums) if total >= p), len(sums) - 1)
    return [token for token, _ in order[: n + 1]]
""",
        """
import numpy as np
def top_p(chances, p):
    order = np.argsort(-chances)
    kept = np.zeros(len(chances), dtype=bool)
    kept[order[: np.searchsorted(chances[order].cumsum(), p) + 1]] = True
    return np.where(kept)[0]
""",
        """
def top_p(chances, p):
    left, kept, total = dict(enumerate(chances)), [], 0
    while left and total < p:
        best = max(left, key=left.get)
        total += left.pop(best)
        kept.append(best)
    return kept
""",
        """
from bisect import bisect_left
from itertools import accumulate
def top_p(chances, p):
    order = sorted(range(len(chances)), key=chances.__getitem__, reverse=True)
    sums = list(accumulate(float(chances[token]) for token in order))
    return frozenset(order[: bisect_left(sums, p) + 1])
""",
    ],
    "09.2": [
        """
import numpy as np
def without(llm, letter):
    letter = letter.lower()
    banned = []
    for token in range(llm.n_vocab()):
        text = llm.detokenize([token]).decode("utf-8", "ignore")
        if letter in text or letter.upper() in text:
            banned.append(token)
    def processor(tokens, logits):
        for token in banned:
            logits[token] = -np.inf
        return logits
    return processor
""",
        """
def without(llm, letter):
    both = letter.lower().encode(), letter.upper().encode()
    texts = [llm.detokenize([token]) for token in range(llm.n_vocab())]
    banned = [token for token, text in enumerate(texts) if any(one in text for one in both)]
    def processor(tokens, logits):
        logits[banned] = float("-inf")
        return logits
    return processor
""",
        """
import numpy as np
def without(llm, letter):
    texts = [llm.detokenize([token]).lower() for token in range(llm.n_vocab())]
    mask = np.array([letter.lower().encode() in text for text in texts])
    return lambda tokens, logits: np.where(mask, -np.inf, logits)
""",
        """
import numpy as np
class Without:
    def __init__(self, llm, letter):
        self.banned = [token for token in range(llm.n_vocab())
                       if letter.upper().encode() in llm.detokenize([token]).upper()]
    def __call__(self, tokens, logits):
        changed = np.array(logits)
        changed[self.banned] = -np.inf
        return changed
def without(llm, letter):
    return Without(llm, letter)
""",
        """
import numpy as np
def without(llm, letter):
    penalty = np.zeros(llm.n_vocab(), dtype=np.single)
    for token in range(llm.n_vocab()):
        if letter.lower() in llm.detokenize([token]).decode(errors="replace").lower():
            penalty[token] = -np.inf
    def processor(tokens, logits):
        return logits + penalty
    return processor
""",
        """
import re
def without(llm, letter):
    pattern = re.compile(letter.encode(), re.IGNORECASE)
    banned = {t for t in range(llm.n_vocab()) if pattern.search(llm.detokenize([t]))}
    def processor(tokens, logits):
        return [float("-inf") if t in banned else logit for t, logit in enumerate(logits)]
    return processor
""",
        """
def without(llm, letter):
    def processor(tokens, logits):
        for token in range(len(logits)):
            if letter.lower().encode() in llm.detokenize([token]).lower():
                logits[token] = float("-inf")
        return logits
    return processor
""",
        """
from functools import partial
import numpy as np
def process(banned, tokens, logits):
    np.put(logits, banned, -np.inf)
    return logits
def without(llm, letter):
    both = {letter.lower(), letter.upper()}
    texts = [llm.detokenize([token]).decode("latin-1") for token in range(llm.n_vocab())]
    return partial(process, [token for token, text in enumerate(texts) if both & set(text)])
""",
        """
import numpy as np
def without(llm, letter):
    texts = [llm.detokenize([t]).decode(errors="ignore").lower() for t in range(llm.n_vocab())]
    mask = np.array([letter.lower() in text for text in texts])
    def processor(tokens, logits):
        logits[mask] -= np.inf
        return logits
    return processor
""",
    ],
    "09.3": [
        """
import numpy as np
def no_pair_twice(tokens, logits):
    for i in range(len(tokens) - 1):
        if tokens[i] == tokens[-1]:
            logits[tokens[i + 1]] = -np.inf
    return logits
""",
        """
import numpy as np
def no_pair_twice(tokens, logits):
    if len(tokens) == 0:
        return logits
    places = np.flatnonzero(tokens[:-1] == tokens[-1])
    logits[tokens[places + 1]] = -np.inf
    return logits
""",
        """
from itertools import pairwise
def no_pair_twice(tokens, logits):
    banned = [after for before, after in pairwise(tokens) if before == tokens[-1]]
    logits[banned] = float("-inf") if banned else logits[banned]
    return logits
""",
        """
import numpy as np
def no_pair_twice(tokens, logits):
    tokens = tokens.tolist()
    banned = {b for a, b in zip(tokens, tokens[1:]) if a == tokens[-1]}
    return np.array([-np.inf if t in banned else x for t, x in enumerate(logits)])
""",
        """
import numpy as np
def no_pair_twice(tokens, logits):
    changed = logits.copy()
    if len(tokens) > 1:
        changed[tokens[1:][tokens[:-1] == tokens[-1]]] = -np.inf
    return changed
""",
        """
import numpy as np
def no_pair_twice(tokens, logits):
    pairs = {(tokens[i], tokens[i + 1]) for i in range(len(tokens) - 1)}
    for token in range(len(logits)):
        if len(tokens) and (tokens[-1], token) in pairs:
            logits[token] = -np.inf
    return logits
""",
        """
def no_pair_twice(tokens, logits):
    followers = {}
    for before, after in zip(tokens[:-1], tokens[1:]):
        followers.setdefault(int(before), set()).add(int(after))
    for token in followers.get(int(tokens[-1]), ()) if len(tokens) else ():
        logits[token] = float("-inf")
    return list(logits)
""",
        """
import numpy as np
def no_pair_twice(tokens, logits):
    if tokens.size:
        for place in np.argwhere(tokens == tokens[-1]).ravel()[:-1]:
            logits[tokens[place + 1]] = -np.inf
    return logits
""",
        """
def no_pair_twice(tokens, logits):
    try:
        last = tokens[-1]
    except IndexError:
        return logits
    before = tokens[0]
    for after in tokens[1:]:
        if before == last:
            logits[after] = float("-inf")
        before = after
    return logits
""",
        """
def no_pair_twice(tokens, logits):
    t = list(tokens)
    seen = [t[i : i + 2] for i in range(len(t) - 1)]
    return tuple(float("-inf") if [*t[-1:], n] in seen else x for n, x in enumerate(logits))
""",
    ],
}

ORDER = "import numpy as np\ndef top_p(chances, p):\n    order = np.argsort(-chances)\n"
TOKENS = (
    "import numpy as np\ndef without(llm, letter):\n"
    "    texts = [llm.detokenize([t]).decode(errors='replace') for t in range(llm.n_vocab())]\n"
)
PAIR = "import numpy as np\ndef no_pair_twice(tokens, logits):\n"

WRONG = {
    "09.1": [
        ("def top_p(chances, p):\n    pass", "returned None (is there a `return`?)"),
        (
            ORDER + "    return order[:np.searchsorted(chances[order].cumsum(), p)]",
            "0.5) returned [], expected [1]",
        ),
        (
            ORDER + "    return order[:np.searchsorted(chances[order].cumsum(), p, 'right') + 1]",
            "0.5) returned [1, 3], expected [1]",
        ),
        (
            ORDER + "    return chances[order[:np.searchsorted(chances[order].cumsum(), p) + 1]]",
            "expected token numbers (int)",
        ),
        (
            "def top_p(chances, p):\n    return chances >= p",
            "expected token numbers (int)",
        ),
        (
            "import numpy as np\ndef top_p(chances, p):\n    order = np.argsort(chances)\n"
            "    return order[:np.searchsorted(chances[order].cumsum(), p) + 1]",
            "expected [1]",
        ),
        (
            "import numpy as np\ndef top_p(chances, p):\n"
            "    return np.arange(np.searchsorted(chances.cumsum(), p) + 1)",
            "returned [0, 1], expected [1]",
        ),
        (
            "def top_p(chances, p):\n    return [t for t, c in enumerate(chances) if c >= p]",
            "returned [], expected [1, 3]",
        ),
        (
            "def top_p(chances, p):\n    kept, total = [], 0\n    while total < p:\n"
            "        best = max((t for t in range(len(chances)) if t not in kept), "
            "key=lambda t: chances[t])\n"
            "        kept.append(best)\n        total += chances[best]\n    return kept",
            "ValueError",
        ),
        (
            "import numpy as np\ndef top_p(chances, p):\n    chances.sort()\n"
            "    n = np.searchsorted(chances[::-1].cumsum(), p) + 1\n    return range(n)",
            "returned [0], expected [1]",
        ),
        (
            "def top_p(chances, p):\n    kept, total = [], 0\n"
            "    for chance in sorted(chances, reverse=True):\n"
            "        kept.append(list(chances).index(chance))\n        total += chance\n"
            "        if total >= p:\n            break\n    return kept",
            "returned [1, 3, 0, 2, 2], expected [0, 1, 2, 3, 4]",
        ),
        (
            ORDER + "    print(order[:np.searchsorted(chances[order].cumsum(), p) + 1])",
            "returned None (is there a `return`?)",
        ),
        (
            ORDER + "    n = np.searchsorted(chances[order].cumsum(), p) + 1\n"
            "    return [t for t in range(len(chances)) if chances[t] >= chances[order[n - 1]]]",
            "returned [0, 1, 2, 3, 4], expected [0, 1, 2, 3]",
        ),
        (
            ORDER + "    return int(np.searchsorted(chances[order].cumsum(), p) + 1)",
            "returned 1, expected token numbers",
        ),
        (
            ORDER + "    return order[chances[order].cumsum() <= p]",
            "0.6) returned [1], expected [1, 3]",
        ),
        (
            ORDER + "    kept = order[:np.searchsorted(chances[order].cumsum(), p) + 1]\n"
            "    return [float(token) for token in kept]",
            "returned [1.0], expected token numbers (int)",
        ),
        (
            ORDER + "    changed = chances.copy()\n"
            "    changed[order[np.searchsorted(chances[order].cumsum(), p) + 1:]] = 0\n"
            "    return changed",
            "expected token numbers (int)",
        ),
        (
            ORDER + "    kept = np.zeros(len(chances), dtype=int)\n"
            "    kept[order[:np.searchsorted(chances[order].cumsum(), p) + 1]] = 1\n"
            "    return kept",
            "returned [0, 1, 0, 0, 0], expected [1]",
        ),
        (
            ORDER + "    n = np.searchsorted(chances[order].cumsum(), p) + 1\n"
            "    return np.where(chances >= chances[order[n - 1]])",
            "expected token numbers (int)",
        ),
        (
            "def top_p(chances, p):\n    kept, total = [], 0\n"
            "    for token in sorted(range(len(chances)), key=lambda token: -chances[token]):\n"
            "        kept.append(token)\n        total += chances[token]\n"
            "        if total > p:\n            break\n    return kept",
            "0.5) returned [1, 3], expected [1]",
        ),
        (
            """
import numpy as np
def top_p(chances, p):
    order = np.argsort(-chances)
    count = 0
    while chances[order[:count]].sum() < p:
        count += 1
        if count > 1000:
            raise RuntimeError("it never ends")
    return order[:count]
""",
            "it never ends",
        ),
    ],
    "09.2": [
        ("def without(llm, letter):\n    pass", "returned None (is there a `return`?)"),
        ("def without(llm, letter):\n    return [1, 2]", "returned [1, 2], expected a function"),
        (
            "def without(llm, letter):\n    return lambda tokens, logits: logits",
            "tokens with 'e' are left, such as",
        ),
        (
            TOKENS + "    banned = [t for t, text in enumerate(texts) if letter in text]\n"
            "    def processor(tokens, logits):\n        logits[banned] = -np.inf\n"
            "        return logits\n    return processor",
            "tokens with 'e' are left, such as",
        ),
        (
            TOKENS + "    banned = [t for t, text in enumerate(texts) if letter in text.lower()]\n"
            "    def processor(tokens, logits):\n        logits[banned] = -np.inf\n"
            "        return logits\n    return processor",
            "tokens with 'O' are left, such as",
        ),
        (
            TOKENS + "    banned = [t for t, text in enumerate(texts) if letter in text.lower()]\n"
            "    def processor(tokens, logits):\n        logits[banned] = -np.inf\n"
            "    return processor",
            "the processor without(llm, 'e') returned None (is there a `return`?)",
        ),
        (
            TOKENS
            + "    def processor(tokens, logits):\n        return 1 / 0\n    return processor",
            "ZeroDivisionError",
        ),
        (
            TOKENS + "    def processor(tokens):\n        return tokens\n    return processor",
            "raised TypeError",
        ),
        (
            "import numpy as np\ndef without(llm, letter):\n"
            "    banned = llm.tokenize(letter.encode(), add_bos=False)\n"
            "    def processor(tokens, logits):\n        logits[banned] = -np.inf\n"
            "        return logits\n    return processor",
            "tokens with 'e' are left, such as",
        ),
        (
            "import numpy as np\ndef without(llm, letter):\n"
            "    def processor(tokens, logits):\n        logits[:] = -np.inf\n"
            "        return logits\n    return processor",
            "banned every token",
        ),
        (
            TOKENS
            + "    banned = [t for t, x in enumerate(texts) if letter.lower() in x.lower()]\n"
            "    def processor(tokens, logits):\n        logits[banned] = 0\n"
            "        return logits\n    return processor",
            "tokens with 'e' are left, such as",
        ),
        (
            TOKENS
            + "    banned = [t for t, x in enumerate(texts) if letter.lower() in x.lower()]\n"
            "    def processor(tokens, logits):\n        return banned\n    return processor",
            "logits, one for each token",
        ),
        (
            TOKENS + "    def processor(tokens, logits):\n"
            "        while letter.lower() in texts[int(np.argmax(logits))].lower():\n"
            "            logits[np.argmax(logits)] = -np.inf\n"
            "        return logits\n    return processor",
            "tokens with 'e' are left, such as",
        ),
        (
            TOKENS
            + "    banned = [t for t, x in enumerate(texts) if letter.lower() in x.lower()]\n"
            "    def processor(tokens, logits):\n        logits[banned] = -1e9\n"
            "        return logits\n    return processor",
            "logit -1e+09",
        ),
        (
            TOKENS
            + "    banned = [t for t, x in enumerate(texts) if letter.lower() in x.lower()]\n"
            "    def processor(tokens, logits):\n        logits[banned] = np.nan\n"
            "        return logits\n    return processor",
            "returned logits that are not numbers (nan)",
        ),
        (
            TOKENS
            + "    banned = [t for t, x in enumerate(texts) if letter.lower() in x.lower()]\n"
            "    called = []\n    def processor(tokens, logits):\n"
            "        if not called:\n            logits[banned] = -np.inf\n"
            "        called.append(1)\n        return logits\n    return processor",
            "without 'e' the reply is 'I am doing well",
        ),
        (
            "import numpy as np\ndef without(llm, letter):\n"
            "    texts = [llm.detokenize([t], special=True) for t in range(llm.n_vocab())]\n"
            "    letter = letter.lower().encode()\n"
            "    banned = [t for t, text in enumerate(texts) if letter in text.lower()]\n"
            "    def processor(tokens, logits):\n        logits[banned] = -np.inf\n"
            "        return logits\n    return processor",
            "which ends a turn",
        ),
        (
            "import numpy as np\ndef without(llm, letter):\n"
            "    def processor(tokens, logits):\n        logits[:] = -np.inf\n"
            "        logits[18] = 0\n        return logits\n    return processor",
            "tokens without 'e' are banned, such as",
        ),
        (
            "import numpy as np\ndef without(llm, letter):\n"
            "    return lambda tokens, logits: (tokens, logits)",
            "logits, one for each token",
        ),
    ],
    "09.3": [
        (
            PAIR + "    return tokens, logits",
            "returned (array([1, 2, 3, 1], dtype=int32), array([ 0.5",
        ),
        (
            PAIR + "    if tokens[-1] in tokens[:-1]:\n        logits[tokens[-1]] = -np.inf\n"
            "    return logits",
            "returned [0.5, -inf, 2.0, 3.0, -4.0, 5.0], expected [0.5, -1.5, -inf",
        ),
        (
            PAIR + "    if tokens:\n        pass\n    return logits",
            "The truth value of an array",
        ),
        (
            PAIR + "    for i in range(len(tokens) - 2, -1, -1):\n"
            "        if tokens[i] == tokens[-1]:\n            logits[tokens[i + 1]] = -np.inf\n"
            "            return logits\n    return logits",
            "returned [0.5, -1.5, 2.0, -inf, -4.0, 5.0], expected [0.5, -1.5, -inf, -inf",
        ),
        (
            PAIR + "    for i in range(0, len(tokens) - 1, 2):\n"
            "        if tokens[i] == tokens[-1]:\n            logits[tokens[i + 1]] = -np.inf\n"
            "    return logits",
            "no_pair_twice([3, 0, 5, 3, 0]",
        ),
        (PAIR + "    pass", "returned None (is there a `return`?)"),
        (PAIR + "    return logits", "expected [0.5, -1.5, -inf, 3.0, -4.0, 5.0]"),
        (
            PAIR + "    for i in range(len(tokens) - 1):\n        if tokens[i] == tokens[-1]:\n"
            "            logits[tokens[i + 1]] = -np.inf\n            break\n    return logits",
            "returned [0.5, -1.5, -inf, 3.0, -4.0, 5.0], expected [0.5, -1.5, -inf, -inf",
        ),
        (
            PAIR + "    for i in range(len(tokens)):\n        if tokens[i] == tokens[-1]:\n"
            "            logits[tokens[i + 1]] = -np.inf\n    return logits",
            "IndexError",
        ),
        (
            PAIR + "    for i in range(len(tokens) - 2):\n        if tokens[i] == tokens[-1]:\n"
            "            logits[tokens[i + 1]] = -np.inf\n    return logits",
            "no_pair_twice([4, 4]",
        ),
        (
            PAIR + "    for token in set(tokens):\n        logits[token] = -np.inf\n"
            "    return logits",
            "expected [0.5, -1.5, -inf, 3.0, -4.0, 5.0]",
        ),
        (
            PAIR + "    for i in range(len(tokens) - 1):\n        if tokens[i] == tokens[-1]:\n"
            "            logits[tokens[i + 1]] = 0\n    return logits",
            "returned [0.5, -1.5, 0.0, 3.0",
        ),
        (
            PAIR + "    for i in range(len(tokens) - 1):\n        if tokens[i] == tokens[-1]:\n"
            "            logits[tokens[i + 1]] = -1e9\n    return logits",
            "-1000000000.0",
        ),
        (
            PAIR + "    for i in range(len(tokens) - 1):\n        if tokens[i] == tokens[-1]:\n"
            "            logits[tokens[i + 1]] = -np.inf\n            return logits",
            "returned None (is there a `return`?)",
        ),
        (
            PAIR + "    last = tokens[-1]\n    for a, b in zip(tokens, tokens[1:]):\n"
            "        if a == last:\n            logits[b] = -np.inf\n    return logits",
            "IndexError",
        ),
        (
            PAIR + "    for i in range(1, len(tokens)):\n        if tokens[i] == tokens[-1]:\n"
            "            logits[tokens[i - 1]] = -np.inf\n    return logits",
            "no_pair_twice([1, 2, 3, 1]",
        ),
        (
            PAIR + "    banned = [b for a, b in zip(tokens, tokens[1:]) if a == tokens[-1]]\n"
            "    return banned",
            "returned [",
        ),
        (
            PAIR + "    for a, b in zip(tokens, tokens[1:]):\n        logits[b] = -np.inf\n"
            "    return logits",
            "no_pair_twice([1, 2, 3, 1]",
        ),
        (
            PAIR + "    at = tokens.index(tokens[-1])\n    logits[tokens[at + 1]] = -np.inf\n"
            "    return logits",
            "AttributeError",
        ),
        (
            PAIR + "    kept = [x for t, x in enumerate(logits) if t not in tokens]\n"
            "    return np.array(kept)",
            "expected [0.5, -1.5, -inf, 3.0, -4.0, 5.0]",
        ),
        (
            """
import numpy as np
def no_pair_twice(tokens, logits):
    last = tokens[-1] if len(tokens) else None
    i = 0
    while i < len(tokens) - 1:
        if tokens[i] == last:
            logits[tokens[i + 1]] = -np.inf
            i += 1
        i += 1
    return logits
""",
            "no_pair_twice([1, 1, 2, 1]",
        ),
    ],
}
