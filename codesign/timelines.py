"""Timelines: what happened to contributions, as far as everybody may read of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.events import Event, Side
from codesign.i18n import gettext as _
from codesign.paging import AnySelect, beside_order
from codesign.plugins import Plugins

LONGEST = 200
"""Events of one contribution's timeline at most: the newest."""


@dataclass(frozen=True)
class Moment:
    """One event of a contribution's timeline."""

    id: int
    name: str
    sentence: str
    """In the reader's language."""
    at: datetime
    origin: Side
    actor_id: int | None
    data: Mapping[str, Any]
    """What the event was recorded with."""


def sentences(plugins: Plugins, enabled: Collection[str]) -> Mapping[str, str]:
    """The public events of the core and of the plugins that are on, each with its sentence, not translated yet."""
    answers = [part for name, part in plugins.each("timeline") if name == "core" or name in enabled]
    return {event: sentence for part in answers for event, sentence in part.items()}


def happened(
    db: Session, names: Collection[str], kinds: Collection[str], where: ColumnElement[bool], limit: int
) -> Sequence[Row[Any]]:
    """The newest events of these names, as columns, newest first; none of what is hidden or of another kind.

    `where` is a condition on `Event` that an index gives in the order of ids.
    """
    query: AnySelect = (
        select(
            Event.id,
            Event.name,
            Event.at,
            Event.contribution_id,
            Contribution.kind,
            Contribution.title,
            User.name.label("actor_name"),
        )
        .join(Contribution, Contribution.id == Event.contribution_id)
        .outerjoin(User, User.id == Event.actor_id)
        .where(where, Event.comment_id.is_(None), Event.name.in_(names), Contribution.hidden_at.is_(None))
        .where(beside_order(db, Contribution.kind).in_(kinds))
    )
    return db.execute(query.order_by(Event.id.desc()).limit(limit)).all()


def timeline(db: Session, known: Mapping[str, str], contribution_id: int) -> list[Moment]:
    """What happened to one contribution, oldest first; `known` are the public events, from `sentences`."""
    of_it = (Event.contribution_id == contribution_id) & Event.comment_id.is_(None)
    query = select(Event.id, Event.name, Event.at, Event.origin, Event.actor_id, Event.data).where(of_it)
    rows = db.execute(query.where(Event.name.in_(known)).order_by(Event.id.desc()).limit(LONGEST)).all()
    return [
        Moment(row.id, row.name, _(known[row.name]), row.at, row.origin, row.actor_id, row.data)
        for row in reversed(rows)
    ]


def latest(db: Session, known: Mapping[str, str], contribution_ids: Collection[int]) -> dict[int, tuple[str, datetime]]:
    """The last public event of each of these contributions, in the reader's language, and when it was."""
    of_them = Event.contribution_id.in_(contribution_ids) & Event.comment_id.is_(None) & Event.name.in_(known)
    last = select(func.max(Event.id)).where(of_them).group_by(Event.contribution_id)
    rows = db.execute(select(Event.contribution_id, Event.name, Event.at).where(Event.id.in_(last)))
    return {row.contribution_id or 0: (_(known[row.name]), row.at) for row in rows}
