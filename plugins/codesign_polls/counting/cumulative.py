"""Cumulative: each ballot spreads points over options; the option with the most points wins."""

from codesign_polls.counting.answers import Ballots, number_of, points, read
from codesign_polls.counting.tally import Tally, tally_by_totals


def cumulative(options: int, ballots: Ballots) -> Tally:
    """Points are summed. How many a ballot may spread is a matter of the question, checked when it is cast."""
    valid, blank = read(options, ballots, points)
    totals = [0] * options
    for given, number in valid:
        for option, of_it in given:
            totals[option] += of_it * number
    return tally_by_totals("cumulative", totals, number_of(valid), blank)
