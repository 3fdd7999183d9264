"""Writes wait in line for their town: outside of the threads, so that readers are never kept waiting by them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TypeAlias
from weakref import WeakKeyDictionary

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from codesign.stores import Store
from codesign.web.errors import error_page
from codesign.web.security import BODY_LIMIT, SAFE, carries_files, too_large
from codesign.web.site import Site
from codesign.web.uploads import SENT_TOGETHER, prepare

AT_ONCE_IN_A_FILE = 1
"""A SQLite file has one writer."""
AT_ONCE_IN_A_SERVER = 8
TOGETHER = 50
"""So many small writes share a transaction at most, so that nobody waits long for the others."""
FIELDS = 11_000
"""Of a form at most; a ballot paper may have 20 questions with 500 options."""
FIELDS_BESIDE_FILES = 200
Endpoint: TypeAlias = Callable[[Request], Response]


@dataclass
class Line:
    """The writes of one town that wait in this process, first come first served."""

    store: Store
    turns: asyncio.Semaphore
    waiting: list[tuple[Request, Endpoint, asyncio.Future[Response]]] = field(default_factory=list)
    """Small writes that will share the next transaction."""
    carrying: asyncio.Task[None] | None = None

    async def share(self, request: Request, endpoint: Endpoint) -> Response:
        """The answer of an endpoint whose changes are committed together with those of others who wait just now."""
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self.waiting.append((request, endpoint, answer))
        if self.carrying is None:
            self.carrying = asyncio.create_task(self._carry())
        return await answer

    async def _carry(self) -> None:
        try:
            while self.waiting:
                async with self.turns:
                    batch = self.next_batch()
                    answers = await run_in_threadpool(together, self.store, [entry[:2] for entry in batch])
                for (_request, _endpoint, waits), answer in zip(batch, answers, strict=True):
                    _give(waits, answer)
        finally:
            self.carrying = None

    def next_batch(self) -> list[tuple[Request, Endpoint, asyncio.Future[Response]]]:
        """Those who share the next transaction. In a server that has other writers only those who wait for the same
        row: two transactions that lock several rows, each in its own order, would wait for each other."""
        address = self.waiting[0][0].url.path
        fit = [entry for entry in self.waiting if self.store.schema is None or entry[0].url.path == address][:TOGETHER]
        self.waiting = [entry for entry in self.waiting if entry not in fit]
        return fit


def _give(waits: asyncio.Future[Response], answer: Response | Exception) -> None:
    if waits.done():  # whoever waited is gone
        return
    if isinstance(answer, Response):
        waits.set_result(answer)
    else:
        waits.set_exception(answer)


def together(store: Store, batch: list[tuple[Request, Endpoint]]) -> list[Response | Exception]:
    """Run small writes in one transaction (group commit): one flush of the disk for all of them.

    When one of them fails, all is rolled back and each is done alone: nobody's vote depends on another's.
    """
    answers: list[Response | Exception] = []
    try:
        with store.write() as db:
            for request, endpoint in batch:
                request.state.shared_session = db
                answers.append(endpoint(request))
    except Exception as error:
        return [error] if len(batch) == 1 else [answer for entry in batch for answer in together(store, [entry])]
    return answers


def shared(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint whose writes are small and many, as votes are: it shares transactions with its like."""

    async def in_line(request: Request) -> Response:
        turn: Turn = request.state.turn
        turn.end()  # it waits for its transaction instead
        return await turn.line.share(request, endpoint)

    return in_line


class Turn:
    """One request's turn at writing; may end before the request does."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.on = False

    async def __aenter__(self) -> None:
        await self.line.turns.acquire()
        self.on = True

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        if self.on:
            self.on = False
            self.line.turns.release()


class Writes:
    """Reads the form of a write, and its files, while no thread and no transaction waits for it, then lets few of a town in at once."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.site = site
        self._lines: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Line]] = WeakKeyDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE:
            return await self.app(scope, receive, send)
        request = Request(scope, receive)
        try:
            await _read_form(request)
        except ClientDisconnect:
            return None  # whoever sent it is gone, and nothing was begun
        except HTTPException as error:
            sentence = too_large(request) if error.status_code == 413 else ""
            answer = await error_page(request, error.status_code, sentence)
            return await answer(scope, receive, send)
        request.state.turn = Turn(self._line(request.state.entry.slug))
        async with request.state.turn:
            await self.app(scope, receive, send)

    def _line(self, slug: str) -> Line:
        lines = self._lines.setdefault(asyncio.get_running_loop(), {})
        if slug not in lines:
            store = self.site.registry.store(slug)
            at_once = AT_ONCE_IN_A_FILE if store.schema is None else AT_ONCE_IN_A_SERVER
            lines[slug] = Line(store, asyncio.Semaphore(at_once))
        return lines[slug]


async def _read_form(request: Request) -> None:
    """What was typed, and the files that came with it: read, made ready, and their temporary places given back."""
    try:
        most = FIELDS_BESIDE_FILES if carries_files(request.headers) else FIELDS
        form = await request.form(max_files=SENT_TOGETHER, max_fields=most, max_part_size=BODY_LIMIT)
    except UnicodeError as error:  # a charset that can decode nothing
        raise HTTPException(400) from error
    try:
        request.state.form, request.state.uploads = form, await prepare(request, form)
    finally:
        await form.close()
