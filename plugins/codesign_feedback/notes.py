"""Internal notes: what officials write to each other about a case. They are in no page, letter, feed or export."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.users import User
from codesign_feedback.answers import Note

SHOWN = 200


def add_note(db: Session, contribution_id: int, author: User, text: str, now: datetime) -> Note:
    note = Note(contribution_id=contribution_id, author_id=author.id, text=text.strip(), at=now)
    db.add(note)
    db.flush()
    return note


def notes_of(db: Session, contribution_id: int) -> list[Note]:
    """The newest first; the last SHOWN of them."""
    query = select(Note).where(Note.contribution_id == contribution_id)
    return list(db.scalars(query.order_by(Note.id.desc()).limit(SHOWN)))
