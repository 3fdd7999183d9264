"""The contract: what a plugin may implement. Keyword only, sync; return a list (or what is said), or None."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pluggy
from sqlalchemy.orm import Session

from codesign.core.users import User
from codesign.types import About, Audience, Importer, Kind, Link, Objection, Occurrence, Predicate, Section, Tick

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from typer import Typer

    from codesign.core.contributions import Contribution
    from codesign.events import Happening
    from codesign.planting import Garden
    from codesign.web.personal import Personal

hookspec = pluggy.HookspecMarker("codesign")
hookimpl = pluggy.HookimplMarker("codesign")

INSTALLED = frozenset({"about", "routes", "kinds", "permissions", "importers", "personal", "commands", "timeline"})
"""Hooks that are asked of every installed plugin; all others only of those enabled in a municipality."""


@hookspec
def about() -> About:  # type: ignore[empty-body]
    """Say what the plugin is and does, for the administrator who decides about it."""


@hookspec
def routes() -> "list[BaseRoute]":  # type: ignore[empty-body]
    """Return the plugin's routes, mounted at `/<name>`; a plain 404 where the plugin is off."""


@hookspec
def kinds() -> list[Kind]:  # type: ignore[empty-body]
    """Return the kinds of contribution that the plugin brings."""


@hookspec
def permissions() -> Mapping[str, Predicate]:  # type: ignore[empty-body]
    """Return the plugin's actions, named `<plugin>.<action>`, with the predicate that allows each."""


@hookspec
def importers() -> list[Importer]:  # type: ignore[empty-body]
    """Return what `codesign import` can read for this plugin."""


@hookspec
def personal() -> "Mapping[str, Personal]":  # type: ignore[empty-body]
    """Return the templates that kept pages leave open for each reader with `mine`, and the fact on which each depends."""


@hookspec
def timeline() -> Mapping[str, str]:  # type: ignore[empty-body]
    """Return the plugin's events that everybody may read of, each with a sentence: for timelines and feeds."""


@hookspec
def commands(app: "Typer") -> None:
    """Add commands to `codesign <name> ...` on the command line."""


@hookspec
def links(slot: str, subject: Any, actor: User | None) -> list[Link]:  # type: ignore[empty-body]
    """Return links for a slot: `nav`, `account`, `contribution`, `comment` or `admin`."""


@hookspec
def sections(slot: str, db: Session, subject: Any, actor: User | None, now: datetime) -> list[Section]:  # type: ignore[empty-body]
    """Return sections for a slot of a page: `home`, `topic`, `situation`, `authority`, `contribution` or `admin`."""


@hookspec
def objections(db: Session, actor: User | None, action: str, subject: Any, now: datetime) -> list[Objection]:  # type: ignore[empty-body]
    """Return why an action that is allowed in general may not be done now, each as a sentence for the person."""


@hookspec
def voted(db: Session, thing: "Contribution", actor: User, value: int, now: datetime) -> list[Occurrence]:  # type: ignore[empty-body]
    """Told after a vote was counted (1, -1, or 0: taken back), in its transaction. Return what it brought about."""


@hookspec
def on_event(db: Session, happening: "Happening", now: datetime) -> list[Occurrence]:  # type: ignore[empty-body]
    """Told of each event, in the transaction that records it. Return what it brought about; slow work belongs to `tick`."""


@hookspec
def tick(tick: Tick) -> None:
    """Do what time alone demands; the worker asks every few seconds, in no transaction."""


@hookspec
def examples(garden: "Garden") -> None:
    """Plant things of the plugin in an example town of the demonstration, in its language."""


@hookspec
def audience(db: Session, happening: "Happening") -> list[Audience]:  # type: ignore[empty-body]
    """Return who must hear of an event, as queries for user ids. Asked again while they are told: the answer must follow from the event."""
