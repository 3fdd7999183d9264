"""Plurality: each ballot names one option; the option with the most votes wins, be it a majority or not."""

from codesign_polls.counting.answers import Ballots, choice, number_of, read
from codesign_polls.counting.tally import Tally, tally_by_totals


def plurality(options: int, ballots: Ballots) -> Tally:
    """First past the post: most votes win. Monotonic; meets the majority criterion, not the Condorcet criterion."""
    valid, blank = read(options, ballots, choice)
    totals = [0] * options
    for option, number in valid:
        totals[option] += number
    return tally_by_totals("plurality", totals, number_of(valid), blank)
