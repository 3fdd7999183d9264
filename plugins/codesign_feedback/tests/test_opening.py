"""When a loop begins and ends by what happens elsewhere: events of kinds, hidden contributions, kinds that are off."""

import pytest
from sqlalchemy import func, select

from codesign.core.authorities import responsible_for
from codesign.core.contributions import Contribution, Reason
from codesign.core.moderation import Action, Target, decide
from codesign.core.notices import Notice
from codesign.core.topics import ensure_topic
from codesign.events import Event
from codesign.kit import Invalid
from codesign.testing import Town
from codesign_debates.tests.making import debate_id
from codesign_feedback.loop import Code, State
from codesign_feedback.loops import Clock, Loop
from codesign_feedback.opening import take_up
from codesign_feedback.rules import rules_of
from codesign_feedback.stage import told_of
from codesign_feedback.tests.making import (
    DAY,
    an_authority,
    clocks,
    events,
    happen,
    loop_in,
    next_rung,
    now,
    opened,
    standing,
    take_part,
    wait_for,
)
from codesign_feedback.tests.walking import WAYS, answer, asked, reply, take_back, walked
from tests.making import a_story

S = State
ENDED = (S.VERIFIED, S.CLOSED, S.LAPSED, S.WITHDRAWN, S.MERGED)


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("feedback")


def moderate(town: Town, id: int, action: Action) -> None:
    with town.write() as db:
        thing, boris = db.get_one(Contribution, id), town.person(db, "boris")
        reason = Reason.OTHER if action is Action.HIDE else None
        decide(db, boris, Target(thing), action, reason, "Why", now(town))
        happen(town, db, f"moderation.{action.value}", thing, boris, reason_label="Other", note="Why")


def test_the_authority_whose_business_the_topic_is_is_responsible_from_the_first_moment(town: Town) -> None:
    with town.write() as db:
        topic = ensure_topic(db, "Trees")
    parks = an_authority(town, topics=(topic,))
    loop = loop_in(town, opened(town, topic_id=topic))
    assert (loop.authority_id, loop.state, loop.owner_id) == (parks, S.ACKNOWLEDGED, None)
    with town.read() as db:
        assert responsible_for(db, None) is None


def test_the_same_event_again_opens_nothing_twice(town: Town) -> None:
    id = opened(town)
    with town.write() as db:
        happen(town, db, "threads.started", db.get_one(Contribution, id), None, author="Anna", excerpt="")
    assert events(town, id) == ["received", "acknowledged"]


@pytest.mark.parametrize("state", [state for state in WAYS if state not in ENDED])
def test_from_every_open_state_its_author_can_take_it_back_and_every_clock_stops(town: Town, state: State) -> None:
    id = walked(town, state)
    take_back(town, id)
    loop = loop_in(town, id)
    assert (loop.state, clocks(town, id), loop.due_at, loop.overdue_at) == (S.WITHDRAWN, set(), None, None)


def test_withdrawn_while_people_are_asked_or_appeal_nobody_is_asked_any_more(town: Town) -> None:
    id = opened(town)
    asked(town, id)
    take_back(town, id, merged=True)
    loop = loop_in(town, id)
    assert (loop.state, loop.asked_at) == (S.MERGED, None)
    with pytest.raises(Invalid):
        reply(town, id, "anna")


def test_what_is_over_stays_over_whatever_its_author_does(town: Town) -> None:
    id = walked(town, S.VERIFIED)
    take_back(town, id)
    assert standing(town, id) is S.VERIFIED


def test_while_it_is_hidden_the_clocks_stand_still_and_nobody_is_told(town: Town) -> None:
    id = opened(town)
    due_at, rung = loop_in(town, id).due_at, next_rung(town, "answer", id)
    moderate(town, id, Action.HIDE)
    for _day in range(60):
        town.world.clock.advance(DAY)
        town.tick()
    assert events(town, id) == ["received", "acknowledged"]
    moderate(town, id, Action.RESTORE)
    loop = loop_in(town, id)
    assert due_at is not None and loop.due_at == due_at + 60 * DAY == loop.answer_due_at
    town.tick()
    assert "lapsed" not in events(town, id)
    assert (str(rung)[:10], str(next_rung(town, "answer", id))[:10]) == (
        "2026-05-27",
        "2026-07-24",
    )  # the 26th is a Sunday


def test_shown_again_what_was_overdue_is_as_many_days_over_as_before(town: Town) -> None:
    id = opened(town)
    while "overdue" not in events(town, id):
        wait_for(town, "answer", id)
    before = loop_in(town, id)
    moderate(town, id, Action.HIDE)
    town.world.clock.advance(20 * DAY)
    moderate(town, id, Action.RESTORE)
    after = loop_in(town, id)
    assert before.overdue_at is not None and after.overdue_at == before.overdue_at + 20 * DAY
    assert before.due_at is not None and after.due_at == before.due_at + 20 * DAY


def test_hidden_after_the_answer_nobody_who_was_not_told_yet_is_told(town: Town) -> None:
    id = opened(town)
    take_part(town, id, "boris")
    answer(town, id, Code.FORWARDED)
    moderate(town, id, Action.HIDE)
    assert told_of(town, id, "answered") == {}
    with town.read() as db:
        told = select(func.count(Notice.id)).join(Event, Event.id == Notice.event_id)
        assert db.scalar(told.where(Event.name.startswith("feedback."))) == 0


def test_clocks_of_a_kind_that_is_off_wait_until_it_is_on_again(town: Town) -> None:
    town.enable("debates")
    id = debate_id(town)
    with town.write() as db:
        happen(town, db, "debates.closed", db.get_one(Contribution, id), None, conclusion="Saturday.")
    town.disable("debates")
    town.world.clock.advance(70 * DAY)
    town.tick()
    assert events(town, id) == ["received", "acknowledged"]
    town.enable("debates").tick()
    assert set(events(town, id)[2:]) == {"escalated"}


def test_a_clock_that_fails_holds_up_no_other_and_is_tried_again_an_hour_later(town: Town) -> None:
    broken, sound = opened(town), opened(town)
    with town.write() as db:
        db.get_one(Loop, broken).state = S.WITHDRAWN  # its clocks run on, which no step leaves behind
        for clock in db.scalars(select(Clock).where(Clock.contribution_id == broken, Clock.name == "answer")):
            clock.rung = 4
    town.world.clock.moment = next_rung(town, "answer", sound)
    with town.write() as db:
        for clock in db.scalars(select(Clock).where(Clock.contribution_id == broken)):
            clock.next_at = now(town) if clock.name == "answer" else None
    town.tick()
    assert events(town, sound)[-1] == "reminded"
    assert next_rung(town, "answer", broken) == now(town) + DAY / 24


@pytest.mark.parametrize("hidden", [False, True])
def test_an_official_takes_up_what_was_there_before_unless_it_is_hidden(town: Town, hidden: bool) -> None:
    id = a_story(town)
    if hidden:
        moderate(town, id, Action.HIDE)

    def take() -> None:
        with town.write() as db:
            take_up(db, db.get_one(Contribution, id), rules_of(db), now(town), f"http://alder.localhost/threads/{id}")

    if hidden:
        with pytest.raises(Invalid, match="A moderator has hidden this"):
            take()
        return
    take()
    assert standing(town, id) is S.ACKNOWLEDGED
    with pytest.raises(Invalid, match="taken up already"):
        take()
