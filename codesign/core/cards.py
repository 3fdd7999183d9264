"""Cards: contributions as lists show them, read as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from codesign.core.areas import Area
from codesign.core.contributions import Contribution
from codesign.core.topics import Topic
from codesign.core.users import Role, User
from codesign.i18n import gettext as _
from codesign.paging import AnySelect
from codesign.types import Kind


@dataclass(frozen=True)
class Card:
    """A contribution as lists show it: columns, not an object."""

    id: int
    number: str
    kind: str
    kind_label: str
    url: str
    title: str
    excerpt: str
    language: str
    topic_title: str | None
    topic_url: str | None
    area_title: str | None
    area_slug: str | None
    author_name: str | None
    author_role: Role | None
    created_at: datetime
    comment_count: int
    comments_elsewhere: int
    agree_count: int
    disagree_count: int
    more: Mapping[str, Any]
    """Columns that the kind added to the query."""


CARD_COLUMNS = (
    Contribution.id,
    Contribution.number,
    Contribution.kind,
    Contribution.title,
    Contribution.excerpt,
    Contribution.language,
    Contribution.created_at,
    Contribution.comment_count,
    Contribution.comments_elsewhere,
    Contribution.agree_count,
    Contribution.disagree_count,
    Contribution.ordinal,
    Topic.title.label("topic_title"),
    Topic.slug.label("topic_slug"),
    Area.title.label("area_title"),
    Area.slug.label("area_slug"),
    User.name.label("author_name"),
    User.role.label("author_role"),
)


def card_rows(*more: Any) -> AnySelect:
    """Visible contributions as columns; `more` are columns of a kind's own table, which the caller joins."""
    query = select(*CARD_COLUMNS, *more).select_from(Contribution)
    query = query.outerjoin(Topic, Contribution.topic_id == Topic.id).outerjoin(User, Contribution.author_id == User.id)
    query = query.outerjoin(Area, Contribution.area_id == Area.id)
    return query.where(Contribution.hidden_at.is_(None))


def cards(rows: Sequence[Row[Any]], kinds: Mapping[str, Kind]) -> list[Card]:
    """What the templates show of rows of `card_rows`. Rows of a kind that is not enabled here are left out."""
    return [_card(row._mapping, kinds[row.kind]) for row in rows if row.kind in kinds]


def _card(row: Any, kind: Kind) -> Card:
    own = {"id", "number", "kind", "title", "excerpt", "language", "created_at", "comment_count"}
    own |= {"comments_elsewhere", "agree_count", "disagree_count", "author_name", "author_role", "topic_title"}
    own |= {"area_title", "area_slug"}
    return Card(
        **{name: row[name] for name in own},
        kind_label=_(kind.label),
        url=kind.url_of(row["id"]),
        topic_url=f"/topics/{row['topic_slug']}" if row["topic_slug"] else None,
        more={name: row[name] for name in row if name not in own},
    )
