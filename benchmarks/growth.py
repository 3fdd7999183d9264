"""Growth curves: what a list costs in towns of growing size, on its first page and far behind, in every order."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from math import inf
from typing import Any

from sqlalchemy.orm import Session

from benchmarks.case import GZIP, Options
from benchmarks.place import HOST, Place
from benchmarks.plan import Plan
from benchmarks.processes import Program, fetch, serving
from benchmarks.wrk import run
from codesign.core.cards import card_rows
from codesign.core.contributions import MOST_DISCUSSED, MOST_VOTED, NEWEST, PAGE
from codesign.paging import cut

FAR = 1000
ORDERS = {"newest": NEWEST, "voted": MOST_VOTED, "discussed": MOST_DISCUSSED, "random": None}
SEED = "shuffle=12345"
PASSES = 2
"""All lists are measured so often, one after the other, so that a slow minute of the machine hits no size alone."""


@dataclass(frozen=True)
class ListPage:
    """A page of a list that is asked for by somebody signed in."""

    slug: str
    token: str
    size: int
    order: str
    page: int
    path: str


@dataclass(frozen=True)
class Point:
    """Milliseconds of one request with one connection: the median, in the quieter of the passes."""

    debates: int
    order: str
    page: int
    milliseconds: float


def measure(place: Place, options: Options, plan: Plan, say: Callable[[str], None]) -> list[dict[str, Any]]:
    lists: list[ListPage] = []
    for size in options.sizes:
        say(f"a town of {size:,} debates")
        people = min(plan.users, 1000)
        wanted = replace(plan, debates=size, comments=size // 4, users=people, marked=False, votes_each=2)
        slug = f"growth{size}"
        filled = place.town(slug, wanted, lambda noun, done, total: None)
        lists += _lists(place, slug, size, place.tokens(slug, filled.first_user, 1)[0])
    best: dict[ListPage, float] = {}
    # Nothing is kept: growth is about what a page costs when it is made.
    with serving(place, "/debates/", f"growth{options.sizes[0]}.{HOST}", CODESIGN_FRAGMENTS_MB="0") as server:
        for again in range(min(PASSES, options.rounds)):
            say(f"{len(lists)} list pages{', once more' if again else ''}")
            for one in lists:
                best[one] = min(_milliseconds(server, one), best.get(one, inf))
    return [asdict(Point(one.size, one.order, one.page, best[one])) for one in lists]


def _lists(place: Place, slug: str, size: int, token: str) -> Iterator[ListPage]:
    far = min(FAR, size // PAGE)
    with place.read(slug) as db:
        for order in ORDERS:
            yield ListPage(slug, token, size, order, 1, f"/debates/?order={order}")
            cursor = _cursor(db, order, size, far)
            yield ListPage(slug, token, size, order, far, f"/debates/?order={order}&after={cursor}")


def _milliseconds(server: Program, one: ListPage) -> float:
    headers = {"Host": f"{one.slug}.{HOST}", **GZIP, "Cookie": f"codesign={one.token}; {SEED}"}
    status, _given, _body = fetch(server.port, one.path, headers)
    if status != 200:
        raise RuntimeError(f"{one.path} answers {status}")
    return run(server.port, one.path, headers, 1, 1, [server.pid]).p50


def _cursor(db: Session, order: str, size: int, page: int) -> str:
    """Where page `page` begins."""
    keys = ORDERS[order]
    if (
        keys is None
    ):  # a place in the visitor's permutation, which has room for at least 2^12 and at most 4 times the size
        bits = max(12, size.bit_length())
        return str(round(2 ** (bits + bits % 2) * (page - 1) * PAGE / size))
    return cut(db, card_rows(), keys, None, (page - 1) * PAGE).after or ""
