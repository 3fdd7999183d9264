"""The application: Starlette, and in front of all of it the pages that were made before."""

from typing import Any

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from codesign.web.fragments import FragmentLayer
from codesign.web.site import Site


class Application(Starlette):
    def __init__(self, site: Site, **parts: Any) -> None:
        super().__init__(**parts)
        self.state.site = site
        self.fragments = FragmentLayer(super().__call__, site)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        await self.fragments(scope, receive, send)
