"""What the clocks have told officials about a case: not public, so it stands beside the timeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.events import Event
from codesign.kit import gettext, mark

SHOWN = 100
SENTENCES: Mapping[str, str] = {
    "feedback.reminded": mark("Who has it in hand was reminded"),
    "feedback.author_reminded": mark("The author was reminded"),
    "feedback.escalated": mark("The head of the authority was told that it is overdue"),
}


@dataclass(frozen=True)
class Reminder:
    at: datetime
    sentence: str
    clock_label: str


def reminders_of(db: Session, contribution_id: int) -> list[Reminder]:
    """The newest first."""
    of_it = (Event.contribution_id == contribution_id) & Event.comment_id.is_(None) & Event.name.in_(SENTENCES)
    rows = db.execute(select(Event.name, Event.at, Event.data).where(of_it).order_by(Event.id.desc()).limit(SHOWN))
    return [Reminder(row.at, gettext(SENTENCES[row.name]), gettext(row.data.get("clock_label") or " ")) for row in rows]
