"""Life situations: what happens in a person's life, and the public services it needs."""

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.core.topics import slug_of
from codesign.db import Base, Id, insert
from codesign.i18n import gettext as _
from codesign.markup import render
from codesign.types import Invalid, NotFound

ICONS = ("heart-handshake", "baby", "briefcase", "graduation-cap", "house", "bus", "trees", "school", "landmark")


class Situation(Base):
    """A life situation as residents would say it: "I am expecting a child"."""

    __tablename__ = "situation"
    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    html: Mapped[Markup] = mapped_column(default=Markup())
    icon: Mapped[str] = mapped_column(default="heart-handshake")
    position: Mapped[int] = mapped_column(default=0)
    thread_count: Mapped[int] = mapped_column(default=0)
    follower_count: Mapped[int] = mapped_column(default=0)

    @property
    def url(self) -> str:
        return f"/situations/{self.slug}"


def get_situation(db: Session, slug: str) -> Situation:
    situation = db.scalar(select(Situation).where(Situation.slug == slug))
    if situation is None:
        raise NotFound(f"no situation {slug!r}")
    return situation


def situations(db: Session, limit: int = 100) -> list[Situation]:
    return list(db.scalars(select(Situation).order_by(Situation.position, Situation.id).limit(limit)))


def create_situation(db: Session, title: str, summary: str, text: str = "", icon: str = ICONS[0]) -> Situation:
    """Raises Invalid when there is already a situation of that name."""
    new = insert(db, Situation).values(slug=slug_of(title), title=title.strip(), summary=summary.strip(), icon=icon)
    id = db.scalar(new.on_conflict_do_nothing(index_elements=["slug"]).returning(Situation.id))
    if id is None:
        raise Invalid(_("There is already a life situation of this name."), "title")
    situation = db.get_one(Situation, id)
    describe(db, situation, text)
    return situation


def describe(db: Session, situation: Situation, text: str) -> None:
    situation.text = text
    situation.html = render(text)
    db.flush()
