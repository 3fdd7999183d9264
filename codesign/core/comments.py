"""Comments: replies, in a tree, to any contribution. A page reads a few roots and a few replies by key."""

import enum
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import ForeignKey, Index, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from codesign.core.contributions import Contribution, Reason, touch
from codesign.core.users import User
from codesign.db import PATH, Base, Id, fetch
from codesign.editions import SHOWN_WITH_CONTRIBUTIONS
from codesign.markup import render
from codesign.types import NotFound

TEXT_LENGTH = 5_000
DEEPEST = 60
"""Replies below this depth stay at it; each still knows what it replies to."""
SEGMENT = 8
OF_ROOTS = text("root_id IS NULL")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Standing(enum.Enum):
    """What is left of a comment."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    """By a moderator, with a reason in the public log."""
    REMOVED = "removed"
    """By its author, or before it was imported."""


class Comment(Base):
    __tablename__ = "comment"
    id: Mapped[Id]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"), index=True)
    root_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    """The comment that opened this branch; None for that comment itself."""
    depth: Mapped[int] = mapped_column(default=0)
    path: Mapped[str] = mapped_column(PATH, default="")
    """Ids from the root to here, each eight digits of base 36: sorting by it is the order of reading."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    text: Mapped[str]
    html: Mapped[Markup]
    language: Mapped[str]
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    standing: Mapped[Standing] = mapped_column(default=Standing.VISIBLE)
    hidden_reason: Mapped[Reason | None]
    parent_lost: Mapped[bool] = mapped_column(default=False)
    """It replied to a comment that the import did not hold."""
    agree_count: Mapped[int] = mapped_column(default=0)
    disagree_count: Mapped[int] = mapped_column(default=0)
    reply_count: Mapped[int] = mapped_column(default=0)
    """All replies below a root; for other comments the direct ones."""

    author: Mapped[User | None] = relationship(lazy="joined", innerjoin=False)

    __table_args__ = (
        # Of roots only: PostgreSQL does not see that an index is in order where a column before it is NULL.
        Index(
            "ix_comment_root_oldest",
            "contribution_id",
            "created_at",
            "path",
            sqlite_where=OF_ROOTS,
            postgresql_where=OF_ROOTS,
        ),
        Index(
            "ix_comment_root_agreed",
            "contribution_id",
            "agree_count",
            "path",
            sqlite_where=OF_ROOTS,
            postgresql_where=OF_ROOTS,
        ),
        Index("ix_comment_path", "root_id", "path"),
        Index("ix_comment_commenters", "contribution_id", "author_id"),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )

    @property
    def author_name(self) -> str | None:
        return self.author.name if self.author else None


def get_comment(db: Session, id: int, lock: bool = False) -> Comment:
    return fetch(db, Comment, id, lock)


def visible_comment(db: Session, id: int, lock: bool = False) -> Comment:
    """Raises NotFound for one that is hidden or removed."""
    comment = get_comment(db, id, lock)
    if comment.standing is not Standing.VISIBLE:
        raise NotFound(f"comment {id} is not to be seen")
    return comment


def post_comment(
    db: Session, thing: Contribution, author: User, text: str, parent: Comment | None, language: str, now: datetime
) -> Comment:
    """Add a comment, or a reply to `parent`, and count it."""
    comment = Comment(
        contribution_id=thing.id, author_id=author.id, text=text, html=render(text), language=language, created_at=now
    )
    comment.author = author
    place(db, comment, parent)
    if parent is not None:
        count_reply(db, parent)
    _change(db, thing, Contribution.comment_count, 1)
    return comment


def place(db: Session, comment: Comment, parent: Comment | None) -> None:
    """Store a comment at its place in the tree."""
    if parent is not None:
        comment.parent_id = parent.id
        comment.root_id = parent.root_id or parent.id
        comment.depth = min(parent.depth + 1, DEEPEST)
    db.add(comment)
    db.flush()
    above = parent.path[: SEGMENT * comment.depth] if parent is not None else ""
    comment.path = above + segment(comment.id)
    db.flush()


def count_reply(db: Session, parent: Comment) -> None:
    ids = {parent.id, parent.root_id or parent.id}
    db.execute(update(Comment).where(Comment.id.in_(ids)).values(reply_count=Comment.reply_count + 1))


def edit_comment(db: Session, comment: Comment, text: str, now: datetime) -> None:
    comment.text, comment.html, comment.edited_at = text, render(text), now
    version = update(Contribution).where(Contribution.id == comment.contribution_id)
    db.execute(version.values(version=Contribution.version + 1))
    db.flush()


def set_standing(db: Session, comment: Comment, thing: Contribution, standing: Standing) -> None:
    """Hide, remove or show a comment again; its contribution counts only what can be read."""
    step = (standing is Standing.VISIBLE) - (comment.standing is Standing.VISIBLE)
    comment.standing = standing
    _change(db, thing, Contribution.comment_count, step)


def segment(id: int) -> str:
    """An id as eight digits of base 36, so that text sorts as the numbers do (up to 2.8 million million)."""
    digits = []
    for _place in range(SEGMENT):
        id, digit = divmod(id, 36)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def _change(db: Session, thing: Contribution, counter: Any, step: int) -> None:
    setattr(thing, counter.key, counter + step)
    touch(thing)
    db.flush()
