"""Who may do what: the steps of the loop as its table says, and the pages around them. What the moment forbids is said
by the steps themselves, with a sentence."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from codesign.core.users import User
from codesign.kit import Predicate, administrators, anybody_signed_in, officials
from codesign_feedback.loop import STEPS, By


def _official(actor: User | None, thing: Any, now: datetime) -> bool:
    return officials(actor, thing, now) and anybody_signed_in(actor, thing, now)


def _author(actor: User | None, thing: Any, now: datetime) -> bool:
    """`thing` is the contribution."""
    return anybody_signed_in(actor, thing, now) and actor is not None and actor.id == thing.author_id


BY: Mapping[By, Predicate] = {
    By.OFFICIAL: _official,
    By.OTHER_OFFICIAL: _official,
    By.AUTHOR: _author,
    By.PARTICIPANT: anybody_signed_in,
}
PERMISSIONS: Mapping[str, Predicate] = {
    **{f"feedback.{step.verb}": BY[step.by] for step in STEPS.values() if step.by in BY},
    "feedback.inbox": _official,
    "feedback.take_up": _official,
    "feedback.note": _official,
    "feedback.hand_out_receipt": _official,
    "feedback.calendar": administrators,
}
