"""Counting requests in fixed windows of time: how often somebody may do something in a minute."""

import math
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass

SECONDS = 60


@dataclass(frozen=True)
class Limit:
    """So many in a minute, of one sort."""

    sort: str
    most: int


class Windows:
    """Counts of the present minute. They are forgotten together when it is over, so that memory stays small."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._minute = 0
        self._counts: Counter[Hashable] = Counter()

    def hit(self, limit: Limit, who: str) -> bool:
        """Count one more; False when it is one too many."""
        minute = int(self.clock() // SECONDS)
        if minute != self._minute:
            self._minute, self._counts = minute, Counter()
        self._counts[limit.sort, who] += 1
        return self._counts[limit.sort, who] <= limit.most

    def seconds_left(self) -> int:
        """Until the window ends and all may try again."""
        return max(1, math.ceil(SECONDS - self.clock() % SECONDS))
