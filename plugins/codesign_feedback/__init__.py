"""Feedback: every contribution has a visible fate, and the people it concerns decide whether it is done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from starlette.routing import BaseRoute

from codesign.core.users import User
from codesign.kit import (
    About,
    Audience,
    Happening,
    Link,
    Occurrence,
    Predicate,
    Section,
    Tick,
    hookimpl,
    mark,
)
from codesign_feedback import hearing, opening, ticking
from codesign_feedback import permissions as rights
from codesign_feedback.loop import STEPS
from codesign_feedback.settings import FeedbackSettings


@hookimpl
def about() -> About:
    return About(
        title=mark("Feedback"),
        description=mark("The town answers, commits itself and delivers; those who took part say whether it is done."),
        effects=mark(
            "Everything that is owed an answer gets deadlines that all can see. Off: the pages disappear, answers stay stored."
        ),
        settings=FeedbackSettings,
    )


@hookimpl
def permissions() -> Mapping[str, Predicate]:
    return rights.PERMISSIONS


@hookimpl
def timeline() -> Mapping[str, str]:
    return {f"feedback.{step.event}": step.says for step in STEPS.values() if step.says}


@hookimpl
def on_event(db: Session, happening: Happening, now: datetime) -> list[Occurrence]:
    return opening.on_event(db, happening, now)


@hookimpl
def tick(tick: Tick) -> None:
    ticking.tick(tick)


@hookimpl
def audience(db: Session, happening: Happening) -> list[Audience]:
    return hearing.audience(db, happening)
