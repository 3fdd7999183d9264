"""Receipts: a code that shows what became of a contribution, without an account."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.kit import NotFound, insert
from codesign_feedback.voices import Receipt

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without letters and digits that are taken for one another."""
LENGTH = 12
"""60 bits: nobody finds one by trying."""
GROUP = 4
LABEL_LENGTH = 80


def issue(
    db: Session,
    thing: Contribution,
    now: datetime,
    user: User | None = None,
    helper: User | None = None,
    label: str = "",
) -> Receipt:
    """A new receipt; or, for a person who has one for this contribution already, that one."""
    row = {
        "code": "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH)), "contribution_id": thing.id,
        "user_id": user.id if user else None, "helper_id": helper.id if helper else None,
        "label": label[:LABEL_LENGTH], "issued_at": now,
    }  # fmt: skip
    new = insert(db, Receipt).values(row).on_conflict_do_nothing(index_elements=["contribution_id", "user_id"])
    id = db.scalar(new.returning(Receipt.id))
    if id is not None:
        return db.get_one(Receipt, id)
    own = select(Receipt).where(Receipt.contribution_id == thing.id, Receipt.user_id == row["user_id"])
    return db.scalars(own).one()


def find_receipt(db: Session, typed: str) -> Receipt:
    """However it is written: small letters, spaces and dashes do not matter. Raises NotFound."""
    code = "".join(filter(str.isalnum, typed)).upper()
    receipt = db.scalar(select(Receipt).where(Receipt.code == code)) if len(code) == LENGTH else None
    if receipt is None:
        raise NotFound("no such receipt")
    return receipt


def written(code: str) -> str:
    """In groups, as it is printed: `7KQM-2XHD-9PLA`."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))
