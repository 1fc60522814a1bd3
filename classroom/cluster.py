"""How many llama-servers a cluster needs, of which size, and what they cost."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

from classroom.size import LEARNERS_TO_A_SLOT, Size, size

LEAST = 2  # servers: one may be away, for an update or for good
ENOUGH = 1e15  # bytes: how much memory there is, is not the question here
BUSY = 0.75  # of the slots; above this, the autoscaler starts one more server


@dataclass(frozen=True)
class Cluster:
    """The servers for so many learners.

    Attributes:
        each: the size of one server, in tokens and bytes.
        cores: how many each of them has.
        by_slots: how many servers make enough replies at once.
        by_speed: how many write enough tokens; 0 if the speed is not known.
        cost: what all of them cost, in the currency of the prices; 0 if these are not known.
    """

    learners: int
    each: Size
    cores: int
    by_slots: int
    by_speed: int
    core_price: float
    gigabyte_price: float
    hours: int

    @property
    def servers(self) -> int:
        """How many servers there are to be: one more than are needed, as one may be away."""
        return max(LEAST, max(self.by_slots, self.by_speed) + 1)

    @property
    def cost(self) -> float:
        """What the servers cost."""
        gigabytes = self.each.limit / 1e9
        hourly = self.cores * self.core_price + gigabytes * self.gigabyte_price
        return self.servers * hourly * self.hours

    @property
    def settings(self) -> dict[str, int]:
        """What stands in `settings.env` for it."""
        parallel = self.each.slots + 1
        return {
            "LLAMA_ARG_N_PARALLEL": parallel,
            "LLAMA_ARG_CTX_SIZE": parallel * self.each.context,
        }

    def __str__(self) -> str:
        each, count = self.each, self.servers
        who = f"{self.learners} learners, {LEARNERS_TO_A_SLOT} to a slot, {each.slots} to a server"
        rows = [(who, f"{self.by_slots} servers")]
        if self.by_speed:
            rows.append(("for the tokens that they ask for", f"{self.by_speed} servers"))
        rows += [
            ("one more, in case one is down", f"{count} servers"),
            (f"memory of each: {each.slots} + 1 slots x {each.context:,} tokens",
             f"{each.limit / 1e9:.1f} GB"),
            ("all together", f"{count * self.cores} cores, {count * each.limit / 1e9:.1f} GB"),
        ]  # fmt: skip
        if self.cost:
            rows.append((f"price for {self.hours} hours", f"{self.cost:,.2f}"))
        lines = [f"  {what:<56} {result:>20}" for what, result in rows]
        settings = [f"  {name}={value}" for name, value in self.settings.items()]
        return "\n".join([
            *lines, "In settings.env:", *settings,
            f"In llama-server.yaml: memory {each.limit / 2**20:.0f}Mi, cpu {self.cores}",
            f"In autoscaling.yaml: maxReplicaCount {count}, targetValue {ceil(BUSY * each.slots)}",
            f"In gateway.yaml: --slots {each.slots}, --context {each.context}",
        ])  # fmt: skip


def plan(
    file: Path,
    learners: int,
    *,
    slots: int = 8,
    context: int | None = None,
    cores: int = 4,
    speed: float | None = None,
    minute: int = 100,
    core_price: float = 0,
    gigabyte_price: float = 0,
    hours: int = 1,
) -> Cluster:
    """Return the servers for so many learners who work at the same time.

    Args:
        file: the model.
        learners: how many work at the same time.
        slots: how many replies one server makes at once.
        context: tokens in each slot; without it 4,096, or what the model was trained on.
        cores: of one server.
        speed: tokens a second that one server with so many cores writes for all its slots together.
        minute: tokens that one learner asks for in a minute.
        core_price: of one core for an hour.
        gigabyte_price: of one gigabyte of memory for an hour.
        hours: how long the servers run.
    """
    each = size(file, learners, ENOUGH, slots, context)
    by_speed = ceil(learners * minute / 60 / speed) if speed else 0
    by_slots = ceil(learners / LEARNERS_TO_A_SLOT / slots)
    prices = core_price, gigabyte_price, hours
    return Cluster(learners, each, cores, by_slots, by_speed, *prices)
