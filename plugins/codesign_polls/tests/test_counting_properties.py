"""What must hold of each counting rule whatever the ballots are: fairness to voters and options, and proven criteria."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign_polls.counting import RULES, Note, Tally, condorcet_winner, count
from codesign_polls.tests.counting_ballots import answers, polls, raised, renumbered

MONOTONIC = ("plurality", "approval", "cumulative", "score", "schulze")
"""Not instant runoff (an example shows it), not STAR, and mean score only among those who score the option."""


@given(polls(), st.randoms(use_true_random=False))
def test_the_order_of_ballots_never_matters(poll: tuple[str, int, list[Any]], random: Any) -> None:
    rule, options, ballots = poll
    shuffled = random.sample(ballots, len(ballots))
    assert count(rule, options, Counter(shuffled)) == count(rule, options, Counter(ballots))


@given(polls(), st.data())
def test_what_an_option_is_called_never_matters(poll: tuple[str, int, list[Any]], data: st.DataObject) -> None:
    rule, options, ballots = poll
    free = range(2) if rule == "majority" else range(options)
    place = [*data.draw(st.permutations(free)), *range(len(free), options)]
    before = count(rule, options, Counter(ballots))
    after = count(rule, options, Counter(renumbered(rule, ballot, place) for ballot in ballots))
    assert after.winners == tuple(sorted(place[option] for option in before.winners))
    assert [after.totals[place[option]] for option in range(options)] == list(before.totals)
    assert after.ranking == tuple(tuple(sorted(place[option] for option in group)) for group in before.ranking)
    assert (after.notes, len(after.rounds) > 0) == (before.notes, len(before.rounds) > 0)


@given(polls(), st.integers(1, 5))
def test_blank_ballots_change_nothing_but_how_many_there_are(poll: tuple[str, int, list[Any]], blank: int) -> None:
    rule, options, ballots = poll
    without, with_blank = (
        count(rule, options, Counter(ballots)),
        count(rule, options, Counter([*ballots, *[None] * blank])),
    )
    assert (with_blank.ballots, with_blank.blank) == (len(ballots) + blank, blank)
    assert with_blank.winners == without.winners
    assert {**with_blank.to_json(), "ballots": 0, "blank": 0} == {**without.to_json(), "ballots": 0, "blank": 0}


@given(polls())
def test_somebody_wins_when_anybody_voted_and_a_tie_is_always_told(poll: tuple[str, int, list[Any]]) -> None:
    rule, options, ballots = poll
    tally = count(rule, options, Counter(ballots))
    assert tally.winners and set(tally.winners) <= set(range(options))
    assert (Note.TIE in tally.notes) == (len(tally.winners) > 1)
    assert tally.valid == tally.ballots == len(ballots)


@given(polls())
def test_a_ranking_holds_every_option_once_with_the_winners_first(poll: tuple[str, int, list[Any]]) -> None:
    rule, options, ballots = poll
    tally = count(rule, options, Counter(ballots))
    if rule in ("instant_runoff", "star"):
        assert tally.ranking == ()
    else:
        assert tally.ranking[0] == tally.winners
        ranked = sorted(option for group in tally.ranking for option in group)
        assert ranked == list(range(2 if rule == "majority" else options))


@pytest.mark.parametrize("rule", MONOTONIC)
@given(data=st.data())
def test_more_support_never_makes_a_winner_lose(rule: str, data: st.DataObject) -> None:
    _rule, options, ballots = data.draw(polls(rule))
    before = count(rule, options, Counter(ballots)).winners
    winner, which = data.draw(st.sampled_from(before)), data.draw(st.integers(0, len(ballots) - 1))
    better = raised(rule, ballots[which], winner, data.draw(st.integers(1, 5)))
    after = count(rule, options, Counter([*ballots[:which], better, *ballots[which + 1 :]])).winners
    assert winner in after and set(after) <= set(before)


@pytest.mark.parametrize("rule", ["plurality", "instant_runoff", "schulze"])
@given(data=st.data())
def test_the_first_choice_of_more_than_half_wins_alone(rule: str, data: st.DataObject) -> None:
    _rule, options, ballots = data.draw(polls(rule))
    favourite = data.draw(st.integers(0, options - 1))
    rest = st.sets(st.integers(0, options - 1)).map(lambda others: (favourite, *sorted(others - {favourite})))
    theirs = st.just(favourite) if rule == "plurality" else rest
    majority = data.draw(st.lists(theirs, min_size=len(ballots) + 1, max_size=len(ballots) + 2))
    assert count(rule, options, Counter([*ballots, *majority])).winners == (favourite,)


@given(polls("schulze"))
def test_schulze_elects_the_condorcet_winner_alone_when_there_is_one(poll: tuple[str, int, list[Any]]) -> None:
    rule, options, ballots = poll
    tally = count(rule, options, Counter(ballots))
    best = condorcet_winner(tally.pairwise)
    assert (Note.CONDORCET_WINNER in tally.notes) == (best is not None)
    assert best is None or tally.winners == (best,)


@given(polls("instant_runoff"))
def test_every_ballot_is_in_each_round_of_instant_runoff(poll: tuple[str, int, list[Any]]) -> None:
    tally = count(poll[0], poll[1], Counter(poll[2]))
    standing = set(range(poll[1]))
    for entry in tally.rounds:
        assert sum(filter(None, entry.counts)) + entry.exhausted == len(poll[2])
        assert {option for option, votes in enumerate(entry.counts) if votes is not None} == standing
        standing -= set(entry.eliminated)
    assert set(tally.winners) <= standing


@given(polls(), st.integers(0, 3))
def test_a_tally_comes_back_from_json_as_it_was(poll: tuple[str, int, list[Any]], blank: int) -> None:
    rule, options, ballots = poll
    for tally in (count(rule, options, Counter([*ballots, *[None] * blank])), count(rule, options, {None: blank})):
        written = json.dumps(tally.to_json())
        again = Tally.from_json(json.loads(written))
        assert again == tally
        assert json.dumps(again.to_json()) == written


@pytest.mark.parametrize("rule", sorted(RULES))
@given(data=st.data())
def test_nobody_wins_when_all_ballots_are_blank(rule: str, data: st.DataObject) -> None:
    options = 3 if rule == "majority" else data.draw(st.integers(1, 5))
    unused = data.draw(answers(rule, options))
    blank = data.draw(st.integers(0, 5))
    tally = count(rule, options, {None: blank, unused: 0})
    assert (tally.winners, tally.ranking, tally.rounds, tally.pairwise) == ((), (), (), ())
    assert (tally.ballots, tally.blank, tally.totals) == (blank, blank, (0,) * options)
    assert tally.notes == (Note.NO_VALID_BALLOTS,)
