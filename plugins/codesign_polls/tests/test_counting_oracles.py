"""The same counts, written again as slowly and plainly as possible, against the rules: they must agree on everything."""

from collections import Counter
from fractions import Fraction
from itertools import combinations, pairwise, permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from codesign_polls.counting import Note, count
from codesign_polls.counting import parallel_universes as universes
from codesign_polls.counting.elimination import at_first
from codesign_polls.tests.counting_ballots import polls

Ranked = list[tuple[int, ...]]
Poll = tuple[str, int, list[Any]]


def runoff_winners(standing: frozenset[int], ballots: Ranked) -> set[int]:
    """Every universe, one elimination at a time, down to the last one standing; no majorities, no batches, no memory."""
    if len(standing) == 1:
        return set(standing)
    tops = [next((option for option in ballot if option in standing), None) for ballot in ballots]
    fewest = min(tops.count(option) for option in standing)
    lowest = [option for option in standing if tops.count(option) == fewest]
    return set().union(*(runoff_winners(standing - {option}, ballots) for option in lowest))


def prefers(ballot: tuple[int, ...], one: int, other: int) -> bool:
    return one in ballot and (other not in ballot or ballot.index(one) < ballot.index(other))


def strength(one: int, other: int, options: int, ballots: Ranked) -> int:
    """The strongest of all simple paths, each tried."""

    def link(first: int, second: int) -> int:
        ours = sum(prefers(ballot, first, second) for ballot in ballots)
        return ours if ours > sum(prefers(ballot, second, first) for ballot in ballots) else 0

    between = [option for option in range(options) if option not in (one, other)]
    paths = [(one, *middle, other) for size in range(len(between) + 1) for middle in permutations(between, size)]
    return max(min(link(*pair) for pair in pairwise(path)) for path in paths)


def star_runoff(one: int, other: int, ballots: list[dict[int, int]]) -> set[int]:
    """A winner by votes, else by score, else by fives, else both."""

    def worth(option: int, rival: int) -> tuple[int, int, int]:
        stars = [ballot.get(option, 0) for ballot in ballots]
        votes = sum(ballot.get(option, 0) > ballot.get(rival, 0) for ballot in ballots)
        return votes, sum(stars), stars.count(5)

    ours, theirs = worth(one, other), worth(other, one)
    return {one, other} if ours == theirs else {one if ours > theirs else other}


@given(polls("instant_runoff"))
def test_instant_runoff_agrees_with_trying_every_universe(poll: Poll) -> None:
    _rule, options, ballots = poll
    tally = count("instant_runoff", options, Counter(ballots))
    assert set(tally.winners) == runoff_winners(frozenset(range(options)), ballots)
    assert Note.TIE_NOT_RESOLVED not in tally.notes


@given(polls("instant_runoff", most=6))
def test_who_is_said_never_to_have_the_fewest_votes_wins_in_every_universe(poll: Poll) -> None:
    _rule, options, ballots = poll
    start = at_first(options, Counter(ballots).items())
    possible = runoff_winners(frozenset(range(options)), ballots)
    sure = {option for option in range(options) if universes.never_has_the_fewest(option, start)}
    assert sure in (set(), possible)


@given(polls("instant_runoff", most=6))
def test_options_sure_to_go_leave_every_possible_winner_standing(poll: Poll) -> None:
    _rule, options, ballots = poll
    start = at_first(options, Counter(ballots).items())
    left = frozenset(range(options)) - start.sure_to_go()
    assert runoff_winners(left, ballots) == runoff_winners(frozenset(range(options)), ballots)


@given(polls("schulze", most=4))
def test_schulze_agrees_with_trying_every_path(poll: Poll) -> None:
    _rule, options, ballots = poll
    every = range(options)
    paths = {(a, b): strength(a, b, options, ballots) for a in every for b in every if a != b}
    beats = {(a, b) for a, b in paths if paths[a, b] > paths[b, a]}
    tally = count("schulze", options, Counter(ballots))
    assert tally.winners == tuple(b for b in every if not any((a, b) in beats for a in every))
    assert tally.totals == tuple(sum((a, b) in beats for b in every) for a in every)
    matrix = tuple(tuple(sum(prefers(ballot, a, b) for ballot in ballots) for b in every) for a in every)
    assert tally.pairwise == matrix
    level = {option: place for place, group in enumerate(tally.ranking) for option in group}
    assert all(level[a] < level[b] for a, b in beats)


@given(polls("star"))
def test_star_elects_from_the_runoffs_that_the_scores_allow(poll: Poll) -> None:
    _rule, options, given_points = poll
    ballots = [dict(ballot) for ballot in given_points]
    tally = count("star", options, Counter(given_points))
    totals = [sum(ballot.get(option, 0) for ballot in ballots) for option in range(options)]
    assert list(tally.totals) == totals
    allowed = [
        pair
        for pair in combinations(range(options), 2)
        if all(totals[out] <= min(totals[n] for n in pair) for out in range(options) if out not in pair)
    ]
    outcomes = [star_runoff(*pair, ballots) for pair in allowed] or [{0}]
    assert set(tally.winners) <= set().union(*outcomes)
    if len(outcomes) == 1:
        assert set(tally.winners) == outcomes[0]


@given(st.sampled_from(["plurality", "approval", "cumulative", "score", "mean_score"]).flatmap(polls))
def test_sums_agree_with_adding_ballot_by_ballot(poll: Poll) -> None:
    rule, options, ballots = poll
    worth = {"plurality": lambda answer: {answer: 1}, "approval": lambda answer: dict.fromkeys(answer, 1)}
    each = [worth.get(rule, dict)(ballot) for ballot in ballots]
    totals = [sum(ballot.get(option, 0) for ballot in each) for option in range(options)]
    if rule == "mean_score":
        raters = [sum(option in ballot for ballot in each) for option in range(options)]
        totals = [Fraction(total, of_it or 1) for total, of_it in zip(totals, raters, strict=True)]
    tally = count(rule, options, Counter(ballots))
    assert list(tally.totals) == totals
    assert tally.winners == tuple(option for option in range(options) if totals[option] == max(totals))
