"""An election as large as the largest known of its kind, imported, counted, and counted again from its file."""

import random
import time
from pathlib import Path
from typing import Any

from sqlalchemy import select

from benchmarks import imports
from benchmarks.place import Place
from codesign.municipalities import create
from codesign_polls.outcome import tallies_of
from codesign_polls.polls import Poll, PublishedBox
from codesign_polls.published import unpacked
from codesign_polls.verifying import recount

BALLOTS, OPTIONS = 108_499, 220
"""Of Wrocław's vote of 2015 on its district projects, in Pabulib."""
LIKING = 0.03
"""How steeply votes fall from one project to the next."""


def exported(ballots: int, seed: int, folder: Path) -> Path:
    """A choose-1 election in the form of Pabulib."""
    chance = random.Random(f"election {seed}")  # noqa: S311 - the same election at every run
    choices = [min(int(chance.expovariate(LIKING)), OPTIONS - 1) for _ in range(ballots)]
    votes = [choices.count(place) for place in range(OPTIONS)]
    lines = ["META", "key;value", "description;A generated city decides", "vote_type;choose-1"]
    lines += ["PROJECTS", "project_id;cost;votes;name"]
    lines += [f"{place};1000;{votes[place]};Project {place}" for place in range(OPTIONS)]
    lines += ["VOTES", "voter_id;vote", *(f"{voter};{choice}" for voter, choice in enumerate(choices))]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "generated.pb"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def measure(place: Place, ballots: int, seed: int, slug: str = "election") -> list[dict[str, Any]]:
    """The import as a process of its own; then, in this one, what counting and verifying take."""
    path = exported(ballots, seed, place.folder / "election")
    with place.site() as site:
        create(site, slug, slug.title(), "en", ["polls"])
    brought = imports.run_import(place, "pabulib", path, slug)
    name = f"election, {ballots:,} ballots of {OPTIONS} options"
    found = [{"case": f"{name}: import", "rows": ballots, **_rate(ballots, brought["seconds"], brought["peak_memory"])}]
    for what, seconds in _counted(place, slug).items():
        found.append({"case": f"{name}: {what}", "rows": ballots, **_rate(ballots, seconds, 0.0)})
    return found


def _counted(place: Place, slug: str) -> dict[str, float]:
    with place.read(slug) as db:
        poll = db.scalars(select(Poll)).one()
        begun = time.monotonic()
        tallies = tallies_of(db, poll)
        counting = time.monotonic() - begun
        packed = db.scalars(select(PublishedBox.packed)).one()
        begun = time.monotonic()
        again = recount(unpacked(packed))
        verifying = time.monotonic() - begun
    if again.problems or [tally and tally.to_json() for tally in again.tallies] != tallies:
        raise RuntimeError("The recount of the election differs.")
    return {"count": counting, "verify the file": verifying}


def _rate(rows: int, seconds: float, peak_memory: float) -> dict[str, float]:
    return {"seconds": seconds, "rate": rows / seconds, "peak_memory": peak_memory}
