"""The hub of open streams: the number of unread notices, told to every open tab as soon as it changes.

One for each process. An open tab holds no thread, no session and no connection to the database: for each town one
task watches whether any notice of it has changed, and asks once for all who are connected.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import URL
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from codesign.core.inbox import notices_edition, still_signed_in, unread_of
from codesign.stores import Store
from codesign.web.listening import listen
from codesign.web.site import Site
from codesign.web.streams import BEAT, ENDED, HEADERS, Stream

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None  # type: ignore[assignment]

log = logging.getLogger("codesign.live")
TABS = 6
"""Streams of one person in one process; a seventh ends the oldest."""
MOST = 5000
"""Streams of one process."""
GAP = 0.1
"""Seconds between two looks at least, however much happens."""
PAUSE_IN_A_FILE = 0.2
"""Seconds to the next look at a SQLite store, after the GAP: nobody calls there."""
PAUSE_IN_A_SERVER = 3.0
"""The same where PostgreSQL calls: should it be unheard, nobody waits longer."""
HEARTBEAT = 20.0
"""Seconds of silence after which a stream gets an empty line, so that no proxy takes it for dead; before that it is
seen whether its session goes on."""
AWAY = 5.0
"""Seconds to the next look at a store that does not answer."""


@dataclass(eq=False)
class Room:
    """The open tabs of one town."""

    slug: str
    store: Store
    streams: dict[int, list[Stream]] = field(default_factory=dict)
    """By person, the oldest first."""
    fresh: set[int] = field(default_factory=set)
    """People whose tabs were opened since the last look."""
    rung: asyncio.Event = field(default_factory=asyncio.Event)
    edition: int = -1
    """Of the notices, at the last look."""
    task: asyncio.Task[None] | None = None

    def each(self) -> Iterator[Stream]:
        for tabs in list(self.streams.values()):
            yield from tabs

    async def wait(self) -> None:
        await asyncio.sleep(GAP)
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_IN_A_FILE if self.store.schema is None else PAUSE_IN_A_SERVER):
                await self.rung.wait()
        self.rung.clear()


class Live:
    def __init__(self, site: Site, most: int = MOST, heartbeat: float = HEARTBEAT) -> None:
        self.site, self.most, self.heartbeat = site, most, heartbeat
        self.count = 0
        self.over = False
        self.messages: dict[tuple[str, int], bytes] = {}
        """What is sent, by language and number."""
        self._rooms: dict[str, Room] = {}
        self._ears: dict[URL, asyncio.Task[None]] = {}

    def full(self, slug: str, user_id: int) -> bool:
        """Whether there is no place for another stream: half of the open files are left to everything else, and
        whoever opens streams without reading them gets no more."""
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2 if resource is not None else self.most
        room = self._rooms.get(slug)
        tabs = len(room.streams.get(user_id, ())) if room else 0
        return self.over or self.count >= min(self.most, files) or tabs >= 2 * TABS

    def enter(self, slug: str, stream: Stream) -> None:
        room = self._room(slug)
        tabs = room.streams.setdefault(stream.user_id, [])
        open_tabs = [tab for tab in tabs if not tab.over]
        if len(open_tabs) >= TABS:
            open_tabs[0].tell(ENDED, last=True)
        tabs.append(stream)
        room.fresh.add(stream.user_id)
        self.count += 1
        room.rung.set()

    def leave(self, slug: str, stream: Stream) -> None:
        stream.over = True
        self.count -= 1
        room = self._rooms.get(slug)
        tabs = room.streams.get(stream.user_id, []) if room else []
        if room and stream in tabs:
            tabs.remove(stream)
            if not tabs:
                del room.streams[stream.user_id]

    def end(self) -> None:
        """End every stream at once and take no other: the server is about to stop."""
        self.over = True
        for room in self._rooms.values():
            for stream in room.each():
                stream.tell(b"", last=True)

    def _room(self, slug: str) -> Room:
        room = self._rooms.get(slug)
        if room is None or room.task is None or room.task.done():
            room = self._rooms[slug] = Room(slug, self.site.registry.store(slug))
            room.task = asyncio.create_task(self._watch(room))
            if room.store.schema is not None:
                self._listen(room.store.writer.url)
        return room

    def _listen(self, url: URL) -> None:
        """One connection for all towns of a PostgreSQL."""
        ear = self._ears.get(url)
        if ear is None or ear.done():
            self._ears[url] = asyncio.create_task(listen(url, lambda schema: self._ring(url, schema)))

    def _ring(self, url: URL, schema: str) -> None:
        for room in self._rooms.values():
            if room.store.writer.url == url and schema in ("", room.store.schema):
                room.rung.set()

    async def _watch(self, room: Room) -> None:
        try:
            while room.streams:
                try:
                    await self._look(room)
                except Exception:  # whatever it is: the next look may succeed, and asks for everybody
                    log.exception("the open streams of %s cannot be told", room.slug)
                    room.edition = -1
                    await asyncio.sleep(AWAY)
                await room.wait()
        finally:
            if self._rooms.get(room.slug) is room:
                del self._rooms[room.slug]
            used = {other.store.writer.url for other in self._rooms.values()}
            for url in [url for url in self._ears if url not in used]:
                self._ears.pop(url).cancel()

    async def _look(self, room: Room) -> None:
        """Tell those whose number has changed; now and then see who is still there."""
        await self._check(room)
        asked, room.fresh = room.fresh, set()
        # A file answers faster than a thread could be woken.
        embedded = room.store.schema is None
        edition = notices_edition(room.store) if embedded else await run_in_threadpool(notices_edition, room.store)
        if edition != room.edition:
            asked = set(room.streams)
        numbers = await run_in_threadpool(unread_of, room.store, asked) if asked else {}
        for user_id, number in numbers.items():
            for stream in room.streams.get(user_id, ()):
                stream.show(number)
        room.edition = edition

    async def _check(self, room: Room) -> None:
        silent_since = time.monotonic() - self.heartbeat
        due = [stream for stream in room.each() if stream.told_at <= silent_since and not stream.over]
        if not due:
            return
        here = await run_in_threadpool(self._here, room, {stream.token for stream in due})
        for stream in due:
            gone = stream.token not in here
            stream.tell(ENDED if gone else BEAT, last=gone)

    def _here(self, room: Room, tokens: Iterable[str]) -> set[str]:
        """Whose sessions go on; nobody's in a town that is suspended."""
        known = room.slug in self.site.registry.entries()
        return still_signed_in(room.store, set(tokens), self.site.now()) if known else set()


class Streaming(Response):
    """An answer that lasts until the reader leaves or the hub ends it; all that its own task does is wait for that."""

    def __init__(self, live: Live, slug: str, open_stream: Callable[[Send], Stream]) -> None:
        super().__init__(headers=HEADERS)
        self.live, self.slug, self.open_stream = live, slug, open_stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [pair for pair in self.raw_headers if pair[0] != b"content-length"]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": BEAT, "more_body": True})
        stream = self.open_stream(send)
        self.live.enter(self.slug, stream)
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self.live.leave(self.slug, stream)


def live_of(request: Request) -> Live:
    live: Live = request.app.state.live
    return live
