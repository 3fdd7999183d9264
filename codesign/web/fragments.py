"""The fragment layer: answers a page that was made before, from memory, ahead of everything else.

An anonymous visitor gets finished bytes; a resident gets a mould filled with their own name and votes. Whatever
cannot be answered so goes on into the application, and what comes back is kept when its endpoint said `keep`.
"""

import asyncio
import logging
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from codesign.web.asked import Asked, ask, without_person
from codesign.web.filling import Alone, Filled, Nobody, Wanted, fill, headers_of, without_reader
from codesign.web.finished import STATE_HEADER, Answer, Finished, finish
from codesign.web.freshness import Freshness, Look
from codesign.web.moulds import Mould, Moulding
from codesign.web.shelf import Shelf
from codesign.web.site import Site

log = logging.getLogger("codesign")
MEGABYTE = 1024 * 1024
NOT_KEPT_BYTES = 200


@dataclass(frozen=True, slots=True)
class Marker:
    """What is known of an address: whether residents may share its page, and which contribution it shows."""

    shared: bool
    contribution_id: int = 0
    size: int = NOT_KEPT_BYTES


Kept: TypeAlias = Finished | Mould | Marker


class FragmentLayer:
    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app, self.site = app, site
        self.shelf: Shelf[Kept] = Shelf(site.settings.fragments_mb * MEGABYTE)
        self.freshness = Freshness(site)
        self.development = site.settings.development
        self._making: dict[Hashable, asyncio.Future[None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = ask(scope) if scope["type"] == "http" and self.shelf.limit else None
        if asked is None:
            return await self.app(scope, receive, send)
        if not asked.token:
            found = self.shelf.get(asked.key)
            if isinstance(found, Finished) and self.freshness.stands_for_sure(found.made, asked.host):
                return await found.answer(asked, scope["method"], send, self._mark(b"hit"))
        try:
            look = await self.freshness.look(asked.host)
        except SQLAlchemyError:
            look = None  # the application says so in a page
        if look is None:
            return await self.app(scope, receive, send)
        if asked.token:
            return await self._for_person(scope, receive, send, asked, look)
        return await self._for_anybody(scope, receive, send, asked, look)

    def _mark(self, state: bytes) -> bytes:
        return state if self.development else b""

    # Anonymous visitors

    async def _for_anybody(self, scope: Scope, receive: Receive, send: Send, asked: Asked, look: Look) -> None:
        for _turn in range(2):
            found = self.shelf.get(asked.key)
            if isinstance(found, Finished) and await self.freshness.stands(found.made, look):
                return await found.answer(asked, scope["method"], send, self._mark(b"hit"))
            if isinstance(found, Marker) or scope["method"] == "HEAD" or not await self._while_made(asked.key):
                break
        with self._alone(asked.key):
            await self._make(scope, receive, send, asked, look)

    async def _make(self, scope: Scope, receive: Receive, send: Send, asked: Asked, look: Look) -> None:
        inner = without_person(scope, asked)
        answer = Answer(send, inner["state"], self._mark(b"passed"))
        await self.app(inner, receive, answer if scope["method"] == "GET" else send)
        if answer.headers is None:
            return self.shelf.put(asked.key, Marker(False))
        made = self.freshness.made(inner["state"]["keep"], look.editions)
        page = await run_in_threadpool(finish, answer.headers, answer.body, made)
        self.shelf.put(asked.key, page)
        return await page.answer(asked, scope["method"], send, self._mark(b"miss"))

    # Residents

    async def _for_person(self, scope: Scope, receive: Receive, send: Send, asked: Asked, look: Look) -> None:
        key = ("resident", *asked.key)
        known = self.shelf.get(key)
        if not isinstance(known, Marker) or not known.shared or scope["method"] == "HEAD":
            return await self._directly(scope, receive, send, key)
        for turn in range(2):
            found = await self._fill(scope, asked, look, key, known.contribution_id)
            if isinstance(found, Nobody):
                return await self._for_anybody(scope, receive, send, asked, look)
            if isinstance(found, Filled):
                return await self._send(found, send)
            if isinstance(found, Alone) or turn:
                break
            if not await self._while_made((key, found.locale)):
                with self._alone((key, found.locale)):
                    await self._mould(scope, receive, asked, key, found)
        return await self._directly(scope, receive, send, key)

    async def _directly(self, scope: Scope, receive: Receive, send: Send, key: Hashable) -> None:
        """Answered by the application for this person alone; remembers whether others may share the page."""
        state = scope.setdefault("state", {})
        await self.app(scope, receive, send)
        keep = state.get("keep")
        self.shelf.put(key, Marker(keep is not None, keep.id if keep else 0))

    async def _fill(
        self, scope: Scope, asked: Asked, look: Look, key: Hashable, contribution_id: int
    ) -> Filled | Wanted | Nobody | Alone:
        def find(locale: str) -> Mould | None:
            found = self.shelf.get((key, locale))
            return found if isinstance(found, Mould) else None

        request = Request({**scope, "state": dict(scope.get("state", {}))})
        work = (self.site, request, asked, look.slug, contribution_id, find)
        # A file answers faster than a thread could be woken; a server elsewhere may keep us waiting.
        embedded = self.site.registry.store(look.slug).schema is None
        try:
            return fill(*work) if embedded else await run_in_threadpool(fill, *work)
        except SQLAlchemyError:
            return Alone()  # the application says so in a page
        except Exception:
            log.exception("the page %s could not be filled", scope["path"])
            return Alone()

    async def _send(self, page: Filled, send: Send) -> None:
        headers = [*page.headers, (STATE_HEADER, b"filled")] if self.development else page.headers
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": page.body})

    async def _mould(self, scope: Scope, receive: Receive, asked: Asked, key: Hashable, wanted: Wanted) -> None:
        """Have the application make this page for the typical resident, and keep it."""
        inner = without_person(scope, asked)
        moulding = inner["state"]["moulding"] = Moulding(self.site.personal, wanted.locale, self.site.now())
        answer = Answer(_nowhere, inner["state"], b"")
        await self.app(inner, receive, answer)
        if answer.headers is None:
            return None
        made = self.freshness.made(inner["state"]["keep"], wanted.editions)
        visit = without_reader(inner["state"]["visit"])
        mould = moulding.cast(headers_of(answer.headers), answer.body, made, visit)
        if mould is None:
            log.error("%s shows something of its reader outside of its open parts", scope["path"])
            return self.shelf.put(key, Marker(False))
        self.shelf.put((key, wanted.locale), mould)

    # One at a time

    async def _while_made(self, key: Hashable) -> bool:
        """Wait while somebody else makes the same page; False when nobody does."""
        making = self._making.get((asyncio.get_running_loop(), key))
        if making is not None:
            await asyncio.shield(making)
        return making is not None

    @contextmanager
    def _alone(self, key: Hashable) -> Iterator[None]:
        mine = (asyncio.get_running_loop(), key)
        if mine in self._making:
            yield
            return
        done = self._making[mine] = mine[0].create_future()
        try:
            yield
        finally:
            del self._making[mine]
            done.set_result(None)


async def _nowhere(message: Message) -> None:
    """Where an answer to the typical resident goes when it is not to be kept."""
