"""Casting a ballot: one entry in the roll, by a constraint; the answers into the box, or beside the voter."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from codesign.core.contributions import touch
from codesign.core.users import User
from codesign.kit import Forbidden, gettext, insert, show_date
from codesign_polls.box import drop
from codesign_polls.definition import definition_of
from codesign_polls.polls import OpenBallot, Poll, Roll, phase_of
from codesign_polls.receipts import key_of, new_code


class AlreadyVoted(Forbidden):
    """There is a ballot of this voter already, and it cannot be taken out again: nobody knows which one it is."""


def voter_of(user: User) -> str:
    return f"u{user.id}"


def voter_of_code(digest: str) -> str:
    return f"c{digest}"


def has_voted(db: Session, poll: Poll, voter: str) -> bool:
    return db.scalar(select(Roll.voter).where(Roll.poll_id == poll.id, Roll.voter == voter)) is not None


def cast(db: Session, poll: Poll, voter: str, user_id: int | None, answers: list[Any], now: datetime) -> str:
    """Count a ballot: one answer for each question, None for blank. Returns the receipt, which is stored nowhere.

    In an open vote a second ballot takes the place of the first. Raises Forbidden before and after the vote, and
    AlreadyVoted in a secret one. Whether somebody may vote at all is asked before (`codesign_polls.eligibility`).
    """
    require_open(poll, now)
    questions = definition_of(poll.definition).questions
    assert len(answers) == len(questions)
    _hold(db, poll)
    first = _enter(db, poll, voter, user_id)
    if first:
        _count(db, poll)
    elif poll.secret:
        raise AlreadyVoted(gettext("Your vote is already counted. A secret ballot cannot be changed any more."))
    receipt = new_code()
    keys = [key_of(poll.number, place, receipt) for place in range(len(questions))]
    if poll.secret:
        for place, answer in enumerate(answers):
            drop(db, poll.id, place, keys[place], answer)
    else:
        _keep_open(db, poll, voter, answers, keys)
    touch(poll)
    db.flush()
    return receipt


def require_open(poll: Poll, now: datetime) -> None:
    """Raises Forbidden, with a sentence, before and after the vote."""
    if phase_of(poll, now) == "upcoming":
        raise Forbidden(gettext("Voting opens on %(date)s.") % {"date": show_date(poll.opens_at)})
    if phase_of(poll, now) == "closed" or poll.counted_at is not None:
        raise Forbidden(_too_late(poll))


def _too_late(poll: Poll) -> str:
    sentence = gettext("Voting ended on %(date)s. This ballot came too late and is not counted.")
    return sentence % {"date": show_date(poll.closes_at)}


def _hold(db: Session, poll: Poll) -> None:
    """Lock the poll until the end, before anything is written: whoever comes at the same moment waits here, and
    counting sees all of a ballot or nothing. (A transaction that writes to SQLite has the whole file to itself.)"""
    table: Any = Poll.__table__
    row = select(table.c.counted_at, table.c.opens_at, table.c.definition).where(table.c.id == poll.id)
    counted_at, opens_at, definition = db.execute(row.with_for_update()).one()
    if counted_at is not None:
        raise Forbidden(_too_late(poll))
    if (opens_at, definition) != (poll.opens_at, poll.definition):  # in its last moment before it opened
        raise Forbidden(gettext("This vote was changed just now. Open the ballot paper again."))


def _enter(db: Session, poll: Poll, voter: str, user_id: int | None) -> bool:
    """Into the roll, unless the voter stands there already: two requests at the same moment become one."""
    row = insert(db, Roll).values(poll_id=poll.id, voter=voter, user_id=user_id)
    return db.scalar(row.on_conflict_do_nothing().returning(Roll.voter)) is not None


def _count(db: Session, poll: Poll) -> None:
    table: Any = Poll.__table__
    db.execute(update(table).where(table.c.id == poll.id).values(voter_count=table.c.voter_count + 1))
    db.expire(poll, ["voter_count"])


def _keep_open(db: Session, poll: Poll, voter: str, answers: list[Any], keys: list[str]) -> None:
    row = {"poll_id": poll.id, "voter": voter, "answers": answers, "keys": keys}
    put = insert(db, OpenBallot).values(row)
    changed = {"answers": put.excluded.answers, "keys": put.excluded["keys"]}
    db.execute(put.on_conflict_do_update(index_elements=["poll_id", "voter"], set_=changed))


def my_ballot(db: Session, poll: Poll, voter: str) -> list[Any] | None:
    """The answers of a voter in an open vote. Of a secret one nobody can tell."""
    mine = select(OpenBallot.answers).where(OpenBallot.poll_id == poll.id, OpenBallot.voter == voter)
    return db.scalar(mine)
