"""Instant runoff at one moment: who still stands, whose pile each ballot lies on, and who goes next."""

from collections.abc import Iterable
from dataclasses import dataclass

from codesign_polls.counting.answers import Ranking

Heap = list[tuple[Ranking, int, int]]
"""Ballots laid on a pile together: the ranking, the place in it of the option they lie with, how many such ballots."""


@dataclass(frozen=True)
class Standing:
    """Never changed, only followed by another: several ways out of a tie start from the same one."""

    options: frozenset[int]
    counts: tuple[int, ...]
    piles: tuple[tuple[Heap, ...], ...]
    exhausted: int

    def without(self, gone: Iterable[int]) -> "Standing":
        """Those options eliminated, and their ballots moved to the next option that stands: only these are touched."""
        gone = frozenset(gone)
        left = self.options - gone
        counts, piles, exhausted = list(self.counts), list(self.piles), self.exhausted
        received: dict[int, Heap] = {}
        for option in gone:
            for heap in self.piles[option]:
                for ranking, place, number in heap:
                    for following in range(place + 1, len(ranking)):
                        if (taken := ranking[following]) in left:
                            counts[taken] += number
                            received.setdefault(taken, []).append((ranking, following, number))
                            break
                    else:
                        exhausted += number
            counts[option], piles[option] = 0, ()
        for option, heap in received.items():
            piles[option] = (*piles[option], heap)
        return Standing(left, tuple(counts), tuple(piles), exhausted)

    def groups(self, option: int) -> int:
        """How many groups of equal ballots would move if it went: the work of that."""
        return sum(map(len, self.piles[option]))

    def majority(self) -> int | None:
        """The option that has more than half of the ballots not exhausted, when there is one."""
        best = max(self.options, key=self.counts.__getitem__)
        return best if 2 * self.counts[best] > sum(self.counts) else None

    def fewest(self) -> frozenset[int]:
        """The option with the fewest votes, or all that are tied there."""
        lowest = min(self.counts[option] for option in self.options)
        return frozenset(option for option in self.options if self.counts[option] == lowest)

    def can_go_together(self, tied: frozenset[int]) -> bool:
        """All votes of those with the fewest are fewer than the next option has: whichever went first, the others
        would follow before anybody else."""
        together = sum(self.counts[option] for option in tied)
        return all(together < self.counts[option] for option in self.options - tied) and tied != self.options

    def sure_to_go(self) -> frozenset[int]:
        """The most options that all go before any other one, whatever ties there are among them: even all their votes
        together are fewer than any other option has (as cities in the USA eliminate several in one batch)."""
        upwards = sorted(self.options, key=self.counts.__getitem__)
        together, sure = 0, 0
        for place, option in enumerate(upwards[:-1], start=1):
            together += self.counts[option]
            if together < self.counts[upwards[place]]:
                sure = place
        return frozenset(upwards[:sure])


def at_first(options: int, ballots: Iterable[tuple[Ranking, int]]) -> Standing:
    """All stand, and each ballot lies with its first preference."""
    received: dict[int, Heap] = {}
    counts = [0] * options
    for ranking, number in ballots:
        received.setdefault(ranking[0], []).append((ranking, 0, number))
        counts[ranking[0]] += number
    piles = tuple((received[option],) if option in received else () for option in range(options))
    return Standing(frozenset(range(options)), tuple(counts), piles, 0)
