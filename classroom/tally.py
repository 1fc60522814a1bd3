"""What the teacher's page shows: numbers for each learner. No prompt and no reply is kept."""

import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

PERIOD = 60.0  # seconds for the speed of the whole class
COUNTS = {  # at the end of every reply of llama-server; a prompt that is cached is not read
    "read": rb'"prompt_n":\s*(\d+)',
    "written": rb'"predicted_n":\s*(\d+)',
    "speed": rb'"predicted_per_second":\s*([\d.]+)',
}
TAIL = 8192  # bytes at the end of an answer that hold them


@dataclass
class Row:
    """The numbers of one learner."""

    asked: int = 0
    errors: int = 0
    read: int = 0
    written: int = 0
    speed: float = 0.0  # tokens a second, in the last reply
    last_error: str = ""  # its status, never the question


@dataclass
class Tally:
    """The numbers of the class since the server was started."""

    clock: Callable[[], float] = time.monotonic
    rows: dict[str, Row] = field(default_factory=dict)
    _lately: deque[tuple[float, int]] = field(default_factory=deque)

    def row(self, name: str) -> Row:
        """Return the numbers of this learner."""
        return self.rows.setdefault(name, Row())

    def error(self, name: str, status: int) -> None:
        """Count a request that was answered with an error."""
        row = self.row(name)
        row.errors, row.last_error = row.errors + 1, f"{status} {HTTPStatus(status).phrase}"

    def count(self, name: str, tail: bytes, pieces: int = 0) -> None:
        """Count the tokens of an answer, from its end; of one that was cut off, its pieces."""
        found = {what: re.findall(pattern, tail) for what, pattern in COUNTS.items()}
        row = self.row(name)
        written = int(found["written"][-1]) if found["written"] else pieces
        row.read += int(found["read"][-1]) if found["read"] else 0
        row.written += written
        row.speed = float(found["speed"][-1]) if found["speed"] else row.speed
        self._lately.append((self.clock(), written))
        self._forget()

    def speed(self) -> float:
        """Return how many tokens a second the whole class has got during the last minute."""
        self._forget()
        return sum(number for _, number in self._lately) / PERIOD

    def _forget(self) -> None:
        """Drop what is older than the period, so that the list stays short."""
        while self._lately and self._lately[0][0] < self.clock() - PERIOD:
            self._lately.popleft()
