"""Proposals: residents say what should be done, and gather the support it needs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from starlette.routing import BaseRoute

from codesign.core.contributions import Contribution
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
    Occurrence,
    Personal,
    Predicate,
    Section,
    Tick,
    gettext,
    hookimpl,
    mark,
)
from codesign_proposals import (
    archiving,
    beside,
    companions,
    draft_pages,
    hearing,
    importing,
    lists,
    merge_pages,
    milestone_pages,
    offering,
    pages,
    paper_pages,
    planting,
    proposals,
    similar,
    supporting,
    threshold_pages,
    update_pages,
)
from codesign_proposals import permissions as rights
from codesign_proposals.proposals import Proposal
from codesign_proposals.settings import ProposalSettings


@hookimpl
def about() -> About:
    return About(
        title=mark("Proposals"),
        description=mark("Ideas for the town that gather support until the town must answer."),
        effects=mark(
            "Residents can write proposals and support them. Off: the pages disappear, texts and supports stay."
        ),
        settings=ProposalSettings,
    )


@hookimpl
def kinds() -> list[Kind]:
    return [proposals.KIND]


@hookimpl
def routes() -> list[BaseRoute]:
    parts = (
        lists,
        similar,
        draft_pages,
        threshold_pages,
        pages,
        update_pages,
        milestone_pages,
        merge_pages,
        paper_pages,
    )
    return [route for part in parts for route in part.routes]


@hookimpl
def permissions() -> Mapping[str, Predicate]:
    return rights.PERMISSIONS


@hookimpl
def timeline() -> Mapping[str, str]:
    return hearing.TIMELINE


@hookimpl
def personal() -> Mapping[str, Personal]:
    return {**offering.PERSONAL, **beside.personal()}


@hookimpl
def links(slot: str, subject: Any, actor: User | None) -> list[Link]:
    if slot == "nav":
        return [Link(gettext("Proposals"), "/proposals/", "trending-up", weight=20)]
    if slot == "account":
        return [Link(gettext("My drafts"), "/proposals/drafts", "pencil", weight=20)]
    if slot == "admin":
        return [Link(gettext("Thresholds of proposals"), "/proposals/thresholds", "trending-up", weight=47)]
    return [*offering.links(subject, actor), *companions.links(subject, actor)] if slot == "contribution" else []


@hookimpl
def sections(slot: str, db: Session, now: datetime) -> list[Section]:
    return lists.home_sections(db, now) if slot == "home" else []


@hookimpl
def objections(db: Session, actor: User | None, action: str, subject: Any, now: datetime) -> list[Objection]:
    return supporting.objections(db, actor, action, subject, now)


@hookimpl
def voted(db: Session, thing: Contribution, actor: User, value: int, now: datetime) -> list[Occurrence]:
    return supporting.voted(db, thing, actor, value, now) if isinstance(thing, Proposal) else []


@hookimpl
def tick(tick: Tick) -> None:
    archiving.tick(tick)


@hookimpl
def audience(happening: Happening) -> list[Audience]:
    return hearing.audience(happening)


@hookimpl
def importers() -> list[Importer]:
    return [Importer("consul", "Proposals and comments exported from CONSUL as CSV files", importing.run)]


@hookimpl
def examples(garden: Garden) -> None:
    planting.plant(garden)
