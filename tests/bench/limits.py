"""How much is measured: everything within ten minutes, or a glance at each part."""

import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one run may take."""

    most: int = 30  # repetitions of what takes less than a second
    seconds: float = 60  # for each part, as long as it has been repeated three times
    classes: tuple[int, ...] = (1, 2, 4, 8, 16, 32)  # learners
    class_seconds: float = 15  # that each class asks
    crowd: int = 200  # questions of one learner at once
    tokens: int = 128  # of a reply that is read in all ways
    busy_programs: tuple[int, ...] = (0, 1, 2)

    def rounds(self, parts: int = 1) -> Iterator[int]:
        """Count the repetitions, until there are enough or the time is over."""
        end = time.monotonic() + self.seconds / parts
        for number in range(self.most):
            if number >= 3 and time.monotonic() > end:
                return
            yield number


QUICK = Limits(
    most=3, seconds=5, classes=(1, 4), class_seconds=3, crowd=20, tokens=32, busy_programs=(0, 1)
)
