"""make_app: the one place where all parts meet."""

import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware

from codesign import builtin, clock, worker
from codesign.i18n import Catalogues
from codesign.migrate import upgrade_plugin
from codesign.pages import (
    accounts,
    admin,
    admin_areas,
    admin_authorities,
    admin_mail,
    admin_subjects,
    authorities,
    comments,
    contributions,
    feeds,
    files,
    home,
    moderation,
    notices,
    operations,
    preferences,
    profile,
    residents,
    situations,
    subscribing,
    topics,
)
from codesign.pages.personal import PERSONAL
from codesign.paths import PACKAGE
from codesign.permissions import Permissions
from codesign.plugins import Plugin, Plugins, find_plugins
from codesign.registry import Registry
from codesign.settings import Settings
from codesign.web.application import Application
from codesign.web.errors import HANDLERS
from codesign.web.live import Live
from codesign.web.mounts import plugin_routes, statics
from codesign.web.security import BodyLimit, RateLimits, SameOrigin, SecurityHeaders
from codesign.web.site import Site
from codesign.web.stopping import told_to_stop
from codesign.web.templates import environment
from codesign.web.tenancy import Tenancy
from codesign.web.writes import Writes

CORE_PAGES = (  # routes are tried in this order: what is asked for most comes first
    contributions,
    comments,
    home,
    profile,
    notices,
    preferences,
    accounts,
    topics,
    situations,
    feeds,
    authorities,
    subscribing,
    moderation,
    residents,
    admin_areas,
    admin_authorities,
    admin_mail,
    admin_subjects,
    admin,
    operations,
    files,
)


def make_site(
    settings: Settings, plugins: Iterable[Plugin] | None = None, now: Callable[[], datetime] = clock.now
) -> Site:
    """Everything an application, a worker or a command needs, without the web."""
    installed = Plugins(find_plugins() if plugins is None else plugins, builtin)
    locales = [PACKAGE / "locale", *(plugin.folder / "locale" for plugin in installed.by_name.values())]
    return Site(
        settings=settings,
        registry=Registry(settings),
        plugins=installed,
        permissions=Permissions(part for _name, part in installed.each("permissions")),
        catalogues=Catalogues(locales),
        templates=environment(installed, settings.data / "templates", now),
        kinds={name: tuple(kinds) for name, kinds in installed.each("kinds")},
        prepare=upgrade_plugin,
        personal=PERSONAL
        | {name: part for _plugin, parts in installed.each("personal") for name, part in parts.items()},
        now=now,
    )


def make_app(
    settings: Settings,
    plugins: Iterable[Plugin] | None = None,
    now: Callable[[], datetime] = clock.now,
    with_worker: bool = False,
) -> Starlette:
    """The web application for every municipality of a registry. `with_worker` sends mail in a thread beside it."""
    site = make_site(settings, plugins, now)
    live = Live(site)
    root = Starlette(routes=[*operations.root_routes, *statics(site)], exception_handlers=HANDLERS)
    app = Application(
        site,
        routes=[*(route for part in CORE_PAGES for route in part.routes), *plugin_routes(site)],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(Tenancy, registry=site.registry, root=root),
            Middleware(RateLimits),
            Middleware(SameOrigin),
            Middleware(BodyLimit),
            Middleware(Writes, site=site),
        ],
        exception_handlers=HANDLERS,
        lifespan=_lifespan(site, live, with_worker),
    )
    root.state.site = site
    app.state.live = live
    return app


def _lifespan(site: Site, live: Live, with_worker: bool) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=worker.run, args=(site, stop), name="worker", daemon=True)
        if with_worker:
            thread.start()
        with told_to_stop(live.end):
            yield
        stop.set()
        if with_worker:
            thread.join(10)
        site.registry.close()

    return lifespan
