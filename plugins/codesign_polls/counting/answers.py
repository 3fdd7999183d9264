"""What a ballot may say under each kind of rule, and reading it with care: a wrong ballot is never counted silently."""

from collections.abc import Callable, Mapping
from typing import TypeVar

Choice = int
"""Plurality, majority: the one option."""
Selection = tuple[int, ...]
"""Approval: the approved options, in any order."""
Ranking = tuple[int, ...]
"""Instant runoff, Schulze: best first. Options left out are equal to each other and below all that are named."""
Points = tuple[tuple[int, int], ...]
"""Cumulative, score, STAR: (option, points) in any order. An option left out has no points."""
Answer = Choice | Selection | Ranking | Points
Ballots = Mapping[Answer | None, int]
"""Grouped ballots: how many say the same. None is a blank ballot, and so is one that names nothing: ()."""

HIGHEST_SCORE = 5

Checked = TypeVar("Checked")


def read(
    options: int, ballots: Ballots, check: Callable[[int, Answer], Checked]
) -> tuple[list[tuple[Checked, int]], int]:
    """The valid answers with how many gave each, and the number of blank ballots. Raises ValueError for a wrong one."""
    if type(options) is not int or options < 1:
        raise ValueError(f"A question has at least one option, not {options!r}.")
    valid, blank = [], 0
    for answer, number in ballots.items():
        if type(number) is not int or number < 0:
            raise ValueError(f"{number!r} ballots cannot have been cast.")
        if answer is None or answer == ():
            blank += number
        else:
            checked = check(options, answer)
            if number:
                valid.append((checked, number))
    return valid, blank


def number_of(valid: list[tuple[Checked, int]]) -> int:
    """How many ballots the groups hold."""
    return sum(number for _answer, number in valid)


def choice(options: int, answer: Answer) -> Choice:
    """One option. Raises ValueError for anything else."""
    if type(answer) is not int:
        raise ValueError(f"A ballot names one option, not {answer!r}.")
    return _known(options, answer)


def distinct(options: int, answer: Answer) -> tuple[int, ...]:
    """Several options, none twice, in the order given. Raises ValueError for anything else."""
    if not isinstance(answer, tuple):
        raise ValueError(f"A ballot names several options (a tuple), not {answer!r}.")
    named = tuple(_known(options, option) for option in answer)
    if len(set(named)) != len(named):
        raise ValueError(f"The ballot {answer!r} names an option twice.")
    return named


def points(options: int, answer: Answer) -> Points:
    """Points of 0 or more for several options, none twice. Raises ValueError for anything else."""
    if not isinstance(answer, tuple):
        raise ValueError(f"A ballot gives options points (a tuple of pairs), not {answer!r}.")
    given = tuple(_pair(options, entry) for entry in answer)
    if len({option for option, _points in given}) != len(given):
        raise ValueError(f"The ballot {answer!r} names an option twice.")
    return given


def scores(options: int, answer: Answer) -> Points:
    """Scores from 0 to 5 for several options, none twice. Raises ValueError for anything else."""
    given = points(options, answer)
    if any(score > HIGHEST_SCORE for _option, score in given):
        raise ValueError(f"Scores go from 0 to {HIGHEST_SCORE}: {answer!r}.")
    return given


def _known(options: int, option: object) -> int:
    if type(option) is not int or not 0 <= option < options:
        raise ValueError(f"There is no option {option!r}; options go from 0 to {options - 1}.")
    return option


def _pair(options: int, entry: object) -> tuple[int, int]:
    if not isinstance(entry, tuple) or len(entry) != 2:
        raise ValueError(f"An option and its points are a pair, not {entry!r}.")
    option, given = entry
    if type(given) is not int or given < 0:
        raise ValueError(f"Points are whole numbers of 0 or more, not {given!r}.")
    return _known(options, option), given
