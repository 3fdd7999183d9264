"""Where imported rows came from, so that a second import changes nothing and a stopped one goes on."""

from collections.abc import Iterable

from sqlalchemy import insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.db import Base
from codesign.editions import SHOWN_NOWHERE


class Origin(Base):
    """The row `source_id` of a source became the row `target_id` of the table that `noun` means."""

    __tablename__ = "origin"
    __table_args__ = {"info": SHOWN_NOWHERE}
    source: Mapped[str] = mapped_column(primary_key=True)
    noun: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(primary_key=True)
    target_id: Mapped[int]


def known(db: Session, source: str, noun: str, ids: Iterable[str]) -> dict[str, int]:
    """Those of `ids` that were imported before, with what they became."""
    asked = list(dict.fromkeys(ids))
    query = select(Origin.source_id, Origin.target_id).where(Origin.source == source, Origin.noun == noun)
    found: dict[str, int] = {}
    for start in range(0, len(asked), 500):
        rows = db.execute(query.where(Origin.source_id.in_(asked[start : start + 500])))
        found.update((source_id, target_id) for source_id, target_id in rows)
    return found


def remember(db: Session, source: str, noun: str, targets: dict[str, int]) -> None:
    """Raises an integrity error when a row is already known: nothing is imported twice."""
    same = {"source": source, "noun": noun}
    rows = [{**same, "source_id": id, "target_id": target} for id, target in targets.items()]
    if rows:
        db.execute(insert(Origin), rows)
