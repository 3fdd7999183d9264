"""Tags: free words on a contribution, beside its one topic. Districts of an import are tags too."""

from collections.abc import Iterable

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.core.topics import slug_of
from codesign.db import Base, Id, insert


class Tag(Base):
    __tablename__ = "tag"
    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class ContributionTag(Base):
    __tablename__ = "contribution_tag"
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True, index=True)


def tags_of(db: Session, contribution_id: int) -> list[str]:
    query = select(Tag.name).join(ContributionTag).where(ContributionTag.contribution_id == contribution_id)
    return list(db.scalars(query.order_by(Tag.name).limit(20)))


def ensure_tag(db: Session, name: str) -> int:
    """The id of the tag of that name, made when there is none."""
    slug = slug_of(name)
    db.execute(insert(db, Tag).values(slug=slug, name=name.strip()).on_conflict_do_nothing(index_elements=["slug"]))
    return db.scalars(select(Tag.id).where(Tag.slug == slug)).one()


def tag(db: Session, contribution_id: int, tag_ids: Iterable[int]) -> None:
    rows = [{"contribution_id": contribution_id, "tag_id": tag_id} for tag_id in dict.fromkeys(tag_ids)]
    if rows:
        db.execute(insert(db, ContributionTag).values(rows).on_conflict_do_nothing())
