"""Signatures on paper: entered sheet by sheet, each document counted once, its number never stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution, touch
from codesign.core.residents import Residence
from codesign.core.users import User
from codesign.core.votes import ContributionVote
from codesign.kit import Invalid, Key, Occurrence, cut, gettext, insert
from codesign.paging import Slice
from codesign_proposals.proposals import Proposal, Sheet, Signature
from codesign_proposals.supporting import recount

MOST_LINES = 200
DOCUMENT_LENGTH = 40
PAGE = 20


@dataclass(frozen=True)
class Refused:
    """A line that is no document number."""

    line: int
    """Counted from 1, empty ones too, as they stand in the field."""
    typed: str
    sentence: str


@dataclass(frozen=True)
class Numbers:
    digests: Sequence[str]
    """Of every line that is a document number, doubles too."""
    refused: Sequence[Refused]


def read_numbers(text: str, digest: Callable[[str], str]) -> Numbers:
    """The document numbers of a field, one a line. `digest` raises Invalid for what is none. So does this for too many."""
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) > MOST_LINES:
        sentence = gettext("These are %(count)s lines; at most %(most)s are possible at once.")
        raise Invalid(sentence % {"count": len(lines), "most": MOST_LINES}, "numbers")
    digests, refused = [], []
    for number, line in lines:
        try:
            digests.append(digest(_plausible(line)))
        except Invalid as error:
            refused.append(Refused(number, line, str(error)))
    return Numbers(digests, refused)


def _plausible(line: str) -> str:
    """A name or a remark in this place must not count as a person. Raises Invalid."""
    if len(line) > DOCUMENT_LENGTH or not any(map(str.isdigit, line)):
        raise Invalid(gettext("This is not a document number."))
    return line


def enter_sheet(
    db: Session, proposal: Proposal, origin: str, digests: Sequence[str], person: User, now: datetime
) -> tuple[Sheet, list[Occurrence]]:
    """Count those who signed and are not counted yet; the proposal is held.

    Returns the sheet, and what these supports brought about.
    """
    sheet = Sheet(
        proposal_id=proposal.id, origin=origin, entered_by_id=person.id, entered_at=now, accepted=0, doubled=0
    )
    db.add(sheet)
    db.flush()
    signed = set(digests)
    _put(db, proposal, _of_supporters(db, proposal, signed), None)
    sheet.accepted = _put(db, proposal, signed, sheet)
    sheet.doubled = len(digests) - sheet.accepted
    proposal.agree_count = Contribution.agree_count + sheet.accepted
    proposal.paper_count = Proposal.paper_count + sheet.accepted
    touch(proposal)
    db.flush()
    db.refresh(proposal, ["agree_count", "paper_count", "version"])
    return sheet, recount(db, proposal, now)


def _of_supporters(db: Session, proposal: Proposal, digests: set[str]) -> set[str]:
    """Documents of people who support the proposal on this site, also of those who were verified only afterwards."""
    query = select(Residence.document_digest).join(ContributionVote, ContributionVote.user_id == Residence.user_id)
    query = query.where(ContributionVote.contribution_id == proposal.id, Residence.document_digest.in_(digests))
    return {digest for digest in db.scalars(query) if digest is not None}


def _put(db: Session, proposal: Proposal, digests: set[str], sheet: Sheet | None) -> int:
    """How many of these documents were not there yet: the primary key decides, also between two desks."""
    if not digests:
        return 0
    # In one order: two desks that enter the same documents never wait for each other in a circle.
    rows = [
        {"proposal_id": proposal.id, "digest": digest, "sheet_id": sheet.id if sheet else None}
        for digest in sorted(digests)
    ]
    new = insert(db, Signature).values(rows).on_conflict_do_nothing()
    return len(db.scalars(new.returning(Signature.digest)).all())


def sheets(db: Session, proposal: Proposal, after: str | None) -> Slice[Row[Any]]:
    """A page of what was entered, the latest first: id, origin, entered_at, accepted, doubled, name of who did."""
    columns = (Sheet.id, Sheet.origin, Sheet.entered_at, Sheet.accepted, Sheet.doubled, User.name.label("entered_by"))
    query = select(*columns).join(User, User.id == Sheet.entered_by_id).where(Sheet.proposal_id == proposal.id)
    return cut(db, query, (Key(Sheet.id, True),), after, PAGE)
