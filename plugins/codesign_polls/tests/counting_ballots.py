"""Ballots that hypothesis invents for tests of counting, and ways to write and change them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from codesign_polls.counting import RULES

CHOICES = ("plurality", "majority")
SELECTIONS = ("approval",)
RANKINGS = ("instant_runoff", "schulze")
POINTS = ("cumulative", "score", "mean_score", "star")
assert {*CHOICES, *SELECTIONS, *RANKINGS, *POINTS} == set(RULES)

rules = st.sampled_from(sorted(RULES))


def named(*ballots: tuple[int, str]) -> Counter[Any]:
    """Rankings as the literature writes them: (42, "ABC") is 42 ballots for A, then B, then C."""
    return Counter({tuple("ABCDEFGH".index(letter) for letter in names): number for number, names in ballots})


def scored(*ballots: tuple[int, Sequence[int]]) -> Counter[Any]:
    """Scores in the order of the options: (2, [5, 0, 3]) is 2 ballots with 5 stars for the first."""
    return Counter({tuple(enumerate(stars)): number for number, stars in ballots})


def answers(rule: str, options: int) -> st.SearchStrategy[Any]:
    """Any answer that is not blank."""
    option = st.integers(0, options - 1)
    several = st.lists(option, min_size=1, max_size=options, unique=True)
    if rule in CHOICES:
        return option
    if rule in SELECTIONS + RANKINGS:
        return several.map(tuple)
    points = st.dictionaries(option, st.integers(0, 5), min_size=1, max_size=options)
    return points.map(lambda given: tuple(given.items()))


@st.composite
def polls(draw: st.DrawFn, rule: str | None = None, most: int = 5) -> tuple[str, int, list[Any]]:
    """A rule, how many options there are, and valid ballots one by one: few, so that ties are frequent."""
    rule = rule or draw(rules)
    options = 3 if rule == "majority" else draw(st.integers(1, most))
    return rule, options, draw(st.lists(answers(rule, options), min_size=1, max_size=12))


def renumbered(rule: str, answer: Any, place: Sequence[int] | Mapping[int, int]) -> Any:
    """The same answer where option n is now called place[n]."""
    if rule in CHOICES:
        return place[answer]
    if rule in SELECTIONS + RANKINGS:
        return tuple(place[option] for option in answer)
    return tuple((place[option], of_it) for option, of_it in answer)


def raised(rule: str, answer: Any, option: int, by: int) -> Any:
    """The same answer, or one that is better for the option and the same for the others among themselves."""
    if rule in CHOICES:
        return option
    if rule in SELECTIONS:
        return answer if option in answer else (*answer, option)
    if rule in RANKINGS:
        others = tuple(other for other in answer if other != option)
        place = max(0, (answer.index(option) if option in answer else len(others)) - by)
        return (*others[:place], option, *others[place:])
    points = dict(answer)
    return tuple({**points, option: min(5, points.get(option, 0) + by)}.items())
