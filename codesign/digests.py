"""Daily letters: at the hour a person chose, all that waits for them, in one letter a day.

The worker goes over the people once for each local hour, in steps; a letter is filled only when it is sent.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select, update
from sqlalchemy.orm import Session

from codesign.core.comments import Comment, Standing
from codesign.core.contributions import Contribution
from codesign.core.notices import DIGEST_HOUR, WAITING, Channel, Ground, Mail, Mailbox, Notice, Round
from codesign.core.preferences import HOURS, unwanted
from codesign.core.users import User
from codesign.db import UTCDateTime, insert
from codesign.editions import SHOWN_NOWHERE
from codesign.events import Event, told_by
from codesign.outbox import queue_daily

TEMPLATE = "notices/mail/digest"
ROUND = "daily letters"
STEP = 2500
"""For how many people one transaction writes letters."""
LISTED = 50
"""So many notices a letter lists; of the others it says how many there are."""
TAKEN = 1000
"""So many notices one letter settles at most; the others wait for the next day."""
DAYS_BACK = 2
"""Every hour of the day lies in so many days: one need not look further back than that."""


@dataclass(frozen=True)
class Entry:
    """One notice as a daily letter tells it."""

    event_id: int
    template: str
    reason: str
    ground: Ground
    data: Mapping[str, Any]
    """What the event was recorded with."""


@dataclass(frozen=True)
class News:
    """What waits for one person."""

    ids: tuple[int, ...]
    """Of the notices that the letter settles, those too that it leaves out."""
    entries: tuple[Entry, ...]
    """Newest first."""
    more: int
    """How many it does not list."""


def due_hours(since: datetime, until: datetime, zone: str) -> list[int]:
    """The hours of the day that came after `since`, up to `until`, on the clocks of a town.

    An hour that a change of the clocks leaves out comes right after the change; one that comes twice counts at first.
    """
    place = ZoneInfo(zone)
    first, last = since.astimezone(place).date(), until.astimezone(place).date()
    days = [last - timedelta(days=back) for back in range(min((last - first).days, DAYS_BACK) + 2)]
    return [hour for hour in HOURS if any(since < _moment(day, hour, place) <= until for day in days)]


def _moment(day: date, hour: int, place: ZoneInfo) -> datetime:
    return datetime.combine(day, clock_time(hour), place).astimezone(ZoneInfo("UTC"))


def anything_to_write(db: Session, now: datetime, zone: str) -> bool:
    """Whether a round is under way, or an hour has come. Looked at in a read-only session."""
    found = db.get(Round, ROUND)
    if found is None:
        return db.scalar(select(Notice.id).where(WAITING).limit(1)) is not None
    return found.doing_until is not None or bool(due_hours(found.done_until, now, zone))


def write_some(db: Session, now: datetime, zone: str) -> bool:
    """Queue the daily letters of the next people whose hour has come: STEP of them at most. True when there were any
    hours to do; killed before the commit, it has not happened."""
    found = _round(db, now)
    if found is None:
        return False
    hours = due_hours(found.done_until, found.doing_until or now, zone)
    if found.doing_until is None and not hours:
        return False
    found.doing_until = found.doing_until or now
    ahead = _waiting(hours, found.after).subquery()
    count, last = db.execute(select(func.count(), func.max(ahead.c.user_id)).select_from(ahead)).one()
    if count:
        _write(db, hours, found.after, last, now, zone)
    found.after = last or 0
    if count < STEP:
        found.done_until, found.doing_until, found.after = found.doing_until, None, 0
    return True


def _round(db: Session, now: datetime) -> Round | None:
    """How far the letters have come; None while another worker has them in hand."""
    if db.get(Round, ROUND) is None:
        # The first round begins with what has waited longest.
        oldest = db.scalar(select(func.min(Notice.created_at, type_=UTCDateTime())).where(WAITING)) or now
        first = insert(db, Round).values(name=ROUND, done_until=min(oldest, now), after=0)
        db.execute(first.on_conflict_do_nothing())
        db.expire_all()
    query = select(Round).where(Round.name == ROUND).with_for_update(skip_locked=True)
    return db.scalar(query.execution_options(populate_existing=True))


def _waiting(hours: Sequence[int], after: int) -> Select[Any]:
    """The next people with waiting notices whose hour is one of these, by their id."""
    if DIGEST_HOUR in hours:
        mine = func.coalesce(Mailbox.digest_hour, DIGEST_HOUR).in_(hours)
        query = select(Notice.user_id).distinct().outerjoin(Mailbox, Mailbox.user_id == Notice.user_id)
        return query.where(WAITING, Notice.user_id > after, mine).order_by(Notice.user_id).limit(STEP)
    # Only those who chose an hour: few, compared with all who wait.
    waits = select(Notice.id).where(WAITING, Notice.user_id == Mailbox.user_id).exists()
    chose = select(Mailbox.user_id).where(Mailbox.user_id > after, Mailbox.digest_hour.in_(hours), waits)
    return chose.order_by(Mailbox.user_id).limit(STEP)


def _write(db: Session, hours: Sequence[int], after: int, last: int, now: datetime, zone: str) -> None:
    local = now.astimezone(ZoneInfo(zone))
    midnight = _moment(local.date(), 0, ZoneInfo(zone))
    waits = User.id.in_(select(Notice.user_id).where(WAITING, Notice.user_id > after, Notice.user_id <= last))
    hour = select(Mailbox.digest_hour).where(Mailbox.user_id == User.id).scalar_subquery()
    mine: ColumnElement[bool] = func.coalesce(hour, DIGEST_HOUR).in_(hours)
    people = [waits, mine, User.id > after, User.id <= last]
    queue_daily(db, TEMPLATE, people, local.date(), midnight, now)


def news_of(db: Session, user_ids: Collection[int], kinds: Collection[str]) -> dict[int, News]:
    """What waits for these people. Left out is what they have switched off meanwhile, what was hidden, and whatever
    is not of these kinds, those that are on."""
    by_person: dict[int, list[Any]] = {}
    for row in _rows(db, user_ids, kinds):
        by_person.setdefault(row.user_id, []).append(row)
    listed = {user_id: [row for row in rows if row.told][:LISTED] for user_id, rows in by_person.items()}
    data = told_by(db, {row.event_id for rows in listed.values() for row in rows})
    found = {}
    for user_id, rows in by_person.items():
        entries = [
            Entry(row.event_id, row.template, row.reason, row.ground, data[row.event_id]) for row in listed[user_id]
        ]
        more = sum(row.told for row in rows) - len(entries)
        found[user_id] = News(tuple(row.id for row in rows), tuple(entries), more)
    return found


def _rows(db: Session, user_ids: Collection[int], kinds: Collection[str]) -> Sequence[Any]:
    own = Notice.ground == Ground.AUTHOR  # who wrote it hears of it, hidden or not
    shown = and_(Contribution.hidden_at.is_(None), or_(Comment.id.is_(None), Comment.standing == Standing.VISIBLE))
    told = and_(
        not_(unwanted(Notice.user_id, Notice.ground, Channel.DIGEST)), Contribution.kind.in_(kinds), own | shown
    )
    newest = func.row_number().over(partition_by=Notice.user_id, order_by=Notice.id.desc())
    waiting = select(
        Notice.id, Notice.user_id, Notice.event_id, Notice.ground, Notice.reason, Notice.template,
        case((told, True), else_=False).label("told"), newest.label("place"),
    )  # fmt: skip
    waiting = waiting.join(Event, Event.id == Notice.event_id).outerjoin(
        Contribution, Contribution.id == Event.contribution_id
    )
    waiting = waiting.outerjoin(Comment, Comment.id == Event.comment_id)
    found = waiting.where(WAITING, Notice.user_id.in_(user_ids)).subquery()
    return db.execute(select(found).where(found.c.place <= TAKEN).order_by(found.c.id.desc())).all()


def settle(db: Session, ids: Sequence[int]) -> None:
    """These notices have been in a daily letter, or have nothing to tell any more."""
    done = update(Notice).where(Notice.id.in_(ids)).values(mail=Mail.DONE)
    db.execute(done, execution_options=SHOWN_NOWHERE)  # nobody has more or less to read for it
