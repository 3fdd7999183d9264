"""A poll: its tables, its phases, and what keeps the roll apart from the ballot box.

The roll says who voted, the box what was voted. They share no key, and neither keeps an order or a time:

- roll rows are a poll and a voter, nothing else; SQLite keeps them in the order of their key (no row ids);
- a ballot goes into the box question by question, under keys made of the voter's receipt, which is not stored;
- the box is a few rows, each a list that is sorted by these random keys and written anew as a whole, see `box.py`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Select, select
from sqlalchemy.orm import Mapped, mapped_column

from codesign.core.contributions import Contribution
from codesign.kit import SHOWN_NOWHERE, SHOWN_WITH_CONTRIBUTIONS, Answerable, Base, Id, Kind, mark

PHASES = ("upcoming", "open", "closed")


class Poll(Contribution):
    LABEL = mark("Poll")
    URL = "/polls/{id}"
    ANSWERABLE = Answerable("polls.counted", took_part=lambda id: [voters(id)])

    __tablename__ = "polls_poll"
    __mapper_args__ = {"polymorphic_identity": "poll"}
    id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The questions, as `codesign_polls.definition.Definition`; frozen from `opens_at` on."""
    secret: Mapped[bool]
    """Nobody can find out who voted what. Otherwise the ballot is kept beside the voter, who may change it."""
    live: Mapped[bool] = mapped_column(default=False)
    """Whether an open ballot shows results while people vote."""
    quorum: Mapped[int | None]
    """Voters that it takes, or else `quorum_share`."""
    quorum_share: Mapped[int | None]
    """Per thousand of those who may vote."""
    by_account: Mapped[bool] = mapped_column(default=True)
    """Whether people vote with their account on this site."""
    by_code: Mapped[bool] = mapped_column(default=False)
    """Whether people vote with a one-time code that the town hands out."""
    min_level: Mapped[int] = mapped_column(default=1)
    """Verification level of an account (`codesign.core.residents.Level`)."""
    min_age: Mapped[int | None]
    max_age: Mapped[int | None]
    """Years of age on the last day of the vote."""
    area_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    """The areas whose residents may vote; empty: all."""
    code_salt: Mapped[str]
    """Random, hex: codes are stored as digests with it."""
    voter_count: Mapped[int] = mapped_column(default=0)
    opened_told_at: Mapped[datetime | None]
    """When its followers were told that voting is open."""
    counted_at: Mapped[datetime | None]
    """When the closed poll was counted; from then on `outcome` stands."""
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Tallies, turnout and figures, as `codesign_polls.outcome` writes them."""
    imported_from: Mapped[str] = mapped_column(default="")
    """What was said of its origin when it was imported; such a poll has no roll."""

    __table_args__ = (  # type: ignore[assignment]
        Index("ix_polls_poll_opens", "opens_at"),
        Index("ix_polls_poll_closes", "closes_at"),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )


def voters(id: int) -> Select[Any]:
    """A query for the ids of those who voted with an account."""
    return select(Roll.user_id).where(Roll.poll_id == id, Roll.user_id.is_not(None))


KIND = Kind("poll", Poll, votable=False)


class Draft(Base):
    """A poll that staff prepare; nobody else sees it."""

    __tablename__ = "polls_draft"
    __table_args__ = {"info": SHOWN_NOWHERE}
    id: Mapped[Id]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    title: Mapped[str]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    """All that will become the poll."""
    file_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Roll(Base):
    """Who voted. No column says when, or in which order; what PostgreSQL itself keeps of that leads to no ballot."""

    __tablename__ = "polls_roll"
    __table_args__ = {"sqlite_with_rowid": False, "info": SHOWN_NOWHERE}
    poll_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    voter: Mapped[str] = mapped_column(primary_key=True)
    """`u` and the id of an account, or `c` and the digest of a one-time code."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Box(Base):
    """A part of what was voted on one question: entries `[key, answer]`, sorted by their random keys."""

    __tablename__ = "polls_box"
    __table_args__ = {"sqlite_with_rowid": False, "info": SHOWN_NOWHERE}
    poll_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    question: Mapped[int] = mapped_column(primary_key=True)
    bucket: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int]
    entries: Mapped[str]
    """JSON."""


class PublishedBox(Base):
    """The box of a counted poll as the file that everybody can download (`codesign_polls.published`)."""

    __tablename__ = "polls_published"
    __table_args__ = {"info": SHOWN_NOWHERE}
    poll_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    digest: Mapped[str]
    """SHA-256 of the file, hex."""
    size: Mapped[int]
    """Bytes of the file."""
    packed: Mapped[bytes] = mapped_column(deferred=True)
    """The file, gzipped."""


class OpenBallot(Base):
    """A ballot of an open vote, beside its voter, who may change it until the close."""

    __tablename__ = "polls_ballot"
    __table_args__ = {"info": SHOWN_NOWHERE}
    poll_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    voter: Mapped[str] = mapped_column(primary_key=True)
    answers: Mapped[list[Any]] = mapped_column(JSON)
    """One answer for each question."""
    keys: Mapped[list[str]] = mapped_column(JSON)
    """The keys of its entries in the published file, one for each question."""


class CodeSheet(Base):
    """A batch of one-time codes that was made and printed once."""

    __tablename__ = "polls_code_sheet"
    __table_args__ = {"info": SHOWN_NOWHERE}
    id: Mapped[Id]
    poll_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), index=True)
    purpose: Mapped[str]
    """Where these codes go: a desk, letters to a street."""
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]
    count: Mapped[int]
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))


class Code(Base):
    """A one-time code, as a salted digest: the code itself is on paper only."""

    __tablename__ = "polls_code"
    __table_args__ = {"sqlite_with_rowid": False, "info": SHOWN_NOWHERE}
    poll_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("polls_code_sheet.id"))


def phase(opens_at: datetime, closes_at: datetime, now: datetime) -> str:
    """Read from the clock: `upcoming`, `open` or `closed`. Open from the first moment on, closed at the last."""
    if closes_at <= now:
        return "closed"
    return "upcoming" if opens_at > now else "open"


def phase_of(poll: Poll, now: datetime) -> str:
    return phase(poll.opens_at, poll.closes_at, now)
