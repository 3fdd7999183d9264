"""Reading comments: the first roots and the first replies of each, by key, whatever the size of the thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import and_, or_, select, union_all
from sqlalchemy.orm import Session, aliased

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
    "oldest": (Key(Comment.created_at), Key(Comment.id)),
    "newest": (Key(Comment.created_at, True), Key(Comment.id, True)),
    "agreed": (Key(Comment.agree_count, True), Key(Comment.id, True)),
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
    query = _views(thing, viewer).where(Comment.contribution_id == thing.id, Comment.root_id.is_(None))
    page = cut(db, query.where(_worth_showing()), keys, after, ROOTS)
    shown = [_view(row, thing) for row in page.rows]
    replies = _first_replies(db, thing, viewer, [view for view in shown if view.reply_count])
    return Slice([_root(view, replies.get(view.id, [])) for view in shown], page.after)


def more_replies(db: Session, thing: Contribution, viewer: User | None, root: CommentView, after: str) -> Root:
    """The replies of `root` behind the path `after`."""
    found = _replies(thing, viewer, root.id, MORE_REPLIES + 1).where(Comment.path > after)
    views = [_view(row, thing) for row in db.execute(found)]
    left = len(views) > MORE_REPLIES
    views = views[:MORE_REPLIES]
    return Root(root, views, views[-1].path if left else None, 0)


def branch(db: Session, thing: Contribution, viewer: User | None, comment: CommentView) -> Root:
    """A comment and the replies below it, for its own page."""
    below = _replies(thing, viewer, comment.root_id or comment.id, MORE_REPLIES + 1)
    if comment.root_id is not None:
        last = comment.path[: SEGMENT * (comment.depth + 1)]
        below = below.where(Comment.path > last, Comment.path < last + "~")
    views = [_view(row, thing) for row in db.execute(below)]
    left = len(views) > MORE_REPLIES
    return Root(comment, views[:MORE_REPLIES], views[MORE_REPLIES - 1].path if left else None, 0)


def chain(db: Session, thing: Contribution, viewer: User | None, comment: CommentView) -> list[CommentView]:
    """What a comment replies to, from the root down."""
    if comment.root_id is None:
        return []
    ids = [int(comment.path[start : start + SEGMENT], 36) for start in range(0, len(comment.path), SEGMENT)]
    query = _views(thing, viewer).where(Comment.id.in_(ids[:-1])).order_by(Comment.path)
    return [_view(row, thing) for row in db.execute(query)]


def comment_view(db: Session, thing: Contribution, viewer: User | None, id: int) -> CommentView:
    """One comment of this contribution as a page shows it."""
    return _view(db.execute(_views(thing, viewer).where(Comment.id == id)).one(), thing)


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


def _views(thing: Contribution, viewer: User | None) -> AnySelect:
    author, parent, parent_author = aliased(User), aliased(Comment), aliased(User)
    query = select(
        *COLUMNS,
        author.name.label("author_name"),
        author.role.label("author_role"),
        parent_author.name.label("in_reply_to"),
        CommentVote.value.label("mine"),
    )
    mine = and_(CommentVote.comment_id == Comment.id, CommentVote.user_id == (viewer.id if viewer else 0))
    query = query.select_from(Comment).outerjoin(author, Comment.author_id == author.id)
    query = query.outerjoin(parent, Comment.parent_id == parent.id)
    return query.outerjoin(parent_author, parent.author_id == parent_author.id).outerjoin(CommentVote, mine)


def _view(row: Any, thing: Contribution) -> CommentView:
    values = dict(row._mapping)
    values["mine"] = values["mine"] or 0
    values["by_author"] = thing.author_id is not None and row.author_id == thing.author_id
    if row.depth < 2:
        values["in_reply_to"] = None
    return CommentView(**values)


def _worth_showing() -> Any:
    # A placeholder is kept only where somebody replied to it.
    return or_(Comment.standing != Standing.REMOVED, Comment.reply_count > 0)


def _replies(thing: Contribution, viewer: User | None, root_id: int, limit: int) -> AnySelect:
    query = _views(thing, viewer).where(Comment.root_id == root_id, _worth_showing())
    return query.order_by(Comment.path).limit(limit)


def _first_replies(
    db: Session, thing: Contribution, viewer: User | None, above: list[CommentView]
) -> dict[int, list[CommentView]]:
    if not above:
        return {}
    parts = [_replies(thing, viewer, view.id, REPLIES + 1).subquery() for view in above]
    replies: dict[int, list[CommentView]] = {}
    for row in db.execute(union_all(*(select(part) for part in parts))):
        replies.setdefault(row.root_id, []).append(_view(row, thing))
    return {id: sorted(found, key=lambda view: view.path) for id, found in replies.items()}


def _root(comment: CommentView, replies: list[CommentView]) -> Root:
    left = len(replies) > REPLIES
    shown = replies[:REPLIES]
    more = max(comment.reply_count - len(shown), 1) if left else 0
    return Root(comment, shown, shown[-1].path if left else None, more)
