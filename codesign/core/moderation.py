"""Keeping it civil: reports by readers, decisions by moderators with a reason, and a public log of them."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from codesign.core.comments import Comment, Standing, get_comment, set_standing
from codesign.core.contributions import Contribution, Reason, count_visible, get_contribution, touch
from codesign.core.users import User
from codesign.db import Base, Id, insert
from codesign.editions import SHOWN_NOWHERE
from codesign.paging import Key, Slice, cut
from codesign.types import Kind, NotFound

PAGE = 30


class Action(enum.Enum):
    HIDE = "hide"
    RESTORE = "restore"
    DISMISS = "dismiss"


class Report(Base):
    """A reader asks moderators to look at something. One report a person and thing."""

    __tablename__ = "report"
    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    target: Mapped[str]
    """`contribution:7` or `comment:12`."""
    reason: Mapped[Reason]
    detail: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    __table_args__ = (
        Index("uq_report_user_target", "user_id", "target", unique=True),
        Index("ix_report_open", "target", "settled_at"),
        {"info": SHOWN_NOWHERE},
    )


class Decision(Base):
    """What a moderator decided: the public log. Append-only."""

    __tablename__ = "decision"
    id: Mapped[Id]
    at: Mapped[datetime]
    action: Mapped[Action]
    moderator_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    contribution_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    reason: Mapped[Reason | None]
    note: Mapped[str] = mapped_column(default="")

    moderator: Mapped[User] = relationship(lazy="joined")


@dataclass(frozen=True)
class Target:
    """Something that can be reported: a contribution, or a comment on it."""

    thing: Contribution
    comment: Comment | None = None

    @property
    def name(self) -> str:
        return f"comment:{self.comment.id}" if self.comment else f"contribution:{self.thing.id}"

    @property
    def hidden(self) -> bool:
        return self.comment.standing is Standing.HIDDEN if self.comment else self.thing.hidden


@dataclass(frozen=True)
class Waiting:
    """A reported thing that waits for a decision."""

    name: str
    reports: int
    reasons: list[Reason]
    first_at: datetime


def find_target(db: Session, kinds: Mapping[str, Kind], name: str, lock: bool = False) -> Target:
    """The thing that `name` means (`comment:12`). Raises NotFound."""
    sort, _colon, number = name.partition(":")
    if not (number.isascii() and number.isdecimal()) or sort not in ("contribution", "comment"):
        raise NotFound(name)
    if sort == "contribution":
        return Target(get_contribution(db, kinds, int(number), lock=lock))
    comment = get_comment(db, int(number), lock)
    return Target(get_contribution(db, kinds, comment.contribution_id), comment)


def report(db: Session, user: User, target: Target, reason: Reason, detail: str, now: datetime) -> bool:
    """File a report. False when this person's report of it still waits; a settled one is opened again."""
    values = {"user_id": user.id, "target": target.name, "reason": reason, "detail": detail, "created_at": now}
    again = {"settled_at": None, "reason": reason, "detail": detail, "created_at": now}
    settled = Report.settled_at.is_not(None)
    filed = insert(db, Report).values(values)
    filed = filed.on_conflict_do_update(index_elements=["user_id", "target"], set_=again, where=settled)
    return db.scalar(filed.returning(Report.id)) is not None


def waiting(db: Session, after: str | None) -> tuple[list[Waiting], str | None]:
    """Reported things without a decision, the longest waiting first, paged by the first report of each."""
    groups = select(Report.target, func.count().label("reports"), func.min(Report.id).label("first"))
    groups = groups.where(Report.settled_at.is_(None)).group_by(Report.target)
    if after and after.isascii() and after.isdecimal() and len(after) < 19:
        groups = groups.having(func.min(Report.id) > int(after))
    rows = db.execute(groups.order_by(func.min(Report.id)).limit(PAGE + 1)).all()
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    reasons = _reasons(db, [row.target for row in rows])
    items = [
        Waiting(
            row.target, row.reports, [found.reason for found in reasons[row.target]], reasons[row.target][0].first_at
        )
        for row in rows
        if row.target in reasons
    ]
    return items, str(rows[-1].first) if more else None


def _reasons(db: Session, targets: list[str]) -> dict[str, list[Any]]:
    """For each of these things the reasons of its open reports, the first given first, and when."""
    waiting_ones = Report.settled_at.is_(None) & Report.target.in_(targets)
    query = select(Report.target, Report.reason, func.min(Report.created_at).label("first_at")).where(waiting_ones)
    found: dict[str, list[Any]] = {}
    for row in db.execute(query.group_by(Report.target, Report.reason).order_by(func.min(Report.id))):
        found.setdefault(row.target, []).append(row)
    return found


def decide(
    db: Session, moderator: User, target: Target, action: Action, reason: Reason | None, note: str, now: datetime
) -> Decision:
    """Hide, restore, or dismiss the reports; written to the public log. Hiding what is hidden changes nothing but the log."""
    hide = action is Action.HIDE
    if action is not Action.DISMISS and hide != target.hidden:
        _set_hidden(db, target, hide, reason, now)
    open_reports = update(Report).where(Report.target == target.name, Report.settled_at.is_(None))
    db.execute(open_reports.values(settled_at=now))
    comment_id = target.comment.id if target.comment else None
    decision = Decision(
        at=now, action=action, moderator_id=moderator.id, contribution_id=target.thing.id, comment_id=comment_id,
        reason=reason, note=note,
    )  # fmt: skip
    db.add(decision)
    db.flush()
    return decision


def decisions(db: Session, after: str | None) -> Slice[Any]:
    """The public log, newest first: rows of (Decision columns, moderator, kind, title)."""
    query = select(
        Decision.id, Decision.at, Decision.action, Decision.reason, Decision.note, Decision.contribution_id,
        Decision.comment_id, User.name.label("moderator_name"), Contribution.kind, Contribution.title,
        Contribution.hidden_at,
    )  # fmt: skip
    query = query.join(User, Decision.moderator_id == User.id)
    query = query.outerjoin(Contribution, Decision.contribution_id == Contribution.id)
    return cut(db, query, (Key(Decision.id, True),), after, PAGE)


def _set_hidden(db: Session, target: Target, hide: bool, reason: Reason | None, now: datetime) -> None:
    thing = target.thing
    if target.comment is not None and target.comment.standing is Standing.REMOVED:
        return  # its author took it back, and nobody else brings it again
    (target.comment or thing).hidden_reason = reason if hide else None
    if target.comment is not None:
        set_standing(db, target.comment, thing, Standing.HIDDEN if hide else Standing.VISIBLE)
        return
    thing.hidden_at = now if hide else None
    count_visible(db, thing, -1 if hide else 1)
    touch(thing)
    db.flush()
