"""One-time codes: for people without an account, who vote at a desk or by letter. Stored as salted digests only."""

import hashlib
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from codesign.core.users import User
from codesign.kit import insert
from codesign_polls.polls import Code, CodeSheet, Poll, Roll
from codesign_polls.receipts import new_code, normal_code

AT_ONCE = 2000
"""Codes on one sheet at most."""


def code_digest(salt: str, code: str) -> str:
    """SHA-256 of the poll's salt and the code. A code has 80 random bits: a slow hash would protect nothing more."""
    return hashlib.sha256(f"{salt}\0{code}".encode()).hexdigest()


def make_codes(
    db: Session, poll: Poll, staff: User, purpose: str, count: int, area_id: int | None, now: datetime
) -> list[str]:
    """A sheet of new codes. This is the only moment at which they are known: print them."""
    codes = [new_code() for _ in range(count)]
    sheet = CodeSheet(
        poll_id=poll.id, purpose=purpose, made_by_id=staff.id, made_at=now, count=len(codes), area_id=area_id
    )
    db.add(sheet)
    db.flush()
    # Sorted: the order on paper, in which they are handed out, is not the order in the table.
    digests = sorted(code_digest(poll.code_salt, code) for code in codes)
    db.execute(insert(db, Code), [{"poll_id": poll.id, "digest": digest, "sheet_id": sheet.id} for digest in digests])
    return codes


def find_code(db: Session, poll: Poll, typed: str) -> str | None:
    """The digest of a code of this poll, None when there is none like it."""
    code = normal_code(typed)
    digest = code_digest(poll.code_salt, code)
    known = code and db.scalar(select(Code.digest).where(Code.poll_id == poll.id, Code.digest == digest))
    return digest if known else None


def sheets(db: Session, poll: Poll, limit: int = 200) -> list[tuple[CodeSheet, int]]:
    """The sheets of a poll, newest first, each with how many of its codes were used."""
    used = select(Code.sheet_id, func.count().label("used"))
    used = used.join(Roll, (Roll.poll_id == Code.poll_id) & (Roll.voter == "c" + Code.digest))
    counted = used.where(Code.poll_id == poll.id).group_by(Code.sheet_id).subquery()
    query = select(CodeSheet, func.coalesce(counted.c.used, 0)).outerjoin(counted, counted.c.sheet_id == CodeSheet.id)
    query = query.where(CodeSheet.poll_id == poll.id).order_by(CodeSheet.id.desc()).limit(limit)
    return [(sheet, int(number)) for sheet, number in db.execute(query)]
