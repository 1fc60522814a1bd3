"""Step 3 of 4: train the network.

    python step3_network.py --minutes 350  writes network.pt into models/work

A transformer of the llama kind (Touvron et al. 2023): numbers are scaled before each part
(RMSNorm), rotation tells the places of the tokens (rotary positions), the feed-forward part has a
gate (SwiGLU), and one matrix both reads the tokens and scores them (tied embeddings). It learns to
guess the next token, and only the assistant's tokens count. The matrices are trained with Muon
(Jordan et al. 2024), the rest with AdamW.

The loss that is printed is the surprise of one of these tokens, a mean over the last steps, in nats
(0.69 of them are a bit). No text is read twice, so it is always of text that is new. At a fifth of
the time it jumps, because then the tools begin. Progress is kept every 50 steps: run the same
command again, and it goes on where it stopped.
"""

import argparse
import hashlib
import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice

import torch
from step1_text import WORK, conversation, easy_conversation, long_conversation, texts
from step2_tokenizer import FILE as TOKENIZER
from text.copying import repeat
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

FILE, CHECKPOINT = WORK / "network.pt", WORK / "checkpoint.pt"
TOKENS = 5120  # that a step reads; half or twice as many learn less in the same time
EASY_FIRST = 0.2  # of the time, conversations without tools
LONG_LAST = 0.2  # of the time, now and then rows as long as the context
BLOCK = 128  # tokens whose attention is worked out together
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


@cache
def fastest() -> torch.dtype:
    """Return the numbers in which this device multiplies matrices fastest.

    A processor that knows bfloat16 takes a fourth of the time; one that does not takes longer.
    """

    def seconds(numbers: torch.dtype) -> float:
        a = torch.ones(2048, 512, dtype=numbers, device=DEVICE)
        float((a @ a.mT).sum())  # the first time is no measure
        begin = time.perf_counter()
        float(sum((a @ a.mT).sum() for _ in range(5)))
        return time.perf_counter() - begin

    return min(torch.float32, torch.bfloat16, key=seconds)


def compiles() -> bool:
    """Return whether torch can make machine code here, which takes a C++ compiler.

    A layer in one piece of machine code needs a sixth less time.
    """
    try:
        torch.compile(torch.sin)(torch.ones(8, device=DEVICE))
    except Exception:  # no compiler, or one that torch cannot work with
        return False
    return True


@dataclass(frozen=True)
class Shape:
    """The measures of the network."""

    vocabulary: int = 2048
    width: int = 192
    layers: int = 6
    heads: int = 3
    hidden: int = 512  # the inner width of the feed-forward part
    context: int = 2048
    rope_base: float = 10_000.0  # of the rotary positions
    norm_epsilon: float = 1e-5  # keeps RMSNorm from dividing by nothing

    @property
    def head_width(self) -> int:
        """The width of one attention head."""
        return self.width // self.heads


# --- the network ---------------------------------------------------------------------------------


class Layer(nn.Module):
    """Attention, which looks at the tokens before, and a feed-forward part after it."""

    def __init__(self, s: Shape):
        super().__init__()
        self.shape = s
        self.attn_norm, self.ffn_norm = (nn.RMSNorm(s.width, s.norm_epsilon) for _ in range(2))
        self.q, self.k, self.v, self.o = (nn.Linear(s.width, s.width, False) for _ in range(4))
        self.gate, self.up = (nn.Linear(s.width, s.hidden, False) for _ in range(2))
        self.down = nn.Linear(s.hidden, s.width, False)

    def forward(
        self, x: Tensor, angles: tuple[Tensor, Tensor], mask: Tensor, places: Tensor | None = None
    ) -> Tensor:
        """Return what the next layer reads; with `places`, at these alone.

        Attention is written out: with this mask, on a processor, that is faster than torch's own.
        """
        h = self.attn_norm(x)
        split = (*x.shape[:2], self.shape.heads, self.shape.head_width)
        q, k, v = (part(h).view(split).transpose(1, 2) for part in (self.q, self.k, self.v))
        q = q / math.sqrt(self.shape.head_width)
        q, k = (rotate(part, angles).to(v.dtype) for part in (q, k))
        parts = []
        for i in range(0, x.shape[1], BLOCK):  # what comes after a block need not be looked at
            j = i + BLOCK
            scores = q[:, :, i:j] @ k[:, :, :j].mT + mask[:, :, i:j, :j].to(v.dtype)
            parts.append(scores.softmax(-1).to(v.dtype) @ v[:, :, :j])
        h = torch.cat(parts, 2).transpose(1, 2).reshape(x.shape)
        if places is not None:
            x, h = (part.flatten(0, 1)[places] for part in (x, h))
        x = x + self.o(h)
        h = self.ffn_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Network(nn.Module):
    """Tokens in, a score for every possible next token out."""

    def __init__(self, s: Shape):
        super().__init__()
        self.embedding = nn.Embedding(s.vocabulary, s.width)
        self.layers = nn.ModuleList(Layer(s) for _ in range(s.layers))
        self.norm = nn.RMSNorm(s.width, s.norm_epsilon)
        for name, p in self.named_parameters():
            if p.ndim == 2:
                # these add to what passes through the layers, two in each: many, so smaller
                adds = name.endswith(("o.weight", "down.weight"))
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * s.layers) if adds else 0.02)
        speeds = s.rope_base ** (-torch.arange(0, s.head_width, 2) / s.head_width)
        angles = torch.outer(torch.arange(s.context), speeds)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, tokens: Tensor, document: Tensor, place: Tensor, wanted: Tensor) -> Tensor:
        """Return the scores at the `wanted` places; no token sees another document's tokens."""
        same = document[:, :, None] == document[:, None, :]
        mask = torch.where(same & torch.ones_like(same).tril(), 0.0, -1e9)[:, None]
        angles = self.cos[place][:, None], self.sin[place][:, None]
        x = self.embedding(tokens)
        *layers, last = self.layers
        for layer in layers:
            x = layer(x, angles, mask)
        x = last(x, angles, mask, wanted.flatten().nonzero()[:, 0])
        return F.linear(self.norm(x), self.embedding.weight)


def rotate(x: Tensor, angles: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate pairs of numbers by an angle that tells the place of the token (Su et al. 2021).

    A pair are two neighbours, as llama.cpp has it for this architecture.
    """
    (cos, sin), a, b = angles, x[..., 0::2], x[..., 1::2]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)


# --- the text, cut into rows of equal length ----------------------------------------------------


def counted(tokens: list[int], opening: list[int], think: list[int], end: int) -> list[bool]:
    """Return for each token whether the assistant wrote it, the end of its turn included.

    What opens a thought stands in the prompt, or does not: cria never writes it itself.
    """
    counts, writing = [], False
    for i, token in enumerate(tokens, 1):
        counts.append(writing)
        opens = tokens[max(0, i - len(opening)) : i] == opening
        writing = opens or (writing and token != end)
        if tokens[max(0, i - len(think)) : i] == think:
            counts[-len(think) :] = [False] * len(think)
    return counts


def practice(tokenizer: Tokenizer, usual: Callable) -> Callable:
    """Return a maker of the usual conversations, but one in ten repeats tokens drawn at random.

    The text's own words leave some tokens out, and what was hardly ever copied is copied wrong.
    """
    each = (tokenizer.decode([token]) for token in range(tokenizer.get_vocab_size()))
    pieces = [piece for piece in each if piece.isprintable() and "\ufffd" not in piece]

    def make(rng: random.Random) -> dict:
        if rng.random() > 0.1:
            return usual(rng)
        drawn = "".join(rng.choices(pieces, k=rng.randrange(2, 30))).strip()
        return {"messages": repeat(rng, drawn)}

    return make


def rows(tokenizer: Tokenizer, seed: int, length: int, make: Callable) -> Iterator[list[Tensor]]:
    """Yield rows of `length` tokens, filled with whole conversations and the start of one more.

    The rest of that one is thrown away: there is more than enough. Each row is four tensors: token,
    document (conversation) it belongs to, place in that document, counted or not.
    """
    opening, think = (tokenizer.encode(s).ids for s in ["<|im_start|>assistant\n", "<think>\n"])
    end = tokenizer.token_to_id("<|im_end|>")
    source = texts(seed, make)
    row, document = [], 0
    while True:
        for encoding in tokenizer.encode_batch(list(islice(source, 200))):
            counts = counted(encoding.ids, opening, think, end)
            row += [(t, document, p, c) for p, (t, c) in enumerate(zip(encoding.ids, counts))]  # noqa: B905
            document += 1
            if len(row) >= length:
                yield [torch.tensor(column) for column in zip(*row[:length])]  # noqa: B905
                row = []


# --- training ------------------------------------------------------------------------------------


class Muon(torch.optim.Optimizer):
    """Momentum whose update is made orthogonal, so that every direction of a matrix learns.

    Source: Jordan et al. 2024. That 0.2 times the root of the longer side makes a step as large as
    one of AdamW is from Liu et al. 2025.
    """

    def __init__(self, parameters, lr: float, momentum: float = 0.95):
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self) -> None:
        """Move every matrix along its orthogonalised momentum, those of one shape together."""
        for group in self.param_groups:
            for shape in {p.shape for p in group["params"]}:
                alike = [p for p in group["params"] if p.shape == shape]
                for p in alike:
                    if not self.state[p]:
                        self.state[p]["momentum"] = torch.zeros_like(p)
                    self.state[p]["momentum"].mul_(group["momentum"]).add_(p.grad)
                ahead = [p.grad + group["momentum"] * self.state[p]["momentum"] for p in alike]
                for p, update in zip(alike, orthogonal(torch.stack(ahead)), strict=True):
                    p.mul_(1 - 0.01 * group["lr"])
                    p.add_(update, alpha=-0.2 * group["lr"] * math.sqrt(max(shape)))


def orthogonal(g: Tensor) -> Tensor:
    """Return the nearest orthogonal matrices, roughly: five steps of a Newton-Schulz iteration.

    Its three numbers are Jordan's: chosen so that few steps come near, not so that many arrive.
    """
    x = g / (torch.linalg.matrix_norm(g, keepdim=True) + 1e-7)
    tall = x.shape[-2] > x.shape[-1]
    x = (x.mT if tall else x).to(fastest())
    for _ in range(5):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return (x.mT if tall else x).to(g.dtype)


def train(
    shape: Shape, minutes: float, steps: int | None, row: int, seed: int, compiled: bool
) -> Network:
    """Train for so many minutes (or steps), the learning rate falling to a hundredth.

    With `compiled`, each layer is made one piece of machine code.
    """
    torch.manual_seed(seed)
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    network = Network(shape).to(DEVICE)
    if compiled:
        torch._dynamo.config.recompile_limit = 64  # each length of rows is a program of its own
        for layer in network.layers:
            layer.compile()
    matrices = [p for n, p in network.named_parameters() if p.ndim == 2 and "embedding" not in n]
    others = [p for n, p in network.named_parameters() if p.ndim == 1 or "embedding" in n]
    optimizers = [Muon(matrices, lr=0.008), torch.optim.AdamW(others, lr=0.004, betas=(0.9, 0.95))]
    highest = [o.param_groups[0]["lr"] for o in optimizers]
    step, spent, average = 0, 0.0, None
    tokens_by = hashlib.sha256(TOKENIZER.read_bytes()).hexdigest()
    setting = {**asdict(shape), "row": row, "seed": seed, "tokens": tokens_by}
    if CHECKPOINT.exists():
        kept = torch.load(CHECKPOINT, map_location=DEVICE)
        if kept["setting"] != setting:
            raise SystemExit(
                f"{CHECKPOINT} was written by a training with other options or other tokens. "
                "Give the same options again, or delete that file to begin anew."
            )
        network.load_state_dict(kept["network"])
        for optimizer, state in zip(optimizers, kept["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        step, spent, average = kept["step"], kept["spent"], kept["loss"]
        print(f"going on after step {step}, {spent / 60:.1f} min")

    easy = rows(tokenizer, seed + step, row // 2, practice(tokenizer, easy_conversation))
    usual = rows(tokenizer, seed + 1000 + step, row, practice(tokenizer, conversation))
    long = rows(tokenizer, seed + 2000 + step, shape.context, long_conversation)
    numbers = str(fastest()).removeprefix("torch.")
    print(f"on {DEVICE}, {numbers}, {'machine code' if compiled else 'no machine code'}")
    network.train()
    while (done := step / steps if steps is not None else spent / (60 * minutes)) < 1:
        begin = time.perf_counter()
        stretch = done > 1 - LONG_LAST and step % 4 == 0 and row < shape.context
        source, length = (long, shape.context) if stretch else (usual, row)
        if done < EASY_FIRST:
            source, length = easy, row // 2
        tokens, document, place, counts = (
            torch.stack(part).to(DEVICE)
            for part in zip(*islice(source, max(1, TOKENS // length)), strict=True)
        )
        # the learning rate rises for 50 steps, stays for a quarter of the time, and falls
        now = min(1, (step + 1) / 50) * min(1, max(0.01, (1 - done) / 0.75))
        for optimizer, top in zip(optimizers, highest, strict=True):
            optimizer.param_groups[0]["lr"] = top * now

        wanted = counts[:, 1:]
        with torch.autocast(DEVICE, fastest(), enabled=fastest() is not torch.float32):
            scores = network(tokens[:, :-1], document[:, :-1], place[:, :-1], wanted)
        loss = F.cross_entropy(scores.float(), tokens[:, 1:][wanted])
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()

        step += 1
        seconds = time.perf_counter() - begin
        spent += min(seconds, 10)  # a pause (the lid was closed) is not training
        if not stretch:
            average = loss.item() if average is None else 0.98 * average + 0.02 * loss.item()
        if step % 50 == 0:
            left = spent / max(done, 1e-9) - spent
            print(f"step {step}  loss {average:.3f}  {tokens.numel() / seconds:,.0f} tokens/s  "
                  f"{left / 60:.0f} min left", flush=True)  # fmt: skip
            keep = {"network": network.state_dict(), "setting": setting, "step": step,
                    "optimizers": [o.state_dict() for o in optimizers], "spent": spent,
                    "loss": average}  # fmt: skip
            torch.save(keep, CHECKPOINT.with_suffix(".new"))
            CHECKPOINT.with_suffix(".new").replace(CHECKPOINT)
    return network


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=350, help="of training (default: 350)")
    parser.add_argument("--steps", type=int, help="so many steps instead of minutes")
    parser.add_argument("--row", type=int, default=512, help="tokens in a row (default: 512; with "
                        "fewer than 256 tools are not learned)")  # fmt: skip
    parser.add_argument("--layers", type=int, default=6, help="of the network (default: 6)")
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=None,
                        help="layers to machine code (default: where it works)")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of weights and text (default: 0)")
    options = parser.parse_args()
    if options.row < 64 or options.minutes <= 0 or options.steps is not None and options.steps < 1:
        parser.error("--row takes 64 or more, --minutes and --steps more than 0")
    vocabulary = Tokenizer.from_file(str(TOKENIZER)).get_vocab_size()
    shape = Shape(vocabulary=vocabulary, layers=options.layers)
    network = train(shape, options.minutes, options.steps, options.row, options.seed,
                    compiles() if options.compile is None else options.compile)  # fmt: skip
    torch.save({"network": network.state_dict(), "shape": asdict(shape)}, FILE)
    CHECKPOINT.unlink(missing_ok=True)
    print(f"{sum(p.numel() for p in network.parameters()):,} parameters in {FILE.name}")
