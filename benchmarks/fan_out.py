"""Fan-out: of what becomes of a debate very many people hear, in their daily letter or at once, while people read."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from benchmarks.case import GZIP, Options
from benchmarks.place import HOST, Place
from benchmarks.plan import Plan
from benchmarks.processes import Program, family, fetch, serving, started
from benchmarks.writes import FORM
from benchmarks.wrk import Load, run
from codesign.core.contributions import Contribution
from codesign.db import UTCDateTime
from codesign.digests import write_some
from codesign.events import record
from codesign.municipalities import switch_plugin
from codesign.stores import Store

SLUG = "fanout"
READERS = 4
LONGEST = 900
"""Seconds after which a fan-out that is not through is told as not through."""
CONCLUSION = "conclusion=The+crossing+gets+its+light+in+spring,+and+the+figures+are+published."
ANSWER = {"decision_code": "accepted_as_is", "decision": "Accepted", "text": "It gets its light in spring."}
NOTICES = "SELECT count(*) FROM notice WHERE event_id = (SELECT max(id) FROM event WHERE name = :name)"
MESSAGES = "SELECT count(*) FROM message WHERE event_id = (SELECT max(id) FROM event WHERE name = :name)"
CLOSED, ANSWERED = "debates.closed", "feedback.answered"


@dataclass(frozen=True)
class Town:
    """The town whose debate has so many followers."""

    place: Place
    store: Store
    server: Program
    debate: int
    followers: int
    headers: dict[str, str]


def measure(place: Place, options: Options, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    say(f"a town of {options.followers:,} people who follow one debate")
    wanted = replace(plan, debates=20, comments=0, users=options.followers, votes_each=0)
    town = place.town(SLUG, wanted, lambda noun, done, total: None)
    with place.site() as site:
        switch_plugin(site, SLUG, "feedback", True)
    id = town.marks["quiet"]
    with place.store(SLUG) as store:
        _all_follow(store, id)
        author = _number(store, "SELECT author_id FROM contribution WHERE id = :id", id=id)
        token = place.tokens(SLUG, author, 1)[0]
        host = f"{SLUG}.{HOST}"
        # Two processes send nothing themselves: the worker that is measured is one of its own.
        with serving(place, "/debates/", host, workers=2) as server:
            own = Town(place, store, server, id, options.followers, {"Host": host, **GZIP})
            found = _measured(own, options, token, say)
        say("an hour later, the daily letters")
        letters = _daily_letters(store)
    shutil.rmtree(place.settings.mail_folder, ignore_errors=True)
    return {"followers": options.followers, **found, "daily_letters": letters}


def _measured(town: Town, options: Options, token: str, say: Callable[[str], None]) -> dict[str, Any]:
    page, own = (town.server.port, "/debates/", town.headers), family(town.server.pid)
    run(*page, 1, READERS, own)
    before = run(*page, max(options.seconds, 2), READERS, own)
    say("the debate is closed: all hear its conclusion at once, and that an answer is owed in their daily letter")
    asked: list[float] = []
    cookie = {**town.headers, **FORM, "Cookie": f"codesign={token}"}
    closed = _told(town, lambda: asked.append(_close(town.server.port, town.debate, cookie)), NOTICES, CLOSED)
    say("it is answered: all get a notice and a letter of their own")
    answered = _told(town, lambda: _answer(town), MESSAGES, ANSWERED)
    readers = {"readers_before": before.told(), "request_seconds": asked[0]}
    return {**closed, **readers, "official": answered}


def _told(town: Town, begin: Callable[[], object], counting: str, name: str) -> dict[str, Any]:
    """What a worker of its own does with an event, and with all that follows from it, until everyone is told."""
    known = _number(town.store, "SELECT count(*) FROM notice")
    page, own = (town.server.port, "/debates/", town.headers), family(town.server.pid)
    during: list[Load] = []
    with started(town.place, ["codesign", "worker"]) as worker:
        begun = time.monotonic()
        begin()
        while _open(town.store) and time.monotonic() - begun < LONGEST:
            during.append(run(*page, 1, READERS, own))
        seconds = time.monotonic() - begun
        memory = worker.memory(peak=True)
    filled = _number(town.store, counting, name=name)
    return {
        "messages": filled,
        "notices": _number(town.store, "SELECT count(*) FROM notice") - known,
        "complete": filled >= town.followers - 1 and not _open(town.store),
        "seconds": seconds,
        "worker_peak_memory": memory,
        "readers_during": _together(during),
    }


def _open(store: Store) -> bool:
    return _number(store, "SELECT count(*) FROM announcement") > 0


def _answer(town: Town) -> None:
    """An official answer, as the page of an official records it."""
    told: dict[str, Any] = {"url": f"http://{SLUG}.{HOST}/debates/{town.debate}", **ANSWER}
    with town.place.site() as site, town.store.write() as db:
        hooks = site.plugins.hooks(frozenset({"debates", "feedback"}))
        thing = db.get_one(Contribution, town.debate)
        record(db, hooks, "feedback.answered", thing, None, site.now(), **told)


def _daily_letters(store: Store) -> dict[str, Any]:
    """A day later the letters of all are written, in this process, and none is sent."""
    with store.read() as db:
        now = db.scalars(text("SELECT max(created_at) AS at FROM notice").columns(at=UTCDateTime())).one()
    begun, longest = time.monotonic(), 0.0
    while True:
        step = time.monotonic()
        with store.write() as db:
            if not write_some(db, now + timedelta(days=1), "UTC"):
                break
        longest = max(longest, time.monotonic() - step)
    seconds = time.monotonic() - begun
    written = _number(store, "SELECT count(*) FROM message WHERE day IS NOT NULL")
    return {"written": written, "seconds": seconds, "longest_step": longest}


def _close(port: int, id: int, headers: dict[str, str]) -> float:
    """The author closes the debate: the seconds that the request takes."""
    begun = time.monotonic()
    status, _given, _body = fetch(port, f"/debates/{id}/close", headers, "POST", CONCLUSION)
    if status != 303:
        raise RuntimeError(f"Closing the debate answers {status}.")
    return time.monotonic() - begun


def _together(loads: list[Load]) -> dict[str, float]:
    """The whole time in one: the mean rate, the worst p99."""
    if not loads:
        return {}
    rate = sum(load.rate for load in loads) / len(loads)
    return {"rate": rate, "slowest": min(load.rate for load in loads), "p50": max(load.p50 for load in loads),
            "p99": max(load.p99 for load in loads), "refused": sum(load.refused for load in loads)}  # fmt: skip


def _all_follow(store: Store, id: int) -> None:
    everybody = (
        "INSERT INTO follow (user_id, subject, subject_id) SELECT id, 'contribution', :id FROM \"user\""
        " WHERE true ON CONFLICT DO NOTHING"
    )
    count = 'UPDATE contribution SET follower_count = (SELECT count(*) FROM "user") WHERE id = :id'
    with store.connect() as connection:
        for statement in (everybody, count):
            connection.execute(text(statement), {"id": id})


def _number(store: Store, statement: str, **values: int | str) -> int:
    with store.read() as db:
        return int(db.execute(text(statement), values).scalar_one())
