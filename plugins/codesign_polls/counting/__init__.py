"""Counting rules of polls as pure functions: grouped ballots in, a tally out.

    >>> from codesign_polls.counting import count
    >>> count("approval", 3, {(0, 1): 20, (2,): 5, None: 2}).winners
    (0, 1)

Options are positions from 0. `ballots` maps an answer to how many gave it; None, or an answer that names nothing, is a
blank ballot: counted as an entry, deciding nothing. What an answer is depends on the rule (answers.py):

| rule                                | answer                                       |
|-------------------------------------|----------------------------------------------|
| plurality, majority                 | an option: `2`; majority: YES, NO, ABSTAIN   |
| approval                            | options, in any order: `(0, 2)`              |
| instant_runoff, schulze             | options, best first, a part or all: `(2, 0)` |
| cumulative, score, mean_score, star | (option, points): `((0, 5), (2, 3))`         |

A tie is named (several `winners`, `Note.TIE`) and never broken by a lot, by time or by the order of the ballot paper.
A wrong answer raises ValueError. The order of ballots and the numbers of options change nothing; only the rounds that
instant runoff shows after a tie that changes no winner (`Note.SAME_WINNER_EITHER_WAY`) follow the ballot paper.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from codesign_polls.counting.answers import HIGHEST_SCORE, Answer, Ballots, Choice, Points, Ranking, Selection
from codesign_polls.counting.approval import approval
from codesign_polls.counting.cumulative import cumulative
from codesign_polls.counting.instant_runoff import instant_runoff
from codesign_polls.counting.majority import ABSTAIN, NO, YES, majority
from codesign_polls.counting.pairwise import condorcet_winner, preference_matrix
from codesign_polls.counting.plurality import plurality
from codesign_polls.counting.schulze import schulze
from codesign_polls.counting.score import mean_score, score
from codesign_polls.counting.star import star
from codesign_polls.counting.tally import Note, Round, Tally

__all__ = [
    "ABSTAIN",
    "HIGHEST_SCORE",
    "NO",
    "RULES",
    "YES",
    "Answer",
    "Ballots",
    "Choice",
    "Note",
    "Points",
    "Ranking",
    "Round",
    "Selection",
    "Tally",
    "condorcet_winner",
    "count",
    "preference_matrix",
]

Rule = Callable[[int, Ballots], Tally]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "plurality": plurality,
        "majority": majority,
        "approval": approval,
        "cumulative": cumulative,
        "score": score,
        "mean_score": mean_score,
        "star": star,
        "instant_runoff": instant_runoff,
        "schulze": schulze,
    }
)
"""The counting rules by the name that questions store and files carry. Added to, never renamed."""


def count(rule: str, options: int, ballots: Ballots) -> Tally:
    """Count a question of so many options. Raises ValueError for an unknown rule or a wrong ballot."""
    if rule not in RULES:
        raise ValueError(f"There is no counting rule {rule!r}; there are {', '.join(RULES)}.")
    return RULES[rule](options, ballots)
