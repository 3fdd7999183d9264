"""Taking a step: is it possible now, is all there that it needs, which clocks stop and start, what is recorded."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution, touch
from codesign.core.users import User
from codesign.kit import Invalid, Occurrence, anybody_signed_in, gettext, officials
from codesign_feedback.loop import STEPS, By, Step
from codesign_feedback.loops import Loop
from codesign_feedback.rules import Rules
from codesign_feedback.timing import ending, show, start, stop
from codesign_feedback.words import MISSING, STATE_LABELS


def take(
    db: Session,
    verb: str,
    loop: Loop,
    thing: Contribution,
    actor: User | None,
    rules: Rules,
    now: datetime,
    **fields: Any,
) -> Occurrence:
    """Take one step of the table and return what is to be recorded: `fields` go into the event.

    Clocks whose date is told with a step are started by its verb. Raises Invalid when the state has moved on
    meanwhile or a needed field is empty; who may do it is asked before, by its permission, and checked here again.
    """
    step = STEPS[verb]
    check(step, loop, thing, actor, fields)
    stop(db, loop, step.stops, now)
    if step.after is not None and loop.state is not step.after:
        loop.state, loop.state_at = step.after, now
    for clock in step.starts:
        start(db, loop, clock, rules, now)
    show(db, loop)
    touch(thing)
    db.flush()
    told: dict[str, Any] = {"authority_id": loop.authority_id, "authority": loop.authority_title, "says": step.says}
    told |= ending(loop, rules)
    return Occurrence(f"feedback.{step.event}", thing, {**told, "state": loop.state.value, **_plain(fields)})


def check(step: Step, loop: Loop, thing: Contribution, actor: User | None, fields: Mapping[str, Any]) -> None:
    """Raises Invalid with a sentence that says what to do."""
    if thing.hidden and step.by is not By.CLOCK:
        raise Invalid(gettext("A moderator has hidden this. Nothing happens to it until it is shown again."))
    if loop.state not in step.before:
        sentence = gettext("This is no longer possible: the state is “%(state)s” meanwhile. Load the page again.")
        raise Invalid(sentence % {"state": gettext(STATE_LABELS[loop.state])})
    if loop.appealing and step.by is By.OFFICIAL:
        raise Invalid(gettext("Somebody has appealed. First the appeal is decided, by somebody else than who refused."))
    if not may(step, actor, loop, thing):
        raise Invalid(gettext("You cannot do this yourself."))
    for name in step.needs:
        if fields.get(name) in (None, ""):
            raise Invalid(gettext(MISSING[name]), name)


def may(step: Step, actor: User | None, loop: Loop, thing: Contribution) -> bool:
    """Whether this person may take it. Who took part is known by a query only: `codesign_feedback.people` asks it."""
    if step.by is By.CLOCK:
        return actor is None
    if step.by is By.AUTHOR:
        return actor is not None and actor.id == thing.author_id
    if step.by is By.PARTICIPANT:
        return True
    able = officials(actor, loop, loop.opened_at) and anybody_signed_in(actor, loop, loop.opened_at)
    other = step.by is By.OFFICIAL or (actor is not None and actor.id != loop.answered_by_id)
    return able and other


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON can hold it."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}
