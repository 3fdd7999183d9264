"""A proposal: its tables, and its state, read from facts and the clock."""

import enum
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import JSON, Date, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from codesign.core.contributions import Contribution
from codesign.kit import SHOWN_NOWHERE, SHOWN_WITH_CONTRIBUTIONS, Answerable, Base, Id, Kind, mark
from codesign_proposals.term import days_left

PERMILLE = 1000
REACHED = text("reached_at IS NOT NULL")
WITHDRAWN = text("withdrawn_at IS NOT NULL")
JOINED = text("merged_at IS NOT NULL")
UNTOLD = text("archived_told_at IS NULL AND reached_at IS NULL AND withdrawn_at IS NULL AND merged_at IS NULL")
"""Still gathering, as far as the clock was not asked: few at any time."""


class State(enum.StrEnum):
    """Where a published proposal stands. Drafts are not proposals yet: they are in a table of their own."""

    GATHERING = "gathering"
    REACHED = "reached"
    """It has, or had before its term was over, the support it needs."""
    ARCHIVED = "archived"
    """Its term is over without."""
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


UNDER_WAY = {State.GATHERING, State.REACHED}
"""Its author may still change or withdraw it."""


class Withdrawal(enum.StrEnum):
    """Why an author withdraws a proposal (the reasons of CONSUL)."""

    DUPLICATED = "duplicated"
    STARTED = "started"
    UNFEASIBLE = "unfeasible"
    DONE = "done"
    OTHER = "other"


class Proposal(Contribution):
    """A contribution whose votes are supports: `agree_count` counts all of them, `paper_count` and `elsewhere_count`
    of these have no row in `contribution_vote`."""

    LABEL = mark("Proposal")
    URL = "/proposals/{id}"
    ANSWERABLE = Answerable("proposals.reached", withdrawn="proposals.withdrawn", merged="proposals.merged")

    __tablename__ = "proposals_proposal"
    id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    __mapper_args__ = {"polymorphic_identity": "proposal", "inherit_condition": id == Contribution.id}
    threshold: Mapped[int]
    """Supports it needs, frozen when it was published."""
    archives_at: Mapped[datetime | None]
    """The end of its term, frozen when it was published; None: never."""
    archived_told_at: Mapped[datetime | None]
    """When author and supporters were told that its term is over."""
    reached_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[Withdrawal | None]
    withdrawn_text: Mapped[str] = mapped_column(default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"), index=True)
    merged_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    """Number of the text that is shown; earlier ones are in `proposals_revision`."""
    paper_count: Mapped[int] = mapped_column(default=0)
    elsewhere_count: Mapped[int] = mapped_column(default=0)
    """Supports that an earlier platform counted."""
    progress: Mapped[int] = mapped_column(default=0)
    """Supports per thousand of the threshold, rounded down: the order "close to the threshold"."""
    place: Mapped[int]
    """Its ordinal once more, to end the orders of this table with something unique."""

    __table_args__ = (  # type: ignore[assignment]
        Index("ix_proposals_proposal_progress", "progress", "place", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
        Index("ix_proposals_proposal_archives", "archives_at"),
        Index("ix_proposals_proposal_reached", "reached_at", sqlite_where=REACHED, postgresql_where=REACHED),
        Index("ix_proposals_proposal_withdrawn", "withdrawn_at", sqlite_where=WITHDRAWN, postgresql_where=WITHDRAWN),
        Index("ix_proposals_proposal_merged", "merged_at", sqlite_where=JOINED, postgresql_where=JOINED),
        Index("ix_proposals_proposal_untold", "archives_at", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )

    def state_at(self, now: datetime) -> State:
        return state_of(self, now)

    def takes_support_at(self, now: datetime) -> bool:
        """While it gathers support, and also when it has enough: until its term is over."""
        over = self.archives_at is not None and self.archives_at <= now
        return self.state_at(now) in UNDER_WAY and not over

    def days_left_at(self, now: datetime) -> int | None:
        return days_left(self.archives_at, now)


KIND = Kind("proposal", Proposal, opposable=False, votes="proposals/_support.html")


class Draft(Base):
    """What only its author sees, until it is published."""

    __tablename__ = "proposals_draft"
    __table_args__ = {"info": SHOWN_NOWHERE}
    id: Mapped[Id]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    title: Mapped[str]
    text: Mapped[str]
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    file_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Its picture and documents, as files that belong to no contribution yet."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Revision(Base):
    """A text that was shown before; revision 1 is what was published."""

    __tablename__ = "proposals_revision"
    __table_args__ = {"info": SHOWN_WITH_CONTRIBUTIONS}
    proposal_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str]
    shown_from: Mapped[datetime]
    support_count: Mapped[int]
    """How many had supported it when it was replaced."""


class Merge(Base):
    """A wish to join one proposal to another; done when both authors have consented."""

    __tablename__ = "proposals_merge"
    id: Mapped[Id]
    from_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    into_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    from_consent_at: Mapped[datetime | None]
    into_consent_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    support_count: Mapped[int | None]
    """How many supported the joined one when it was joined; None: it is not."""
    __table_args__ = (UniqueConstraint("from_id", "into_id"), {"info": SHOWN_WITH_CONTRIBUTIONS})


class Update(Base):
    """The author's word to those who support the proposal."""

    __tablename__ = "proposals_update"
    id: Mapped[Id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    title: Mapped[str]
    text: Mapped[str]
    html: Mapped[Markup]
    created_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_proposals_update_newest", "proposal_id", "created_at"),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )


class Milestone(Base):
    """A dated step on the way of a proposal, entered by its author or by the town."""

    __tablename__ = "proposals_milestone"
    id: Mapped[Id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    on: Mapped[Any] = mapped_column("day", Date)
    title: Mapped[str]
    text: Mapped[str]
    html: Mapped[Markup]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    __table_args__ = (Index("ix_proposals_milestone_day", "proposal_id", "day"), {"info": SHOWN_WITH_CONTRIBUTIONS})


class Sheet(Base):
    """Signatures on paper that an official entered, sheet by sheet: where they come from."""

    __tablename__ = "proposals_sheet"
    id: Mapped[Id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), index=True)
    origin: Mapped[str]
    """Where it was collected, and the number written on it."""
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    entered_at: Mapped[datetime]
    accepted: Mapped[int]
    doubled: Mapped[int]
    __table_args__ = {"info": SHOWN_WITH_CONTRIBUTIONS}


class Signature(Base):
    """One document, one support: of those who signed on paper, and of verified residents who supported here.

    The document itself is not known, only a keyed digest of its number (`codesign.core.residents`).
    """

    __tablename__ = "proposals_signature"
    __table_args__ = {"info": SHOWN_NOWHERE}
    proposal_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("proposals_sheet.id"), index=True)
    """None: a verified resident supported the proposal on this site."""


class Threshold(Base):
    """How much support proposals of one topic or one area need, instead of what holds for the town."""

    __tablename__ = "proposals_threshold"
    id: Mapped[Id]
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"), unique=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), unique=True)
    supporters: Mapped[int | None]
    """A number of supports, or else `share`."""
    share: Mapped[int | None]
    """Per thousand of the registered residents, of the town or of the area."""


def state(
    reached_at: datetime | None,
    archives_at: datetime | None,
    withdrawn_at: datetime | None,
    merged_at: datetime | None,
    now: datetime,
) -> State:
    """Read from facts and the clock. What its author or the town did comes before what the clock does."""
    if merged_at is not None:
        return State.MERGED
    if withdrawn_at is not None:
        return State.WITHDRAWN
    if reached_at is not None:
        return State.REACHED
    return State.ARCHIVED if archives_at is not None and archives_at <= now else State.GATHERING


def state_of(proposal: Proposal, now: datetime) -> State:
    return state(proposal.reached_at, proposal.archives_at, proposal.withdrawn_at, proposal.merged_at, now)


def progress(supports: int, threshold: int) -> int:
    """Supports per thousand of the threshold, rounded down."""
    return supports * PERMILLE // max(threshold, 1)
