"""Official answers, as they were given: each with its code, reason, text and the responsible authority."""

from datetime import date, datetime

from markupsafe import Markup
from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from codesign.core.authorities import Authority
from codesign.core.users import User
from codesign.kit import SHOWN_NOWHERE, SHOWN_WITH_CONTRIBUTIONS, Base, Id
from codesign_feedback.loop import Code, Refusal


class Answer(Base):
    """Append-only: a later answer does not change an earlier one."""

    __tablename__ = "feedback_answer"
    id: Mapped[Id]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("feedback_loop.contribution_id"))
    code: Mapped[Code]
    refusal: Mapped[Refusal | None]
    """With the code `declined`."""
    until: Mapped[date | None]
    """With the code `deferred`: when it is looked at again."""
    text: Mapped[str]
    html: Mapped[Markup]
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]

    authority: Mapped[Authority] = relationship(lazy="joined")
    author: Mapped[User] = relationship(lazy="joined")

    __table_args__ = (
        Index("ix_feedback_answer_contribution", "contribution_id", "id"),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )


class Commitment(Base):
    """Who does what by when; and, once delivered, what shows that it is done."""

    __tablename__ = "feedback_commitment"
    id: Mapped[Id]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("feedback_loop.contribution_id"))
    owner: Mapped[str]
    """Who is responsible, as residents read it: a person, an office, a firm."""
    due_on: Mapped[date]
    deliverable: Mapped[str]
    made_at: Mapped[datetime]
    delivered_on: Mapped[date | None]
    evidence: Mapped[str] = mapped_column(default="")
    evidence_html: Mapped[Markup] = mapped_column(default=Markup())
    link: Mapped[str] = mapped_column(default="")
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"))

    __table_args__ = (
        Index("ix_feedback_commitment_contribution", "contribution_id", "id"),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )


class AnswerDraft(Base):
    """An answer that an official has begun; nobody outside sees it."""

    __tablename__ = "feedback_draft"
    id: Mapped[Id]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("feedback_loop.contribution_id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    fields: Mapped[str]
    """What was typed, as JSON."""
    saved_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("contribution_id", "author_id"), {"info": SHOWN_NOWHERE})


class Note(Base):
    """What officials write to each other about a contribution; never shown outside."""

    __tablename__ = "feedback_note"
    id: Mapped[Id]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("feedback_loop.contribution_id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    text: Mapped[str]
    at: Mapped[datetime]

    author: Mapped[User] = relationship(lazy="joined")

    __table_args__ = (Index("ix_feedback_note_contribution", "contribution_id", "id"), {"info": SHOWN_NOWHERE})
