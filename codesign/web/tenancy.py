"""Host -> municipality. The root host lists the towns; an unknown host learns nothing."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from codesign.registry import Registry
from codesign.web.asked import host_name
from codesign.web.errors import AWAY, database_away

OPEN_EVERYWHERE = ("/-/health", "/-/ready", "/static/")
PATH_LENGTH = 2000
LOOPBACK = {"127.0.0.1", "[::1]", "::1"}


class Tenancy:
    """Puts the municipality's registry entry into `request.state.entry`, or answers 404."""

    def __init__(self, app: ASGIApp, registry: Registry, root: ASGIApp) -> None:
        self.app = app
        self.registry = registry
        self.root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        host = host_of(scope)
        if scope["path"].startswith(OPEN_EVERYWHERE) or host in {self.registry.settings.host, *LOOPBACK}:
            return await self.root(scope, receive, send)
        try:
            # From memory most of the time: a thread is woken only when the registry must be read again.
            known = self.registry.fresh
            entry = self.registry.find(host) if known else await run_in_threadpool(self.registry.find, host)
        except AWAY as error:
            return await database_away(Request(scope), error)(scope, receive, send)
        if entry is None or not _speakable(scope["path"]):
            answer = PlainTextResponse("There is no site at this address. Check the spelling.\n", 404)
            return await answer(scope, receive, send)
        scope.setdefault("state", {})["entry"] = entry
        await self.app(scope, receive, send)


def _speakable(path: str) -> bool:
    """Whether routes and databases can be asked for it: none takes control characters, and int() no endless number."""
    return len(path) <= PATH_LENGTH and not any(character < " " for character in path)


def host_of(scope: Scope) -> str:
    """The host name of a request, in small letters, without port."""
    return host_name(next((value for name, value in scope["headers"] if name == b"host"), b""))
