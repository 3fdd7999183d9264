"""Debates: residents and authorities talk a question over, in public, until somebody sums up what came of it."""

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
    Importer,
    Kind,
    Link,
    Objection,
    Predicate,
    Section,
    gettext,
    hookimpl,
    mark,
)
from codesign_debates import debates, importing, lists, pages, planting
from codesign_debates.settings import DebateSettings


@hookimpl
def about() -> About:
    return About(
        title=mark("Debates"),
        description=mark("Open questions, discussed in public with replies and votes, closed with a conclusion."),
        effects=mark(
            "Residents can read and start debates, comment and vote. Off: the pages disappear, the texts stay."
        ),
        settings=DebateSettings,
    )


@hookimpl
def kinds() -> list[Kind]:
    return [debates.KIND]


@hookimpl
def timeline() -> Mapping[str, str]:
    return {"debates.started": mark("Debate opened"), "debates.closed": mark("Closed with a conclusion")}


@hookimpl
def routes() -> list[BaseRoute]:
    return pages.routes


@hookimpl
def permissions() -> Mapping[str, Predicate]:
    return debates.PERMISSIONS


@hookimpl
def links(slot: str, subject: Any, actor: User | None) -> list[Link]:
    if slot == "nav":
        return [Link(gettext("Debates"), "/debates/", "messages-square", weight=10)]
    return debates.links(subject, actor) if slot == "contribution" else []


@hookimpl
def sections(slot: str, db: Session, subject: Any, now: datetime) -> list[Section]:
    return lists.home_sections(db, now) if slot == "home" else []


@hookimpl
def objections(db: Session, actor: User | None, action: str, subject: Any, now: datetime) -> list[Objection]:
    return debates.objections(db, actor, action, subject, now)


@hookimpl
def audience(happening: Happening) -> list[Audience]:
    return debates.audience(happening)


@hookimpl
def examples(garden: Garden) -> None:
    planting.plant(garden)


@hookimpl
def importers() -> list[Importer]:
    return [Importer("consul", "Debates and comments exported from CONSUL as CSV files", importing.run)]
