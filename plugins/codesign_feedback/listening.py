"""How well the town listens, as it is published: every figure with its n, no rank, and nothing about small groups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from codesign.kit import mark
from codesign_feedback.figures import By, Place, Tally, figures_by, places, together

SMALLEST_GROUP = 5
DAYS, SHARE, COUNT = "days", "share", "count"


@dataclass(frozen=True)
class Measure:
    """One figure: what it is called, what it means, and what it is made of."""

    name: str
    title: str
    meaning: str
    sort: str
    """DAYS, SHARE of n in percent, or COUNT: so many of n."""
    part: Callable[[Tally], float]
    n: Callable[[Tally], int]


MEASURES: Sequence[Measure] = (
    Measure(
        "answer_days", mark("Days until the official answer"),
        mark("Half of the first answers came within this many days, the other half later. n: first answers."),
        DAYS, lambda tally: tally.median_days or 0, lambda tally: tally.answered,
    ),
    Measure(
        "in_time", mark("Answered in time"),
        mark("First answers that came before their deadline. An answer that did not come counts as late. "
             "n: first answers that were due."),
        SHARE, lambda tally: tally.in_time, lambda tally: tally.due,
    ),
    Measure(
        "verified", mark("Done, say those who took part"),
        mark("Those who took part are asked whether it is done. How often enough of them said yes. "
             "n: contributions about which they were asked to the end."),
        SHARE, lambda tally: tally.verified, lambda tally: tally.decided,
    ),
    Measure(
        "reopened", mark("Opened again"),
        mark("What was closed or confirmed, and then opened again by those who took part. n: closed or confirmed."),
        SHARE, lambda tally: tally.reopened, lambda tally: tally.ended,
    ),
    Measure(
        "unanswered", mark("Waiting for an official answer today"),
        mark("The town owes them an answer. n: everything that is still open today."),
        COUNT, lambda tally: tally.unanswered, lambda tally: tally.open,
    ),
    Measure(
        "overdue", mark("Overdue today"),
        mark("The day on which the town had to answer, promise, report, deliver or decide has passed. "
             "n: everything that is still open today."),
        COUNT, lambda tally: tally.overdue, lambda tally: tally.open,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One figure of one place."""

    place: Place
    n: int | None
    """None: hidden, because the group is small or would tell of one that is."""
    part: float
    """Days, or how many of n."""

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.part / self.n if self.n else 0


@dataclass(frozen=True)
class Figures:
    """One measure of all places, and of the whole town."""

    measure: Measure
    whole: Cell
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Listening:
    total: int
    """Of all contributions that count; 0: the town was never owed an answer."""
    figures: Sequence[Figures]


def listening(db: Session, by: By, now: datetime, since: datetime) -> Listening:
    """Two queries, whatever the number of contributions."""
    tallies = figures_by(db, by, now, since)
    order = places(db, by, tallies)
    whole = together(tallies.values())
    town = Place(None, "", "")
    figures = [_figures(measure, order, tallies, Cell(town, *_of(measure, whole))) for measure in MEASURES]
    return Listening(sum(measure.n(whole) for measure in MEASURES), figures)


def _figures(measure: Measure, order: Sequence[Place], tallies: Mapping[int | None, Tally], whole: Cell) -> Figures:
    hidden = too_small({id: measure.n(tally) for id, tally in tallies.items()})
    cells = [
        Cell(place, None, 0) if place.id in hidden else Cell(place, *_of(measure, tallies[place.id])) for place in order
    ]
    small = whole.n is not None and 0 < whole.n < SMALLEST_GROUP
    return Figures(measure, Cell(whole.place, None, 0) if small else whole, cells)


def _of(measure: Measure, tally: Tally) -> tuple[int, float]:
    return measure.n(tally), measure.part(tally)


def too_small(groups: Mapping[int | None, int]) -> frozenset[int | None]:
    """Groups that are not shown: those of fewer than SMALLEST_GROUP, and as many more, the smallest first, as are
    needed so that none can be worked out from the total: at least two, and together they are not small. Of empty groups
    it is said that they are empty."""
    by_size = sorted((size, str(id), id) for id, size in groups.items() if size)
    hidden = [(size, id) for size, _name, id in by_size if size < SMALLEST_GROUP]
    for size, _name, id in by_size[len(hidden) :]:
        if not hidden or (len(hidden) > 1 and sum(size for size, _id in hidden) >= SMALLEST_GROUP):
            break
        hidden.append((size, id))
    return frozenset(id for _size, id in hidden)
