"""Opening a loop when something happens that is owed an answer, and ending it when its author takes it back."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.authorities import responsible_for
from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.events import Event
from codesign.kit import Happening, Invalid, Occurrence, gettext, insert, post
from codesign_feedback.loop import OPEN, State
from codesign_feedback.loops import Loop, loop_of
from codesign_feedback.receipts import issue, written
from codesign_feedback.rules import Rules, rules_of
from codesign_feedback.steps import take
from codesign_feedback.timing import put_forward

HIDDEN, SHOWN_AGAIN = "moderation.hide", "moderation.restore"
"""Events of the core."""


def on_event(db: Session, happening: Happening, now: datetime) -> list[Occurrence]:
    """What an event of any plugin means for the loop of its contribution."""
    awaited, thing = happening.thing.ANSWERABLE, happening.thing
    if happening.name == SHOWN_AGAIN and happening.event.comment_id is None:
        wait_for_hidden(db, thing, now)
    if awaited is None or happening.name not in (awaited.after, awaited.withdrawn, awaited.merged):
        return []
    loop = loop_of(db, thing.id, lock=True)
    if happening.name == awaited.after:
        return open_loop(db, thing, rules_of(db), now, happening.event.data.get("url", "")) if loop is None else []
    return end(db, loop, thing, happening.name == awaited.merged, rules_of(db), now) if loop is not None else []


def end(db: Session, loop: Loop, thing: Contribution, merged: bool, rules: Rules, now: datetime) -> list[Occurrence]:
    """Its author takes it back, or it is joined to another one; nothing when it is over already."""
    return [take(db, "merge" if merged else "withdraw", loop, thing, None, rules, now)] if loop.state in OPEN else []


def wait_for_hidden(db: Session, thing: Contribution, now: datetime) -> None:
    """As long as a moderator hid it the clocks stood still: they end as many days later."""
    loop = loop_of(db, thing.id, lock=True)
    hidden = select(Event.at).where(Event.contribution_id == thing.id, Event.name == HIDDEN, Event.comment_id.is_(None))
    since = db.scalar(hidden.order_by(Event.id.desc()).limit(1))
    if loop is None or since is None:
        return
    rules = rules_of(db)
    put_forward(db, loop, (rules.calendar.today(now) - rules.calendar.today(since)).days, rules)


def open_loop(db: Session, thing: Contribution, rules: Rules, now: datetime, url: str) -> list[Occurrence]:
    """Received and acknowledged at once, with a number and a receipt. Two at the same moment open it once."""
    values: dict[str, Any] = {
        "contribution_id": thing.id, "state": State.RECEIVED, "opened_at": now, "state_at": now, "clock": "",
        "authority_id": responsible_for(db, thing.topic_id), "extended": False, "round": 0, "asked_count": 0,
        "solved_count": 0, "unsolved_count": 0, "reopened_count": 0, "appealing": False,
    }  # fmt: skip
    new = insert(db, Loop).values(values).on_conflict_do_nothing().returning(Loop.contribution_id)
    if db.scalar(new) is None:
        return []
    loop = db.get_one(Loop, thing.id)
    received = Occurrence("feedback.received", thing, {"state": State.RECEIVED.value})
    acknowledged = take(db, "acknowledge", loop, thing, None, rules, now, number=thing.number)
    _hand_out(db, thing, rules.settings.answer_days, now, url)
    return [received, acknowledged]


def take_up(db: Session, thing: Contribution, rules: Rules, now: datetime, url: str) -> list[Occurrence]:
    """An official opens the loop of a contribution that was there before, or was imported. Raises Invalid."""
    if thing.ANSWERABLE is None:
        raise Invalid(gettext("Contributions of this kind are not answered by the town."))
    if thing.hidden:
        raise Invalid(gettext("A moderator has hidden this. Nothing happens to it until it is shown again."))
    if loop_of(db, thing.id) is not None:
        raise Invalid(gettext("This has been taken up already."))
    return open_loop(db, thing, rules, now, url)


def _hand_out(db: Session, thing: Contribution, days: int, now: datetime, url: str) -> None:
    """The author gets a receipt, by a letter of their own: nobody else may read its code."""
    author = db.get(User, thing.author_id) if thing.author_id is not None else None
    if author is None or author.erased_at is not None:
        return
    receipt = issue(db, thing, now, user=author)
    if author.email and author.confirmed_at:
        base = url.removesuffix(thing.url)
        told = {"title": thing.title, "number": thing.number, "code": written(receipt.code), "days": days, "url": url}
        post(
            db, "feedback/mail/receipt", author.email, author, {**told, "receipt_url": f"{base}/feedback/receipt"}, now
        )
