"""What the people concerned say about the outcome: is it done, the refusal was wrong, open it again; and their receipts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kit import SHOWN_NOWHERE, SHOWN_WITH_CONTRIBUTIONS, Base, Id


class Receipt(Base):
    """A code that shows the fate of a contribution without an account: for its author, or for somebody who was helped."""

    __tablename__ = "feedback_receipt"
    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("feedback_loop.contribution_id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """Whose it is; None: of somebody without an account."""
    helper_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """The official who handed it out."""
    label: Mapped[str] = mapped_column(default="")
    """What the helper wrote down to know it by; never shown outside."""
    issued_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("contribution_id", "user_id"), {"info": SHOWN_NOWHERE})


class Reply(Base):
    """Somebody who took part says whether it is done: one reply a person, or receipt, and round."""

    __tablename__ = "feedback_reply"
    id: Mapped[Id]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("feedback_loop.contribution_id"))
    round: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("feedback_receipt.id"))
    solved: Mapped[bool]
    comment: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (receipt_id IS NULL)", name="voice"),
        UniqueConstraint("contribution_id", "round", "user_id"),
        UniqueConstraint("contribution_id", "round", "receipt_id"),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )


class Appeal(Base):
    """Against a refusal. One is enough, and it is decided by somebody else than who refused."""

    __tablename__ = "feedback_appeal"
    id: Mapped[Id]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("feedback_loop.contribution_id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    text: Mapped[str]
    filed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    granted: Mapped[bool | None]
    decision: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        Index("ix_feedback_appeal_contribution", "contribution_id", "id"),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )


class Wish(Base):
    """Somebody who took part wants it to be opened again, and says why. Enough of them, or its author, do it."""

    __tablename__ = "feedback_wish"
    id: Mapped[Id]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("feedback_loop.contribution_id"))
    time: Mapped[int]
    """How often it had been opened again before."""
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    text: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("contribution_id", "time", "user_id"),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )
