"""Approval: each ballot names any number of options; the option that most ballots name wins."""

from codesign_polls.counting.answers import Ballots, distinct, number_of, read
from codesign_polls.counting.tally import Tally, tally_by_totals


def approval(options: int, ballots: Ballots) -> Tally:
    """Brams and Fishburn, "Approval voting", American Political Science Review 72 (1978). Monotonic."""
    valid, blank = read(options, ballots, distinct)
    totals = [0] * options
    for approved, number in valid:
        for option in approved:
            totals[option] += number
    return tally_by_totals("approval", totals, number_of(valid), blank)
