"""The row of a contribution that is owed an answer, with its running clocks."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from codesign.core.authorities import Authority
from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.db import fetch
from codesign.kit import SHOWN_WITH_CONTRIBUTIONS, Base, Id
from codesign_feedback.loop import ANSWERABLE, Code, Outcome, Refusal, State

RUNNING = text("next_at IS NOT NULL")
DUE = text("due_at IS NOT NULL")
LISTED = text("overdue_at IS NOT NULL")
CONFIRMED = text("verified_at IS NOT NULL")
WAITING = text(f"state IN ({', '.join(repr(str(state)) for state in sorted(ANSWERABLE))})")
"""An answer is owed. Queries ask by this very text, so that both databases find the index of it."""


class Loop(Base):
    """Where one contribution stands. Only `codesign_feedback.steps` changes the state."""

    __tablename__ = "feedback_loop"
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    state: Mapped[State]
    outcome: Mapped[Outcome | None]
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """The official who has it in hand."""
    opened_at: Mapped[datetime]
    state_at: Mapped[datetime]
    """Since when it is in its state."""
    clock: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime | None]
    """The end of the nearest of its running public clocks, and the name of that one: what inbox and readers see."""
    overdue_at: Mapped[datetime | None]
    """Since when it is on the public list of what is overdue."""
    answer_due_at: Mapped[datetime | None]
    """The end of the answer's clock, kept when it stops: whether an answer was in time is read from it."""
    extended: Mapped[bool] = mapped_column(default=False)
    code: Mapped[Code | None]
    refusal: Mapped[Refusal | None]
    answered_at: Mapped[datetime | None]
    """Of the first official answer since it was opened."""
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """Who gave the last one: somebody else decides an appeal against it."""
    answer_days: Mapped[int | None]
    """Days from opening to the first answer, by the town's calendar days."""
    in_time: Mapped[bool | None]
    """Whether the first answer came before its deadline; False as soon as that has passed without."""
    delivered_at: Mapped[datetime | None]
    round: Mapped[int] = mapped_column(default=0)
    """How often people were asked anew whether it is done."""
    asked_at: Mapped[datetime | None]
    """When this round began; None: nobody is being asked."""
    asked_count: Mapped[int] = mapped_column(default=0)
    solved_count: Mapped[int] = mapped_column(default=0)
    unsolved_count: Mapped[int] = mapped_column(default=0)
    verified_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reopened_count: Mapped[int] = mapped_column(default=0)
    appealing: Mapped[bool] = mapped_column(default=False)
    """Somebody has appealed, and it is not decided yet."""

    thing: Mapped[Contribution] = relationship(lazy="raise")
    authority: Mapped[Authority | None] = relationship(lazy="joined", innerjoin=False)
    owner: Mapped[User | None] = relationship(lazy="joined", innerjoin=False, foreign_keys=[owner_id])

    __table_args__ = (
        Index("ix_feedback_loop_due", "due_at", "contribution_id", sqlite_where=DUE, postgresql_where=DUE),
        Index("ix_feedback_loop_authority", "authority_id", "state", "due_at"),
        Index("ix_feedback_loop_owner", "owner_id", "state", "due_at"),
        Index("ix_feedback_loop_inbox", "state", "due_at", "contribution_id"),
        Index("ix_feedback_loop_state", "state", "state_at", "contribution_id"),
        Index(
            "ix_feedback_loop_overdue", "overdue_at", "contribution_id", sqlite_where=LISTED, postgresql_where=LISTED
        ),
        Index("ix_feedback_loop_verified", "verified_at", sqlite_where=CONFIRMED, postgresql_where=CONFIRMED),
        Index(
            "ix_feedback_loop_waiting", "opened_at", "contribution_id", sqlite_where=WAITING, postgresql_where=WAITING
        ),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )

    @property
    def authority_title(self) -> str:
        return self.authority.title if self.authority else ""


class Clock(Base):
    """A running term, or one that has stopped. Each is started once for each time its step is taken."""

    __tablename__ = "feedback_clock"
    id: Mapped[Id]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("feedback_loop.contribution_id"))
    name: Mapped[str]
    """Of `codesign_feedback.clocks.RULES`."""
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    rung: Mapped[int] = mapped_column(default=0)
    """Which rung of its ladder comes next."""
    next_at: Mapped[datetime | None]
    """When; None: it has stopped or its ladder is exhausted."""
    __table_args__ = (
        Index("ix_feedback_clock_contribution", "contribution_id", "stopped_at"),
        Index("ix_feedback_clock_next", "next_at", "id", sqlite_where=RUNNING, postgresql_where=RUNNING),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )


def get_loop(db: Session, contribution_id: int, lock: bool = False) -> Loop:
    """Raises NotFound when nothing is owed for this contribution."""
    if lock:
        hold(db, contribution_id)
    return fetch(db, Loop, contribution_id, lock)


def loop_of(db: Session, contribution_id: int, lock: bool = False) -> Loop | None:
    if not lock:
        return db.get(Loop, contribution_id)
    hold(db, contribution_id)
    return db.get(Loop, contribution_id, with_for_update={"of": Loop, "key_share": True})


def hold(db: Session, contribution_id: int) -> None:
    """Whoever changes a loop has its contribution first: a withdrawal has it already, and nobody waits in a circle."""
    db.execute(select(Contribution.id).where(Contribution.id == contribution_id).with_for_update(key_share=True))
