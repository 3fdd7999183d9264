"""Who hears of a step, in which letter, and why."""

from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from codesign.core.follows import followers
from codesign.core.notices import Ground
from codesign.kit import Audience, Happening, mark
from codesign_feedback import people
from codesign_feedback.loop import BY_EVENT, Circle
from codesign_feedback.loops import Loop, loop_of

LETTERS = frozenset({"answered", "declined", "asked", "asked_again", "committed", "delivered", "returned", "reminded",
                     "escalated", "overdue"})  # fmt: skip
"""Events with a letter of their own; all others share one."""


def audience(db: Session, happening: Happening) -> list[Audience]:
    step = BY_EVENT.get(happening.name)
    loop = loop_of(db, happening.thing.id) if step is not None else None
    if step is None or loop is None:
        return []
    template = f"feedback/mail/{step.event if step.event in LETTERS else 'step'}"
    return [
        Audience(query, reason, template, ground, at_once=step.at_once)
        for circle in step.told
        for query, reason, ground in _circle(circle, loop, happening)
    ]


def _circle(circle: Circle, loop: Loop, happening: Happening) -> list[tuple[Select[Any], str, Ground]]:
    thing = happening.thing
    if circle is Circle.AUTHOR:
        return [(people.author(thing), mark("You wrote it."), Ground.AUTHOR)]
    if circle is Circle.PARTICIPANTS:
        reason = mark("You took part: you commented or voted.")
        return [(query, reason, Ground.TOOK_PART) for query in people.took_part(thing)]
    if circle is Circle.FOLLOWERS:
        return _followers(loop, happening)
    duty = {
        Circle.HELPERS: (people.helpers(thing), mark("You handed out a receipt for it.")),
        Circle.OWNER: (people.in_charge(loop), mark("It is your task, or your authority's.")),
        Circle.HEAD: (people.superior(loop), mark("You head the authority that is responsible.")),
        Circle.ADMINISTRATORS: (people.administrators(), mark("You administer this site.")),
    }
    return [(*duty[circle], Ground.DUTY)]


def _followers(loop: Loop, happening: Happening) -> list[tuple[Select[Any], str, Ground]]:
    thing = happening.thing
    places = [
        ("topic", thing.topic_id, mark("You follow this topic.")),
        ("situation", thing.situation_id, mark("You follow this life situation.")),
        ("authority", loop.authority_id, mark("You follow this authority.")),
    ]
    item = (followers("contribution", thing.id), mark("You follow it."), Ground.ITEM)
    return [item, *((followers(name, id), reason, Ground.PLACE) for name, id, reason in places if id is not None)]
