"""What the front page tells of the loop (you said, we did; what waits), and the figures on pages of single places."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from markupsafe import escape
from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from codesign.core.authorities import Authority
from codesign.core.contributions import Contribution
from codesign.core.files import COLUMNS as FILE
from codesign.core.files import Attached, File
from codesign.core.life import Situation
from codesign.core.topics import Topic
from codesign.kit import Section, excerpt, show_number
from codesign_feedback.answers import Answer, Commitment
from codesign_feedback.figures import By, figures_by
from codesign_feedback.loop import State
from codesign_feedback.loops import CONFIRMED, WAITING, Loop
from codesign_feedback.shown_kinds import switched_on, url_of

RESULTS = LONGEST = 3
LOOKED_AT = 12
"""Of each sort of results: some of them may be hidden."""
COUNTED = 1000
"""More that wait are only said to be more: nobody reads them one by one, and a front page has no time to count."""
DAY = timedelta(days=1)
YEAR = timedelta(days=365)
ROUGHLY = 10
SHOWN = ("answered", "unanswered")
PLACES: dict[str, tuple[type[Any], By]] = {
    "authority": (Authority, By.AUTHORITY),
    "topic": (Topic, By.TOPIC),
    "situation": (Situation, By.SITUATION),
}


@dataclass(frozen=True)
class Result:
    """Something that residents asked for and the town has delivered."""

    title: str
    url: str
    language: str
    done: str
    """What the town did, in one or two sentences."""
    verified: bool
    """Those who took part have said so too."""
    at: datetime
    authority: str | None
    picture: Attached | None


@dataclass(frozen=True)
class Waiting:
    title: str
    url: str
    language: str
    authority: str | None
    since: datetime
    days: int

    @property
    def longer_at(self) -> datetime:
        """When it has waited a day more."""
        return self.since + (self.days + 1) * DAY


def sections(slot: str, db: Session, subject: Any, now: datetime) -> list[Section]:
    if slot == "home":
        return [_home(db, now)]
    return [_place(slot, db, subject, now)] if slot in PLACES else []


def _home(db: Session, now: datetime) -> Section:
    results, (waiting, count) = latest_results(db), longest_waiting(db, now)
    context = {"results": results, "waiting": waiting, "count": count, "more": count >= COUNTED}
    moments = [row.longer_at for row in waiting]
    return Section("feedback/_home.html", context, weight=5, same_for_residents=True, moments=moments)


def latest_results(db: Session) -> list[Result]:
    """The newest that is verified or delivered, with what the town says it did: one query."""
    return [_result(row) for row in db.execute(_results().where(switched_on()))]


def longest_waiting(db: Session, now: datetime) -> tuple[list[Waiting], int]:
    """What has waited longest for its first official answer, and how many wait, COUNTED at most: one query."""
    open_here = select(
        Loop.contribution_id, Loop.opened_at, Loop.authority_id, Contribution.title, Contribution.kind,
        Contribution.language,
    )  # fmt: skip
    open_here = open_here.join(Contribution, Contribution.id == Loop.contribution_id)
    open_here = open_here.where(WAITING, Loop.answered_at.is_(None), Contribution.hidden_at.is_(None), switched_on())
    found = open_here.order_by(Loop.opened_at, Loop.contribution_id).limit(COUNTED).subquery()
    numbered = select(found, Authority.title.label("authority"), func.count().over().label("waiting"))
    numbered = numbered.outerjoin(Authority, Authority.id == found.c.authority_id)
    rows = db.execute(numbered.order_by(found.c.opened_at, found.c.contribution_id).limit(LONGEST)).all()
    return [_waiting(row, now) for row in rows], rows[0].waiting if rows else 0


@cache
def _results() -> Select[Any]:
    """Each sort by its own index first: the newest of a table of 100,000 must not be looked for."""
    verified = select(Loop.contribution_id.label("id"), Loop.verified_at.label("at")).where(CONFIRMED)
    verified = verified.order_by(Loop.verified_at.desc()).limit(LOOKED_AT)
    delivered = select(Loop.contribution_id.label("id"), Loop.state_at.label("at")).where(Loop.state == State.DELIVERED)
    delivered = delivered.order_by(Loop.state_at.desc()).limit(LOOKED_AT)
    newest = select(verified.subquery()).union_all(select(delivered.subquery())).subquery()
    kept, said = aliased(Commitment), aliased(Answer)
    last_kept = select(func.max(Commitment.id)).where(
        Commitment.contribution_id == newest.c.id, Commitment.delivered_on.is_not(None)
    )
    last_said = select(func.max(Answer.id)).where(Answer.contribution_id == newest.c.id)
    query = select(
        newest.c.id.label("contribution_id"), newest.c.at, Loop.verified_at, Contribution.title, Contribution.kind,
        Contribution.language, Authority.title.label("authority"), kept.evidence_html, kept.deliverable,
        said.html.label("answer"), *(column.label(f"file_{column.key}") for column in FILE),
    )  # fmt: skip
    query = query.select_from(newest).join(Loop, Loop.contribution_id == newest.c.id)
    query = query.join(Contribution, Contribution.id == newest.c.id)
    query = query.outerjoin(Authority, Authority.id == Loop.authority_id)
    query = query.outerjoin(kept, kept.id == last_kept.scalar_subquery()).outerjoin(File, File.id == kept.picture_id)
    query = query.outerjoin(said, said.id == last_said.scalar_subquery())
    return query.where(Contribution.hidden_at.is_(None)).order_by(newest.c.at.desc(), newest.c.id).limit(RESULTS)


def _result(row: Row[Any]) -> Result:
    told = row.evidence_html or escape(row.deliverable or "") or row.answer or ""
    file = [getattr(row, f"file_{column.key}") for column in FILE]
    return Result(
        title=row.title, url=url_of(row.kind, row.contribution_id), language=row.language, done=excerpt(told),
        verified=row.verified_at is not None, at=row.at, authority=row.authority,
        picture=Attached(*file) if row.file_id is not None else None,
    )  # fmt: skip


def _waiting(row: Row[Any], now: datetime) -> Waiting:
    url, days = url_of(row.kind, row.contribution_id), (now - row.opened_at).days
    return Waiting(row.title, url, row.language, row.authority, row.opened_at, days)


def _place(slot: str, db: Session, place: Any, now: datetime) -> Section:
    """In round numbers: with exact ones a small group that the page Listening hides could be worked out."""
    by = PLACES[slot][1]
    tally = figures_by(db, by, now, now - YEAR, only=[place.id], wanted=SHOWN).get(place.id)
    answered, waiting = _rounded(tally.answered if tally else 0), _rounded(tally.unanswered if tally else 0)
    days = show_number(tally.median_days) if tally and answered and tally.median_days is not None else ""
    context = {"days": days, "answered": answered, "waiting": waiting, "url": f"/feedback/?by={by.value}"}
    return Section("feedback/_place.html", {**context, "any": tally is not None}, weight=5, same_for_residents=True)


def _rounded(number: int) -> int:
    return number - number % ROUGHLY
