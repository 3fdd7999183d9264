"""Letters that came back: the address is left alone, and what still waited for it has failed."""

from datetime import datetime

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from codesign.core.mailboxes import stop_mailbox, trust_mailbox
from codesign.outbox import Message, MessageState
from codesign.troubles import Trouble

STOPPED = f"{Trouble.STOPPED}: "


def stop_address(db: Session, user_id: int, because: str, now: datetime) -> None:
    """Nothing more is sent to this person but what they ask for themselves: a new password, a link to confirm the
    address. That is still tried, and when it arrives all is well again."""
    stop_mailbox(db, user_id, because, now)
    unasked = Message.event_id.is_not(None) | Message.day.is_not(None)
    waiting = _theirs(user_id, MessageState.QUEUED) & unasked
    db.execute(update(Message).where(waiting).values(state=MessageState.FAILED, error=STOPPED))


def try_again(db: Session, user_id: int, now: datetime) -> bool:
    """Send to this person again, and the letters that have failed meanwhile, too; what their daily letters did not tell
    is in the next one. False when nothing was stopped."""
    if not trust_mailbox(db, user_id):
        return False
    failed = _theirs(user_id, MessageState.FAILED) & Message.event_id.is_not(None)
    db.execute(update(Message).where(failed).values(state=MessageState.QUEUED, attempts=0, due_at=now))
    return True


def _theirs(user_id: int, state: MessageState) -> ColumnElement[bool]:
    return (Message.user_id == user_id) & (Message.state == state)
