"""Threshold rules: what proposals of one topic or one area need instead of what holds for the town.

They are read when a proposal is published; what is published keeps the threshold it has.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.areas import Area, hold_area
from codesign.core.topics import Topic
from codesign.db import fetch
from codesign.kit import Invalid, gettext, insert
from codesign_proposals.proposals import Threshold

PERMILLE_OF_PERCENT = 10


@dataclass(frozen=True)
class Rule:
    id: int
    title: str
    """Of its topic or area."""
    of_topic: bool
    supporters: int | None
    percent: float | None
    """Of the registered residents, of the town or of the area."""


def rules(db: Session) -> list[Rule]:
    """By topic, then by area, in alphabetical order; a town has dozens at most."""
    query = select(Threshold, Topic.title, Area.title).outerjoin(Topic, Topic.id == Threshold.topic_id)
    query = query.outerjoin(Area, Area.id == Threshold.area_id).order_by(Topic.title.is_(None), Topic.title, Area.title)
    return [_rule(threshold, topic or area or "") for threshold, topic, area in db.execute(query)]


def rule_of(db: Session, threshold: Threshold) -> Rule:
    """One of them, with the title of its topic or area."""
    if threshold.topic_id is not None:
        return _rule(threshold, db.get_one(Topic, threshold.topic_id).title)
    return _rule(threshold, db.get_one(Area, threshold.area_id).title)


def _rule(threshold: Threshold, title: str) -> Rule:
    percent = threshold.share / PERMILLE_OF_PERCENT if threshold.share is not None else None
    return Rule(threshold.id, title, threshold.topic_id is not None, threshold.supporters, percent)


def get_rule(db: Session, id: int, lock: bool = False) -> Threshold:
    return fetch(db, Threshold, id, lock)


def add_rule(db: Session, place: str, supporters: int | None, percent: float | None) -> None:
    """Raises Invalid when there is one for this topic or area already."""
    sort, _colon, id = place.partition(":")
    where = {f"{sort}_id": int(id)}
    if sort == "area":
        hold_area(db, int(id))
    new = insert(db, Threshold).values(**where, supporters=supporters, share=_share(percent))
    if db.scalar(new.on_conflict_do_nothing().returning(Threshold.id)) is None:
        raise Invalid(gettext("There is a rule for it already. Change that one."), "place")


def change_rule(db: Session, rule: Threshold, supporters: int | None, percent: float | None) -> None:
    rule.supporters, rule.share = supporters, _share(percent)
    db.flush()


def remove_rule(db: Session, rule: Threshold) -> None:
    """What holds for the town holds again."""
    db.delete(rule)
    db.flush()


def _share(percent: float | None) -> int | None:
    return round(percent * PERMILLE_OF_PERCENT) if percent is not None else None
