"""The figures of a counted question: who won, the table of totals with its bars, and how the count went on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from codesign.kit import gettext, ngettext, show_number
from codesign_polls.bars import Row, percent, width
from codesign_polls.concluding import note_sentences, option_titles, winner_sentence, written
from codesign_polls.counting.tally import Tally
from codesign_polls.definition import Question
from codesign_polls.rounds import (
    COMPARED,
    Comparison,
    RoundTable,
    comparisons,
    first_table,
    round_sentence,
    round_table,
)
from codesign_polls.wording import rule_sentence, rule_title

SHOWN_AT_ONCE = 20
"""Options of a table; the others can be unfolded."""


@dataclass(frozen=True)
class Figure:
    """A question with all that its page shows of the count. Of texts only what was asked."""

    place: int
    title: str
    text: bool
    how_title: str
    how: str
    winner: str = ""
    notes: Sequence[str] = ()
    measure: str = ""
    """What the numbers are: votes, points."""
    share_of: str = ""
    rows: Sequence[Row] = ()
    further: Sequence[Row] = ()
    """The options after the first `SHOWN_AT_ONCE`."""
    early: Sequence[str] = ()
    """A sentence for each of the rounds that have no table."""
    rounds: Sequence[RoundTable] = ()
    compared: Sequence[Comparison] = ()
    compared_all: bool = True
    ballots: str = ""
    """How many answered, and how many left it blank, as a sentence."""


def figure_of(place: int, question: Question, tally: Tally | None) -> Figure:
    asked: dict[str, Any] = {"how_title": rule_title(question.rule), "how": rule_sentence(question.rule)}
    if tally is None:
        return Figure(place, question.title, text=True, **asked)
    titles = option_titles(question)
    rows = _rows(titles, tally)
    return Figure(
        place,
        question.title,
        text=False,
        **asked,
        winner=winner_sentence(question, tally),
        notes=note_sentences(tally),
        measure=_measure(tally.rule),
        share_of=_share_of(tally.rule),
        rows=rows[:SHOWN_AT_ONCE],
        further=rows[SHOWN_AT_ONCE:],
        early=[round_sentence(titles, tally, number) for number in range(first_table(tally))],
        rounds=[round_table(titles, tally, number) for number in range(first_table(tally), len(tally.rounds))],
        compared=comparisons(titles, tally),
        compared_all=len(titles) <= COMPARED,
        ballots=_ballots(tally),
    )


def _rows(titles: list[str], tally: Tally) -> list[Row]:
    """The best first; yes, no and abstain stay in that order."""
    totals = [total if isinstance(total, int) else float(total) for total in tally.totals]
    order = [option for group in tally.ranking for option in group]
    if tally.rule == "majority":
        order = list(range(len(titles)))
    elif not order:
        order = sorted(range(len(titles)), key=lambda option: (-totals[option], option))
    whole = _whole(tally, sum(totals))
    won = "won" if len(tally.winners) == 1 else "tied"
    return [
        Row(
            titles[option],
            written(totals[option]),
            percent(totals[option], whole),
            width(totals[option], max(totals)),
            won if option in tally.winners else "",
        )
        for option in order
    ]


def _whole(tally: Tally, points: float) -> float:
    """Of what the shares are shares; 0 where the rule has none."""
    if tally.rule == "cumulative":
        return points
    return tally.valid if tally.rule in ("plurality", "majority", "approval", "instant_runoff") else 0


def _measure(rule: str) -> str:
    return {
        "cumulative": gettext("Points"),
        "score": gettext("Sum"),
        "star": gettext("Sum"),
        "mean_score": gettext("Average"),
        "instant_runoff": gettext("First choices"),
        "schulze": gettext("Options it beats"),
    }.get(rule, gettext("Votes"))


def _share_of(rule: str) -> str:
    if rule == "approval":
        return gettext("Share of ballots")
    return gettext("Share") if rule in ("plurality", "majority", "instant_runoff", "cumulative") else ""


def _ballots(tally: Tally) -> str:
    answered = ngettext("%(num)s person answered.", "%(num)s people answered.", tally.valid)
    told = answered % {"num": show_number(tally.valid)}
    if not tally.blank:
        return told
    blank = ngettext("%(num)s left it blank.", "%(num)s left it blank.", tally.blank)
    return f"{told} {blank % {'num': show_number(tally.blank)}}"
