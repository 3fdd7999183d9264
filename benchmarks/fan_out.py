"""Fan-out: a debate with very many followers is closed, and the worker fills the outbox while people read."""

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from benchmarks.case import GZIP, Options
from benchmarks.place import HOST, Place
from benchmarks.plan import Plan
from benchmarks.processes import Program, family, fetch, serving, started
from benchmarks.writes import FORM
from benchmarks.wrk import Load, run
from codesign.stores import Store

SLUG = "fanout"
READERS = 4
LONGEST = 900
"""Seconds after which a fan-out that is not through is told as not through."""
CONCLUSION = "conclusion=The+crossing+gets+its+light+in+spring,+and+the+figures+are+published."


def measure(place: Place, options: Options, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    say(f"a town of {options.followers:,} people who follow one debate")
    wanted = replace(plan, debates=20, comments=0, users=options.followers, votes_each=0)
    town = place.town(SLUG, wanted, lambda noun, done, total: None)
    id = town.marks["quiet"]
    with place.store(SLUG) as store:
        _all_follow(store, id)
        author = _number(store, "SELECT author_id FROM contribution WHERE id = :id", id=id)
        token = place.tokens(SLUG, author, 1)[0]
        host = f"{SLUG}.{HOST}"
        # Two processes send nothing themselves: the worker that is measured is one of its own.
        with serving(place, "/debates/", host, workers=2) as server:
            say("the debate is closed, the outbox fills")
            found = _measured(place, options, store, server, id, {"Host": host, **GZIP}, token)
    shutil.rmtree(place.settings.mail_folder, ignore_errors=True)
    return {"followers": options.followers, **found}


def _measured(
    place: Place, options: Options, store: Store, server: Program, id: int, headers: dict[str, str], token: str
) -> dict[str, Any]:
    page = (server.port, "/debates/", headers)
    own = family(server.pid)
    run(*page, 1, READERS, own)
    before = run(*page, max(options.seconds, 2), READERS, own)
    cookie = {**headers, **FORM, "Cookie": f"codesign={token}"}
    during: list[Load] = []
    with started(place, ["codesign", "worker"]) as worker:
        begun = time.monotonic()
        asked = _close(server.port, id, cookie)
        while (filled := _filled(store)) < options.followers - 1 and time.monotonic() - begun < LONGEST:
            during.append(run(*page, 1, READERS, own))
        seconds = time.monotonic() - begun
        memory = worker.memory(peak=True)
    return {
        "messages": filled,
        "complete": filled == options.followers - 1,
        "seconds": seconds,
        "request_seconds": asked,
        "worker_peak_memory": memory,
        "readers_before": before.told(),
        "readers_during": _together(during),
    }


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


def _filled(store: Store) -> int:
    return _number(store, "SELECT count(*) FROM message WHERE event_id IS NOT NULL")


def _number(store: Store, statement: str, **values: int) -> int:
    with store.read() as db:
        return int(db.execute(text(statement), values).scalar_one())
