"""Reports that wait too long for a decision: moderators are reminded, then the administrators, each once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.core.comments import Comment
from codesign.core.contributions import Contribution
from codesign.core.moderation import Report
from codesign.core.notices import Ground
from codesign.kit import SHOWN_NOWHERE, Audience, Base, Happening, Id, Occurrence, Tick, insert, mark
from codesign_feedback import people
from codesign_feedback.calendar import DAY
from codesign_feedback.rules import Rules, rules_of

REMINDED, ESCALATED = "feedback.reports_reminded", "feedback.reports_escalated"
EVENTS: Mapping[str, int] = {REMINDED: 0, ESCALATED: 1}
"""How many working days after the deadline each is recorded, at the hour of reminders. Nobody outside reads of them."""
LETTER = "feedback/mail/reports"
ONLY = 1


class Alarm(Base):
    """What was said about the open reports of one thing. Gone when they are decided."""

    __tablename__ = "feedback_alarm"
    __table_args__ = {"info": SHOWN_NOWHERE}
    target: Mapped[str] = mapped_column(primary_key=True)
    """As in `codesign.core.moderation`: `comment:12`."""
    event: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    """When the first of these reports was made."""


class Round(Base):
    """When somebody looks for reports that wait: one row."""

    __tablename__ = "feedback_round"
    __table_args__ = {"info": SHOWN_NOWHERE}
    id: Mapped[Id]
    next_at: Mapped[datetime]


@dataclass(frozen=True)
class Waiting:
    """Something reported that nobody has decided about."""

    target: str
    since: datetime

    @property
    def comment_id(self) -> int:
        """0 when it is a contribution."""
        sort, _colon, number = self.target.partition(":")
        return int(number) if sort == "comment" else 0


def tick(tick: Tick) -> None:
    """Once each working day, at the hour of reminders. On all other ticks: one row read by its key."""
    with tick.read() as db:
        next_at = db.scalar(select(Round.next_at).where(Round.id == ONLY))
        if next_at is not None and next_at > tick.now:
            return
        rules, waiting = rules_of(db), _waiting(db) if next_at is not None else []
    today = rules.calendar.today(tick.now)
    for name, days in EVENTS.items():
        for each in waiting:
            if today >= deadline(rules, each.since, days):
                with tick.write() as db:
                    _remind(db, tick, each, name)
    with tick.write() as db:
        _done(db, rules, tick.now)


def deadline(rules: Rules, since: datetime, days: int = 0) -> date:
    """The last working day to decide about what was reported then, and so many working days later."""
    calendar = rules.calendar
    return calendar.later(calendar.today(since), rules.settings.moderation_days + days, working=True)


def audience(happening: Happening) -> list[Audience]:
    """Moderators first; then the administrators, who decide about reports too."""
    if happening.name == REMINDED:
        return [Audience(people.moderators(), mark("You moderate this site."), LETTER, Ground.DUTY, at_once=True)]
    reason = mark("You administer this site.")
    return [Audience(people.administrators(), reason, LETTER, Ground.DUTY, at_once=True)]


def _waiting(db: Session) -> list[Waiting]:
    since = func.min(Report.created_at)
    query = select(Report.target, since.label("since")).where(Report.settled_at.is_(None)).group_by(Report.target)
    return [Waiting(row.target, row.since) for row in db.execute(query.order_by(since, Report.target).limit(1000))]


def _remind(db: Session, tick: Tick, waiting: Waiting, name: str) -> None:
    """Nothing when it was said of these reports already, or the contribution is of a kind that is off."""
    comment = db.get(Comment, waiting.comment_id) if waiting.comment_id else None
    id = comment.contribution_id if comment is not None else int(waiting.target.partition(":")[2])
    if db.scalar(select(Contribution.kind).where(Contribution.id == id)) not in tick.kinds:
        return
    row = {"target": waiting.target, "event": name, "since": waiting.since}
    said = insert(db, Alarm).values(row)
    newer = Alarm.since < waiting.since
    said = said.on_conflict_do_update(index_elements=["target", "event"], set_={"since": waiting.since}, where=newer)
    if db.scalar(said.returning(Alarm.target)) is None:
        return
    thing, rules = db.get_one(Contribution, id), rules_of(db)
    days = (rules.calendar.today(tick.now) - rules.calendar.today(waiting.since)).days
    tick.record(db, Occurrence(name, thing, {"path": thing.url, "days": days}))


def _done(db: Session, rules: Rules, now: datetime) -> None:
    today = rules.calendar.today(now)
    coming = (rules.calendar.reminder_on(today + days * DAY, back=False) for days in range(2))
    next_at = next(moment for moment in coming if moment > now)
    row = insert(db, Round).values(id=ONLY, next_at=next_at)
    db.execute(row.on_conflict_do_update(index_elements=["id"], set_={"next_at": next_at}))
    still = exists().where(Report.target == Alarm.target, Report.settled_at.is_(None))
    db.execute(delete(Alarm).where(~still), execution_options={"synchronize_session": False})
