"""Fates for the example towns: what was put forward is answered, promised, delivered and doubted, with its own dates.

Every step is taken by its verb, at the moment at which it would have been taken, and the clocks run in between: so the
rows are those of a town that has lived. Nobody is told of it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from codesign.core.authorities import Authority
from codesign.core.contributions import Contribution
from codesign.core.life import situations
from codesign.core.threads import start_thread
from codesign.core.users import User
from codesign.kit import Garden, Kind, Occurrence, Tick
from codesign_feedback import answering, asking, committing, handling, objecting, people, ticking
from codesign_feedback.answering import Decision
from codesign_feedback.committing import Evidence, commitments_of
from codesign_feedback.loop import BY_EVENT, By, Code, Refusal
from codesign_feedback.loops import Clock, Loop, get_loop
from codesign_feedback.opening import open_loop
from codesign_feedback.planted_pictures import drawn
from codesign_feedback.rules import rules_of

TEXTS = Path(__file__).parent / "examples"
Told = Mapping[str, Any]


@dataclass(frozen=True)
class Moment:
    """One step of one contribution, and when it was taken."""

    at: datetime
    thing: Contribution
    told: Told


def plant(garden: Garden) -> None:
    file = TEXTS / f"{garden.locale}.toml"
    if not file.exists():
        return
    texts = tomllib.loads(file.read_text())
    for told in texts["stories"]:
        _tell_story(garden, told)
    moments = [moment for told in texts["fates"] for moment in _moments(garden, told)]
    for moment in sorted(moments, key=lambda moment: moment.at):
        _run_clocks(garden, moment.at)
        _take(garden, moment)
    _run_clocks(garden, garden.now)


def _tell_story(garden: Garden, told: Told) -> None:
    """An older thread, with those who agreed and commented."""
    place = situations(garden.db)[told["situation"]]
    moment = garden.ago(told["days_ago"])
    thread = start_thread(
        garden.db, place, garden.person(told["author"]), told["title"], told["text"].strip(), garden.locale, moment
    )
    garden.vote(thread, told["agree"], told.get("disagree", 0))
    garden.comment(thread, told.get("comments", ()), told["days_ago"])


def _moments(garden: Garden, told: Told) -> Iterator[Moment]:
    """The steps of one fate. Those of contributions that this town has not, because their plugin is missing, are left
    out."""
    found = garden.db.scalars(select(Contribution).where(Contribution.title == told["of"]).limit(1)).first()
    for step in told["steps"] if found is not None else ():
        assert found is not None
        moment = garden.now - timedelta(days=step["days_ago"])
        yield Moment(max(moment.replace(hour=10, minute=30), found.created_at), found, {**told, **step})


def _run_clocks(garden: Garden, until: datetime) -> None:
    """Everything that time alone demanded up to this moment, each at its own hour."""
    kinds = {name: Kind(name, mapper.class_) for name, mapper in Contribution.__mapper__.polymorphic_map.items()}

    @contextmanager
    def same_session() -> Iterator[Session]:
        yield garden.db
        garden.db.flush()

    while (next_at := garden.db.scalar(select(func.min(Clock.next_at)).where(Clock.next_at <= until))) is not None:
        moment = next_at

        def record(_db: Session, occurrence: Occurrence, at: datetime = moment) -> None:
            garden.happened(occurrence, None, at)

        ticking.tick(Tick(read=same_session, write=same_session, record=record, now=moment, kinds=kinds))


def _take(garden: Garden, moment: Moment) -> None:
    actor = _actor(garden, moment)
    for occurrence in _occurrences(garden, moment, actor):
        alone = BY_EVENT[occurrence.name].by is By.CLOCK
        garden.happened(occurrence, None if alone else actor, moment.at)


def _actor(garden: Garden, moment: Moment) -> User:
    """`by` names somebody of the staff; without it the author takes the steps of residents, and Chen all others."""
    told = moment.told
    if told["do"] in ("complete", "appeal", "reopen") and moment.thing.author is not None:
        return moment.thing.author
    return garden.staff[told.get("by", "chen")]


def _occurrences(garden: Garden, moment: Moment, actor: User) -> list[Occurrence]:
    db, thing, now, told = garden.db, moment.thing, moment.at, moment.told
    rules = rules_of(db)
    if told["do"] == "open":
        return open_loop(db, thing, rules, now, thing.url)
    loop = get_loop(db, thing.id)
    if told["do"] == "reply":
        return _reply(garden, loop, moment)
    if told["do"] == "deliver":
        return [_deliver(garden, loop, moment, actor)]
    if told["do"] == "review" and loop.authority is None:
        authority = _authority(garden, told)
        assigned = handling.assign(db, loop, thing, actor, authority, actor, rules, now)
        return [assigned, handling.review(db, loop, thing, actor, rules, now)]
    if told["do"] == "commit":
        promise = (told["owner"], _day(garden, told), told["deliverable"])
        return [committing.commit(db, loop, thing, actor, *promise, rules, now)]
    return [_by_hand(garden, loop, moment, actor)]


def _by_hand(garden: Garden, loop: Loop, moment: Moment, actor: User) -> Occurrence:
    db, thing, now, told = garden.db, moment.thing, moment.at, moment.told
    rules, text = rules_of(db), told.get("text", "").strip()
    if told["do"] == "assign":
        return handling.assign(db, loop, thing, actor, _authority(garden, told), None, rules, now)
    if told["do"] == "review":
        return handling.review(db, loop, thing, actor, rules, now)
    if told["do"] == "answer":
        return answering.answer(db, loop, thing, actor, _decision(garden, told), rules, now)
    verbs = {"extend": handling.extend, "progress": committing.report, "appeal": objecting.appeal}
    return verbs[told["do"]](db, loop, thing, actor, text, rules, now)


def _authority(garden: Garden, told: Told) -> Authority | None:
    id = garden.authorities.get(told["authority"])
    return garden.db.get(Authority, id) if id is not None else None


def _decision(garden: Garden, told: Told) -> Decision:
    refusal = Refusal(told["refusal"]) if "refusal" in told else None
    return Decision(Code(told["code"]), told["text"].strip(), _authority(garden, told), refusal)


def _day(garden: Garden, told: Told) -> date:
    days = told["due_in_days"] if "due_in_days" in told else -told["due_days_ago"]
    return (garden.now + timedelta(days=days)).date()


def _deliver(garden: Garden, loop: Loop, moment: Moment, actor: User) -> Occurrence:
    """The promise that is still open is kept; `picture` says what its picture shows."""
    db, told, thing = garden.db, moment.told, moment.thing
    kept = next(each for each in commitments_of(db, thing.id) if each.delivered_on is None)
    picture = drawn(db, actor, thing, told["picture"], moment.at) if "picture" in told else None
    evidence = Evidence(told["text"].strip(), moment.at.date(), picture_id=picture)
    return committing.deliver(db, loop, thing, actor, kept, evidence, rules_of(db), moment.at)


def _reply(garden: Garden, loop: Loop, moment: Moment) -> list[Occurrence]:
    """So many of those who took part say yes, so many no."""
    db, thing, told = garden.db, moment.thing, moment.told
    values = [True] * told.get("yes", 0) + [False] * told.get("no", 0)
    ids = sorted({id for query in people.asked(thing) for id in db.scalars(query) if id is not None})
    voices = db.scalars(select(User).where(User.id.in_(ids), User.confirmed_at.is_not(None)).order_by(User.id)).all()
    decided: list[Occurrence] = []
    for voice, solved in zip(voices, values, strict=False):
        comment = told.get("comment", "") if voice is voices[0] else ""
        decided += asking.reply(db, loop, thing, solved, comment, rules_of(db), moment.at, actor=voice)
    return decided
