"""The steps of the loop as tests take them, each recorded as the pages do, and the way to every state."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.core.users import Role, User
from codesign.testing import Town
from codesign_feedback import answering, asking, committing, handling, objecting, opening
from codesign_feedback.answering import Decision
from codesign_feedback.committing import Evidence, commitments_of
from codesign_feedback.loop import Code, Refusal, State
from codesign_feedback.people import author, took_part
from codesign_feedback.tests.making import (
    DAY,
    PARKS,
    ROADS,
    authority_of,
    held,
    opened,
    standing,
    take_part,
    wait_for,
)


def assign(town: Town, id: int, by: str = "chen", owner: str = "chen", title: str = PARKS) -> None:
    with held(town, id) as it:
        owned = it.person(owner) if owner else None
        place = authority_of(it.db, title)
        it.tell(handling.assign(it.db, it.loop, it.thing, it.person(by), place, owned, it.rules, it.now), by)


def transfer(town: Town, id: int, by: str = "chen", title: str = ROADS, text: str = "It is their road.") -> None:
    with held(town, id) as it:
        place = authority_of(it.db, title)
        it.tell(handling.transfer(it.db, it.loop, it.thing, it.person(by), place, text, it.rules, it.now), by)


def review(town: Town, id: int, by: str = "chen") -> None:
    with held(town, id) as it:
        it.tell(handling.review(it.db, it.loop, it.thing, it.person(by), it.rules, it.now), by)


def give_back(town: Town, id: int, by: str = "chen", text: str = "Which office was it?") -> None:
    with held(town, id) as it:
        it.tell(handling.give_back(it.db, it.loop, it.thing, it.person(by), text, it.rules, it.now), by)


def complete(town: Town, id: int, by: str = "anna", text: str = "The one at the market.") -> None:
    with held(town, id) as it:
        it.tell(handling.complete(it.db, it.loop, it.thing, it.person(by), text, it.rules, it.now), by)


def extend(town: Town, id: int, by: str = "chen", text: str = "The engineer is ill.") -> None:
    with held(town, id) as it:
        it.tell(handling.extend(it.db, it.loop, it.thing, it.person(by), text, it.rules, it.now), by)


def answer(town: Town, id: int, code: Code = Code.ACCEPTED_AS_IS, by: str = "chen", **more: Any) -> None:
    """`more`: refusal, until, text."""
    with held(town, id) as it:
        refusal = Refusal.NO_BUDGET if code is Code.DECLINED else None
        values = {"text": "We have looked at it.", "refusal": refusal, **more}
        decision = Decision(code, authority=authority_of(it.db), **values)
        it.tell(answering.answer(it.db, it.loop, it.thing, it.person(by), decision, it.rules, it.now), by)


def decline(town: Town, id: int, by: str = "chen") -> None:
    answer(town, id, Code.DECLINED, by)


def commit(town: Town, id: int, by: str = "chen", days: int = 60, deliverable: str = "A roof") -> None:
    with held(town, id) as it:
        due_on = it.rules.calendar.today(it.now) + days * DAY
        verb = committing.commit
        it.tell(verb(it.db, it.loop, it.thing, it.person(by), "Mr Roof", due_on, deliverable, it.rules, it.now), by)


def progress(town: Town, id: int, by: str = "chen", text: str = "The roof is ordered.") -> None:
    with held(town, id) as it:
        it.tell(committing.report(it.db, it.loop, it.thing, it.person(by), text, it.rules, it.now), by)


def deliver(town: Town, id: int, by: str = "chen", text: str = "The roof is there.") -> None:
    """The first promise that is still open is kept."""
    with held(town, id) as it:
        first = next(each for each in commitments_of(it.db, id) if each.delivered_on is None)
        evidence = Evidence(text, it.rules.calendar.today(it.now))
        it.tell(committing.deliver(it.db, it.loop, it.thing, it.person(by), first, evidence, it.rules, it.now), by)


def reply(town: Town, id: int, by: str, solved: bool = True, text: str = "") -> None:
    with held(town, id) as it:
        it.tell(asking.reply(it.db, it.loop, it.thing, solved, text, it.rules, it.now, actor=it.person(by)))


def appeal(town: Town, id: int, by: str = "anna", text: str = "There is money for worse.") -> None:
    with held(town, id) as it:
        it.tell(objecting.appeal(it.db, it.loop, it.thing, it.person(by), text, it.rules, it.now), by)


def decide_appeal(town: Town, id: int, granted: bool, by: str = "maya", text: str = "I have looked at it.") -> None:
    with held(town, id) as it:
        verb = objecting.decide_appeal
        it.tell(verb(it.db, it.loop, it.thing, it.person(by), granted, text, it.rules, it.now), by)


def reopen(town: Town, id: int, by: str = "anna", text: str = "It leaks.") -> None:
    with held(town, id) as it:
        it.tell(objecting.reopen(it.db, it.loop, it.thing, it.person(by), text, it.rules, it.now), by)


def take_back(town: Town, id: int, merged: bool = False) -> None:
    """Its author withdraws it, or it is joined to another one."""
    with held(town, id) as it:
        it.tell(opening.end(it.db, it.loop, it.thing, merged, it.rules, it.now))


def climb_to(town: Town, state: State, name: str, id: int) -> None:
    """Let time pass until that clock has brought it to this state."""
    while standing(town, id) is not state:
        wait_for(town, name, id)


def delivered(town: Town, id: int) -> None:
    for step in (assign, answer, commit, deliver):
        step(town, id)  # type: ignore[operator]


def asked(town: Town, id: int) -> None:
    """Those who took part are being asked whether it is done."""
    delivered(town, id)
    wait_for(town, "ask", id)


def verified(town: Town, id: int) -> None:
    """By its author and whoever else took part."""
    asked(town, id)
    with town.read() as db:
        voters = people_asked(db, town, id)
    for name in voters:
        if standing(town, id) is State.DELIVERED:
            reply(town, id, name)


def disputed(town: Town, id: int) -> None:
    asked(town, id)
    with town.read() as db:
        voters = people_asked(db, town, id)
    for name in voters:
        if standing(town, id) is State.DELIVERED:
            reply(town, id, name, solved=False)


def people_asked(db: Session, town: Town, id: int) -> list[str]:
    """The names of the cast who can say whether it is done."""
    thing = db.get_one(Contribution, id)
    ids = {row for query in (author(thing), *took_part(thing)) for row in db.scalars(query)}
    found = db.scalars(select(User).where(User.id.in_(ids), User.role.in_([Role.RESIDENT, Role.MODERATOR])))
    return sorted(str(user.email).partition("@")[0] for user in found)


WAYS: dict[State, tuple[Callable[[Town, int], None], ...]] = {
    State.ACKNOWLEDGED: (),
    State.ASSIGNED: (assign,),
    State.TRANSFERRED: (assign, transfer),
    State.UNDER_REVIEW: (assign, review),
    State.RETURNED: (assign, give_back),
    State.ANSWERED: (assign, answer),
    State.DECLINED: (assign, decline),
    State.COMMITTED: (assign, answer, commit),
    State.IN_PROGRESS: (assign, answer, commit, progress),
    State.DELIVERED: (delivered,),
    State.VERIFIED: (verified,),
    State.DISPUTED: (disputed,),
    State.CLOSED: (verified, lambda town, id: wait_for(town, "close", id)),
    State.REOPENED: (verified, reopen),
    State.LAPSED: (lambda town, id: climb_to(town, State.LAPSED, "answer", id),),
    State.WITHDRAWN: (take_back,),
    State.MERGED: (lambda town, id: take_back(town, id, merged=True),),
}
"""How a story that was just acknowledged comes to each state."""


def walked(town: Town, state: State, *took_part: str, **changed: Any) -> int:
    """The id of a new story by Anna in this state; `took_part` are those who voted for it. The clock moves on."""
    id = opened(town, **changed)
    take_part(town, id, *took_part)
    for step in WAYS[state]:
        step(town, id)
    assert standing(town, id) is state
    return id
