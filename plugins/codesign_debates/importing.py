"""Imports debates from the files that CONSUL exports."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from codesign import consul
from codesign.consul import Arrival, Own, Wanted
from codesign.kit import ImportJob, ImportReport
from codesign_debates.debates import KIND


def run(job: ImportJob) -> ImportReport:
    return consul.run(job, WANTED)


def _own(db: Session, arrivals: Sequence[Arrival], now: datetime) -> list[Own]:
    """CONSUL's debates open at once and have no end."""
    return [Own({"id": arrival.id}) for arrival in arrivals]


WANTED = Wanted("debate", KIND, _own, expected=("description", "agree", "disagree", "announced"))
