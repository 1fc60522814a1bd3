"""Whose turn it is: everybody in rotation, a few questions at a time, in a line with an end.

This holds no thread, no socket and no timer. `enter` and `leave` decide at once who is let in, so
a test can go through every case step by step.
"""

import asyncio
import itertools
import math
import time
from collections import Counter, deque
from collections.abc import Callable


class LineFull(Exception):
    """There is no place left in the line; `retry_after` says in how many seconds there may be."""

    def __init__(self, whole: bool, retry_after: int) -> None:
        super().__init__()
        self.whole, self.retry_after = whole, retry_after  # whole: not only this person's part


class Ticket:
    """A question that works or waits.

    Attributes:
        name: whose question it is.
        places: how many slots it needs: one for each reply.
        works: whether it has been let in.
        since: when it came; from its turn on, when that began.
        server: the address of the server that it was sent to.
    """

    def __init__(self, name: str, places: int, now: float) -> None:
        self.name, self.places, self.since, self.works = name, places, now, False
        self.server = ""
        self._let_in = asyncio.Event()

    async def turn(self) -> None:
        """Wait until it is let in."""
        await self._let_in.wait()

    def _begin(self, now: float) -> None:
        self.works, self.since = True, now
        self._let_in.set()


class Turns:
    """Lets questions in, one person after the other.

    The next one is of the person who has the fewest at work, and among these of the one whose last
    turn was the longest ago. So whoever asks seldom hardly waits, however many questions of others
    are in line.
    """

    def __init__(
        self,
        slots: int,
        each: int,
        line: int = 256,
        line_each: int = 32,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare an empty line.

        Args:
            slots: how many replies are made at the same time.
            each: how many of these one person may have.
            line: how many questions may wait. A person with none in it always gets one place.
            line_each: how many questions of one person may wait.
            clock: what tells the time, in seconds.
        """
        self.slots, self.each, self.line, self.line_each = slots, each, line, line_each
        self.working: list[Ticket] = []
        self._clock = clock
        self._lines: dict[str, deque[Ticket]] = {}
        self._turns = itertools.count(1)
        self._last: dict[str, int] = {}  # the number of everybody's last turn
        self._typical = 1.0  # seconds that a turn took lately

    @property
    def waiting(self) -> list[Ticket]:
        """The questions in line, the next ones first within each person."""
        return [ticket for line in self._lines.values() for ticket in line]

    @property
    def taken(self) -> Counter[str]:
        """How many slots of each server are at work."""
        taken = Counter()
        for ticket in self.working:
            taken[ticket.server] += ticket.places
        return taken

    def resize(self, slots: int) -> None:
        """Go on with another number of slots."""
        self.slots = slots
        self._let_in()

    def enter(self, name: str, places: int = 1) -> Ticket:
        """Put a question into the line and let it in at once if it is its turn.

        Raises:
            LineFull: there is no place for it.
        """
        mine, all_of_them = len(self._lines.get(name, [])), len(self.waiting)
        if mine >= self.line_each or (mine and all_of_them >= self.line):
            rounds = (mine if mine >= self.line_each else all_of_them) / self.slots
            seconds = math.ceil(min(30, max(1, rounds * self._typical)))
            raise LineFull(mine < self.line_each, seconds)
        ticket = Ticket(name, min(places, self.slots), self._clock())
        self._lines.setdefault(name, deque()).append(ticket)
        self._let_in()
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Take a question out, whether it worked or waited, and let in who comes next."""
        if ticket in self.working:
            self.working.remove(ticket)
            self._typical += 0.2 * (self._clock() - ticket.since - self._typical)
        elif ticket in self._lines.get(ticket.name, []):
            self._take_out(ticket)
        self._let_in()

    def _let_in(self) -> None:
        """Let in as many as there is room for."""
        while ticket := self._next():
            self._take_out(ticket)
            self._last[ticket.name] = next(self._turns)
            self.working.append(ticket)
            ticket._begin(self._clock())

    def _take_out(self, ticket: Ticket) -> None:
        """Take a question out of the line."""
        self._lines[ticket.name].remove(ticket)
        if not self._lines[ticket.name]:
            del self._lines[ticket.name]

    def _next(self) -> Ticket | None:
        """Return the question whose turn it is, if there is room for it."""
        taken = Counter()
        for ticket in self.working:
            taken[ticket.name] += ticket.places

        def has_enough(ticket: Ticket) -> bool:
            return bool(taken[ticket.name]) and taken[ticket.name] + ticket.places > self.each

        def rank(ticket: Ticket) -> tuple[int, int]:
            return taken[ticket.name], self._last.get(ticket.name, 0)

        first = (line[0] for line in self._lines.values())
        ticket = min(itertools.filterfalse(has_enough, first), key=rank, default=None)
        # there may be fewer slots than when it came: then it takes all of them
        fits = ticket and taken.total() + min(ticket.places, self.slots) <= self.slots
        return ticket if fits else None  # no smaller one goes first: a large one would never fit
