"""Who may vote: by verification level, area and age on the last day of the vote, or with a one-time code."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from codesign.core.areas import Area
from codesign.core.residents import Level, Residence, age_on, level_of, residence_of
from codesign.core.settings import CORE, TownSettings, settings_of
from codesign.core.users import User
from codesign.kit import gettext
from codesign_polls.polls import Poll


def last_day(db: Session, poll: Poll) -> date:
    """The last day of the vote in the town's zone: the day that decides on age."""
    return poll.closes_at.astimezone(ZoneInfo(settings_of(db, CORE, TownSettings).zone)).date()


def requirements(db: Session, poll: Poll) -> list[str]:
    """Who may vote, in sentences for the page of the poll."""
    told = []
    if poll.by_account:
        told.append(_of_accounts(poll))
        if poll.area_ids:
            told.append(gettext("They live in: %(areas)s.") % {"areas": ", ".join(_area_titles(db, poll))})
        if poll.min_age is not None:
            told.append(gettext("They are at least %(age)s years old on the last day.") % {"age": poll.min_age})
        if poll.max_age is not None:
            told.append(gettext("They are at most %(age)s years old on the last day.") % {"age": poll.max_age})
    if poll.by_code:
        told.append(gettext("Everybody to whom the town gave a one-time code."))
    return told


def _of_accounts(poll: Poll) -> str:
    if needs_residence(poll):
        return gettext("Residents with an account here whose residence the town has verified.")
    return gettext("Everybody with a confirmed account here.")


def needs_residence(poll: Poll) -> bool:
    """Area and age are known of verified residents only."""
    asked = poll.area_ids or poll.min_age is not None or poll.max_age is not None
    return poll.min_level >= Level.VERIFIED or bool(asked)


def why_not(db: Session, poll: Poll, user: User) -> str:
    """Why this person may not vote with the account, as a sentence; "" when they may."""
    if not poll.by_account:
        return gettext("This vote is for people with a one-time code.")
    residence = residence_of(db, user)
    if level_of(db, user) is Level.NONE:
        return gettext("Confirm your e-mail address first: open the letter we sent you.")
    if residence is None:
        sentence = gettext("Only verified residents vote here. Show your document at the town hall, then come back.")
        return sentence if needs_residence(poll) else ""
    return _wrong_area(db, poll, residence) or _wrong_age(db, poll, residence)


def _wrong_area(db: Session, poll: Poll, residence: Residence) -> str:
    if not poll.area_ids or residence.area_id in poll.area_ids:
        return ""
    titles = {"areas": ", ".join(_area_titles(db, poll))}
    return gettext("This vote is for those who live in: %(areas)s. The town has another area for you.") % titles


def _wrong_age(db: Session, poll: Poll, residence: Residence) -> str:
    if poll.min_age is None and poll.max_age is None:
        return ""
    if residence.born_on is None:
        return gettext("The town does not know your date of birth. Ask for it to be entered at the town hall.")
    age = age_on(residence.born_on, last_day(db, poll))
    if poll.min_age is not None and age < poll.min_age:
        return gettext("One must be %(age)s years old on the last day to vote here.") % {"age": poll.min_age}
    if poll.max_age is not None and age > poll.max_age:
        return gettext("This vote is for people up to %(age)s years.") % {"age": poll.max_age}
    return ""


def eligible_count(db: Session, poll: Poll) -> int:
    """Accounts that may vote, at this moment."""
    if not poll.by_account:
        return 0
    query = select(func.count()).select_from(User).where(User.confirmed_at.is_not(None), User.erased_at.is_(None))
    query = query.where(User.is_account)
    if needs_residence(poll):
        query = query.join(Residence, Residence.user_id == User.id)
    if poll.area_ids:
        query = query.where(Residence.area_id.in_(poll.area_ids))
    day = last_day(db, poll)
    if poll.min_age is not None:
        query = query.where(Residence.born_on <= born_by(day, poll.min_age))
    if poll.max_age is not None:
        query = query.where(Residence.born_on > born_by(day, poll.max_age + 1))
    return int(db.scalars(query).one())


def born_by(day: date, age: int) -> date:
    """The latest date of birth of those who are `age` years old on `day`, as `codesign.core.residents.age_on` counts."""
    year = max(1, day.year - age)
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February, in a year without it
        return day.replace(year=year, day=28)


def _area_titles(db: Session, poll: Poll) -> list[str]:
    found = select(Area.title).where(Area.id.in_(poll.area_ids)).order_by(Area.position, Area.id)
    return list(db.scalars(found))
