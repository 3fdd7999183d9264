"""Import: `codesign import consul` as a process, rows a second and its peak memory."""

import csv
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.place import Place
from benchmarks.plan import Plan, branches, drafts
from benchmarks.processes import ROOT, environment, resident
from codesign.core.comments import Comment
from codesign.core.contributions import Contribution
from codesign.municipalities import create

IMPORTING = ("debates", "proposals")
"""Plugins that take something out of an export."""
PROPOSALS = ("id", "title", "userId", "date", "summary", "text", "numComments", "status", "numSupports")
COMMENTS = ("id", "parentId", "proposalId", "page", "userId", "userType", "date", "time", "text", "numVotes",
            "numPositiveVotes", "numNegativeVotes")  # fmt: skip


def measure(place: Place, name: str, folder: Path, slug: str) -> dict[str, Any]:
    """One import into a new town."""
    with place.site() as site:
        create(site, slug, slug.title(), "es", list(IMPORTING))
    return {"case": name, **bring(place, folder, slug)}


def bring(place: Place, folder: Path, slug: str) -> dict[str, Any]:
    before = _held(place, slug)
    found = run_import(place, "consul", folder, slug)
    rows = sum(_held(place, slug)) - sum(before)
    return {"rows": rows, "rate": rows / found["seconds"], **found}


def run_import(place: Place, importer: str, path: Path, slug: str) -> dict[str, float]:
    """The real command, in a process of its own: its seconds and the most memory it held, in megabytes."""
    command = [sys.executable, "-m", "codesign", "import", importer, str(path), "--municipality", slug]
    begun = time.monotonic()
    peak = 0.0
    with (place.folder / "programs.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(place), stdout=log, stderr=log)
        while process.poll() is None:
            peak = max(peak, resident(process.pid, peak=True))
            time.sleep(0.02)
    seconds = time.monotonic() - begun
    if process.returncode:
        raise RuntimeError(f"The import ended with {process.returncode}; programs.log says why.")
    return {"seconds": seconds, "peak_memory": peak}


def exported(plan: Plan, folder: Path) -> Path:
    """The plan as files in the form of CONSUL, written row by row."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "proposals.csv").open("w", newline="") as file:
        _write(file, PROPOSALS, _proposals(plan))
    with (folder / "comments.csv").open("w", newline="") as file:
        _write(file, COMMENTS, _comments(plan))
    return folder


def _write(file: Any, columns: tuple[str, ...], rows: Iterator[dict[str, object]]) -> None:
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _proposals(plan: Plan) -> Iterator[dict[str, object]]:
    for place, draft in enumerate(drafts(plan), 1):
        yield {
            "id": place, "title": draft.title, "userId": draft.author + 1, "date": f"{draft.created_at:%Y-%m-%d}",
            "summary": draft.title, "text": draft.said.text, "numComments": draft.comments, "status": "open",
            "numSupports": draft.agree,
        }  # fmt: skip


def _comments(plan: Plan) -> Iterator[dict[str, object]]:
    id = 0
    for place, draft in enumerate(drafts(plan), 1):
        for branch in branches(plan, draft, place - 1):
            first = id + 1
            for reply in branch:
                id += 1
                yield {
                    "id": id, "parentId": -1 if reply.parent is None else first + reply.parent, "proposalId": place,
                    "page": 1, "userId": reply.author + 1, "userType": "", "date": f"{reply.created_at:%Y-%m-%d}",
                    "time": f"{reply.created_at:%H:%M:%S}", "text": reply.said.text,
                    "numVotes": reply.agree + reply.disagree, "numPositiveVotes": reply.agree,
                    "numNegativeVotes": reply.disagree,
                }  # fmt: skip


def _held(place: Place, slug: str) -> tuple[int, int]:
    with place.read(slug) as db:
        contributions = db.scalar(select(func.count()).select_from(Contribution)) or 0
        return contributions, db.scalar(select(func.count()).select_from(Comment)) or 0
