"""Areas: the districts of a municipality, in an order that its administrators choose."""

from sqlalchemy import delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.core.topics import slug_of
from codesign.db import BIGGEST_ID, Base, Id, insert
from codesign.i18n import gettext as _
from codesign.types import Invalid, NotFound


class Area(Base):
    __tablename__ = "area"
    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    """Stays as it is when the area is renamed, so that links and imports find it again."""
    title: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)


def get_area(db: Session, slug: str) -> Area:
    area = db.scalar(select(Area).where(Area.slug == slug))
    if area is None:
        raise NotFound(f"no area {slug!r}")
    return area


def areas(db: Session, limit: int = 500) -> list[Area]:
    """In the order of the town, which has dozens at most."""
    return list(db.scalars(select(Area).order_by(Area.position, Area.id).limit(limit)))


def create_area(db: Session, title: str) -> Area:
    """A new last one. Raises Invalid when there is already an area of that name."""
    id = None if _named(db, title) else _add(db, title)
    if id is None:
        raise _taken()
    return db.get_one(Area, id)


def ensure_area(db: Session, title: str) -> int:
    """The id of the area of that name, made when there is none."""
    slug = slug_of(title)
    id = _named(db, title) or _add(db, title)
    return id if id is not None else db.scalars(select(Area.id).where(Area.slug == slug)).one()


def rename_area(db: Session, area: Area, title: str) -> None:
    """Raises Invalid when another area has that name."""
    if _named(db, title) not in (None, area.id):
        raise _taken()
    area.title = title.strip()
    db.flush()


def shift_area(db: Session, area: Area, step: int) -> None:
    """Let it change places with the one before (-1) or after it (1), if there is one."""
    # All of them locked, in one order: two who shift at the same moment come one after the other.
    db.scalars(select(Area.id).order_by(Area.id).with_for_update(key_share=True)).all()
    fresh = select(Area).order_by(Area.position, Area.id).execution_options(populate_existing=True)
    order = list(db.scalars(fresh))
    place = order.index(area)
    if 0 <= place + step < len(order):
        order.insert(place + step, order.pop(place))
    for position, each in enumerate(order, 1):
        each.position = position
    db.flush()


def remove_area(db: Session, area: Area) -> None:
    """Raises Invalid when anything refers to it: a contribution, a resident, or something of a plugin."""
    try:
        with db.begin_nested():
            db.execute(delete(Area).where(Area.id == area.id))
    except IntegrityError as error:
        raise Invalid(_("This area is in use, so it cannot be removed. Rename it instead.")) from error


def hold_area(db: Session, id: int) -> None:
    """Nobody removes it before the end of this transaction. Raises Invalid when somebody already has."""
    held = select(Area.id).where(Area.id == id).with_for_update(read=True, key_share=True)
    if not 0 < id <= BIGGEST_ID or db.scalar(held) is None:
        raise Invalid(_("This area is no longer there. Please choose another one."), "area")


def _named(db: Session, title: str) -> int | None:
    same = or_(Area.slug == slug_of(title), Area.title == title.strip())
    return db.scalar(select(Area.id).where(same).order_by(Area.title != title.strip(), Area.id).limit(1))


def _add(db: Session, title: str) -> int | None:
    """None when somebody added an area of that name at the same moment."""
    last = select(func.coalesce(func.max(Area.position), 0) + 1).scalar_subquery()
    new = insert(db, Area).values(slug=slug_of(title), title=title.strip(), position=last)
    return db.scalar(new.on_conflict_do_nothing(index_elements=["slug"]).returning(Area.id))


def _taken() -> Invalid:
    return Invalid(_("There is already an area of this name."), "title")
