"""Agreeing and disagreeing with contributions and comments: one person, one vote, by a constraint of the schema."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.core.comments import Comment
from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.db import Base, insert

VALUES = (1, -1, 0)
"""Agree, disagree, take back."""


class ContributionVote(Base):
    __tablename__ = "contribution_vote"
    __table_args__ = (CheckConstraint("value IN (1, -1)", name="value"),)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True, index=True)
    value: Mapped[int]


class CommentVote(Base):
    __tablename__ = "comment_vote"
    __table_args__ = (CheckConstraint("value IN (1, -1)", name="value"),)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True, index=True)
    value: Mapped[int]


def vote_on_contribution(db: Session, user: User, thing: Contribution, value: int) -> None:
    """Agree (1), disagree (-1) or take the vote back (0). The counters change in the same transaction."""
    agreed, disagreed = _replace(db, ContributionVote, ContributionVote.contribution_id, user.id, thing.id, value)
    if agreed or disagreed:
        changes: dict[Any, Any] = {
            Contribution.agree_count: Contribution.agree_count + agreed,
            Contribution.disagree_count: Contribution.disagree_count + disagreed,
            Contribution.version: Contribution.version + 1,
        }
        db.execute(update(Contribution).where(Contribution.id == thing.id).values(changes))
        db.refresh(thing, ["agree_count", "disagree_count", "version"])


def vote_on_comment(db: Session, user: User, comment: Comment, value: int) -> None:
    """Agree (1), disagree (-1) or take the vote back (0). The counters change in the same transaction."""
    agreed, disagreed = _replace(db, CommentVote, CommentVote.comment_id, user.id, comment.id, value)
    if agreed or disagreed:
        changes: dict[Any, Any] = {
            Comment.agree_count: Comment.agree_count + agreed,
            Comment.disagree_count: Comment.disagree_count + disagreed,
        }
        db.execute(update(Comment).where(Comment.id == comment.id).values(changes))
        version = update(Contribution).where(Contribution.id == comment.contribution_id)
        db.execute(version.values(version=Contribution.version + 1))
        db.refresh(comment, ["agree_count", "disagree_count"])


def my_vote(db: Session, user: User | None, thing: Contribution) -> int:
    """1, -1, or 0 for none."""
    if user is None:
        return 0
    mine = (ContributionVote.user_id == user.id) & (ContributionVote.contribution_id == thing.id)
    return db.scalar(select(ContributionVote.value).where(mine)) or 0


def _replace(db: Session, votes: Any, column: Any, user_id: int, thing_id: int, value: int) -> tuple[int, int]:
    """Put `value` in the place of the vote there is. Returns the steps of (agree, disagree).

    Each statement acts on the row as it then stands, so that two requests of one person at the same moment
    are counted as one after the other.
    """
    mine = (votes.user_id == user_id) & (column == thing_id)
    if value == 0:
        before = db.scalar(delete(votes).where(mine).returning(votes.value))
        return (0, 0) if before is None else (-(before == 1), -(before == -1))
    fresh = insert(db, votes).values({"user_id": user_id, column.key: thing_id, "value": value})
    if db.scalar(fresh.on_conflict_do_nothing().returning(votes.value)) is not None:
        return (int(value == 1), int(value == -1))
    changed = db.scalar(update(votes).where(mine, votes.value != value).values(value=value).returning(votes.value))
    return (0, 0) if changed is None else (value, -value)
