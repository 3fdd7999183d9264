"""Cases like the one at hand that wait for an answer, too: one answer may serve several."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.core.likeness import ALIKE, likeness, sharing
from codesign.kit import Kind, gettext
from codesign_feedback.loop import ANSWERABLE
from codesign_feedback.loops import Loop
from codesign_feedback.state_words import state_words

MOST = 5


@dataclass(frozen=True)
class Alike:
    id: int
    number: str
    title: str
    language: str
    kind_label: str
    state_label: str


def similar_waiting(db: Session, thing: Contribution, kinds: Mapping[str, Kind]) -> list[Alike]:
    """The likest first. Two queries, of bounded cost."""
    shared = sharing(db, thing.title)
    ids = [id for id in shared.holders if id != thing.id]
    if not ids:
        return []
    rows = db.execute(_waiting().where(Contribution.id.in_(ids), Contribution.kind.in_(kinds))).all()
    alike = [(likeness(shared, row.id, row.title), row) for row in rows]
    best = sorted((one for one in alike if one[0] >= ALIKE), key=lambda one: (-one[0], one[1].id))
    return [_alike(row, kinds[row.kind]) for _likeness, row in best[:MOST]]


def _waiting() -> Any:
    columns = (Contribution.id, Contribution.number, Contribution.title, Contribution.language, Contribution.kind)
    query = select(*columns, Loop.state, Loop.outcome).join(Loop, Loop.contribution_id == Contribution.id)
    open_now = Loop.state.in_(ANSWERABLE) & Loop.appealing.is_(False)
    return query.where(Contribution.hidden_at.is_(None), open_now)


def _alike(row: Any, kind: Kind) -> Alike:
    label = gettext(kind.label)
    return Alike(row.id, row.number, row.title, row.language, label, state_words(row.state, row.outcome))
