"""Score voting (range voting): each ballot scores options from 0 to 5; the highest sum, or the highest mean, wins."""

from fractions import Fraction

from codesign_polls.counting.answers import Ballots, Points, number_of, read, scores
from codesign_polls.counting.tally import Note, Tally, tally_by_totals


def score(options: int, ballots: Ballots) -> Tally:
    """The highest sum wins; an option left out of a ballot has 0 there. So the mean over all valid ballots
    (`total / tally.valid`) gives the same order. Monotonic; does not meet the majority criterion."""
    valid, blank = read(options, ballots, scores)
    return tally_by_totals("score", sums(options, valid), number_of(valid), blank)


def mean_score(options: int, ballots: Ballots) -> Tally:
    """The highest mean over those ballots that score the option wins. A ballot that leaves an option out says nothing
    of it; so an option that very few know can win, which is why `score` is the one to propose to people."""
    valid, blank = read(options, ballots, scores)
    raters = [0] * options
    for given, number in valid:
        for option, _score in given:
            raters[option] += number
    means = [Fraction(total, max(of_it, 1)) for total, of_it in zip(sums(options, valid), raters, strict=True)]
    notes = () if all(raters) else (Note.UNSCORED_OPTION,)
    return tally_by_totals("mean_score", means, number_of(valid), blank, notes)


def sums(options: int, valid: list[tuple[Points, int]]) -> list[int]:
    """The sum of scores of each option."""
    totals = [0] * options
    for given, number in valid:
        for option, of_it in given:
            totals[option] += of_it * number
    return totals
