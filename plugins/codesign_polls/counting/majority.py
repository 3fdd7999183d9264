"""Majority: yes, no or abstain; the larger of yes and no wins, and abstentions are counted but decide nothing."""

from codesign_polls.counting.answers import Ballots, choice, number_of, read
from codesign_polls.counting.tally import Note, Tally, empty_tally, with_tie

YES, NO, ABSTAIN = 0, 1, 2


def majority(options: int, ballots: Ballots) -> Tally:
    """Simple majority of the votes cast for or against (Robert's Rules of Order, "majority vote"). As many yes as no is
    a tie; that a tied motion is not adopted is for the rules of the town to say. By May's theorem (Econometrica 20,
    1952) the only rule for two options that treats voters and options alike and is responsive."""
    if options != len((YES, NO, ABSTAIN)):
        raise ValueError(f"A majority is counted of yes, no and abstain: 3 options, not {options!r}.")
    valid, blank = read(options, ballots, choice)
    votes = [0] * options
    for option, number in valid:
        votes[option] += number
    if not valid:
        return empty_tally("majority", options, blank)
    best = max(votes[YES], votes[NO])
    winners = tuple(option for option in (YES, NO) if votes[option] == best)
    losers = tuple(option for option in (YES, NO) if votes[option] != best)
    notes = with_tie(winners, () if best else (Note.ONLY_ABSTENTIONS,))
    ranking = (winners, losers) if losers else (winners,)
    return Tally("majority", number_of(valid) + blank, blank, tuple(votes), winners, ranking, notes=notes)
