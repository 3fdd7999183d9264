"""After a yes: who does what by when, news of the work, and what shows that it is done."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.db import fetch
from codesign.kit import Invalid, NotFound, Occurrence, gettext, render
from codesign_feedback.answers import Commitment
from codesign_feedback.loop import LEADING_TO_WORK, State
from codesign_feedback.loops import Loop
from codesign_feedback.rules import Rules
from codesign_feedback.steps import take
from codesign_feedback.timing import running, show, start

LATEST = timedelta(days=3650)
MOST = 20
"""Commitments of one contribution."""


@dataclass(frozen=True)
class Evidence:
    """What shows that a commitment is kept: a text, maybe a link and a picture."""

    text: str
    on: date
    link: str = ""
    picture_id: int | None = None


def commit(
    db: Session, loop: Loop, thing: Contribution, actor: User, owner: str, due_on: date | None, deliverable: str,
    rules: Rules, now: datetime,
) -> Occurrence:  # fmt: skip
    """Promise something, with somebody responsible and a day. Raises Invalid."""
    if loop.state is State.ANSWERED and loop.code not in LEADING_TO_WORK:
        raise Invalid(gettext("The answer was not a yes. Answer anew before you promise anything."))
    today = rules.calendar.today(now)
    if due_on is not None and due_on < today:
        raise Invalid(gettext("This day has passed. Give a day to come."), "due_on")
    if due_on is not None and due_on > today + LATEST:
        raise Invalid(gettext("This is too far away. Give a day within the next ten years."), "due_on")
    if len(commitments_of(db, loop.contribution_id)) >= MOST:
        raise Invalid(gettext("There are too many promises here. Deliver some of them first."))
    told = {"owner": owner.strip(), "due_on": due_on, "deliverable": deliverable.strip()}
    occurrence = take(db, "commit", loop, thing, actor, rules, now, **told)
    assert due_on is not None
    db.add(
        Commitment(
            contribution_id=loop.contribution_id, owner=owner.strip(), due_on=due_on, deliverable=deliverable.strip(),
            made_at=now,
        )
    )  # fmt: skip
    _wind(db, loop, rules, now)
    return occurrence


def report(
    db: Session, loop: Loop, thing: Contribution, actor: User, text: str, rules: Rules, now: datetime
) -> Occurrence:
    """News of the work; the next is due after as many days again."""
    return take(db, "progress", loop, thing, actor, rules, now, text=text.strip())


def deliver(
    db: Session, loop: Loop, thing: Contribution, actor: User, commitment: Commitment, evidence: Evidence, rules: Rules,
    now: datetime,
) -> Occurrence:  # fmt: skip
    """One promise is kept. With the last of them the whole is delivered, else it is news of the work. Raises Invalid."""
    if commitment.contribution_id != loop.contribution_id:
        raise NotFound("a commitment of something else")
    if commitment.delivered_on is not None:
        raise Invalid(gettext("This is delivered already."))
    if evidence.on > rules.calendar.today(now):
        raise Invalid(gettext("This day is still to come. Give the day on which it was done."), "on")
    told: dict[str, Any] = {"text": evidence.text.strip(), "deliverable": commitment.deliverable, "link": evidence.link}
    left = [other for other in commitments_of(db, loop.contribution_id) if other.delivered_on is None]
    if len(left) > 1:
        occurrence = take(db, "progress", loop, thing, actor, rules, now, **told)
    else:
        occurrence = take(db, "deliver", loop, thing, actor, rules, now, **told)
        loop.delivered_at = now
    commitment.delivered_on, commitment.link, commitment.picture_id = evidence.on, evidence.link, evidence.picture_id
    commitment.evidence, commitment.evidence_html = evidence.text.strip(), render(evidence.text)
    _wind(db, loop, rules, now)
    return occurrence


def get_commitment(db: Session, id: int) -> Commitment:
    return fetch(db, Commitment, id)


def commitments_of(db: Session, contribution_id: int) -> list[Commitment]:
    query = select(Commitment).where(Commitment.contribution_id == contribution_id)
    return list(db.scalars(query.order_by(Commitment.id).limit(MOST)))


def _wind(db: Session, loop: Loop, rules: Rules, now: datetime) -> None:
    """The clock of delivery runs to the first day that was promised and is not kept yet. A promise for later does not
    move it."""
    db.flush()
    if loop.state is State.DELIVERED:
        return
    first = min(each.due_on for each in commitments_of(db, loop.contribution_id) if each.delivered_on is None)
    if rules.calendar.end_of(first) not in {clock.due_at for clock in running(db, loop) if clock.name == "delivery"}:
        start(db, loop, "delivery", rules, now, first)
    show(db, loop)
    db.flush()
