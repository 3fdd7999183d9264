"""One run: which cases there are, and what each needs to stand before it can be measured."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import make_url

from benchmarks import elections, fan_out, growth, imports, letters, live, pages, storms, writes
from benchmarks.case import SLUG, Options, Run
from benchmarks.machine import machine
from benchmarks.place import HOST, Place
from benchmarks.plan import Plan
from benchmarks.processes import Program, free_port, serving, started
from benchmarks.results import FORMAT
from codesign import serving as codesign_serving
from codesign.municipalities import create

CASES = (
    "start", "home", "list", "debate", "vote", "comment", "storm", "import", "growth", "fan-out", "letters", "live",
)  # fmt: skip
STARTS = 3
SERVED = {"start", "home", "list", "debate", "vote", "comment", "storm"}
Say = Callable[[str], None]


def measured(place: Place, options: Options, wanted: list[str], say: Say) -> dict[str, Any]:
    """Every figure of a run, as it is kept."""
    now = datetime.now(UTC)
    plan = Plan(options.debates, options.comments, options.users, now - timedelta(hours=1), options.seed)
    result: dict[str, Any] = {
        "format": FORMAT,
        "begun": now.isoformat(timespec="seconds"),
        "database": place.database,
        "machine": machine(place),
        "options": options.told(),
        "cases": [],
    }
    if SERVED & set(wanted):
        with _standing(place, options, plan, say) as run:
            _served(run, wanted, result)
    if "import" in wanted:
        result["import"] = list(_imports(place, options, plan, say))
    if "growth" in wanted:
        result["growth"] = growth.measure(place, options, plan, say)
    if "fan-out" in wanted:
        result["fan_out"] = fan_out.measure(place, options, plan, say)
    if "letters" in wanted:
        result["letters"] = letters.measure(place, options, plan, say)
    if "live" in wanted:
        result["live"] = live.measure(place, options, plan, say)
    result["seconds"] = round((datetime.now(UTC) - now).total_seconds())
    return result


def _served(run: Run, wanted: list[str], result: dict[str, Any]) -> None:
    """The cases that need the town and both servers."""
    if "start" in wanted:
        result["start_seconds"] = _start(run)
    for page in pages.pages(run.town.marks):
        if page.case.split(",")[0].split(" ")[0] in wanted:
            run.say(page.case)
            result["cases"].append(asdict(pages.measure(run, page)))
    for name, write in (("vote", writes.vote(run)), ("comment", writes.comment(run))):
        if name in wanted:
            run.say(name)
            result["cases"].append(asdict(writes.measure(run, write)))
    if "storm" in wanted:
        run.say("vote storm")
        result["storm"] = storms.measure(run)


@contextmanager
def _standing(place: Place, options: Options, plan: Plan, say: Say) -> Iterator[Run]:
    if options.madrid:
        say("importing the town")
        with place.site() as site:
            create(site, SLUG, "Madrid", "es", list(imports.IMPORTING))
        for folder in options.madrid:
            imports.bring(place, Path(folder), SLUG)
        town = place.add(SLUG, _marked_only(plan))
    else:
        say(f"a town of {plan.debates:,} debates, {plan.comments:,} comments, {plan.users:,} people")
        town = place.town(SLUG, plan, lambda noun, done, total: None)
    tokens = place.tokens(SLUG, town.first_user, town.users)
    captured = place.folder / "captured"
    captured.mkdir(exist_ok=True)
    host = f"{SLUG}.{HOST}"
    with serving(place, f"/debates/{town.marks['hundred']}", host) as app:
        run = Run(place, options, plan, town, tokens, app, app, captured, say)
        for page in pages.pages(town.marks):
            headers = run.headers(tokens[0] if page.signed_in else "")
            pages.capture(page, app.port, headers, captured)
        with _bare(place, captured) as bare:
            yield Run(place, options, plan, town, tokens, app, bare, captured, say)


@contextmanager
def _bare(place: Place, captured: Path) -> Iterator[Program]:
    """The yardstick, under uvicorn with codesign's own options."""
    port = free_port()
    database = str(place.folder / "bare.db")
    if place.url:
        database = make_url(place.url).set(drivername="postgresql").render_as_string(hide_password=False)
    options = json.dumps(codesign_serving.options("127.0.0.1", port))
    words = ["benchmarks.bare", str(captured), str(port), database, options]
    with started(place, words, port) as program:
        yield program


def _marked_only(plan: Plan) -> Plan:
    return Plan(3, 0, plan.users, plan.now, plan.seed)


def _start(run: Run) -> float:
    """Seconds from the start of the process to its first page: the median of some starts."""
    host = f"{SLUG}.{HOST}"
    found = []
    for _time in range(STARTS):
        with serving(run.place, f"/debates/{run.town.marks['hundred']}", host) as program:
            found.append(program.seconds)
    return median(found)


def _imports(place: Place, options: Options, plan: Plan, say: Say) -> Iterator[dict[str, Any]]:
    count = options.import_comments
    say(f"import of {count:,} generated comments")
    wanted = Plan(max(count // 20, 1), count, plan.users, plan.now, plan.seed, marked=False)
    folder = imports.exported(wanted, place.folder / "export")
    yield imports.measure(place, f"generated, {count:,} comments", folder, "import0")
    say(f"an election with {options.import_ballots:,} ballots")
    yield from elections.measure(place, options.import_ballots, options.seed)
    for number, given in enumerate(options.madrid, 1):
        say("import of the given export")
        yield imports.measure(place, f"given export {number}", Path(given), f"import{number}")
