"""Reading comments: the first roots and the first replies of each, by key, whatever the size of the thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased, join

from codesign.core.comments import SEGMENT, Comment, Standing
from codesign.core.contributions import Contribution, Reason
from codesign.core.users import Role, User
from codesign.core.votes import CommentVote
from codesign.paging import AnySelect, Key, Slice, cut

ROOTS = 30
REPLIES = 5
MORE_REPLIES = 50
DEEPEST_SHOWN = 3

ORDERS = {
    "oldest": (Key(Comment.created_at), Key(Comment.path)),
    "newest": (Key(Comment.created_at, True), Key(Comment.path, True)),
    "agreed": (Key(Comment.agree_count, True), Key(Comment.path, True)),
}


@dataclass(frozen=True)
class CommentView:
    """A comment as a page shows it."""

    id: int
    contribution_id: int
    parent_id: int | None
    root_id: int | None
    depth: int
    path: str
    author_id: int | None
    author_name: str | None
    author_role: Role | None
    by_author: bool
    created_at: datetime
    edited_at: datetime | None
    language: str
    html: Markup
    standing: Standing
    hidden_reason: Reason | None
    parent_lost: bool
    in_reply_to: str | None
    agree_count: int
    disagree_count: int
    reply_count: int
    mine: int

    @property
    def url(self) -> str:
        return f"/comments/{self.id}"

    @property
    def hidden(self) -> bool:
        return self.standing is Standing.HIDDEN

    @property
    def removed(self) -> bool:
        return self.standing is Standing.REMOVED

    @property
    def shown_depth(self) -> int:
        return min(self.depth, DEEPEST_SHOWN)


@dataclass(frozen=True)
class Root:
    """A comment and the first replies below it, in the order of reading."""

    comment: CommentView
    replies: Sequence[CommentView]
    after: str | None
    """Path of the last reply shown, when there are more."""
    more_count: int


def roots(db: Session, thing: Contribution, viewer: User | None, order: str, after: str | None) -> Slice[Root]:
    """The next roots of a contribution with their first replies: two queries."""
    keys = ORDERS.get(order, ORDERS["oldest"])
    page = cut(db, _roots(), keys, after, ROOTS, {"thing": thing.id, "viewer": _id(viewer)})
    shown = [_view(row, thing) for row in page.rows]
    replies = _first_replies(db, thing, viewer, [view.id for view in shown if view.reply_count])
    return Slice([_root(view, replies.get(view.id, [])) for view in shown], page.after)


def more_replies(db: Session, thing: Contribution, viewer: User | None, root: CommentView, after: str) -> Root:
    """The replies of `root` behind the path `after`."""
    replies, last = _replies(db, thing, viewer, root.id, after, "~")
    return Root(root, replies, last, 0)


def branch(db: Session, thing: Contribution, viewer: User | None, comment: CommentView) -> Root:
    """A comment and the replies below it, for its own page."""
    above = comment.path[: SEGMENT * (comment.depth + 1)] if comment.root_id is not None else ""
    replies, last = _replies(db, thing, viewer, comment.root_id or comment.id, above, above + "~")
    return Root(comment, replies, last, 0)


def chain(db: Session, thing: Contribution, viewer: User | None, comment: CommentView) -> list[CommentView]:
    """What a comment replies to, from the root down."""
    if comment.root_id is None:
        return []
    ids = [int(comment.path[start : start + SEGMENT], 36) for start in range(0, len(comment.path), SEGMENT)]
    found = db.execute(_these(), {"ids": ids[:-1], "viewer": _id(viewer)})
    return [_view(row, thing) for row in found]


def comment_view(db: Session, thing: Contribution, viewer: User | None, id: int) -> CommentView:
    """One comment of this contribution as a page shows it."""
    return _view(db.execute(_these(), {"ids": [id], "viewer": _id(viewer)}).one(), thing)


def _id(viewer: User | None) -> int:
    return viewer.id if viewer is not None else 0


def _view(row: Any, thing: Contribution) -> CommentView:
    values = dict(row._mapping)
    values["mine"] = values["mine"] or 0
    values["by_author"] = thing.author_id is not None and row.author_id == thing.author_id
    if row.depth < 2:
        values["in_reply_to"] = None
    return CommentView(**values)


def _first_replies(
    db: Session, thing: Contribution, viewer: User | None, above: list[int]
) -> dict[int, list[CommentView]]:
    replies: dict[int, list[CommentView]] = {}
    if above:
        for row in db.execute(_beginnings(), {"ids": above, "viewer": _id(viewer)}):
            replies.setdefault(row.root_id, []).append(_view(row, thing))
    return replies


def _replies(
    db: Session, thing: Contribution, viewer: User | None, root_id: int, after: str, end: str
) -> tuple[list[CommentView], str | None]:
    """The replies of a root with a path between `after` and `end`, and the path of the last when there are more."""
    asked = {"root": root_id, "after": after, "end": end, "viewer": _id(viewer)}
    views = [_view(row, thing) for row in db.execute(_between(), asked)]
    shown = views[:MORE_REPLIES]
    return shown, shown[-1].path if len(views) > MORE_REPLIES else None


def _root(comment: CommentView, replies: list[CommentView]) -> Root:
    left = len(replies) > REPLIES
    shown = replies[:REPLIES]
    more = max(comment.reply_count - len(shown), 1) if left else 0
    return Root(comment, shown, shown[-1].path if left else None, more)


# The statements. Building one costs more than running it, so each is built once, with parameters.

COLUMNS = (
    Comment.id,
    Comment.contribution_id,
    Comment.parent_id,
    Comment.root_id,
    Comment.depth,
    Comment.path,
    Comment.author_id,
    Comment.created_at,
    Comment.edited_at,
    Comment.language,
    Comment.html,
    Comment.standing,
    Comment.hidden_reason,
    Comment.parent_lost,
    Comment.agree_count,
    Comment.disagree_count,
    Comment.reply_count,
)


def _views(comments: Any = Comment) -> AnySelect:
    """Comments as columns, with who wrote them, whom they answer and how the `:viewer` voted on them."""
    author, parent, parent_author = aliased(User), aliased(Comment), aliased(User)
    query = select(
        *COLUMNS,
        author.name.label("author_name"),
        author.role.label("author_role"),
        parent_author.name.label("in_reply_to"),
        CommentVote.value.label("mine"),
    )
    mine = and_(CommentVote.comment_id == Comment.id, CommentVote.user_id == bindparam("viewer"))
    query = query.select_from(comments).outerjoin(author, Comment.author_id == author.id)
    query = query.outerjoin(parent, Comment.parent_id == parent.id)
    return query.outerjoin(parent_author, parent.author_id == parent_author.id).outerjoin(CommentVote, mine)


def _worth_showing(comment: Any = Comment) -> ColumnElement[bool]:
    # A placeholder is kept only where somebody replied to it.
    return or_(comment.standing != Standing.REMOVED, comment.reply_count > 0)


@cache
def _roots() -> AnySelect:
    """The roots of the contribution `:thing`."""
    return _views().where(Comment.contribution_id == bindparam("thing"), Comment.root_id.is_(None), _worth_showing())


@cache
def _these() -> AnySelect:
    """The comments with `:ids`, from the root down when they are of one branch."""
    return _views().where(Comment.id.in_(bindparam("ids", expanding=True))).order_by(Comment.path)


@cache
def _between() -> AnySelect:
    """Replies below `:root`, from path to path, one more than a page shows."""
    path = Comment.path
    query = _views().where(Comment.root_id == bindparam("root"), _worth_showing())
    return query.where(path > bindparam("after"), path < bindparam("end")).order_by(path).limit(MORE_REPLIES + 1)


@cache
def _beginnings() -> AnySelect:
    """The first replies of each of the roots `:ids`, one more than a page shows.

    How far they go is asked for each root first, so that the index on (root_id, path) bounds what is read.
    """
    root, early = aliased(Comment), aliased(Comment)
    # "between" and "order by root_id": of an equality PostgreSQL expects a handful of rows, reads all and sorts them.
    mine = early.root_id.between(root.id, root.id)
    last = select(early.path).where(mine, _worth_showing(early)).order_by(early.root_id, early.path)
    end = func.coalesce(last.offset(REPLIES).limit(1).scalar_subquery(), "~").label("end")
    # "offset 0" keeps both databases from asking it again for every reply.
    ends = select(root.id, end).where(root.id.in_(bindparam("ids", expanding=True))).offset(0).subquery()
    below = and_(Comment.root_id == ends.c.id, Comment.path <= ends.c.end, _worth_showing())
    return _views(join(ends, Comment, below)).order_by(Comment.path)
