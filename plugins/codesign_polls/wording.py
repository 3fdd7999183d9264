"""The words for methods, counting rules and moments, the same on every page of polls."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from codesign.kit import gettext, mark, ngettext, show_date
from codesign_polls.definition import Method

METHODS: Mapping[Method, tuple[str, str]] = {
    Method.SINGLE: (mark("Choose one"), mark("One of several options.")),
    Method.MULTIPLE: (mark("Choose several"), mark("All options that somebody agrees with; you can say how many.")),
    Method.RANKED: (
        mark("Rank"),
        mark("The options in order, the best first. Good when there are several close ones."),
    ),
    Method.SCORE: (mark("Score"), mark("A score from 0 to 5 for each option.")),
    Method.YES_NO: (mark("Yes or no"), mark("Yes, no, or abstain. The question says what is decided.")),
    Method.POINTS: (mark("Share out points"), mark("Each person has a number of points to give to the options.")),
    Method.TEXT: (mark("Write"), mark("An answer in words. It is published and read, not counted.")),
}
"""What each method is called, and what it means for those who vote."""
RULES: Mapping[str, tuple[str, str]] = {
    "plurality": (mark("Most votes"), mark("The option with the most votes wins.")),
    "approval": (
        mark("Approval"),
        mark("Every option that is chosen on a ballot gets one vote. The option with the most votes wins."),
    ),
    "instant_runoff": (
        mark("Instant runoff"),
        mark(
            "Round by round the option with the fewest votes goes out, and its ballots count for their next choice, "
            "until one option has more than half."
        ),
    ),
    "schulze": (
        mark("Every pair compared (Schulze)"),
        mark(
            "Every option is compared with every other one. The one that more people prefer wins; if there is a circle, "
            "the strongest comparisons decide."
        ),
    ),
    "score": (mark("Highest sum"), mark("The scores of all ballots are added up. The highest sum wins.")),
    "mean_score": (
        mark("Highest average"),
        mark("The highest average wins. Only ballots that score an option count for its average."),
    ),
    "star": (
        mark("Final of the best two (STAR)"),
        mark(
            "The two options with the highest sums go into a final. There the one wins that more ballots scored higher."
        ),
    ),
    "majority": (
        mark("Simple majority"),
        mark("Yes wins with more votes than no. Abstentions are counted and decide nothing."),
    ),
    "cumulative": (mark("Most points"), mark("The points of all ballots are added up. The highest sum wins.")),
    "": (mark("Read, not counted"), mark("All answers are published together, without names and in no order.")),
}
"""What each counting rule is called, and how it counts, in plain words."""
LAST_DAYS = timedelta(days=2)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def method_title(method: Method) -> str:
    return gettext(METHODS[method][0])


def rule_title(rule: str) -> str:
    return gettext(RULES[rule][0])


def rule_sentence(rule: str) -> str:
    return gettext(RULES[rule][1])


def show_moment(moment: datetime, zone: str) -> str:
    """A day and a time of day, in the zone of the town."""
    local = moment.astimezone(ZoneInfo(zone))
    return gettext("%(date)s, %(time)s") % {"date": show_date(local.date()), "time": f"{local:%H:%M}"}


def time_left(until: datetime, now: datetime) -> tuple[str, datetime | None]:
    """How much time is left, in words, and when these words are no longer right. "" and None when none is left."""
    left = until - now
    if left <= timedelta():
        return "", None
    if left > LAST_DAYS:
        days = ceil(left / DAY)
        return ngettext("%(num)s day left", "%(num)s days left", days) % {"num": days}, until - (days - 1) * DAY
    if left > HOUR:
        hours = ceil(left / HOUR)
        return ngettext("%(num)s hour left", "%(num)s hours left", hours) % {"num": hours}, until - (hours - 1) * HOUR
    return gettext("the last hour"), until
