"""Counting rules against examples worked by hand: textbook paradoxes, ties, and what each rule gets wrong by design."""

import doctest
from fractions import Fraction
from importlib import import_module

import pytest

from codesign_polls.counting import ABSTAIN, NO, YES, Note, Round, condorcet_winner, count
from codesign_polls.tests.counting_ballots import named, scored

MEMPHIS, NASHVILLE, CHATTANOOGA, KNOXVILLE = range(4)
TENNESSEE = named((42, "ABCD"), (26, "BCDA"), (15, "CDBA"), (17, "DCBA"))
"""Where should the capital be? Everyone wants it near: 42 % Memphis, 26 % Nashville, 15 % Chattanooga, 17 % Knoxville."""


def test_plurality_elects_memphis_whom_58_of_100_put_last() -> None:
    tally = count("plurality", 4, {ranking[0]: number for ranking, number in TENNESSEE.items()})
    assert (tally.totals, tally.winners, tally.ranking) == ((42, 26, 15, 17), (MEMPHIS,), ((0,), (1,), (3,), (2,)))


def test_instant_runoff_elects_knoxville() -> None:
    """Chattanooga (15) goes, to Knoxville: 42, 26, 32. Nashville (26) goes; Chattanooga is out, so to Knoxville: 58."""
    tally = count("instant_runoff", 4, TENNESSEE)
    assert tally.winners == (KNOXVILLE,)
    assert tally.rounds == (
        Round((42, 26, 15, 17), 0, eliminated=(CHATTANOOGA,)),
        Round((42, 26, None, 32), 0, eliminated=(NASHVILLE,)),
        Round((42, None, None, 58), 0),
    )
    assert (tally.totals, tally.ranking, tally.notes) == ((42, 26, 15, 17), (), ())


def test_schulze_elects_nashville_who_beats_each_other_city() -> None:
    """Nashville beats Memphis 58:42, Chattanooga 42 + 26 = 68:32 and Knoxville 68:32."""
    tally = count("schulze", 4, TENNESSEE)
    assert tally.pairwise == ((0, 42, 42, 42), (58, 0, 68, 68), (58, 32, 0, 83), (58, 32, 17, 0))
    assert condorcet_winner(tally.pairwise) == NASHVILLE
    assert (tally.winners, tally.notes) == ((NASHVILLE,), (Note.CONDORCET_WINNER,))
    assert (tally.totals, tally.ranking) == ((0, 3, 2, 1), ((1,), (2,), (3,), (0,)))


def test_schulze_gives_the_winner_and_the_order_of_its_own_paper() -> None:
    """The 45 voters of Schulze's example 1, where each option is beaten by another one.

    Links: A>C 26; A>D 30; B>A 25; B>D 33; C>B 29; C>E 24; D>C 28; E>A 23; E>B 27; E>D 31.
    Strongest paths from E: to A over D, C, B: min(31, 28, 29, 25) = 25; to B over D, C: 28; to C over D: 28; to D 31.
    To E: only through C>E 24. So E beats all; A beats C (28 over D, against 25), B (28:25) and D (30:25); and so on.
    """
    ballots = named(
        (5, "ACBED"), (5, "ADECB"), (8, "BEDAC"), (3, "CABED"), (7, "CAEBD"), (2, "CBADE"), (7, "DCEBA"), (8, "EBADC")
    )  # fmt: skip
    tally = count("schulze", 5, ballots)
    assert tally.pairwise == (
        (0, 20, 26, 30, 22), (25, 0, 16, 33, 18), (19, 29, 0, 17, 24), (15, 12, 28, 0, 14), (23, 27, 21, 31, 0)
    )  # fmt: skip
    assert condorcet_winner(tally.pairwise) is None
    assert (tally.winners, tally.ranking) == ((4,), ((4,), (0,), (2,), (1,), (3,)))
    assert (tally.totals, tally.notes) == ((3, 1, 2, 0, 4), (Note.NO_CONDORCET_WINNER,))


def test_schulze_names_a_perfect_cycle_as_a_tie() -> None:
    tally = count("schulze", 3, named((2, "ABC"), (2, "BCA"), (2, "CAB")))
    assert (tally.winners, tally.totals, tally.ranking) == ((0, 1, 2), (0, 0, 0), ((0, 1, 2),))
    assert tally.notes == (Note.TIE, Note.NO_CONDORCET_WINNER)


def test_schulze_counts_an_option_left_out_as_below_all_that_are_named() -> None:
    """A over B and C 3 times, B over C never said: B:C is 1:0, by the ballot for B alone."""
    tally = count("schulze", 3, named((3, "A"), (1, "B")))
    assert tally.pairwise == ((0, 3, 3), (1, 0, 1), (0, 0, 0))
    assert tally.ranking == ((0,), (1,), (2,))


def test_instant_runoff_squeezes_out_the_centre_that_beats_both_sides() -> None:
    """Left 40, Centre 25, Right 35: Centre goes first, and Left wins 65:35. One to one, Centre beats Left 60:40 and
    Right 65:35, and Schulze elects it."""
    left, centre = 0, 1
    ballots = named((40, "ABC"), (25, "BAC"), (35, "CBA"))
    assert count("instant_runoff", 3, ballots).winners == (left,)
    assert count("schulze", 3, ballots).winners == (centre,)


def test_instant_runoff_is_not_monotonic_and_nobody_says_it_is() -> None:
    """39 ABC, 35 BCA, 26 CAB: C goes, A wins 65:35. Now 10 of the BCA put A first: 49 ABC, 25 BCA, 26 CAB.
    B goes instead of C, and A, with more support, loses 49:51."""
    assert count("instant_runoff", 3, named((39, "ABC"), (35, "BCA"), (26, "CAB"))).winners == (0,)
    assert count("instant_runoff", 3, named((49, "ABC"), (25, "BCA"), (26, "CAB"))).winners == (2,)


def test_instant_runoff_needs_a_majority_of_the_ballots_that_are_not_exhausted() -> None:
    """4 A, 3 B, 2 C alone, 1 blank: C goes, 2 are exhausted, and 4 is more than half of 7, not of 9."""
    tally = count("instant_runoff", 3, {**named((4, "A"), (3, "B"), (2, "C")), None: 1})
    assert (tally.winners, tally.ballots, tally.blank, tally.valid) == ((0,), 10, 1, 9)
    assert tally.rounds == (Round((4, 3, 2), 0, eliminated=(2,)), Round((4, 3, None), 2))


def test_instant_runoff_lets_the_tied_go_together_where_that_changes_nothing() -> None:
    """C and D have 2 each, 4 together, fewer than the 5 of B: whoever goes first, the other follows."""
    tally = count("instant_runoff", 4, named((6, "A"), (5, "B"), (2, "CB"), (2, "DC")))
    assert tally.rounds == (
        Round((6, 5, 2, 2), 0, eliminated=(2, 3), tied=(2, 3)),
        Round((6, 7, None, None), 2),
    )
    assert (tally.winners, tally.notes) == ((1,), (Note.TIE_FOR_ELIMINATION, Note.TIED_ELIMINATED_TOGETHER))


def test_instant_runoff_goes_on_when_the_winner_is_the_same_whoever_of_the_tied_goes() -> None:
    """B and C have 3 each, more together than A has. All that lose their first choice prefer A: it wins 7:3 both ways."""
    tally = count("instant_runoff", 3, named((4, "A"), (3, "BA"), (3, "CA")))
    assert (tally.winners, tally.notes) == ((0,), (Note.TIE_FOR_ELIMINATION, Note.SAME_WINNER_EITHER_WAY))
    assert tally.rounds == (Round((4, 3, 3), 0, eliminated=(2,), tied=(1, 2)), Round((7, 3, None), 0))


def test_instant_runoff_names_all_that_may_win_when_the_tie_decides() -> None:
    """B and C have 3. If C goes, B wins 6:4; if B goes, C wins 6:4. A cannot win, so it is not named."""
    tally = count("instant_runoff", 3, named((4, "A"), (3, "BC"), (3, "CB")))
    assert (tally.winners, tally.notes) == ((1, 2), (Note.TIE, Note.TIE_FOR_ELIMINATION))
    assert tally.rounds == (Round((4, 3, 3), 0, tied=(1, 2)),)


def test_approval_counts_every_option_a_ballot_names() -> None:
    """A: 4 + 3 = 7; B: 3 + 2 = 5; C: 2. A majority (4 + 2 of 9) may prefer another option: approval does not ask."""
    tally = count("approval", 3, {(0,): 4, (1, 0): 3, (1, 2): 2, (): 1})
    assert (tally.totals, tally.winners, tally.blank) == ((7, 5, 2), (0,), 1)


def test_cumulative_sums_points() -> None:
    """A: 2 * 3 + 1 * 1 = 7; B: 2 * 2 = 4; C: 1 * 4 = 4."""
    tally = count("cumulative", 3, {((0, 3), (1, 2)): 2, ((2, 4), (0, 1)): 1})
    assert (tally.totals, tally.ranking) == ((7, 4, 4), ((0,), (1, 2)))


def test_score_elects_the_sum_against_a_majority_and_mean_score_the_mean_of_those_who_scored() -> None:
    """3 ballots A 5, B 4; 2 ballots A 0, B 5; 1 ballot C 5 alone. Sums: A 15, B 12 + 10 = 22, C 5; but A is first for 3 of
    the 5 who scored both. Means of those who scored: A 3, B 22/5, C 5."""
    ballots = {((0, 5), (1, 4)): 3, ((0, 0), (1, 5)): 2, ((2, 5),): 1}
    assert (count("score", 3, ballots).totals, count("score", 3, ballots).winners) == ((15, 22, 5), (1,))
    mean = count("mean_score", 4, ballots)
    assert (mean.totals, mean.winners) == ((3, Fraction(22, 5), 5, 0), (2,))
    assert mean.notes == (Note.UNSCORED_OPTION,)


@pytest.mark.parametrize(
    ("votes", "winners", "notes"),
    [
        ({YES: 5, NO: 4, ABSTAIN: 90}, (YES,), ()),
        ({YES: 4, NO: 5}, (NO,), ()),
        ({YES: 4, NO: 4, ABSTAIN: 1}, (YES, NO), (Note.TIE,)),
        ({ABSTAIN: 3, None: 1}, (YES, NO), (Note.TIE, Note.ONLY_ABSTENTIONS)),
        ({None: 3}, (), (Note.NO_VALID_BALLOTS,)),
    ],
)
def test_majority_counts_abstentions_which_decide_nothing(votes, winners, notes) -> None:  # type: ignore[no-untyped-def]
    tally = count("majority", 3, votes)
    assert (tally.winners, tally.notes, tally.totals) == (winners, notes, tuple(votes.get(n, 0) for n in range(3)))


def test_star_elects_the_preferred_of_the_two_with_the_highest_scores() -> None:
    """Tennessee in stars: 42 * [5 2 1 0], 26 * [0 5 2 1], 15 * [0 3 5 4], 17 * [0 2 4 5].
    Memphis 210; Nashville 84 + 130 + 45 + 34 = 293; Chattanooga 42 + 52 + 75 + 68 = 237; Knoxville 26 + 60 + 85 = 171.
    Runoff: Nashville over Chattanooga 42 + 26 = 68, the reverse 32."""
    tally = count("star", 4, scored((42, [5, 2, 1, 0]), (26, [0, 5, 2, 1]), (15, [0, 3, 5, 4]), (17, [0, 2, 4, 5])))
    assert (tally.totals, tally.winners, tally.notes) == ((210, 293, 237, 171), (NASHVILLE,), ())
    assert tally.rounds == (
        Round((210, 293, 237, 171), 0, eliminated=(MEMPHIS, KNOXVILLE)),
        Round((None, 68, 32, None), 0, eliminated=(CHATTANOOGA,)),
    )


def test_star_may_not_elect_the_highest_score() -> None:
    """A: 3 * 5 = 15; B: 3 * 4 + 2 * 5 = 22; more ballots prefer A. One ballot has both at 0: no preference."""
    tally = count("star", 2, scored((3, [5, 4]), (2, [0, 5]), (1, [0, 0])))
    assert (tally.totals, tally.winners, tally.rounds[1]) == ((15, 22), (0,), Round((3, 2), 1, eliminated=(1,)))


def test_every_example_in_the_documentation_of_counting_is_true() -> None:
    assert doctest.testmod(import_module("codesign_polls.counting")) == doctest.TestResults(failed=0, attempted=2)
