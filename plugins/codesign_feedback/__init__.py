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
    Garden,
    Happening,
    Link,
    Occurrence,
    Personal,
    Predicate,
    Section,
    Tick,
    gettext,
    hookimpl,
    mark,
)
from codesign_feedback import (
    fate,
    fate_pages,
    hearing,
    home,
    listening_pages,
    mine_pages,
    official_pages,
    opening,
    overdue,
    planting,
    receipt_pages,
    ticking,
)
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
def routes() -> list[BaseRoute]:
    return [
        *official_pages.routes,
        *listening_pages.routes,
        *overdue.routes,
        *mine_pages.routes,
        *receipt_pages.routes,
        *fate_pages.routes,
    ]


@hookimpl
def personal() -> Mapping[str, Personal]:
    return fate.PERSONAL


@hookimpl
def permissions() -> Mapping[str, Predicate]:
    return rights.PERMISSIONS


@hookimpl
def timeline() -> Mapping[str, str]:
    return {f"feedback.{step.event}": step.says for step in STEPS.values() if step.says}


@hookimpl
def links(slot: str, subject: Any, actor: User | None) -> list[Link]:
    if slot == "nav":
        return [Link(gettext("Listening"), "/feedback/", "chart-bar", weight=30)]
    own = [Link(gettext("My contributions"), "/feedback/mine", "file-text")] if slot == "account" else []
    return [*own, *official_pages.links(slot, subject, actor)]


@hookimpl
def sections(slot: str, db: Session, subject: Any, actor: User | None, now: datetime) -> list[Section]:
    if slot == "contribution":
        return fate.sections(db, subject, actor, now)
    return home.sections(slot, db, subject, now)


@hookimpl
def on_event(db: Session, happening: Happening, now: datetime) -> list[Occurrence]:
    return opening.on_event(db, happening, now)


@hookimpl
def tick(tick: Tick) -> None:
    ticking.tick(tick)


@hookimpl(trylast=True)
def examples(garden: Garden) -> None:
    planting.plant(garden)


@hookimpl
def audience(db: Session, happening: Happening) -> list[Audience]:
    return hearing.audience(db, happening)
