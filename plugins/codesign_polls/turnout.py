"""Who voted, in figures: with accounts and codes, by area and by age, without telling of anybody."""

from dataclasses import dataclass, field

from codesign.kit import gettext, ngettext, show_number
from codesign_polls.bars import Row, bars, percent, width
from codesign_polls.groups import SMALLEST_GROUP, Groups
from codesign_polls.outcome import Outcome


@dataclass(frozen=True)
class Way:
    """A way to vote: how many could, and how many did."""

    title: str
    voted: str
    could: str
    share: str
    width: float
    """Of its bar, in percent of all who could."""


@dataclass(frozen=True)
class Part:
    """Voters by area, or by age."""

    title: str
    rows: list[Row]
    hidden: str
    """A sentence on the groups that are left out, "" when none is."""


@dataclass(frozen=True)
class Turnout:
    sentence: str
    ways: list[Way] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


def turnout_of(outcome: Outcome) -> Turnout:
    told = ngettext("%(num)s person voted.", "%(num)s people voted.", outcome.voters)
    areas = _part(gettext("Voters by area"), outcome.areas, outcome.voters)
    ages = _part(gettext("Voters by age"), outcome.ages, outcome.voters)
    return Turnout(
        told % {"num": show_number(outcome.voters)}, _ways(outcome), [part for part in (areas, ages) if part]
    )


def _ways(outcome: Outcome) -> list[Way]:
    ways = []
    if outcome.eligible is not None:
        ways.append(_way(gettext("With an account"), outcome.voters - outcome.codes_used, outcome.eligible))
    if outcome.codes:
        ways.append(_way(gettext("With a one-time code"), outcome.codes_used, outcome.codes))
    return ways


def _way(title: str, voted: int, could: int) -> Way:
    # Accounts are erased at any time: then more may have voted than could at the count.
    share = percent(voted, could) if voted <= could else ""
    return Way(title, show_number(voted), show_number(could), share, min(100, width(voted, could)))


def _part(title: str, groups: Groups, voters: int) -> Part | None:
    """None where there is nothing to compare: all voters are in one group."""
    if groups.hidden < 2 and not any(group.label for group in groups.shown):
        return None
    numbers = [(group.label or gettext("Not known"), group.voters) for group in groups.shown]
    return Part(title, bars(numbers, voters), _left_out(groups.hidden))


def _left_out(count: int) -> str:
    if not count:
        return ""
    told = ngettext(
        "%(num)s group is not shown: it has fewer than %(least)s people, or would give away one that has.",
        "%(num)s groups are not shown: they have fewer than %(least)s people, or would give away one that has.",
        count,
    )
    return told % {"num": show_number(count), "least": SMALLEST_GROUP}
