"""Updates: the author's word to those who support a proposal, at most one in three days."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from codesign.core.contributions import touch
from codesign.kit import Invalid, Key, cut, gettext, render, show_datetime
from codesign.paging import Slice
from codesign_proposals.proposals import Proposal, Update

PAUSE = timedelta(days=3)
PAGE = 10
NEWEST = (Key(Update.created_at, True), Key(Update.id, True))


def next_update_at(db: Session, proposal: Proposal) -> datetime | None:
    """When its author may write again; None when nothing was written yet."""
    last: datetime | None = db.scalar(select(func.max(Update.created_at)).where(Update.proposal_id == proposal.id))
    return last + PAUSE if last is not None else None


def too_early(db: Session, proposal: Proposal, now: datetime) -> str:
    """Why its author may not write just now, as a sentence; "" when they may."""
    possible = next_update_at(db, proposal)
    if possible is None or possible <= now:
        return ""
    sentence = gettext("You can write at most once in %(days)s days. The next update is possible from %(moment)s.")
    return sentence % {"days": PAUSE.days, "moment": show_datetime(possible)}


def post_update(db: Session, proposal: Proposal, title: str, text: str, now: datetime) -> Update:
    """Publish an update; the proposal is held. Raises Invalid when it is too early for it."""
    if sentence := too_early(db, proposal, now):
        raise Invalid(sentence)
    update = Update(proposal_id=proposal.id, title=title, text=text, html=render(text), created_at=now)
    db.add(update)
    touch(proposal)
    db.flush()
    return update


def updates(db: Session, proposal: Proposal, after: str | None) -> Slice[Row[Any]]:
    """A page of them, the newest first: id, title, html, at."""
    query = select(Update.id, Update.title, Update.html, Update.created_at, Update.created_at.label("at"))
    query = query.where(Update.proposal_id == proposal.id)
    return cut(db, query, NEWEST, after, PAGE)
