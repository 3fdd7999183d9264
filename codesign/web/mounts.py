"""What stands beside the pages of the core: static files, and the routes of every plugin below its name."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from codesign.paths import STATIC
from codesign.web.session import session
from codesign.web.site import Site
from codesign.web.statics import HashedFiles, StyleSheet


def statics(site: Site) -> list[BaseRoute]:
    parts: list[BaseRoute] = [
        Mount(f"/static/{name}", HashedFiles(plugin.folder / "static"))
        for name, plugin in site.plugins.by_name.items()
        if (plugin.folder / "static").is_dir()
    ]
    sheet = Route("/static/app.css", StyleSheet(STATIC / "app.css"), methods=["GET"])
    return [*parts, sheet, Mount("/static", HashedFiles(STATIC))]


def plugin_routes(site: Site) -> list[BaseRoute]:
    answers = [(name, routes) for name, routes in site.plugins.each("routes") if name in site.plugins.by_name]
    return [
        Mount(f"/{name}", routes=[_guarded(name, route) for route in routes], name=name) for name, routes in answers
    ]


def _guarded(plugin: str, route: BaseRoute) -> Route:
    """The same route as a plain 404 where the plugin is off: the session is opened first, and it looks."""
    assert isinstance(route, Route), "a plugin's routes are Routes"
    endpoint: Callable[[Request], Response] = route.endpoint

    def guarded(request: Request) -> Response:
        request.scope["plugin"] = plugin
        with session(request):
            return endpoint(request)

    methods = sorted(route.methods - {"HEAD"}) if route.methods else None
    return Route(route.path, guarded, methods=methods, name=route.name)
