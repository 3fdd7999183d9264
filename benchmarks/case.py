"""What every case is given, and what it gives back."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.place import HOST, Place
from benchmarks.plan import Plan
from benchmarks.processes import Program, database_processes
from benchmarks.town import Filled
from benchmarks.wrk import Load

SLUG = "bench"
GZIP = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Options:
    """Seconds are of one round; a case is measured in so many rounds, each followed by one of the yardstick."""

    debates: int = 1000
    comments: int = 30_000
    users: int = 5000
    seed: int = 1
    seconds: int = 3
    rounds: int = 3
    connections: int = 10
    storm_seconds: int = 30
    sizes: tuple[int, ...] = (100, 1_000, 10_000, 100_000)
    followers: int = 500_000
    letters: int = 5_000
    streams: int = 2_000
    import_comments: int = 10_000
    import_ballots: int = 108_499
    madrid: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        # Names of folders are nobody's business.
        return {**asdict(self), "madrid": bool(self.madrid)}


@dataclass(frozen=True)
class Run:
    """A run at work: the application and the yardstick stand, the town is filled."""

    place: Place
    options: Options
    plan: Plan
    town: Filled
    tokens: list[str]
    app: Program
    bare: Program
    captured: Path
    """Folder of the pages that the yardstick answers."""
    say: Callable[[str], None]

    @property
    def own(self) -> list[int]:
        """Processes whose processor time the runs may use: of the servers, and of the database."""
        return [self.app.pid, self.bare.pid, *(database_processes() if self.place.url else [])]

    def headers(self, token: str = "") -> dict[str, str]:
        return headers(SLUG, token)


def headers(slug: str, token: str = "") -> dict[str, str]:
    """What a browser sends to this town; with a token, a signed-in one."""
    return {"Host": f"{slug}.{HOST}", **GZIP, **({"Cookie": f"codesign={token}"} if token else {})}


@dataclass
class Row:
    """A line of the table. Milliseconds, bytes on the wire, megabytes."""

    case: str
    rate: float
    p50: float
    p99: float
    bytes: float
    queries: list[int] = field(default_factory=list)
    """SQL statements of the first request, and of the same again."""
    memory: float = 0.0
    ratio: float = 0.0
    """Requests/s against the yardstick's: the median over pairs of rounds."""
    bare_rate: float = 0.0
    refused: int = 0
    foreign: float = 0.0
    fragment: list[str] = field(default_factory=list)
    """X-Codesign-Fragment of the first and the repeated answer, where the application says it."""
    note: str = ""


def row(case: str, app: list[Load], bare: list[Load], memory: float) -> Row:
    return Row(
        case=case,
        rate=median(load.rate for load in app),
        p50=median(load.p50 for load in app),
        p99=median(load.p99 for load in app),
        bytes=median(load.bytes for load in app),
        memory=memory,
        ratio=median(ours.rate / theirs.rate for ours, theirs in zip(app, bare, strict=True)),
        bare_rate=median(load.rate for load in bare),
        refused=sum(load.refused for load in app),
        foreign=median(load.foreign for load in (*app, *bare)),
    )
