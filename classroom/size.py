"""How many slots of which size fit: from the number of learners, the model and the memory."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

from helpers.errors import ServerError
from helpers.gguf_file import read, size_of

CONTEXT, LEAST = 4096, 1024  # tokens in a slot: as many as lessons need, and as few as they can use
STEP = 256  # llama-server rounds up to this
MOST = 16  # slots: with more of them, every reply is made too slowly to be read along
LEARNERS_TO_A_SLOT = 3  # while one of them waits for a reply, the others read and write
READABLE = 2.5  # tokens a second for each reply, at least
COMPUTING, CACHE, SPARE = 500e6, 256 * 2**20, 1e9  # bytes
SHARE = 0.8  # of the memory that is free now
WORD = 2  # bytes of a number in the context's cache


def slots_at(speed: float) -> int:
    """Return how many replies at once are fast enough, if one alone has so many tokens a second.

    A reply of 300 tokens, the longest of most lessons, should come within two minutes.
    """
    return max(1, int(speed / READABLE))


@dataclass(frozen=True)
class Size:
    """What a llama-server for a class is started with, in tokens and bytes."""

    learners: int
    slots: int
    context: int
    free: float
    model: float
    token: float

    @property
    def contexts(self) -> float:
        """The bytes for the contexts of all slots; one slot more is for the watch."""
        return (self.slots + 1) * self.context * self.token

    @property
    def needed(self) -> float:
        """The bytes that the server will take."""
        return self.model + self.contexts + COMPUTING + CACHE

    @property
    def limit(self) -> float:
        """The bytes that it may take at most, without what a processor copies of the model."""
        return self.needed + SPARE

    @property
    def options(self) -> list[str]:
        """The flags of llama-server for it."""
        total = (self.slots + 1) * self.context
        cache = ["--cache-ram", str(CACHE // 2**20)]  # without it, it grows up to 8 GB
        return ["--parallel", str(self.slots + 1), "--ctx-size", str(total), *cache]

    def __str__(self) -> str:
        rows = [
            ("model", self.model),
            (f"{self.slots} + 1 slots x {self.context:,} tokens x {self.token:,.0f} bytes",
             self.contexts),
            ("computing", COMPUTING),
            ("prompts of earlier questions", CACHE),
            ("together", self.needed),
            ("free now", self.free),
        ]  # fmt: skip
        head = f"Learners: {self.learners}. Slots: {self.slots}, and one to watch the server."
        return "\n".join([head, *(f"  {what:<50} {size / 1e6:>9,.0f} MB" for what, size in rows)])


def size(
    file: Path, learners: int, free: float, slots: int | None = None, context: int | None = None
) -> Size:
    """Return the size for so many learners and so many bytes of free memory.

    Where the memory is short, the contexts get smaller first, and then the slots get fewer.

    Args:
        file: the model.
        learners: how many will ask.
        free: bytes that are free now.
        slots: how many replies to make at once; without it, one for every three learners.
        context: tokens in each slot; without it 4,096, or what the model was trained on.

    Raises:
        ServerError: not even one slot fits, or not what was asked for.
    """
    fields = read(file, whole=False)
    trained = int(_field(fields, "context_length", CONTEXT))
    bytes_of_model, token = size_of(file), _token(fields)
    room = SHARE * free - bytes_of_model - COMPUTING - CACHE
    wished = slots or min(MOST, max(2, ceil(learners / LEARNERS_TO_A_SLOT)))
    for number in [wished] if slots else range(wished, 0, -1):
        tokens = context or min(CONTEXT, trained, room / (number + 1) / token // STEP * STEP)
        found = Size(learners, number, int(tokens), free, bytes_of_model, token)
        if tokens >= min(LEAST, trained, context or LEAST) and found.contexts <= room:
            return found
    raise ServerError(
        f"{file.name} does not fit into the memory that is free ({free / 1e9:.1f} GB).\n"
        "Close other programs, take a smaller model, or ask for less with --slots and --context."
    )


def _token(fields: dict) -> float:
    """Return the bytes that a token takes in the cache: a key and a value in every layer.

    Models with windows or shared heads take less than this.
    """
    layers, width = (int(_field(fields, name, 1)) for name in ["block_count", "embedding_length"])
    heads = int(_field(fields, "attention.head_count", 1))
    shared = min(heads, int(_field(fields, "attention.head_count_kv", heads)))
    lengths = [_field(fields, f"attention.{x}_length", width / heads) for x in ["key", "value"]]
    return layers * shared * sum(lengths) * WORD


def _field(fields: dict, name: str, default: float) -> float:
    """Return a number of the model's architecture."""
    value = fields.get(f"{fields.get('general.architecture')}.{name}")
    return value if isinstance(value, int | float) and value > 0 else default
