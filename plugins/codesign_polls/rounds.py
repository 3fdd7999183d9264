"""How a count went on: the rounds of instant runoff and STAR, and the comparisons of Schulze. Bounded for any size."""

from dataclasses import dataclass

from codesign.kit import gettext, ngettext, show_number
from codesign_polls.bars import Row, percent, width
from codesign_polls.concluding import listed
from codesign_polls.counting.tally import Round, Tally

ROUND_ROWS = 8
"""Options of a round, beside those that leave in it."""
ROUNDS_AS_TABLES = 25
"""The last ones; of those before, a sentence tells who left."""
COMPARED = 10
"""Options of the table of comparisons, the best ones."""
NAMED_LEAVING = 5


@dataclass(frozen=True)
class RoundTable:
    title: str
    sentence: str
    measure: str
    """What the numbers are."""
    share_of: str
    rows: list[Row]
    more: int
    """How many options are still in it, and not among the rows."""


@dataclass(frozen=True)
class Comparison:
    """An option compared with those of the other columns: how many prefer it, and whether that is more."""

    title: str
    cells: list[tuple[str, bool] | None]


def first_table(tally: Tally) -> int:
    """The first round that is shown as a table."""
    return max(0, len(tally.rounds) - ROUNDS_AS_TABLES)


def round_table(titles: list[str], tally: Tally, number: int) -> RoundTable:
    """The options with most votes, and those that leave."""
    one = tally.rounds[number]
    still = [(option, count) for option, count in enumerate(one.counts) if count is not None]
    by_count = sorted(still, key=lambda pair: (-pair[1], pair[0]))
    leaving = one.eliminated if len(one.eliminated) <= NAMED_LEAVING else ()
    shown = [pair for turn, pair in enumerate(by_count) if turn < ROUND_ROWS or pair[0] in leaving]
    most, every = by_count[0][1], sum(count for _option, count in still)
    rows = [
        Row(titles[option], show_number(count), percent(count, every), width(count, most), _badge(one, option))
        for option, count in shown
    ]
    scores = tally.rule == "star" and not number
    return RoundTable(
        _round_title(tally, number),
        round_sentence(titles, tally, number),
        gettext("Sum") if scores else gettext("Votes"),
        "" if scores else gettext("Share"),
        rows,
        len(still) - len(shown),
    )


def _badge(one: Round, option: int) -> str:
    if option in one.eliminated:
        return "left"
    return "tied" if option in one.tied else ""


def _round_title(tally: Tally, number: int) -> str:
    if tally.rule != "star":
        return gettext("Round %(number)s") % {"number": number + 1}
    return gettext("Final") if number else gettext("Scores")


def round_sentence(titles: list[str], tally: Tally, number: int) -> str:
    """Who leaves in a round, and how many ballots are for nobody who is still in it."""
    one = tally.rounds[number]
    if tally.rule == "star":
        told = [_final_places(titles, one) if not number else _undecided(one)]
    else:
        told = [_leaving(titles, one), _exhausted(one)]
    return " ".join(sentence for sentence in told if sentence)


def _leaving(titles: list[str], one: Round) -> str:
    gone = one.eliminated
    if not gone:
        return ""
    votes = show_number(one.counts[gone[0]] or 0)
    if len(gone) == 1:
        return gettext("“%(option)s” leaves. Votes: %(votes)s.") % {"option": titles[gone[0]], "votes": votes}
    if len(gone) > NAMED_LEAVING:
        told = ngettext("%(num)s option leaves.", "%(num)s options leave.", len(gone))
        return told % {"num": show_number(len(gone))}
    told = gettext("%(options)s leave. Votes of each: %(votes)s.")
    return told % {"options": listed([titles[option] for option in gone]), "votes": votes}


def _exhausted(one: Round) -> str:
    if not one.exhausted:
        return ""
    told = ngettext(
        "%(num)s ballot ranks none of those still in it.",
        "%(num)s ballots rank none of those still in it.",
        one.exhausted,
    )
    return told % {"num": show_number(one.exhausted)}


def _final_places(titles: list[str], one: Round) -> str:
    gone = {*one.eliminated}
    left = [title for option, title in enumerate(titles) if option not in gone]
    if len(left) != 2:
        return ""
    return gettext("%(options)s go into the final.") % {"options": listed(left)}


def _undecided(one: Round) -> str:
    if not one.exhausted:
        return ""
    told = ngettext(
        "%(num)s ballot prefers neither of the two.", "%(num)s ballots prefer neither of the two.", one.exhausted
    )
    return told % {"num": show_number(one.exhausted)}


def comparisons(titles: list[str], tally: Tally) -> list[Comparison]:
    """Each of the best options against each: how many ballots prefer it."""
    if not tally.pairwise:
        return []
    best = [option for group in tally.ranking for option in group][:COMPARED]
    return [
        Comparison(titles[option], [_compared(tally, option, other) if other != option else None for other in best])
        for option in best
    ]


def _compared(tally: Tally, option: int, other: int) -> tuple[str, bool]:
    ours, theirs = tally.pairwise[option][other], tally.pairwise[other][option]
    return show_number(ours), ours > theirs
