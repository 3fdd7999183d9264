"""The figures: counted by the database and once more by hand; and what is hidden so that nothing tells of small groups."""

from datetime import datetime
from itertools import product
from statistics import median as median_of

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from codesign.core.contributions import Contribution
from codesign.testing import Town
from codesign_feedback.calendar import DAY
from codesign_feedback.figures import EVER, By, Tally, figures_by, median, places, together
from codesign_feedback.listening import MEASURES, SMALLEST_GROUP, listening, too_small
from codesign_feedback.loop import ANSWERABLE, OPEN, Outcome, State
from codesign_feedback.loops import Loop
from codesign_feedback.tests.growing import grow_loops


def by_hand(loops: list[Loop], now: datetime, since: datetime) -> Tally:
    """The definitions once more, a loop at a time."""
    answered = [loop for loop in loops if loop.answered_at and loop.answered_at >= since]
    silent = [
        loop for loop in loops
        if not loop.answered_at and loop.state in ANSWERABLE and loop.answer_due_at
        and since <= loop.answer_due_at <= now
    ]  # fmt: skip
    over = [loop for loop in loops if loop.state in (State.VERIFIED, State.CLOSED) and loop.state_at >= since]
    disputed = [
        loop for loop in loops
        if loop.state_at >= since and ((loop.state is State.DISPUTED and not loop.appealing)
        or (loop.state is State.LAPSED and loop.round > 0))
    ]  # fmt: skip
    verified = [loop for loop in over if loop.outcome is Outcome.VERIFIED]
    unverified = [loop for loop in over if loop.outcome is Outcome.UNVERIFIED]
    again = [loop for loop in loops if loop.reopened_count and loop.state_at >= since]
    late = [loop for loop in loops if loop.clock == "answer" and loop.due_at and loop.due_at <= now]
    lapsed = [loop for loop in loops if loop.state is State.LAPSED]
    soon = [loop for loop in loops if loop.clock == "answer" and loop.due_at and now < loop.due_at <= now + 7 * DAY]
    days = [loop.answer_days for loop in answered]
    return Tally(
        answered=len(answered), in_time=sum(loop.in_time is True for loop in answered), silent=len(silent),
        decided=len(verified) + len(unverified) + len(disputed), verified=len(verified), disputed=len(disputed),
        ended=len({loop.contribution_id for loop in [*over, *again]}), reopened=len(again),
        open=sum(loop.state in OPEN for loop in loops), unanswered=sum(loop.state in ANSWERABLE for loop in loops),
        overdue=len(late) + len(lapsed), due_soon=len(soon),
        days=tuple((day, days.count(day)) for day in sorted({day for day in days if day is not None})),
    )  # fmt: skip


@pytest.mark.parametrize("by", By)
def test_the_database_counts_what_one_counts_by_hand(alder: Town, by: By) -> None:
    grow_loops(alder.enable("feedback"), 300, authorities=3)
    now = alder.world.clock.now()
    with alder.read() as db:
        loops = db.execute(select(Loop, Contribution.topic_id, Contribution.situation_id).join(Contribution)).all()
        for since in (EVER, now - 92 * DAY, now - 365 * DAY):
            groups: dict[int | None, list[Loop]] = {}
            for loop, topic, situation in loops:
                place = {By.AUTHORITY: loop.authority_id, By.TOPIC: topic, By.SITUATION: situation}[by]
                groups.setdefault(place, []).append(loop)
            wanted = {place: by_hand(found, now, since) for place, found in groups.items()}
            assert figures_by(db, by, now, since) == wanted
            assert together(wanted.values()) == by_hand([loop for loop, _topic, _situation in loops], now, since)


def test_only_the_asked_places_are_counted(alder: Town) -> None:
    first, *_others = grow_loops(alder.enable("feedback"), 60, authorities=3)
    now = alder.world.clock.now()
    with alder.read() as db:
        everywhere = figures_by(db, By.AUTHORITY, now)
        assert figures_by(db, By.AUTHORITY, now, only=[first.id]) == {first.id: everywhere[first.id]}


def test_hidden_contributions_are_not_counted(alder: Town) -> None:
    grow_loops(alder.enable("feedback"), 40, authorities=1)
    now = alder.world.clock.now()
    with alder.write() as db:
        half = select(Loop.contribution_id).order_by(Loop.contribution_id).limit(20)
        db.execute(update(Contribution).where(Contribution.id.in_(half)).values(hidden_at=now))
    with alder.read() as db:
        visible = list(db.scalars(select(Loop).join(Contribution).where(Contribution.hidden_at.is_(None))))
        (tally,) = figures_by(db, By.SITUATION, now).values()
    assert tally == by_hand(visible, now, EVER)


def test_titles_come_in_alphabetical_order_and_what_belongs_to_none_comes_last(alder: Town) -> None:
    grow_loops(alder.enable("feedback"), 60, authorities=4)
    with alder.read() as db:
        found = places(db, By.TOPIC, figures_by(db, By.TOPIC, alder.world.clock.now()))
    assert [place.title for place in found] == [*(f"Subject {number:02d}" for number in range(4)), ""]


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 5)), max_size=30))
def test_the_median_of_counts_is_the_median_of_the_values(counts: list[tuple[int, int]]) -> None:
    values = [value for value, often in counts for _time in range(often)]
    assert median(counts) == (median_of(values) if values else None)


@given(st.lists(st.integers(0, 12), max_size=8))
def test_no_hidden_group_can_be_worked_out_from_the_total(sizes: list[int]) -> None:
    groups: dict[int | None, int] = dict(enumerate(sizes))
    hidden = too_small(groups)
    assert [size for id, size in groups.items() if id not in hidden and 0 < size < SMALLEST_GROUP] == []
    assert [id for id in hidden if groups[id] == 0] == []
    if hidden and len(hidden) < len([size for size in sizes if size]):
        # The total tells the sum of those that are hidden: several ways must lead to it, for each of them.
        total = sum(groups[id] for id in hidden)
        ways = [way for way in product(range(1, total + 1), repeat=min(len(hidden), 3)) if sum(way) == total]
        assert len(hidden) > 1
        assert total >= SMALLEST_GROUP
        assert len(ways) > 1 or len(hidden) > 3


def test_nothing_on_the_page_or_in_its_sums_tells_of_a_small_group(alder: Town) -> None:
    for size in (2, 6, 9):
        grow_loops(alder.enable("feedback"), size, authorities=3)
    now = alder.world.clock.now()
    with alder.read() as db:
        found, tallies = listening(db, By.AUTHORITY, now, EVER), figures_by(db, By.AUTHORITY, now)
    for figures in found.figures:
        shown = [cell.n for cell in figures.cells if cell.n is not None]
        small = [tally for tally in tallies.values() if 0 < figures.measure.n(tally) < SMALLEST_GROUP]
        hidden = len(figures.cells) - len(shown)
        assert hidden != 1 or figures.whole.n is None
        assert hidden >= len(small)
        assert all(n == 0 or n >= SMALLEST_GROUP for n in shown)
    assert len(found.figures) == len(MEASURES)
