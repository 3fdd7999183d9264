"""Polls: the town asks, residents decide, and everybody can count again."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session
from starlette.routing import BaseRoute
from typer import Typer

from codesign.kit import (
    About,
    Audience,
    Garden,
    Happening,
    Importer,
    Kind,
    Link,
    Personal,
    Predicate,
    Section,
    Tick,
    gettext,
    hookimpl,
    mark,
)
from codesign_polls import (
    code_pages,
    exporting,
    hearing,
    lists,
    outcome,
    pabulib,
    pages,
    planting,
    polls,
    preparing_options,
    publishing_pages,
    results_pages,
    verifying_pages,
    voting_pages,
)
from codesign_polls import commands as command_line
from codesign_polls.permissions import PERMISSIONS


@hookimpl
def about() -> About:
    return About(
        title=mark("Polls"),
        description=mark("Votes with an open or a secret ballot, counted by published rules that anybody can repeat."),
        effects=mark("Officials can ask questions, residents vote. Off: the pages disappear, the ballots stay."),
    )


@hookimpl
def kinds() -> list[Kind]:
    return [polls.KIND]


@hookimpl
def timeline() -> Mapping[str, str]:
    return hearing.TIMELINE


@hookimpl
def routes() -> list[BaseRoute]:
    preparing = [*preparing_options.routes, *publishing_pages.routes]
    voting = [*voting_pages.routes, *code_pages.routes]
    return [*pages.routes, *preparing, *voting, *results_pages.routes, *exporting.routes, *verifying_pages.routes]


@hookimpl
def permissions() -> Mapping[str, Predicate]:
    return PERMISSIONS


@hookimpl
def personal() -> Mapping[str, Personal]:
    return pages.PERSONAL


@hookimpl
def links(slot: str) -> list[Link]:
    return [Link(gettext("Polls"), "/polls/", "check", weight=15)] if slot == "nav" else []


@hookimpl
def sections(slot: str, db: Session, now: datetime) -> list[Section]:
    return lists.home_sections(db, now) if slot == "home" else []


@hookimpl
def audience(happening: Happening) -> list[Audience]:
    return hearing.audience(happening)


@hookimpl
def tick(tick: Tick) -> None:
    hearing.tell_of_openings(tick)
    outcome.count_closed(tick)


@hookimpl
def importers() -> list[Importer]:
    return [Importer("pabulib", "Elections of participatory budgeting, as Pabulib publishes them (.pb)", pabulib.run)]


@hookimpl
def examples(garden: Garden) -> None:
    planting.plant(garden)


@hookimpl
def commands(app: Typer) -> None:
    command_line.add_commands(app)
