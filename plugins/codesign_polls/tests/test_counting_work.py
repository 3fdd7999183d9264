"""How much work counting is: bounded in steps, not in seconds, and honest about where it gives up."""

import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import codesign_polls.counting
from codesign_polls.counting import Note, count, parallel_universes
from codesign_polls.counting.schulze import strongest_paths

FOLDER = str(Path(codesign_polls.counting.__file__).parent)


def lines_run(call: Callable[[], Any]) -> int:
    """How many lines of the counting code ran; each turn of a loop counts."""
    lines = 0

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace if frame.f_code.co_filename.startswith(FOLDER) else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return lines


def rankings(options: int, number: int, length: int, seed: int = 1) -> Counter[Any]:
    """Ballots of people who all like the first options more than the last: n is twice as popular as 2n."""
    chance = random.Random(seed)
    weights = [1 / (option + 1) for option in range(options)]
    drawn = (dict.fromkeys(chance.choices(range(options), weights, k=6 * length)) for _ballot in range(number))
    return Counter(tuple(list(options_)[:length]) for options_ in drawn)


@pytest.mark.parametrize("rule", ["instant_runoff", "schulze"])
def test_a_ranked_ballot_costs_as_much_in_a_large_poll_as_in_a_small_one(rule: str) -> None:
    small, large = rankings(40, 500, 3), rankings(40, 2_000, 3)
    nothing = lines_run(lambda: count(rule, 40, rankings(40, 10, 3)))
    costs = [lines_run(lambda box=box: count(rule, 40, box)) for box in (small, large)]
    assert costs[1] - nothing < 200 * len(large)
    assert costs[1] - nothing < 1.5 * len(large) / len(small) * costs[0]


def test_grouped_choices_cost_by_the_answers_not_by_the_ballots() -> None:
    few, many = (dict.fromkeys(range(220), number) for number in (1, 493))
    costs = {lines_run(lambda box=box: count("plurality", 220, box)) for box in (few, many)}
    assert len(costs) == 1 and costs.pop() < 100 * 220


def test_strongest_paths_take_at_most_the_cube_of_options() -> None:
    options = 30
    links = [[(3 * row + 5 * column) % 7 for column in range(options)] for row in range(options)]
    steps = lines_run(lambda: strongest_paths(tuple(map(tuple, links))))
    assert options**2 < steps < 8 * options**3


def test_a_full_ranking_costs_by_its_length_and_not_by_its_pairs() -> None:
    chance = random.Random(2)
    full = [tuple(chance.sample(range(40), 40)) for _ballot in range(150)]
    boxes = [{full[0][:20]: 1}, {ranking[:20]: 1 for ranking in full}, dict.fromkeys(full, 1)]
    nothing, half, whole = (lines_run(lambda box=box: count("schulze", 40, box)) for box in boxes)
    assert whole - nothing < 2.5 * (half - nothing)


def test_many_tied_options_are_all_named_without_trying_every_order() -> None:
    """30 options with one vote each: 2 to the power of 30 sets of options may stand, and any may win."""
    tally = count("instant_runoff", 30, {(option,): 1 for option in range(30)})
    assert tally.winners == tuple(range(30))
    assert tally.notes == (Note.TIE, Note.TIE_FOR_ELIMINATION)


def test_ties_at_the_tail_do_not_hide_a_clear_winner() -> None:
    """200 people, 60 options: dozens of ties among those with few votes, and one winner whichever way they are broken."""
    tally = count("instant_runoff", 60, rankings(60, 200, 5))
    assert tally.winners == (0,)
    assert Note.SAME_WINNER_EITHER_WAY in tally.notes


@pytest.mark.parametrize("limit", ["MOST_STATES", "MOST_MOVES"])
def test_giving_up_is_told_and_names_everyone_who_may_win(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """4 A, 3 B, 3 C, 1 D that goes first: A, B and C stand at the tie, and only looking on shows that A cannot win."""
    ballots = {(0,): 4, (1, 2): 3, (2, 1): 3, (3,): 1}
    assert count("instant_runoff", 4, ballots).winners == (1, 2)
    monkeypatch.setattr(parallel_universes, limit, 1)
    tally = count("instant_runoff", 4, ballots)
    assert tally.winners == (0, 1, 2)
    assert tally.notes == (Note.TIE, Note.TIE_FOR_ELIMINATION, Note.TIE_NOT_RESOLVED)
