"""Ties of STAR: broken as far as the official protocol goes without a lot, and named beyond that."""

from codesign_polls.counting import Note, Round, count
from codesign_polls.counting.finalists import Contest, advance
from codesign_polls.tests.counting_ballots import scored


def test_two_tied_for_second_meet_each_other_first() -> None:
    """A 14; B and C 6 each. B over C: 2 ballots (2:1, 4:3)... C over B: 1. B advances, and A beats it 3:0."""
    tally = count("star", 3, scored((1, [5, 2, 1]), (1, [5, 4, 3]), (1, [4, 0, 2])))
    assert (tally.totals, tally.winners, tally.notes) == ((14, 6, 6), (0,), (Note.FINALIST_BY_MATCHES,))
    assert tally.rounds == (
        Round((14, 6, 6), 0, eliminated=(2,), tied=(1, 2)),
        Round((3, 0, None), 0, eliminated=(1,)),
    )


def test_three_tied_for_the_runoff_lose_the_one_that_loses_most_matches() -> None:
    """A, B and C have 9 each. A:B 2:1, A:C 2:1, B:C 2:1, so C lost two matches, B one; A beats B in the runoff."""
    tally = count("star", 3, scored((1, [4, 3, 2]), (1, [5, 4, 2]), (1, [0, 2, 5])))
    assert tally.totals == (9, 9, 9)
    assert (tally.winners, tally.notes) == ((0,), (Note.FINALIST_BY_MATCHES,))
    assert tally.rounds[1] == Round((2, 1, None), 0, eliminated=(1,))


def test_five_star_scores_decide_who_advances_when_matches_do_not() -> None:
    """A 10. B and C 5 each and one match win each: B 5, 0 and C 2, 3. B has a five, and loses to A 0:1, one is level."""
    tally = count("star", 3, scored((1, [5, 5, 2]), (1, [5, 0, 3])))
    assert (tally.totals, tally.winners) == ((10, 5, 5), (0,))
    assert tally.notes == (Note.FINALIST_BY_FIVE_STARS,)
    assert tally.rounds[1] == Round((1, 0, None), 1, eliminated=(1,))


def test_a_tied_runoff_goes_to_the_higher_score_and_then_to_more_five_stars() -> None:
    """One ballot each way: A 5 + 1 = 6, B 2 + 3 = 5. Then 5 + 1 = 6 against 2 + 4 = 6, where only A has a five."""
    by_score = count("star", 2, scored((1, [5, 2]), (1, [1, 3])))
    by_fives = count("star", 2, scored((1, [5, 2]), (1, [1, 4])))
    assert (by_score.winners, by_score.notes) == ((0,), (Note.RUNOFF_BY_SCORE,))
    assert (by_fives.winners, by_fives.notes) == ((0,), (Note.RUNOFF_BY_FIVE_STARS,))
    assert by_score.rounds[1] == Round((1, 1), 0, eliminated=(1,), tied=(0, 1))


def test_a_runoff_that_only_a_lot_could_decide_is_a_tie() -> None:
    tally = count("star", 2, scored((1, [5, 2]), (1, [2, 5])))
    assert (tally.winners, tally.notes) == ((0, 1), (Note.TIE,))


def test_every_runoff_is_held_when_only_a_lot_could_say_who_gets_into_it() -> None:
    """A 10; B and C the same on all ballots. A beats either, so A wins and the tie for the runoff is told."""
    tally = count("star", 3, scored((2, [5, 1, 1])))
    assert (tally.winners, tally.notes) == ((0,), (Note.SAME_WINNER_EITHER_WAY, Note.TIE_FOR_RUNOFF))
    assert tally.rounds == (Round((10, 2, 2), 0, tied=(1, 2)),)


def test_all_that_win_one_of_the_possible_runoffs_are_tied() -> None:
    """A rock-paper-scissors of three with equal scores and fives: each wins one of the three runoffs."""
    tally = count("star", 3, scored((1, [5, 3, 1]), (1, [1, 5, 3]), (1, [3, 1, 5])))
    assert (tally.winners, tally.notes) == ((0, 1, 2), (Note.TIE, Note.TIE_FOR_RUNOFF))


def test_an_option_alone_wins_without_a_runoff() -> None:
    tally = count("star", 1, scored((1, [0])))
    assert (tally.winners, tally.rounds) == ((0,), (Round((0,), 0),))


def test_who_lost_most_goes_out_and_then_the_matches_of_those_left_are_counted_again() -> None:
    """F leads; A to E are tied for one place. Lost matches: A 1 (to B), B 2 (C, D), C 3 (A, D, E), D 2 (A, E), E 2 (A, B).
    C goes; then A 1, B 1, D 2, E 2. D and E go; B beat A. A had lost fewest at first: that is not the rule."""
    beats = ["CDE", "AE", "B", "BC", "CD", "ABCDE"]
    matrix = tuple(tuple(int(other in won) for other in "ABCDEF") for won in beats)
    finalists = advance(Contest([5, 5, 5, 5, 5, 9], [0] * 6, matrix))
    assert (finalists.certain, finalists.undecided) == ({5, 1}, frozenset())
    assert (finalists.tied, finalists.notes) == ({0, 1, 2, 3, 4}, {Note.FINALIST_BY_MATCHES})


def test_who_has_the_fewest_five_stars_goes_out_when_too_many_have_the_most() -> None:
    """Nobody prefers one to another; fives 2, 2, 1 for one place that follows F: C goes, A and B stay undecided."""
    finalists = advance(Contest([5, 5, 5, 9], [2, 2, 1, 0], ((0,) * 4,) * 4))
    assert (finalists.certain, finalists.undecided) == ({3}, {0, 1})
    assert finalists.pairs() == [(3, 0), (3, 1)]
