"""What accompanies a proposal on its page: updates, milestones, its lineage, requests to join it, ways to share it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.orm import Session
from starlette.requests import Request

from codesign.core.users import OFFICIALS, STAFF, User
from codesign.kit import Link, absolute, changes_at, gettext, keep, visit_of
from codesign_proposals import beside
from codesign_proposals.proposals import Proposal

UPDATES = 3
"""Shown on the page; the others are on a page of their own."""
Rows: TypeAlias = Sequence[Row[Any]]


@dataclass(frozen=True)
class Merger:
    """A request to join two proposals, as seen from one of them."""

    id: int
    at: datetime
    asked_by_id: int
    asked_by: str
    title: str
    """Of the other proposal."""
    url: str
    language: str
    joins: bool
    """Whether the one whose page it is would join the other, and not the other way round."""
    agreed: bool
    """Whether its own author has."""


@dataclass(frozen=True)
class Joined:
    """What a proposal has joined."""

    id: int
    title: str
    number: str
    language: str
    merged_at: datetime | None
    """When it has joined another one itself."""
    until: datetime | None
    """The end of its term."""
    over: bool
    """Whether it was withdrawn, or has joined another one."""
    hidden: bool


@dataclass(frozen=True)
class Step:
    """A milestone; `planned` when its day is yet to come."""

    row: Row[Any]
    planned: bool


def companions(request: Request, db: Session, proposal: Proposal) -> dict[str, Any]:
    """What the page of a proposal shows beside it; one question.

    `keep` is how that page may be kept: with other proposals in it, it changes when they do.
    """
    visit = visit_of(request)
    found = _by_sort(beside.rows(db, proposal, visit.actor, UPDATES + 1))
    into = [
        Joined(row.id, row.title, row.number, row.language, row.at, row.until, bool(row.over), bool(row.hidden))
        for row in sorted(found["into"], key=lambda row: row.place)
    ]
    requests = _requests(proposal, found, visit.now)
    return {
        "tags": sorted((row.title for row in found["tag"]), key=str.casefold),
        "updates": found["update"][:UPDATES],
        "more_updates": len(found["update"]) > UPDATES,
        "milestones": _steps(request, found["milestone"]),
        "joined": found["joined"],
        "into": into,
        "carry_to": _still_supported(request, into),
        "carry": len(found["carry"]),
        "requests": requests,
        "share": share(request, proposal),
        "keep": keep() if into or requests or found["joined"] else keep(proposal),
    }


def _by_sort(rows: Rows) -> Mapping[str, Rows]:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.sort].append(row)
    return found


def _requests(proposal: Proposal, found: Mapping[str, Rows], now: datetime) -> tuple[Merger, ...]:
    if not proposal.takes_support_at(now):
        return ()
    rows = [(True, row) for row in found["asked"]] + [(False, row) for row in found["invited"]]
    return tuple(
        Merger(
            row.id, row.at, row.person_id, row.person, row.title, Proposal.URL.format(id=row.other_id), row.language,
            joins, bool(row.agreed),
        )
        for joins, row in rows
    )  # fmt: skip


def _steps(request: Request, rows: Rows) -> list[Step]:
    """By day. Those that lie ahead change when their day begins in the town."""
    visit = visit_of(request)
    zone = ZoneInfo(visit.chosen.town.zone)
    today = visit.now.astimezone(zone).date()
    changes_at(request, *(datetime.combine(row.day, time(), zone) for row in rows if row.day > today))
    return [Step(row, row.day > today) for row in sorted(rows, key=lambda row: (row.day, row.id))]


def _still_supported(request: Request, into: Sequence[Joined]) -> Joined | None:
    """Where a support could be carried to: the last one of the line, while it takes any."""
    last = into[-1] if into else None
    if last is None or last.hidden or last.over or (last.until is not None and last.until <= visit_of(request).now):
        return None
    changes_at(request, last.until)
    return last


def share(request: Request, proposal: Proposal) -> dict[str, str]:
    url = absolute(request, proposal.url)
    body = gettext("I think you may want to support this proposal:") + f"\n\n{proposal.title}\n{url}"
    return {"url": url, "mail": "mailto:?" + urlencode({"subject": proposal.title, "body": body}, quote_via=quote)}


def links(subject: Any, actor: User | None) -> list[Link]:
    """What its author and the staff can do beside it. These pages look at the clock again."""
    if not isinstance(subject, Proposal) or actor is None or subject.hidden:
        return []
    author, involved = actor.id == subject.author_id, actor.id == subject.author_id or actor.role in STAFF
    over = subject.withdrawn_at is not None or subject.merged_at is not None
    offered = [
        (author and not over, Link(gettext("Write an update"), f"{subject.url}/updates", "mail")),
        (involved, Link(gettext("Milestones"), f"{subject.url}/milestones", "calendar")),
        (
            involved and not over and subject.archived_told_at is None,
            Link(gettext("Join it to another proposal"), f"{subject.url}/merge", "git-merge"),
        ),
        (
            actor.role in OFFICIALS,
            Link(gettext("Enter signatures on paper"), f"{subject.url}/signatures", "file-text"),
        ),
    ]
    return [link for possible, link in offered if possible]
