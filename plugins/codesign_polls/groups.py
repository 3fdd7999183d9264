"""Turnout by area and by age, without telling of anybody: what is small is not stored, nor what would give it away."""

from collections import Counter
from datetime import date
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from codesign.core.areas import Area
from codesign.core.residents import Residence, age_on
from codesign_polls.eligibility import last_day
from codesign_polls.polls import Code, CodeSheet, Poll, Roll

SMALLEST_GROUP = 5
AGES = (0, 16, 25, 35, 45, 55, 65, 75)
"""Where each age group begins."""


class Group(BaseModel):
    label: str
    """The title of an area; `16-24` or `75+`; "" when it is not known."""
    voters: int


class Groups(BaseModel):
    shown: list[Group] = []
    hidden: int = 0
    """How many groups are left out."""


def by_area(db: Session, poll: Poll) -> Groups:
    """Voters by the area they live in; of those with a code, by the area for which the town made it."""
    counts: Counter[int | None] = Counter()
    accounts = select(Residence.area_id, func.count()).select_from(Roll)
    accounts = accounts.outerjoin(Residence, Residence.user_id == Roll.user_id)
    accounts = accounts.where(Roll.poll_id == poll.id, Roll.user_id.is_not(None)).group_by(Residence.area_id)
    codes = select(CodeSheet.area_id, func.count()).select_from(Roll).group_by(CodeSheet.area_id)
    codes = codes.join(Code, (Code.poll_id == Roll.poll_id) & (Roll.voter == "c" + Code.digest))
    codes = codes.join(CodeSheet, CodeSheet.id == Code.sheet_id).where(Roll.poll_id == poll.id)
    for query in (accounts, codes):
        for area_id, number in db.execute(query):
            counts[area_id] += number
    titles = select(Area.id, Area.title).order_by(Area.position, Area.id)
    labels = [(id, title) for id, title in db.execute(titles)]
    return without_small([Group(label=title, voters=counts[id]) for id, title in [*labels, (None, "")]])


def by_age(db: Session, poll: Poll) -> Groups:
    """Voters by their age on the last day of the vote."""
    query = select(Residence.born_on, func.count()).select_from(Roll)
    query = query.outerjoin(Residence, Residence.user_id == Roll.user_id).where(Roll.poll_id == poll.id)
    counts: Counter[str] = Counter()
    day = last_day(db, poll)
    for born_on, number in db.execute(query.group_by(Residence.born_on)):
        counts[age_label(born_on, day)] += number
    return without_small([Group(label=label, voters=counts[label]) for label in [*_age_labels(), ""]])


def age_label(born_on: date | None, day: date) -> str:
    if born_on is None:
        return ""
    place = max(place for place, least in enumerate(AGES) if least <= max(0, age_on(born_on, day)))
    return _age_labels()[place]


def _age_labels() -> list[str]:
    ends: list[Any] = [str(after - 1) for after in AGES[1:]]
    return [*(f"{least}-{end}" for least, end in zip(AGES, ends, strict=False)), f"{AGES[-1]}+"]


def without_small(groups: list[Group]) -> Groups:
    """Leave out groups of fewer than SMALLEST_GROUP, and as many more, the smallest first, as are needed so that no
    group left out can be worked out from the total: at least two are hidden, and together they are not small."""
    voted = [group for group in groups if group.voters]
    by_size = sorted(voted, key=lambda group: group.voters)
    hidden = [group for group in by_size if group.voters < SMALLEST_GROUP]
    for group in by_size[len(hidden) :]:
        if not hidden or (len(hidden) > 1 and sum(one.voters for one in hidden) >= SMALLEST_GROUP):
            break
        hidden.append(group)
    left_out = {group.label for group in hidden}
    return Groups(shown=[group for group in voted if group.label not in left_out], hidden=len(hidden))
