"""Step 2 of 4: learn the tokens from a sample of the text.

    python step2_tokenizer.py              writes work/tokenizer.json

A byte-level BPE tokenizer (Sennrich et al. 2016; bytes as in GPT-2, Radford et al. 2019): it starts
from the 256 bytes, so no text is impossible, and adds the pieces that occur most. Each digit stays
a token of its own, so that sums can be learned digit by digit. llama.cpp knows this way to cut text
under the name "smollm".
"""

import argparse
import itertools
import re

from step1_text import WORK, texts
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]  # never part of what a user types
MARKERS = ["<tool_call>", "</tool_call>"]  # text, but always one token
FILE = WORK / "tokenizer.json"


def train(size: int, sample: int) -> Tokenizer:
    """Return a tokenizer of `size` tokens, learned from `sample` conversations."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=20,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=SPECIAL + MARKERS,
    )
    markers = re.compile("|".join(map(re.escape, SPECIAL + MARKERS)))
    pieces = (p for text in itertools.islice(texts(seed=1), sample) for p in markers.split(text))
    tokenizer.train_from_iterator(pieces, trainer)
    return tokenizer


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1536, help="number of tokens (default: 1536)")
    parser.add_argument("--sample", type=int, default=60_000, help="conversations (default: 60000)")
    options = parser.parse_args()
    WORK.mkdir(exist_ok=True)
    tokenizer = train(options.size, options.sample)
    tokenizer.save(str(FILE))
    print(f"{tokenizer.get_vocab_size()} tokens in {FILE.name}")
