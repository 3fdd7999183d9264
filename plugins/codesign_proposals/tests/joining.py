"""How tests ask that two proposals are joined, and answer."""

from typing import Any

from sqlalchemy import select

from codesign.core.contributions import get_of_kind
from codesign.testing import Town
from codesign_proposals.proposals import Merge, Proposal


def ask(town: Town, source: int, target: int | str, name: str = "anna") -> Any:
    number = f"/proposals/{target}" if isinstance(target, int) else target
    return town.client(name).post(f"/proposals/{source}/merge", data={"number": number})


def request_id(town: Town) -> int:
    with town.read() as db:
        return db.scalars(select(Merge.id).order_by(Merge.id.desc())).first() or 0


def answer(town: Town, id: int, name: str, word: str = "agree", merge: int | None = None) -> Any:
    url = f"/proposals/{id}/merge/{merge or request_id(town)}"
    return town.client(name).post(url, data={"answer": word})


def joined(town: Town, *ids: int) -> list[int | None]:
    with town.read() as db:
        return [get_of_kind(db, Proposal, id).merged_into_id for id in ids]
