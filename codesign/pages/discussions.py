"""The discussion below a contribution, as its page shows it. Plugins call `discussion` for theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy.orm import Session
from starlette.requests import Request
from wtforms import TextAreaField

from codesign.core.comments import TEXT_LENGTH
from codesign.core.contributions import Contribution
from codesign.core.discussions import ORDERS, CommentView, Root, roots
from codesign.i18n import gettext as _
from codesign.i18n import mark
from codesign.types import Link
from codesign.web.forms import TownForm, length, required
from codesign.web.pages import allowed, objection
from codesign.web.site import visit_of

ORDER_LABELS = {"oldest": mark("Oldest first"), "newest": mark("Newest first"), "agreed": mark("Most agreed")}


class CommentForm(TownForm):
    text = TextAreaField(validators=[required(), length(2, TEXT_LENGTH)])

    def translate(self, label: str) -> "CommentForm":
        self.text.label.text = label
        return self


@dataclass(frozen=True)
class RootView:
    """A comment with replies, and the link to the ones not shown yet."""

    comment: CommentView
    replies: Sequence[CommentView]
    more_url: str | None = None
    more_count: int = 0


@dataclass(frozen=True)
class Discussion:
    """The comments of a contribution as `comments/_discussion.html` shows them."""

    contribution: Contribution
    count: int
    order: str
    orders: list[Link]
    roots: list[RootView]
    more_url: str | None
    form: CommentForm | None
    closed: str
    sign_in_url: str | None


def discussion(request: Request, db: Session, thing: Contribution) -> Discussion:
    """The first comments of a contribution, in the order the URL asks for: two queries."""
    order = request.query_params.get("order", "oldest")
    order = order if order in ORDERS else "oldest"
    slice = roots(db, thing, visit_of(request).actor, order, request.query_params.get("after"))
    more = urlencode({"order": order, "after": slice.after}) if slice.after else ""
    more_url = f"/contributions/{thing.id}/comments?{more}" if more else None
    return _discussion(request, thing, order, [root_view(root) for root in slice.rows], more_url)


def _discussion(
    request: Request, thing: Contribution, order: str, shown: list[RootView], more_url: str | None
) -> Discussion:
    closed = objection(request, "comments.post", thing)
    may = not closed and allowed(request, "comments.post", thing)
    signed_in = visit_of(request).actor is not None
    return Discussion(
        contribution=thing,
        count=thing.comment_count,
        order=order,
        orders=[
            Link(_(label), f"{thing.url}?order={name}#comments", current=name == order)
            for name, label in ORDER_LABELS.items()
        ],
        roots=shown,
        more_url=more_url,
        form=CommentForm().translate(_("Your comment")) if may else None,
        closed=closed,
        sign_in_url=None if signed_in else "/accounts/sign-in?" + urlencode({"next": thing.url}),
    )


def root_view(root: Root) -> RootView:
    more = urlencode({"after": root.after}) if root.after else ""
    id = root.comment.root_id or root.comment.id
    url = f"/comments/{id}/replies?{more}" if more else None
    return RootView(root.comment, root.replies, url, root.more_count)
