"""Following: a person wants to hear of a contribution, a topic, a life situation or an authority."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ForeignKey, Index, Select, delete, literal, select, union_all, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.core.authorities import Authority
from codesign.core.contributions import Contribution, get_contribution
from codesign.core.life import Situation
from codesign.core.topics import Topic
from codesign.core.users import User
from codesign.db import Base, fetch, insert
from codesign.editions import SHOWN_NOWHERE, SHOWN_WITH_CONTRIBUTIONS
from codesign.types import Kind, NotFound

Followed: TypeAlias = Contribution | Topic | Situation | Authority
SUBJECTS: dict[str, Any] = {
    "contribution": Contribution,
    "topic": Topic,
    "situation": Situation,
    "authority": Authority,
}


class Follow(Base):
    __tablename__ = "follow"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    """`contribution`, `topic`, `situation` or `authority`."""
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    __table_args__ = (Index("ix_follow_subject", "subject", "subject_id", "user_id"), {"info": SHOWN_NOWHERE})


@dataclass(frozen=True)
class Following:
    title: str
    url: str
    subject: str
    id: int


def get_followed(db: Session, kinds: Mapping[str, Kind], subject: str, id: int) -> Followed:
    """What can be followed under this name. Raises NotFound for anything else, and for what is hidden or switched off."""
    if subject not in SUBJECTS:
        raise NotFound(f"nobody follows a {subject!r}")
    if subject != "contribution":
        found: Followed = fetch(db, SUBJECTS[subject], id)
        return found
    thing = get_contribution(db, kinds, id, alone=True)
    if thing.hidden or not kinds[thing.kind].followable:
        raise NotFound(f"contribution {id} cannot be followed")
    return thing


def subject_of(thing: Followed) -> str:
    return next(name for name, model in SUBJECTS.items() if isinstance(thing, model))


def set_follow(db: Session, user: User, thing: Followed, wanted: bool) -> None:
    """Follow or stop following; the counter changes in the same transaction."""
    subject = subject_of(thing)
    key = {"user_id": user.id, "subject": subject, "subject_id": thing.id}
    if wanted:
        changed = insert(db, Follow).values(key).on_conflict_do_nothing().returning(Follow.user_id)
    else:
        mine = (Follow.user_id == user.id) & (Follow.subject == subject) & (Follow.subject_id == thing.id)
        changed = delete(Follow).where(mine).returning(Follow.user_id)  # type: ignore[assignment]
    if db.scalar(changed) is None:
        return
    model = SUBJECTS[subject]
    changes = {model.follower_count: model.follower_count + (1 if wanted else -1)}
    if model is Contribution:
        changes[Contribution.version] = Contribution.version + 1
    db.execute(update(model).where(model.id == thing.id).values(changes), execution_options=SHOWN_WITH_CONTRIBUTIONS)
    db.refresh(thing, [column.key for column in changes])


def stop_all(db: Session, user: User) -> None:
    """Follow nothing any more."""
    gone = delete(Follow).where(Follow.user_id == user.id).returning(Follow.subject, Follow.subject_id)
    for subject, id in db.execute(gone).all():
        model = SUBJECTS[subject]
        changes = {model.follower_count: model.follower_count - 1}
        if model is Contribution:
            changes[Contribution.version] = Contribution.version + 1
        change = update(model).where(model.id == id).values(changes)
        db.execute(change, execution_options={**SHOWN_WITH_CONTRIBUTIONS, "synchronize_session": False})


def drop_followers(db: Session, thing: Followed) -> None:
    """What is removed is followed no more: another may get its id."""
    db.execute(delete(Follow).where(Follow.subject == subject_of(thing), Follow.subject_id == thing.id))


def is_following(db: Session, user: User | None, thing: Followed) -> bool:
    if user is None:
        return False
    return db.get(Follow, (user.id, subject_of(thing), thing.id)) is not None


def followers(thing_subject: str, subject_id: int) -> Select[Any]:
    """A query for the ids of those who follow it."""
    return select(Follow.user_id).where(Follow.subject == thing_subject, Follow.subject_id == subject_id)


def followed_by(db: Session, user: User, kinds: Mapping[str, Kind], limit: int = 100) -> list[Following]:
    """What a person follows, for their own page."""
    queries = []
    for subject, model in SUBJECTS.items():
        kind = Contribution.kind if model is Contribution else literal("")
        slug = model.slug if model is not Contribution else literal("")
        query = select(literal(subject).label("subject"), model.id, model.title, kind.label("kind"), slug.label("slug"))
        mine = (Follow.subject == subject) & (Follow.subject_id == model.id) & (Follow.user_id == user.id)
        query = query.join(Follow, mine)
        queries.append(query.where(Contribution.hidden_at.is_(None)) if model is Contribution else query)
    rows = db.execute(union_all(*queries).limit(limit)).all()
    shown = [row for row in rows if not row.kind or row.kind in kinds]
    return [Following(row.title, _url(row, kinds), row.subject, row.id) for row in shown]


def _url(row: Any, kinds: Mapping[str, Kind]) -> str:
    if row.subject == "contribution":
        return kinds[row.kind].url_of(row.id)
    return f"/authorities/{row.slug}" if row.subject == "authority" else f"/{row.subject}s/{row.slug}"
