"""Ties for elimination: every way to break them is tried, and everyone who wins in one of them is a possible winner."""

from collections.abc import Iterable
from typing import NamedTuple

from codesign_polls.counting.answers import Ranking
from codesign_polls.counting.elimination import Standing

MOST_STATES = 10_000
"""Sets of standing options that are looked at before giving up."""
MOST_MOVES = 4_000_000
"""Groups of equal ballots that are moved before giving up: a few seconds of work."""


class Possible(NamedTuple):
    winners: frozenset[int]
    complete: bool
    """False: given up, and `winners` holds everyone who might win, perhaps some who do not."""


def possible_winners(start: Standing) -> Possible:
    """Everyone who wins under some order of breaking ties.

    Conitzer, Rognlie and Xia, "Preference functions that score rankings and maximum likelihood estimation", IJCAI 2009,
    which name parallel-universes tie-breaking. Who stands determines everything that follows, so that each set of
    standing options is looked at once, and not at all when all of them are known as possible winners already. Those
    known go first, which finds the others soon (after Wang, Sikdar, Shepherd, Zhao, Jiang and Xia, "Practical algorithms
    for multi-stage voting rules with parallel universes tiebreaking", AAAI 2019). Ties among options that all go before
    any other are passed over in one step.
    """
    start = start.without(start.sure_to_go())
    leader = max(start.options, key=start.counts.__getitem__)
    if never_has_the_fewest(leader, start):
        return Possible(frozenset([leader]), complete=True)
    found = moves = 0  # sets of options as bits: thousands of them are kept
    seen: set[int] = set()
    waiting: list[tuple[Standing, frozenset[int], int]] = [(start, frozenset(), _bits(start.options))]
    while waiting:
        before, gone, left = waiting.pop()
        if left in seen or not left & ~found:
            continue
        seen.add(left)
        moves += sum(map(before.groups, gone))
        if len(seen) > MOST_STATES or moves > MOST_MOVES:
            return Possible(start.options, complete=False)
        standing = before.without(gone)
        if (winner := standing.majority()) is not None:
            found |= 1 << winner
        else:
            waiting += [(standing, going, left & ~_bits(going)) for going in _ways(standing, found)]
    return Possible(frozenset(option for option in start.options if found >> option & 1), complete=True)


def never_has_the_fewest(option: int, standing: Standing) -> bool:
    """Whether the option surely wins, shown without trying anything; False says nothing.

    To go, it must have the fewest votes among some set of options, itself in it. There each other one has at least as
    many as it; but never more than the ballots that prefer the other one to it, and it never fewer than it has now. So
    only rivals that at least so many prefer can be in the set. Among these alone it has more votes than now, by which
    some of them are no such rivals, and so on. When none are left, there is no such set. (The same bound lets audits of
    instant runoff rule out eliminations: Blom, Stuckey and Teague, "Risk-limiting audits for IRV elections", 2019.)
    """
    ballots = [(ranking, number) for pile in standing.piles for heap in pile for ranking, _place, number in heap]
    preferred = dict.fromkeys(standing.options - {option}, 0)
    for ranking, number in ballots:
        for other in _before(option, ranking):
            if other in preferred:
                preferred[other] += number
    votes, rivals = standing.counts[option], frozenset(preferred)
    while nearer := frozenset(other for other in rivals if preferred[other] >= votes):
        if nearer == rivals:
            return False
        rivals = nearer
        standing_then = rivals | {option}
        votes = sum(number for ranking, number in ballots if _first_of(standing_then, ranking) == option)
    return True


def _ways(standing: Standing, found: int) -> list[frozenset[int]]:
    """Who may go next; what is to be tried first comes last."""
    if sure := standing.sure_to_go():
        return [sure]
    return [frozenset([option]) for option in sorted(standing.fewest(), key=lambda option: found >> option & 1)]


def _bits(options: Iterable[int]) -> int:
    return sum(1 << option for option in options)


def _before(option: int, ranking: Ranking) -> Ranking:
    return ranking[: ranking.index(option)] if option in ranking else ranking


def _first_of(options: frozenset[int], ranking: Ranking) -> int | None:
    return next((option for option in ranking if option in options), None)
