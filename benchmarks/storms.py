"""A vote storm: an open load of votes on one debate, with people beside it who read that debate."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

from sqlalchemy import func, select

from benchmarks.case import SLUG, Run
from benchmarks.open_load import Storm, request, storm
from benchmarks.writes import FORM
from benchmarks.wrk import Load, begin, run
from codesign.core.contributions import Contribution
from codesign.core.votes import ContributionVote

RATE = 200
READERS = 4
AGREE, DISAGREE = "value=1", "value=-1"


def measure(run_: Run) -> dict[str, Any]:
    """Readers alone, then votes and readers: how long a vote takes, and how much the readers lose."""
    options = run_.options
    id = run_.town.marks["hundred"]
    page = (run_.app.port, f"/debates/{id}", run_.headers())
    run(*page, 1, READERS, run_.own)
    alone = run(*page, max(options.storm_seconds // 3, 2), READERS, run_.own)
    beside = begin(*page, options.storm_seconds, READERS, run_.own)
    votes = storm(run_.app.port, _votes(run_, f"/contributions/{id}/vote"), RATE, options.storm_seconds)
    readers = beside.result()  # before the town is counted: counting takes processors too
    rows, counters = _held(run_, id)
    return {
        **_told(votes, alone, readers),
        "rate": RATE,
        "seconds": options.storm_seconds,
        "counted": rows == counters,
        "memory": run_.app.memory(),
    }


def _told(votes: Storm, alone: Load, beside: Load) -> dict[str, Any]:
    return {
        "votes": len(votes.milliseconds),
        "statuses": {str(status): count for status, count in sorted(votes.statuses.items())},
        "p50": votes.percentile(0.5),
        "p99": votes.percentile(0.99),
        "worst": votes.percentile(1.0),
        "late": votes.late,
        "readers_alone": alone.told(),
        "readers_beside": beside.told(),
        "slowdown": alone.rate / max(beside.rate, 0.001),
        "slowdown_p50": beside.p50 / max(alone.p50, 0.001),
    }


def _votes(run_: Run, path: str) -> Iterator[bytes]:
    """Everybody agrees, then everybody disagrees, and so on."""
    for value in cycle((AGREE, DISAGREE)):
        for token in run_.tokens:
            yield request("POST", path, {**run_.headers(token), **FORM}, value)


def _held(run_: Run, id: int) -> tuple[int, int]:
    with run_.place.read(SLUG) as db:
        rows = db.scalar(select(func.count()).where(ContributionVote.contribution_id == id)) or 0
        counters = select(Contribution.agree_count + Contribution.disagree_count).where(Contribution.id == id)
        return rows, db.execute(counters).scalar_one()
