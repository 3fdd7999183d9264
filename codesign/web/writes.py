"""Writes wait in line for their town: outside of the threads, so that readers are never kept waiting by them."""

import asyncio
from weakref import WeakKeyDictionary

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from codesign.registry import Registry
from codesign.web.errors import error_page

SAFE = {"GET", "HEAD", "OPTIONS"}
AT_ONCE_IN_A_FILE = 2
"""A SQLite file has one writer; the second one may get ready meanwhile."""
AT_ONCE_IN_A_SERVER = 8


class Writes:
    """Reads the form of a write while no thread and no transaction waits for it, then lets few of a town in at once."""

    def __init__(self, app: ASGIApp, registry: Registry) -> None:
        self.app = app
        self.registry = registry
        self._lines: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Semaphore]] = WeakKeyDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE:
            return await self.app(scope, receive, send)
        request = Request(scope, receive)
        try:
            request.state.form = await _read_form(request)
        except ClientDisconnect:
            return None  # whoever sent it is gone, and nothing was begun
        except HTTPException as error:
            answer = await error_page(request, error.status_code)
            return await answer(scope, receive, send)
        async with self._line(request.state.entry.slug):
            await self.app(scope, receive, send)

    def _line(self, slug: str) -> asyncio.Semaphore:
        lines = self._lines.setdefault(asyncio.get_running_loop(), {})
        if slug not in lines:
            embedded = self.registry.store(slug).schema is None
            lines[slug] = asyncio.Semaphore(AT_ONCE_IN_A_FILE if embedded else AT_ONCE_IN_A_SERVER)
        return lines[slug]


async def _read_form(request: Request) -> FormData:
    try:
        form = await request.form(max_files=10, max_fields=200)
    except UnicodeError as error:  # a charset that can decode nothing
        raise HTTPException(400) from error
    await form.close()  # no form of ours takes files
    return form
