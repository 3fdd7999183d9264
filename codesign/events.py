"""Events: what happened to a contribution, append-only. Recording one fills the outbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.db import Base, Id
from codesign.outbox import tell
from codesign.plugins import Hooks, ordered


class Event(Base):
    __tablename__ = "event"
    id: Mapped[Id]
    name: Mapped[str]
    """`moderation.hide`: the package that records it, then what happened."""
    contribution_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime]
    __table_args__ = (Index("ix_event_contribution", "contribution_id", "id"),)


@dataclass(frozen=True)
class Happening:
    """An event while it is recorded: the row, with the objects it is about."""

    event: Event
    thing: Contribution
    actor: User | None

    @property
    def name(self) -> str:
        return self.event.name


def record(
    db: Session,
    hooks: Hooks,
    name: str,
    thing: Contribution,
    actor: User | None,
    now: datetime,
    comment_id: int | None = None,
    **data: Any,
) -> Event:
    """Write an event, and queue a message to everyone who must hear, all in the caller's transaction. `data` must fit into JSON."""
    actor_id = actor.id if actor else None
    event = Event(name=name, contribution_id=thing.id, comment_id=comment_id, actor_id=actor_id, data=data, at=now)
    db.add(event)
    db.flush()
    happening = Happening(event, thing, actor)
    for audience in ordered(hooks.audience(db=db, happening=happening)):
        tell(db, event.id, audience, actor_id, {"title": thing.title, **data}, now)
    return event
