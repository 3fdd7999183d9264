"""A debate: its model, its phases, and the verbs that start, change and close one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, ForeignKey, Index, and_, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from codesign.core.comments import Comment
from codesign.core.contributions import Contribution, move, publish, revise, touch
from codesign.core.follows import followers, set_follow
from codesign.core.notices import Ground
from codesign.core.settings import settings_of
from codesign.core.users import STAFF, User
from codesign.core.votes import ContributionVote
from codesign.kit import (
    Answerable,
    Audience,
    Happening,
    Kind,
    Link,
    Objection,
    Predicate,
    anybody_signed_in,
    gettext,
    mark,
    render,
    show_date,
    unanswered_own,
)
from codesign_debates.settings import DebateSettings

PHASES = ("upcoming", "open", "closed")
UNCONCLUDED, CONCLUDED = text("concluded_at IS NULL"), text("concluded_at IS NOT NULL")
TAKING_PART = {"comments.post", "comments.vote", "contributions.vote", "comments.edit"}


class Debate(Contribution):
    LABEL = mark("Debate")
    URL = "/debates/{id}"
    ANSWERABLE = Answerable("debates.closed")

    __tablename__ = "debates_debate"
    __mapper_args__ = {"polymorphic_identity": "debate"}
    id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    opens_at: Mapped[datetime | None] = mapped_column(index=True)
    closes_at: Mapped[datetime | None]
    conclusion: Mapped[str] = mapped_column(default="")
    conclusion_html: Mapped[Markup] = mapped_column(default=Markup())
    concluded_at: Mapped[datetime | None]
    concluded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    concluded_by: Mapped[User | None] = relationship(foreign_keys=[concluded_by_id], lazy="joined", innerjoin=False)

    __table_args__ = (  # type: ignore[assignment]
        Index("ix_debates_debate_closes", "closes_at", sqlite_where=UNCONCLUDED, postgresql_where=UNCONCLUDED),
        Index("ix_debates_debate_concluded", "concluded_at", sqlite_where=CONCLUDED, postgresql_where=CONCLUDED),
    )


KIND = Kind("debate", Debate)


def phase(opens_at: datetime | None, closes_at: datetime | None, concluded_at: datetime | None, now: datetime) -> str:
    """Read from the clock: `upcoming`, `open` or `closed`."""
    if concluded_at is not None or (closes_at is not None and closes_at <= now):
        return "closed"
    return "upcoming" if opens_at is not None and opens_at > now else "open"


def phase_of(debate: Debate, now: datetime) -> str:
    return phase(debate.opens_at, debate.closes_at, debate.concluded_at, now)


def in_phase(wanted: str, now: Any) -> ColumnElement[bool]:
    """The same as `phase`, as a condition for lists; `now` may be a parameter of the query."""
    closed = or_(Debate.concluded_at.is_not(None), and_(Debate.closes_at.is_not(None), Debate.closes_at <= now))
    upcoming = and_(~closed, Debate.opens_at.is_not(None), Debate.opens_at > now)
    return {"closed": closed, "upcoming": upcoming, "open": and_(~closed, ~upcoming)}[wanted]


def start(
    db: Session,
    author: User,
    title: str,
    text: str,
    topic_id: int | None,
    language: str,
    dates: tuple[datetime | None, datetime | None],
    now: datetime,
) -> Debate:
    """Publish a debate; its author follows it. `dates` are when it opens and closes, None for now and never."""
    opens_at, closes_at = dates
    days = settings_of(db, "debates", DebateSettings).days_open
    if closes_at is None and days:
        closes_at = (opens_at or now) + timedelta(days=days)
    debate = Debate(
        kind="debate", author_id=author.id, title=title, text=text, topic_id=topic_id, language=language,
        opens_at=opens_at, closes_at=closes_at,
    )  # fmt: skip
    publish(db, debate, now)
    set_follow(db, author, debate, True)
    return debate


def change(db: Session, debate: Debate, title: str, text: str, topic_id: int | None, now: datetime) -> None:
    revise(db, debate, title, text, now)
    move(db, debate, topic_id)


def close(db: Session, debate: Debate, person: User, conclusion: str, now: datetime) -> None:
    """Sum up and close. The conclusion stays at the top of the page; who took part is told."""
    debate.conclusion, debate.conclusion_html = conclusion, render(conclusion)
    debate.concluded_at, debate.concluded_by_id, debate.concluded_by = now, person.id, person
    touch(debate)
    db.flush()


def _may_edit(actor: User | None, debate: Debate, now: datetime) -> bool:
    return unanswered_own(actor, debate, now) and debate.concluded_at is None


def _may_close(actor: User | None, debate: Debate, now: datetime) -> bool:
    involved = actor is not None and (actor.role in STAFF or actor.id == debate.author_id)
    return involved and anybody_signed_in(actor, debate, now) and debate.concluded_at is None and not debate.hidden


PERMISSIONS: Mapping[str, Predicate] = {
    "debates.start": anybody_signed_in,
    "debates.edit": _may_edit,
    "debates.close": _may_close,
}


def links(subject: Any, actor: User | None) -> list[Link]:
    """What an author or an official can do with a debate."""
    if not isinstance(subject, Debate):
        return []
    offered = [
        (_may_edit, Link(gettext("Edit"), f"{subject.url}/edit", "pencil")),
        (_may_close, Link(gettext("Close with a conclusion"), f"{subject.url}/close", "check")),
    ]
    return [link for may, link in offered if may(actor, subject, datetime.max)]


def objections(db: Session, actor: User | None, action: str, subject: Any, now: datetime) -> list[Objection]:
    """Before it opens and after it closes nobody comments or votes; a town may reserve starting debates to staff."""
    if action == "debates.start":
        settings = settings_of(db, "debates", DebateSettings)
        if settings.started_by == "staff" and (actor is None or actor.role not in STAFF):
            return [Objection(gettext("In this town, officials and moderators start the debates."))]
    if action not in TAKING_PART or not isinstance(subject, Debate):
        return []
    return [Objection(sentence)] if (sentence := _why_not_now(subject, now)) else []


def _why_not_now(debate: Debate, now: datetime) -> str:
    if phase_of(debate, now) == "closed":
        moment = min(at for at in (debate.concluded_at, debate.closes_at) if at is not None)
        return gettext("This debate closed on %(date)s. You can still read it.") % {"date": show_date(moment)}
    if phase_of(debate, now) == "upcoming" and debate.opens_at is not None:
        return gettext("This debate opens on %(date)s.") % {"date": show_date(debate.opens_at)}
    return ""


def audience(happening: Happening) -> list[Audience]:
    """Everyone who follows a debate, commented or voted on it either way hears its conclusion, the town's word, at once."""
    if happening.name != "debates.closed":
        return []
    id = happening.thing.id
    people = [
        (Ground.TOOK_PART, select(Comment.author_id).where(Comment.contribution_id == id)),
        (Ground.TOOK_PART, select(ContributionVote.user_id).where(ContributionVote.contribution_id == id)),
        (Ground.ITEM, followers("contribution", id)),
    ]
    reason = mark("You follow this debate or took part in it.")
    return [Audience(query, reason, "debates/mail/closed", ground, at_once=True) for ground, query in people]
