"""Contributions: everything public that somebody puts forward, of whatever kind. One table, one number, one page."""

import enum
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, TypeVar

from markupsafe import Markup
from sqlalchemy import ForeignKey, Index, UniqueConstraint, bindparam, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from codesign import direct
from codesign.core.areas import Area, hold_area
from codesign.core.life import Situation
from codesign.core.search import index_text
from codesign.core.topics import Topic
from codesign.core.users import Role, User
from codesign.db import BIGGEST_ID, Base, Id, fetch, insert
from codesign.editions import SHOWN_NOWHERE, SHOWN_WITH_CONTRIBUTIONS
from codesign.i18n import gettext as _
from codesign.i18n import mark
from codesign.markup import excerpt, render
from codesign.paging import Key
from codesign.types import Answerable, Kind, NotFound

TITLE_LENGTHS = (4, 120)
TEXT_LENGTH = 20_000
PAGE = 20


class Reason(enum.Enum):
    """Why readers report something, and why moderators hide it."""

    SPAM = "spam"
    INSULT = "insult"
    HATE = "hate"
    PERSONAL_DATA = "personal_data"
    OFF_TOPIC = "off_topic"
    DUPLICATE = "duplicate"
    ILLEGAL = "illegal"
    OTHER = "other"


class Series(Base):
    """The last number given out of each numbered series."""

    __tablename__ = "series"
    __table_args__ = {"info": SHOWN_NOWHERE}
    name: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class Contribution(Base):
    """The part that all kinds share. A plugin's kind inherits from it, in a table of its own."""

    LABEL: ClassVar[str] = mark("Contribution")
    URL: ClassVar[str] = "/contributions/{id}"
    """The page of one, with `{id}`."""
    ANSWERABLE: ClassVar[Answerable | None] = None
    """When the municipality owes it an answer; None: never."""

    __tablename__ = "contribution"
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    """Public number in this municipality: year and place, `2026-00042`."""
    kind: Mapped[str]
    ordinal: Mapped[int]
    """Its place among those of its kind, without gaps when made; what the random order shuffles."""
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    situation_id: Mapped[int | None] = mapped_column(ForeignKey("situation.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    """None: it is about the whole town."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    """None when an import did not say who wrote it."""
    title: Mapped[str]
    text: Mapped[str]
    html: Mapped[Markup]
    excerpt: Mapped[str]
    language: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    """Grows with every visible change: cache key, ETag and edit lock in one."""
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    hidden_reason: Mapped[Reason | None]
    agree_count: Mapped[int] = mapped_column(default=0)
    disagree_count: Mapped[int] = mapped_column(default=0)
    comment_count: Mapped[int] = mapped_column(default=0)
    comments_elsewhere: Mapped[int] = mapped_column(default=0)
    """Comments that an earlier platform counted but whose texts its export does not hold."""
    follower_count: Mapped[int] = mapped_column(default=0)

    author: Mapped[User | None] = relationship(lazy="joined", innerjoin=False)
    topic: Mapped[Topic | None] = relationship(lazy="joined", innerjoin=False)
    situation: Mapped[Situation | None] = relationship(lazy="joined", innerjoin=False)
    area: Mapped[Area | None] = relationship(lazy="joined", innerjoin=False)

    __mapper_args__ = {"polymorphic_on": "kind"}
    __table_args__ = (
        UniqueConstraint("kind", "ordinal"),
        # Each ends with `number`, as orders do: SQLite finds no place in an index by a primary key at its end.
        Index("ix_contribution_latest", "created_at", "number"),
        Index("ix_contribution_newest", "kind", "created_at", "number"),
        Index("ix_contribution_voted", "kind", "agree_count", "number"),
        Index("ix_contribution_discussed", "kind", "comment_count", "number"),
        Index("ix_contribution_topic", "topic_id", "created_at", "number"),
        Index("ix_contribution_topic_voted", "topic_id", "agree_count", "number"),
        Index("ix_contribution_topic_discussed", "topic_id", "comment_count", "number"),
        Index("ix_contribution_situation", "situation_id", "created_at", "number"),
        Index("ix_contribution_area", "area_id", "created_at", "number"),
        Index("ix_contribution_area_voted", "area_id", "agree_count", "number"),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )

    @property
    def url(self) -> str:
        return self.URL.format(id=self.id)

    @property
    def kind_label(self) -> str:
        return _(self.LABEL)

    @property
    def author_role(self) -> Role | None:
        return self.author.role if self.author else None

    @property
    def topic_title(self) -> str | None:
        return self.topic.title if self.topic else None

    @property
    def topic_url(self) -> str | None:
        return self.topic.url if self.topic else None

    @property
    def area_title(self) -> str | None:
        return self.area.title if self.area else None

    @property
    def author_name(self) -> str | None:
        return self.author.name if self.author else None

    @property
    def hidden(self) -> bool:
        return self.hidden_at is not None


C = TypeVar("C", bound=Contribution)

NEWEST = (Key(Contribution.created_at, True), Key(Contribution.number, True))
MOST_VOTED = (Key(Contribution.agree_count, True), Key(Contribution.number, True))
MOST_DISCUSSED = (Key(Contribution.comment_count, True), Key(Contribution.number, True))


def get_contribution(
    db: Session, kinds: Mapping[str, Kind], id: int, lock: bool = False, alone: bool = False
) -> Contribution:
    """The contribution of an enabled kind, hidden ones too. Raises NotFound.

    Asks for the kind first: loading a row whose plugin is not installed would fail.
    """
    found = direct.rows(db, _kind(), id=id) if 0 < id <= BIGGEST_ID else []
    kind: str = found[0][0] if found else ""
    if kind not in kinds:
        raise NotFound(f"no contribution {id}")
    model = kinds[kind].model
    return direct.fetch_alone(db, model, id) or fetch(db, model, id) if alone else fetch(db, model, id, lock)


@cache
def _kind() -> Any:
    return select(Contribution.kind).where(Contribution.id == bindparam("id"))


def get_of_kind(db: Session, model: type[C], id: int, lock: bool = False) -> C:
    """The contribution of one kind, for the pages of that kind. Raises NotFound."""
    return fetch(db, model, id, lock)


def publish(db: Session, thing: C, now: datetime) -> C:
    """Give a new contribution its number, its HTML and its place in the counters, and store it."""
    thing.created_at = thing.created_at or now
    thing.number = f"{now.year}-{next_in_series(db, f'number {now.year}'):05d}"
    thing.ordinal = next_in_series(db, f"kind {thing.kind}")
    _render(thing)
    db.add(thing)
    db.flush()
    if thing.topic_id is not None:
        _count(db, Topic, thing.topic_id, Topic.contribution_count, 1)
    if thing.situation_id is not None:
        _count(db, Situation, thing.situation_id, Situation.thread_count, 1)
    index_text(db, thing.id, thing.title, thing.text)
    return thing


def revise(db: Session, thing: Contribution, title: str, text: str, now: datetime) -> None:
    thing.title, thing.text, thing.edited_at = title, text, now
    _render(thing)
    touch(thing)
    db.flush()
    index_text(db, thing.id, thing.title, thing.text)


def touch(thing: Contribution) -> None:
    """Say that what readers see of it has changed."""
    thing.version = Contribution.version + 1


def move(db: Session, thing: Contribution, topic_id: int | None) -> None:
    """Put it under another topic; the counters of both follow."""
    if topic_id == thing.topic_id:
        return
    for id, step in ((thing.topic_id, -1), (topic_id, 1)):
        if id is not None:
            _count(db, Topic, id, Topic.contribution_count, step)
    thing.topic_id = topic_id
    touch(thing)
    db.flush()


def place_in(db: Session, thing: Contribution, area_id: int | None) -> None:
    """Say which area it is about. Raises Invalid when somebody has just removed that one."""
    if area_id == thing.area_id:
        return
    if area_id is not None:
        hold_area(db, area_id)
    thing.area_id = area_id
    touch(thing)
    db.flush()
    db.expire(thing, ["area"])


def count_visible(db: Session, thing: Contribution, step: int) -> None:
    """It was hidden (-1) or shown again (+1): the counters of its topic and situation follow."""
    if thing.topic_id is not None:
        _count(db, Topic, thing.topic_id, Topic.contribution_count, step)
    if thing.situation_id is not None:
        _count(db, Situation, thing.situation_id, Situation.thread_count, step)


def next_in_series(db: Session, name: str, step: int = 1) -> int:
    """The next number of a series; two writers never get the same one. With `step`, the last of that many."""
    taken = insert(db, Series).values(name=name, last=step)
    taken = taken.on_conflict_do_update(index_elements=["name"], set_={"last": Series.last + step})
    return int(db.execute(taken.returning(Series.last)).scalar_one())


def _render(thing: Contribution) -> None:
    thing.html = render(thing.text)
    thing.excerpt = excerpt(thing.html)


def _count(db: Session, table: type[Topic | Situation], id: int, column: Any, step: int) -> None:
    counted = update(table).where(table.id == id).values({column: column + step})
    db.execute(counted, execution_options=SHOWN_WITH_CONTRIBUTIONS)
