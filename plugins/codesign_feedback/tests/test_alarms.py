"""Reports that wait: moderators are reminded on the deadline, administrators a working day later, each once."""

from collections import Counter
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from codesign.core.contributions import Contribution, Reason
from codesign.core.moderation import Action, Target, decide, report
from codesign.core.settings import CORE, save_settings
from codesign.events import Event
from codesign.testing import Town
from codesign_feedback.alarms import Alarm
from codesign_feedback.stage import told_of
from codesign_feedback.tests.making import DAY, more_people, now, opened
from tests.making import a_story

ZONE = "Europe/Madrid"


@pytest.fixture
def town(alder: Town) -> Town:
    """Thursday, October 22, 15:00; the clocks go back on Sunday."""
    with alder.write() as db:
        save_settings(db, CORE, {"title": "Alder", "zone": ZONE}, now(alder))
    alder.world.clock.moment = datetime(2026, 10, 22, 13, tzinfo=ZoneInfo("UTC"))
    alder.enable("feedback").tick()
    return alder


def complain(town: Town, id: int, name: str = "chen") -> None:
    with town.write() as db:
        target = Target(db.get_one(Contribution, id))
        report(db, town.person(db, name), target, Reason.SPAM, "", now(town))


def dismiss(town: Town, id: int) -> None:
    with town.write() as db:
        target = Target(db.get_one(Contribution, id))
        decide(db, town.person(db, "boris"), target, Action.DISMISS, None, "", now(town))


def live(town: Town, days: int) -> None:
    """Hour by hour."""
    for _hour in range(days * 24):
        town.world.clock.advance(DAY / 24)
        town.tick()


def said(town: Town) -> list[tuple[str, str]]:
    with town.read() as db:
        rows = db.execute(
            select(Event.name, Event.at).where(Event.name.startswith("feedback.reports")).order_by(Event.id)
        )
        return [(row.name, f"{row.at.astimezone(ZoneInfo(ZONE)):%a %d %H:%M}") for row in rows]


def test_moderators_are_reminded_after_two_working_days_and_then_the_administrators_each_once(town: Town) -> None:
    id = a_story(town)
    complain(town, id)
    live(town, 9)
    assert said(town) == [
        ("feedback.reports_reminded", "Mon 26 09:00"), ("feedback.reports_escalated", "Tue 27 09:00"),
    ]  # fmt: skip
    assert set(told_of(town, id, "reports_reminded")) == {"boris", "maya"}
    assert told_of(town, id, "reports_escalated") == {"maya": "You administer this site."}
    letters = [message_from_bytes(path.read_bytes(), policy=default) for path in town.send_mail()]
    texts = [part.get_content() for letter in letters if (part := letter.get_body(("plain",))) is not None]
    assert sum("http://alder.localhost/moderation/" in text for text in texts) == 3


def test_what_was_decided_is_not_reminded_of_but_new_reports_of_it_are(town: Town) -> None:
    more_people(town, "eve")
    id = a_story(town)
    complain(town, id)
    complain(town, id, "eve")
    live(town, 1)
    dismiss(town, id)
    live(town, 6)
    assert said(town) == []
    complain(town, id)  # Thursday again
    live(town, 6)
    assert Counter(name for name, _when in said(town)) == {
        "feedback.reports_reminded": 1, "feedback.reports_escalated": 1,
    }  # fmt: skip
    dismiss(town, id)
    live(town, 1)
    with town.read() as db:
        assert db.scalars(select(Alarm.target)).all() == []


def test_nobody_is_told_twice_after_a_pause_of_the_worker(town: Town) -> None:
    id = a_story(town)
    complain(town, id)
    town.world.clock.advance(30 * DAY)
    for _tick in range(3):
        town.tick()
    assert [name for name, _when in said(town)] == ["feedback.reports_reminded", "feedback.reports_escalated"]


def test_an_idle_tick_asks_the_store_two_questions(town: Town) -> None:
    opened(town)
    town.tick()
    with town.counted() as asked:
        town.tick()
    feedback = [statement for statement in asked if "feedback_" in statement]
    assert len(feedback) == 2, feedback
