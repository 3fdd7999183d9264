"""Freshness: what a kept page was made of, and whether it still stands."""

import asyncio
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from starlette.concurrency import run_in_threadpool

from codesign.core.viewers import editions_of, version_of
from codesign.editions import Editions
from codesign.web.site import Keep, Site

LIFE = timedelta(minutes=1)
"""How long a page is kept at most: "3 minutes ago" goes on with the clock."""


@dataclass(slots=True)
class Made:
    """The editions and the version that a page was made of."""

    editions: Editions
    id: int
    version: int
    until: datetime

    def stands(self, now: Editions, version: int | None) -> bool:
        """Whether it still shows what the store holds. `version` is that of its contribution, None when not known."""
        if self.editions == now:
            return True
        return bool(self.id) and self.editions.town == now.town and self.version == version


class Look(NamedTuple):
    slug: str
    editions: Editions
    at: float


class Freshness:
    """Looks at the editions of a town at most once in `recheck` seconds, however many pages are asked for."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.recheck = site.settings.recheck_seconds
        self._looks: dict[str, Look] = {}
        self._asking: dict[Hashable, asyncio.Future[None]] = {}

    def made(self, keep: Keep, before: Editions) -> Made:
        """`before` are the editions read before the page was made: what changed meanwhile makes it anew."""
        now = self.site.now()
        until = min(now + LIFE, keep.until) if keep.until is not None and keep.until > now else now + LIFE
        return Made(before, keep.id, keep.version, until)

    def stands_for_sure(self, made: Made, host: str) -> bool:
        """Answered from memory; False means that it must be looked up."""
        look = self._looks.get(host)
        if look is None or time.monotonic() - look.at >= self.recheck:
            return False
        return made.editions == look.editions and self.site.now() < made.until

    async def stands(self, made: Made, look: Look) -> bool:
        if self.site.now() >= made.until:
            return False
        if made.editions == look.editions:
            return True
        if not made.id or made.editions.town != look.editions.town:
            return False
        version = await run_in_threadpool(self._version, look.slug, made.id)
        if made.stands(look.editions, version):
            made.editions = look.editions
            return True
        return False

    async def look(self, host: str) -> Look | None:
        """The town at a host and its editions, not older than `recheck` seconds; None when there is no town."""
        known = self._looks.get(host)
        if known is not None and time.monotonic() - known.at < self.recheck:
            return known
        await self.once(("look", host), lambda: self._look(host))
        found = self._looks.get(host)
        return found if found is not known else None  # whoever looked could not

    async def once(self, key: Hashable, work: Callable[[], Any]) -> None:
        """Do it in a thread; whoever asks for the same meanwhile waits for that."""
        mine = (asyncio.get_running_loop(), key)
        if mine in self._asking:
            await self._asking[mine]
            return
        self._asking[mine] = asyncio.get_running_loop().create_future()
        try:
            await run_in_threadpool(work)
        finally:
            self._asking.pop(mine).set_result(None)

    def _look(self, host: str) -> None:
        entry = self.site.registry.find(host)
        if entry is None:
            self._looks.pop(host, None)
            return
        at = time.monotonic()
        self._looks[host] = Look(entry.slug, editions_of(self.site.registry.store(entry.slug)), at)

    def _version(self, slug: str, id: int) -> int | None:
        return version_of(self.site.registry.store(slug), id)
