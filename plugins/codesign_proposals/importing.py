"""Imports proposals from the files that CONSUL exports, with the supports they had there."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy.orm import Session

from codesign import consul
from codesign.consul import Arrival, Own, Wanted
from codesign.core.settings import CORE, TownSettings, settings_of
from codesign.kit import ImportJob, ImportReport
from codesign_proposals.proposals import KIND, Withdrawal, progress
from codesign_proposals.publishing import end_of_term, months_later
from codesign_proposals.thresholds import threshold_for

TERM = 12
"""Months after which CONSUL archives a proposal."""
REASONS = {reason.value: reason for reason in Withdrawal}
ENOUGH = "as many supports as are needed here, or more; since which day is not known"
STILL_OPEN = "open at the source, and here for as long as a new one"


def run(job: ImportJob) -> ImportReport:
    return consul.run(job, WANTED)


def _own(db: Session, arrivals: Sequence[Arrival], now: datetime) -> list[Own]:
    """What it needs is what the town decided by now; until when it gathers support, or did, is what CONSUL says."""
    needed = cache(lambda topic_id, area_id: threshold_for(db, topic_id, area_id))
    zone, later = settings_of(db, CORE, TownSettings).zone, end_of_term(db, now)
    rows = []
    for arrival in arrivals:
        # CONSUL also archives sooner, when a town asks for it: never later than the export was made.
        ended = min(months_later(arrival.created_at, TERM, zone), now)
        archived = arrival.more["status"].casefold() == "archived"
        rows.append(_row(arrival, needed(arrival.topic_id, arrival.area_id), ended if archived else later, now))
    return rows


def _row(arrival: Arrival, threshold: int, ends: datetime, now: datetime) -> Own:
    withdrawn = arrival.more["retiredat"]
    enough = arrival.agree >= threshold and not withdrawn
    facts = {
        "id": arrival.id,
        "place": arrival.ordinal,
        "threshold": threshold,
        "elsewhere_count": arrival.agree,
        "progress": progress(arrival.agree, threshold),
        "archives_at": ends,
        # Nobody here supported it, so there is nobody to tell of an end that came before.
        "archived_told_at": ends if ends <= now else None,
        # The latest moment at which it can have been.
        "reached_at": min(ends, now) if enough else None,
        "withdrawn_at": datetime.fromisoformat(withdrawn) if withdrawn else None,
        "withdrawn_reason": REASONS.get(arrival.more["retiredreason"], Withdrawal.OTHER) if withdrawn else None,
        "withdrawn_text": arrival.more["retiredexplanation"] if withdrawn else "",
    }
    told = {ENOUGH: enough, STILL_OPEN: ends > now and not withdrawn}
    return Own(facts, [remark for remark, holds in told.items() if holds])


WANTED = Wanted(
    "proposal",
    KIND,
    _own,
    expected=("summary", "user", "agree"),
    columns=("status", "retiredreason", "retiredexplanation"),
    moments=("retiredat",),
    comments_announced=False,
)
