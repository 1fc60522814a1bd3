"""Step 2 of 4: learn the tokens from a sample of the text.

    python step2_tokenizer.py              writes tokenizer.json into models/work

A tokenizer by byte-pair encoding, BPE (Sennrich et al. 2016; bytes as in GPT-2, Radford et al.
2019): it starts from the 256 bytes, so no text is impossible, and joins the pairs that occur most.
Each digit stays a token of its own, so that sums can be learned digit by digit. llama.cpp knows
this way to cut text under the name "smollm".

While it learns, the space before a word stands alone, so that a word is cut in the same way after a
space, after a quotation mark and at the start of a reply: what is the same can be copied. With the
usual pieces, "Zorba" and " Zorba" have not one token in common. Only at the end the commonest whole
words get a second token, which holds the space before them: it makes texts shorter.
"""

import argparse
import itertools
import json
import random
import re
from collections import Counter

from step1_text import WORK, texts
from text.values import word as invented
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]  # the markers of the chat template
MARKERS = ["<tool_call>", "</tool_call>", "<think>", "</think>"]  # text, but always one token
SPACE = "\u0120"  # how a space is written inside a token
CUT = [
    pre_tokenizers.Digits(individual_digits=True),
    pre_tokenizers.ByteLevel(add_prefix_space=False),
]
FILE = WORK / "tokenizer.json"


def train(size: int, sample: int, spaced: int) -> Tokenizer:
    """Return a tokenizer of `size` tokens, `spaced` of them words with the space before them."""
    tokenizer = Tokenizer(models.BPE())
    alone = pre_tokenizers.Split(Regex(r" (?=\p{L})"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([alone, *CUT])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - spaced,
        min_frequency=20,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=SPECIAL + MARKERS,
    )
    markers = re.compile("|".join(map(re.escape, SPECIAL + MARKERS)))
    pieces = [p for text in itertools.islice(texts(seed=1), sample) for p in markers.split(text)]
    tokenizer.train_from_iterator(pieces, trainer)

    described = json.loads(tokenizer.to_str())
    vocabulary, merges = described["model"]["vocab"], described["model"]["merges"]
    words = Counter(word for piece in pieces for word in re.findall(r"(?<= )[A-Za-z]+", piece))
    rng = random.Random(2)
    # a word that invented words often begin with gets none, or " Thelor" and "Thelor" are cut apart
    drawn = [invented(rng) for _ in range(10_000)]
    drawn += [word.capitalize() for word in drawn]
    begins = Counter(tokenizer.encode(word).tokens[0] for word in drawn)
    whole = [w for w, _ in words.most_common() if w in vocabulary and begins[w] < 10]
    for word in whole[:spaced]:
        vocabulary[SPACE + word] = len(vocabulary)
        merges.append([SPACE, word])
    tokenizer = Tokenizer.from_str(json.dumps(described))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(CUT)
    return tokenizer


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=2048, help="number of tokens (default: 2048)")
    parser.add_argument("--sample", type=int, default=60_000, help="conversations (default: 60000)")
    parser.add_argument("--spaced", type=int, default=400, help="words with space (default: 400)")
    options = parser.parse_args()
    WORK.mkdir(exist_ok=True)
    tokenizer = train(options.size, options.sample, options.spaced)
    tokenizer.save(str(FILE))
    print(f"{tokenizer.get_vocab_size()} tokens in {FILE.name}")
