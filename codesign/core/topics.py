"""Topics: the subjects residents and authorities talk about."""

import re
import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.db import Base, Id, insert
from codesign.i18n import gettext as _
from codesign.types import Invalid, NotFound

SLUG_LENGTH = 60


class Topic(Base):
    __tablename__ = "topic"
    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    contribution_count: Mapped[int] = mapped_column(default=0)
    follower_count: Mapped[int] = mapped_column(default=0)

    @property
    def url(self) -> str:
        return f"/topics/{self.slug}"


def get_topic(db: Session, slug: str) -> Topic:
    topic = db.scalar(select(Topic).where(Topic.slug == slug))
    if topic is None:
        raise NotFound(f"no topic {slug!r}")
    return topic


def topics(db: Session, limit: int = 200) -> list[Topic]:
    """Topics by title. A town has dozens; imported ones that nobody uses come last."""
    query = select(Topic).order_by((Topic.contribution_count == 0), Topic.title, Topic.id)
    return list(db.scalars(query.limit(limit)))


def busiest_topics(db: Session, limit: int) -> list[Topic]:
    query = select(Topic).where(Topic.contribution_count > 0)
    return list(db.scalars(query.order_by(Topic.contribution_count.desc(), Topic.id).limit(limit)))


def create_topic(db: Session, title: str, summary: str = "") -> Topic:
    """Raises Invalid when there is already a topic of that name."""
    new = insert(db, Topic).values(slug=slug_of(title), title=title.strip(), summary=summary.strip())
    id = db.scalar(new.on_conflict_do_nothing(index_elements=["slug"]).returning(Topic.id))
    if id is None:
        raise Invalid(_("There is already a topic of this name."), "title")
    return db.get_one(Topic, id)


def ensure_topic(db: Session, title: str) -> int:
    """The id of the topic of that name, made when there is none."""
    slug = slug_of(title)
    values = {"slug": slug, "title": title.strip(), "summary": "", "contribution_count": 0, "follower_count": 0}
    db.execute(insert(db, Topic).values(values).on_conflict_do_nothing(index_elements=["slug"]))
    return db.scalars(select(Topic.id).where(Topic.slug == slug)).one()


def slug_of(title: str) -> str:
    """The part of a URL that names `title`: letters of any script stay, accents of Latin ones go."""
    parts = unicodedata.normalize("NFKD", title.casefold())
    folded = unicodedata.normalize("NFC", re.sub("(?<=[a-z])[\u0300-\u036f]+", "", parts))
    words = re.sub(r"[\W_]+", "-", folded).strip("-")
    return words[:SLUG_LENGTH].rstrip("-") or "topic"
