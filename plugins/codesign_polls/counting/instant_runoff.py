"""Instant runoff: ranked ballots; round by round the option with the fewest votes goes, until one has a majority."""

from codesign_polls.counting.answers import Ballots, distinct, number_of, read
from codesign_polls.counting.elimination import Standing, at_first
from codesign_polls.counting.parallel_universes import possible_winners
from codesign_polls.counting.tally import Note, Round, Tally, empty_tally, with_tie


def instant_runoff(options: int, ballots: Ballots) -> Tally:
    """Single-winner ranked choice (the alternative vote) as in Ireland's presidential elections and those of Maine:
    ballots may rank a part of the options, and one that ranks none still standing is exhausted. A majority is more than
    half of the ballots not exhausted.

    Ties for elimination are broken by no lot and no order of the ballot paper: either all go together, which changes
    nothing, or every way is tried (parallel_universes.py). If one option wins in all, it is the winner, and the rounds
    shown go on by one of the ways, in which the last of the tied on the ballot paper goes; else all that may win are named.

    Meets the majority criterion. Not monotonic and not Condorcet-consistent: tests/test_counting_examples.py shows it.
    """
    valid, blank = read(options, ballots, distinct)
    if not valid:
        return empty_tally("instant_runoff", options, blank)
    first = at_first(options, valid)
    run = _Run()
    run.from_here(first)
    notes = tuple(note for note in Note if note in run.notes)
    winners = tuple(sorted(run.winners))
    return Tally(
        "instant_runoff",
        number_of(valid) + blank,
        blank,
        first.counts,
        winners,
        rounds=tuple(run.rounds),
        notes=with_tie(winners, notes),
    )


class _Run:
    """The rounds up to now, and who can win once a tie has been looked into."""

    def __init__(self) -> None:
        self.rounds: list[Round] = []
        self.notes: set[Note] = set()
        self.winners: frozenset[int] = frozenset()

    def from_here(self, standing: Standing) -> None:
        while True:
            if (winner := standing.majority()) is not None:
                self._show(standing)
                self.winners = frozenset([winner])
                return
            fewest = standing.fewest()
            gone = fewest if len(fewest) == 1 else self._going(standing, fewest)
            self._show(standing, gone, fewest if len(fewest) > 1 else frozenset())
            if not gone:
                return
            standing = standing.without(gone)

    def _going(self, standing: Standing, tied: frozenset[int]) -> frozenset[int]:
        """Who of the tied goes in this round; nobody when the count must end with a tie."""
        self.notes.add(Note.TIE_FOR_ELIMINATION)
        if standing.can_go_together(tied):
            if (
                not self.winners
            ):  # after a tie that changes no winner the rounds are one way of several: no note on them
                self.notes.add(Note.TIED_ELIMINATED_TOGETHER)
            return tied
        if not self.winners:
            self._look_into(standing)
        return frozenset([max(tied)]) if len(self.winners) == 1 else frozenset()

    def _look_into(self, standing: Standing) -> None:
        self.winners, complete = possible_winners(standing)
        if not complete:
            self.notes.add(Note.TIE_NOT_RESOLVED)
        elif len(self.winners) == 1:
            self.notes.add(Note.SAME_WINNER_EITHER_WAY)

    def _show(self, standing: Standing, gone: frozenset[int] = frozenset(), tied: frozenset[int] = frozenset()) -> None:
        every = range(len(standing.counts))
        counts = tuple(standing.counts[option] if option in standing.options else None for option in every)
        self.rounds.append(Round(counts, standing.exhausted, tuple(sorted(gone)), tuple(sorted(tied))))
