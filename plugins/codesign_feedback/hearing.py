"""Who hears of a step, in which letter, and why."""

from typing import Any, TypeAlias

from sqlalchemy import Select
from sqlalchemy.orm import Session

from codesign.core.follows import followers
from codesign.core.notices import Ground
from codesign.core.users import User
from codesign.kit import Audience, Happening, mark
from codesign_feedback import alarms, people
from codesign_feedback.loop import BY_EVENT, Circle
from codesign_feedback.loops import Loop, loop_of

Told: TypeAlias = "tuple[Select[Any], str, Ground]"
LETTERS = frozenset({"answered", "declined", "asked", "asked_again", "committed", "delivered", "returned", "reminded",
                     "author_reminded", "escalated", "overdue", "closed"})  # fmt: skip
"""Events with a letter of their own; all others share one."""


def audience(db: Session, happening: Happening) -> list[Audience]:
    """Nobody hears of what a moderator has hidden, but for moderators themselves."""
    if happening.name in alarms.EVENTS:
        return alarms.audience(happening)
    step = BY_EVENT.get(happening.name)
    loop = loop_of(db, happening.thing.id) if step is not None and not happening.thing.hidden else None
    if step is None or loop is None:
        return []
    template = f"feedback/mail/{step.event if step.event in LETTERS else 'step'}"
    return [
        Audience(query, reason, template, ground, at_once=step.at_once)
        for circle in step.told
        for query, reason, ground in _circle(db, circle, loop, happening)
    ]


def _circle(db: Session, circle: Circle, loop: Loop, happening: Happening) -> list[Told]:
    thing = happening.thing
    wrote, took_part = mark("You wrote it."), mark("You took part: you commented or voted.")
    if circle is Circle.AUTHOR:
        return [(people.author(thing), wrote, Ground.AUTHOR)]
    if circle is Circle.PARTICIPANTS:
        return [(query, took_part, Ground.TOOK_PART) for query in people.took_part(thing)]
    if circle is Circle.ASKED:
        author, *others = people.asked(thing)
        return [(author, wrote, Ground.AUTHOR), *((query, took_part, Ground.TOOK_PART) for query in others)]
    if circle is Circle.FOLLOWERS:
        return _followers(loop, happening)
    return [(query, reason, Ground.DUTY) for query, reason in _on_duty(db, circle, loop, happening)]


def _on_duty(db: Session, circle: Circle, loop: Loop, happening: Happening) -> list[tuple[Select[Any], str]]:
    told = happening.event.data
    if circle is Circle.OWNER:
        queries = people.in_charge(loop.owner, loop.authority_id)
        return [(query, mark("It is your task, or your authority's.")) for query in queries]
    if circle is Circle.FORMER:
        owner = db.get(User, told["from_owner_id"]) if told.get("from_owner_id") else None
        queries = people.in_charge(owner, told["from_authority_id"]) if told.get("from_authority_id") else []
        return [(query, mark("It was your task, or your authority's.")) for query in queries]
    duty = {
        Circle.HELPERS: (people.helpers(happening.thing), mark("You handed out a receipt for it.")),
        Circle.HEAD: (
            people.superior(loop),
            mark("You head the authority that is responsible, or administer this site."),
        ),
        Circle.ADMINISTRATORS: (people.administrators(), mark("You administer this site.")),
    }
    return [duty[circle]]


def _followers(loop: Loop, happening: Happening) -> list[tuple[Select[Any], str, Ground]]:
    thing = happening.thing
    places = [
        ("topic", thing.topic_id, mark("You follow this topic.")),
        ("situation", thing.situation_id, mark("You follow this life situation.")),
        ("authority", loop.authority_id, mark("You follow this authority.")),
    ]
    item = (followers("contribution", thing.id), mark("You follow it."), Ground.ITEM)
    return [item, *((followers(name, id), reason, Ground.PLACE) for name, id, reason in places if id is not None)]
