"""Who hears what of a poll: that voting is open, and what came of it."""

from collections.abc import Mapping
from datetime import datetime
from math import ceil

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from codesign.core.contributions import get_of_kind
from codesign.core.follows import followers
from codesign.core.notices import Ground
from codesign.kit import SHOWN_NOWHERE, Audience, Happening, Occurrence, Tick, mark
from codesign_polls.polls import Poll, voters
from codesign_polls.wording import DAY

TIMELINE: Mapping[str, str] = {
    "polls.started": mark("Poll published"),
    "polls.opened": mark("Voting opened"),
    "polls.counted": mark("The votes are counted"),
}
"""What everybody may read of."""


def audience(happening: Happening) -> list[Audience]:
    """Followers hear that voting is open and what came of it; who voted with an account hears what came of it."""
    id = happening.thing.id
    following = mark("You follow this poll.")
    if happening.name == "polls.opened":
        return [Audience(followers("contribution", id), following, "polls/mail/opened", Ground.ITEM)]
    if happening.name == "polls.counted":
        return [
            Audience(followers("contribution", id), following, "polls/mail/counted", Ground.ITEM, at_once=True),
            Audience(voters(id), mark("You voted in this poll."), "polls/mail/counted", Ground.TOOK_PART, at_once=True),
        ]
    return []


def tell_of_openings(tick: Tick) -> None:
    """Voting has opened in some polls: their followers are told, once, whoever else finds out at the same moment."""
    with tick.read() as db:
        found = _just_opened(db, tick.now)
    for id in found:
        with tick.write() as db:
            if _mark_told(db, id, tick.now):
                poll = get_of_kind(db, Poll, id)
                days = max(1, ceil((poll.closes_at - tick.now) / DAY))
                tick.record(db, Occurrence("polls.opened", poll, {"days": days}))


def _just_opened(db: Session, now: datetime) -> list[int]:
    query = select(Poll.id).where(Poll.closes_at > now, Poll.opens_at <= now, Poll.opened_told_at.is_(None))
    return list(db.scalars(query.where(Poll.hidden_at.is_(None), Poll.imported_from == "")))


def _mark_told(db: Session, id: int, now: datetime) -> bool:
    table = Poll.__table__
    untold = update(table).where(table.c.id == id, table.c.opened_told_at.is_(None))  # type: ignore[arg-type]
    marked = untold.values(opened_told_at=now).returning(table.c.id)
    return db.scalar(marked, execution_options=SHOWN_NOWHERE) is not None
