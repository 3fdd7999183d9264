"""What one application is made of, and what one request knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jinja2 import Environment
from sqlalchemy.orm import Session
from starlette.requests import Request

from codesign.core.settings import Chosen, chosen
from codesign.core.users import User
from codesign.i18n import Catalogues, Speech
from codesign.permissions import Permissions
from codesign.plugins import Hooks, Plugin, Plugins
from codesign.registry import Entry, Registry
from codesign.settings import Settings
from codesign.stores import Store
from codesign.types import Kind
from codesign.web.personal import Personal


@dataclass(frozen=True)
class Keep:
    """What a page shows that may be kept for everybody.

    With the `id` and `version` of a contribution: that one in the town's frame, so that only its own version and the
    town's edition make the page anew. Without: anything of the town.
    """

    id: int = 0
    version: int = 0
    until: datetime | None = None
    """The first moment at which the clock alone changes it."""


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
    personal: Mapping[str, Personal]
    """The templates that pages leave open for each reader."""
    now: Callable[[], datetime]
    _decided: dict[str, tuple[int, Chosen]] = field(default_factory=dict)

    def decided(self, store: Store, db: Session, edition: int) -> Chosen:
        """What this town decided for itself, read again when its edition has moved."""
        known, decided = self._decided.get(store.slug, (-1, None))
        if decided is None or known != edition:
            decided = chosen(db)
            self._decided[store.slug] = (edition, decided)
        return decided


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
    unread: int = 0
    """Notices that the actor has not read; MOST_COUNTED of codesign/core/inbox.py stands for more."""
    context: dict[str, Any] = field(default_factory=dict)
    """What every template of this visit knows, once it was asked for."""
    moments: list[datetime] = field(default_factory=list)
    """When the clock alone will change what this page shows."""


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def visit_of(request: Request) -> Visit:
    """What the open session of this request knows. Only inside `with session(request)`, or after it."""
    visit: Visit = request.state.visit
    return visit
