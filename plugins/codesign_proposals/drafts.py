"""Drafts: what only their author sees, until they are published."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from codesign.core.areas import hold_area
from codesign.core.files import File, remove
from codesign.core.users import User
from codesign.db import fetch
from codesign.kit import Invalid, NotFound, gettext
from codesign_proposals.proposals import Draft
from codesign_proposals.written import Enclosed, Written, enclose, files_by_id

MOST_DRAFTS = 30
"""Of one person."""


def get_draft(db: Session, author: User, id: int, lock: bool = False) -> Draft:
    """Raises NotFound, also for the drafts of others."""
    draft = fetch(db, Draft, id, lock)
    if draft.author_id != author.id:
        raise NotFound(f"draft {id} is somebody else's")
    return draft


def drafts_of(db: Session, author: User) -> list[Draft]:
    """The last changed first."""
    mine = select(Draft).where(Draft.author_id == author.id)
    return list(db.scalars(mine.order_by(Draft.changed_at.desc(), Draft.id.desc()).limit(MOST_DRAFTS)))


def save_draft(
    db: Session, author: User, written: Written, now: datetime, sent: Enclosed | None = None, draft: Draft | None = None
) -> Draft:
    """A new draft, or a change of the one that is given. Raises Invalid."""
    if draft is None:
        _check_room(db, author)
        draft = Draft(author_id=author.id, file_ids=[], created_at=now)
    if written.area_id is not None:
        hold_area(db, written.area_id)
    draft.title, draft.text, draft.tags = written.title, written.text, list(written.tags)
    draft.topic_id, draft.area_id, draft.changed_at = written.topic_id, written.area_id, now
    if sent is not None:
        draft.file_ids = enclose(db, author, files_of_draft(db, draft), sent, now)
    db.add(draft)
    db.flush()
    return draft


def _check_room(db: Session, author: User) -> None:
    if (db.scalar(select(func.count()).where(Draft.author_id == author.id)) or 0) >= MOST_DRAFTS:
        sentence = gettext("You have %(most)s drafts. Publish or discard one of them before you write another.")
        raise Invalid(sentence % {"most": MOST_DRAFTS}, "title")


def discard_draft(db: Session, draft: Draft) -> None:
    """With its files, for good."""
    for file in files_of_draft(db, draft):
        remove(db, file)
    db.delete(draft)
    db.flush()


def files_of_draft(db: Session, draft: Draft) -> list[File]:
    return [file for file in files_by_id(db, draft.file_ids) if file.contribution_id is None]


def written_in(draft: Draft) -> Written:
    return Written(draft.title, draft.text, draft.topic_id, draft.area_id, tuple(draft.tags))
