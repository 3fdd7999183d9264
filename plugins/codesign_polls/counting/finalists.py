"""Who gets into the runoff of STAR when scores are equal: matches among the tied, then five stars, never a lot."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from codesign_polls.counting.pairwise import Matrix
from codesign_polls.counting.tally import Note

PLACES = 2


@dataclass(frozen=True)
class Contest:
    """What the scores say of each option: the sum, how often 5 stars, and who is preferred to whom."""

    totals: list[int]
    fives: list[int]
    matrix: Matrix

    def matches_lost(self, option: int, among: Iterable[int]) -> int:
        return sum(self.matrix[option][other] < self.matrix[other][option] for other in among)


@dataclass
class Finalists:
    """`certain` are in the runoff; the other places go to some of `undecided`, and only a lot could say to whom."""

    certain: frozenset[int] = frozenset()
    undecided: frozenset[int] = frozenset()
    tied: frozenset[int] = frozenset()
    """Those with equal scores for fewer places than they are."""
    notes: set[Note] = field(default_factory=set)

    def pairs(self) -> list[tuple[int, int]]:
        """Every runoff that may be held; an option that is alone in the question meets itself."""
        if len(self.certain) == 1:
            (first,) = self.certain
            return [(first, other) for other in sorted(self.undecided or self.certain)]
        return list(combinations(sorted(self.certain or self.undecided), 2))


def advance(contest: Contest) -> Finalists:
    """The two options with the highest scores, by the protocol's steps 1 and 3 where scores are equal."""
    finalists = Finalists()
    for total in sorted(set(contest.totals), reverse=True):
        level = frozenset(option for option, other in enumerate(contest.totals) if other == total)
        places = PLACES - len(finalists.certain)
        if len(level) > places:
            finalists.tied = level
            _settle(contest, level, places, finalists)
            break
        finalists.certain |= level
        if len(finalists.certain) == PLACES:
            break
    return finalists


def _settle(contest: Contest, tied: frozenset[int], places: int, finalists: Finalists) -> None:
    """Fill the places from the tied: who lost the most matches among them goes out; where all lost as many, who has the
    most five-star scores gets in, or who has the fewest goes out; then again from the top with those still tied."""
    while len(tied) > places:
        better, worse, note = _by_matches(contest, tied)
        if not worse:
            better, worse, note = _by_five_stars(contest, tied, places)
        if not worse:
            finalists.undecided = tied
            return
        finalists.notes.add(note)
        if len(better) > places:
            tied = better
        else:
            finalists.certain |= better
            tied, places = worse, places - len(better)
        if not places:
            return
    finalists.certain |= tied


Split = tuple[frozenset[int], frozenset[int], Note]


def _by_matches(contest: Contest, tied: frozenset[int]) -> Split:
    lost = {option: contest.matches_lost(option, tied) for option in tied}
    most = max(lost.values())
    better = frozenset(option for option in tied if lost[option] < most)
    return better, tied - better if better else frozenset(), Note.FINALIST_BY_MATCHES


def _by_five_stars(contest: Contest, tied: frozenset[int], places: int) -> Split:
    fives = [contest.fives[option] for option in tied]
    top = frozenset(option for option in tied if contest.fives[option] == max(fives))
    if len(top) > places:
        top = frozenset(option for option in tied if contest.fives[option] > min(fives))
    return top, tied - top if top else frozenset(), Note.FINALIST_BY_FIVE_STARS
