"""Open streams: thousands of tabs on one worker process, and how soon each shows a notice that was committed.

The tabs are connections of this process, so that one clock measures both ends; it is not the process that serves them.
"""

import asyncio
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from sqlalchemy import insert

from benchmarks.case import Options, headers
from benchmarks.place import HOST, Place
from benchmarks.plan import Plan
from benchmarks.processes import LOOPBACK, Program, serving
from codesign import clock
from codesign.core.notices import Ground, Mail, Notice
from codesign.events import Event
from codesign.stores import Store

SLUG = "live"
ROUNDS = 10
AT_ONCE = 50
"""Tabs that are being opened at the same moment."""
PATIENCE = 30
SPARE_FILES = 500


@dataclass
class Tab(asyncio.Protocol):
    """One open stream, read as it comes."""

    sent: bytes
    heard: list[float] = field(default_factory=list)
    """When each number arrived."""
    status: int = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self.sent)

    def data_received(self, data: bytes) -> None:
        if not self.status:
            self.status = int(data.split(b" ", 2)[1])
        if b"id: " in data:
            self.heard.append(asyncio.get_running_loop().time())


def measure(place: Place, options: Options, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    count = options.streams
    say(f"a town of {count:,} people with an open tab each")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < count + SPARE_FILES:
        raise RuntimeError(f"This machine allows {hard} open files, too few for {count} streams.")
    first = _first_person(place, plan, count)
    tokens = place.tokens(SLUG, first, count)
    with place.store(SLUG) as store, serving(place, "/", f"{SLUG}.{HOST}") as server:
        return asyncio.run(_measured(store, server, tokens, first, say))


def _first_person(place: Place, plan: Plan, count: int) -> int:
    """The id of the first of so many people, whose ids follow one another."""
    wanted = Plan(20, 100, count, plan.now, plan.seed, marked=False, votes_each=0)
    return place.town(SLUG, wanted, lambda noun, done, total: None).first_user


async def _measured(
    store: Store, server: Program, tokens: list[str], first: int, say: Callable[[str], None]
) -> dict[str, Any]:
    before, begun = server.memory(), time.monotonic()
    tabs = await _opened(server.port, tokens)
    opening = time.monotonic() - begun
    memory = server.memory() - before
    say("notices are written")
    people = range(first, first + len(tabs))
    everybody = [late for _round in range(ROUNDS) for late in await _told(store, tabs, people, people)]
    alone = [late for place in range(ROUNDS) for late in await _told(store, tabs, people, people[place : place + 1])]
    return {
        "streams": len(tabs),
        "open": sum(tab.status == 200 for tab in tabs),
        "opening_seconds": opening,
        "kilobytes_each": memory * 1e3 / len(tabs),
        "notices": len(everybody),
        "p50": median(everybody),
        "p99": _share(everybody, 0.99),
        "worst": max(everybody),
        "one_p50": median(alone),
        "one_worst": max(alone),
    }


async def _opened(port: int, tokens: list[str]) -> list[Tab]:
    loop, room = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)

    async def one(token: str) -> Tab:
        own = {**headers(SLUG, token), "Accept": "text/event-stream"}
        lines = ["GET /notices/stream HTTP/1.1", *(f"{name}: {text}" for name, text in own.items()), "", ""]
        async with room:
            _transport, tab = await loop.create_connection(lambda: Tab("\r\n".join(lines).encode()), LOOPBACK, port)
            await _until(lambda: bool(tab.heard))  # its present number
        return tab

    return await asyncio.gather(*map(one, tokens))


async def _told(store: Store, tabs: list[Tab], people: range, told: range) -> list[float]:
    """Milliseconds from the commit to each tab of those who were told."""
    chosen = [tabs[person - people.start] for person in told]
    for tab in chosen:
        tab.heard.clear()
    committed = await asyncio.to_thread(_write, store, told)
    await _until(lambda: all(tab.heard for tab in chosen))
    return [(tab.heard[0] - committed) * 1e3 for tab in chosen]


def _write(store: Store, told: range) -> float:
    """One event, told to these people in one transaction, as the worker does. The moment after its commit."""
    now = clock.now()
    with store.write() as db:
        event = Event(name="bench.live", data={"title": "A notice"}, at=now)
        db.add(event)
        db.flush()
        row = {
            "event_id": event.id, "ground": Ground.ITEM, "reason": "You follow this.", "template": "bench/mail/live",
            "shown": True, "mail": Mail.NONE, "created_at": now,
        }  # fmt: skip
        db.execute(insert(Notice), [{**row, "user_id": person} for person in told])
    return time.monotonic()


async def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Some tabs heard nothing for {PATIENCE} seconds.")
        await asyncio.sleep(0.01)


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]
