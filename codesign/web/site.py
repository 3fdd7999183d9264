"""What one application is made of, and what one request knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jinja2 import Environment
from sqlalchemy.orm import Session
from starlette.requests import Request

from codesign.core.settings import Chosen
from codesign.core.users import User
from codesign.db import Store
from codesign.i18n import Catalogues, Speech
from codesign.permissions import Permissions
from codesign.plugins import Hooks, Plugin, Plugins
from codesign.registry import Entry, Registry
from codesign.settings import Settings
from codesign.types import Kind


@dataclass(frozen=True)
class Site:
    """The parts that `make_app` puts together; nothing of it is global."""

    settings: Settings
    registry: Registry
    plugins: Plugins
    permissions: Permissions
    catalogues: Catalogues
    templates: Environment
    kinds: Mapping[str, tuple[Kind, ...]]
    """The kinds of each package, the core's under "core"."""
    prepare: Callable[[Store, Plugin], None]
    """Makes the tables of a plugin in a store, before it is switched on there."""
    now: Callable[[], datetime]


@dataclass
class Visit:
    """One request to one municipality: who asks, what is switched on there, in which language, and when."""

    db: Session
    entry: Entry
    chosen: Chosen
    hooks: Hooks
    kinds: Mapping[str, Kind]
    actor: User | None
    token: str
    speech: Speech
    now: datetime
    context: dict[str, Any] = field(default_factory=dict)
    """What every template of this visit knows, once it was asked for."""


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def visit_of(request: Request) -> Visit:
    """What the open session of this request knows. Only inside `with session(request)`, or after it."""
    visit: Visit = request.state.visit
    return visit
