"""Preparing a poll: drafts, publishing one, and changing a poll that has not opened yet."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from codesign.core.areas import hold_area
from codesign.core.contributions import move, publish, revise, touch
from codesign.core.files import Upload, attach, claim_for, files_of, get_file, remove
from codesign.core.follows import set_follow
from codesign.core.users import User
from codesign.kit import Forbidden, Invalid, Key, cut, gettext, show_date
from codesign.paging import Slice
from codesign_polls.checking import lacks
from codesign_polls.papers import Paper, paper_of_draft
from codesign_polls.polls import Draft, Poll

PAGE = 30
LATEST = (Key(Draft.changed_at, True), Key(Draft.id, True))


def draft(db: Session, author: User, paper: Paper, now: datetime) -> Draft:
    """A new draft, which only those see who prepare polls."""
    new = Draft(
        author_id=author.id, title=paper.title, document=paper.model_dump(mode="json"), created_at=now, changed_at=now
    )
    db.add(new)
    db.flush()
    return new


def drafts(db: Session, after: str | None) -> Slice[Row[Any]]:
    """Of the whole town, the last changed first."""
    query = select(Draft.id, Draft.title, Draft.changed_at, User.name.label("author_name"))
    return cut(db, query.join(User, User.id == Draft.author_id), LATEST, after, PAGE)


def redraft(db: Session, draft: Draft, paper: Paper, now: datetime) -> None:
    """Keep a changed paper. The pictures that it no longer shows are gone for good."""
    before = draft.file_ids
    draft.title, draft.document, draft.file_ids = paper.title, paper.model_dump(mode="json"), paper.file_ids
    draft.changed_at = now
    db.flush()
    _remove_files(db, set(before) - set(paper.file_ids))


def discard(db: Session, draft: Draft) -> None:
    """Throw a draft away, with its pictures."""
    _remove_files(db, draft.file_ids)
    db.delete(draft)
    db.flush()


def publish_draft(db: Session, draft: Draft, language: str, now: datetime) -> Poll:
    """Make a poll of it; whoever drafted it follows it. Raises Invalid with all that is missing."""
    paper = paper_of_draft(draft)
    _check(db, paper, now)
    author = db.get_one(User, draft.author_id)
    poll = enter(db, author, paper, language, now)
    if paper.file_ids:
        claim_for(db, paper.file_ids, poll)
    db.delete(draft)
    db.flush()
    return poll


def enter(db: Session, author: User, paper: Paper, language: str, now: datetime) -> Poll:
    """The poll of a paper, whatever it says: also one that opened in the past, for example towns and tests."""
    columns = paper.columns()
    opens_at = paper.opens_at or now
    poll = Poll(
        kind="poll", author_id=author.id, title=paper.title, text=paper.text, topic_id=paper.topic_id, language=language,
        code_salt=secrets.token_hex(16), imported_from="", opened_told_at=now if opens_at <= now else None,
        **{**columns, "opens_at": opens_at},
    )  # fmt: skip
    publish(db, poll, now)
    set_follow(db, author, poll, True)
    return poll


def change(db: Session, poll: Poll, paper: Paper, now: datetime) -> None:
    """Change a published poll. Raises Invalid when it could not be held like this, Forbidden from its opening on."""
    if paper.opens_at is None:
        raise Invalid(gettext("Say when voting opens."), "opens_on")
    _check(db, paper, now)
    table: Any = Poll.__table__
    # The condition and not the phase read before: whoever waited for others until voting opened changes nothing.
    still_closed = update(table).where(table.c.id == poll.id, table.c.opens_at > now, table.c.voter_count == 0)
    if db.scalar(still_closed.values(paper.columns()).returning(table.c.id)) is None:
        raise Forbidden(frozen(poll))
    db.refresh(poll)
    if (poll.title, poll.text) != (paper.title, paper.text):
        revise(db, poll, paper.title, paper.text, now)
    move(db, poll, paper.topic_id)
    touch(poll)
    db.flush()
    kept = set(paper.file_ids)
    _remove_files(db, [file.id for file in files_of(db, poll.id) if file.is_picture and file.id not in kept])


def frozen(poll: Poll) -> str:
    """Why a poll can no longer be changed, as a sentence."""
    sentence = gettext("Voting opened on %(date)s. From that moment on nothing of the poll can be changed.")
    return sentence % {"date": show_date(poll.opens_at)}


def add_picture(db: Session, owner: User, poll: Poll | None, upload: Upload, alt: str, now: datetime) -> int:
    """Keep the picture of an option: of a poll, or of a draft, whose author then owns it. Raises Invalid."""
    return attach(db, owner, upload, now, poll, alt).id


def describe_picture(db: Session, file_id: int, alt: str) -> None:
    file = get_file(db, file_id)
    file.alt = alt
    db.flush()


def _check(db: Session, paper: Paper, now: datetime) -> None:
    found = lacks(paper, now)
    if found:
        raise Invalid(" ".join(lack.sentence for lack in found))
    for id in paper.area_ids:
        hold_area(db, id)


def _remove_files(db: Session, ids: Iterable[int]) -> None:
    for id in ids:
        remove(db, get_file(db, id))
