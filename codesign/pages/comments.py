"""Comments: posting, replying, reading on, the page of one comment."""

from typing import Any

from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from codesign.core.comments import (
    Comment,
    Standing,
    edit_comment,
    get_comment,
    post_comment,
    set_standing,
    visible_comment,
)
from codesign.core.contributions import Contribution, get_contribution
from codesign.core.discussions import branch, chain, comment_view, more_replies
from codesign.core.votes import vote_on_comment
from codesign.events import record
from codesign.i18n import gettext as _
from codesign.pages.contributions import visible, vote_value
from codesign.pages.discussions import CommentForm, RootView, discussion, root_view
from codesign.types import NotFound
from codesign.web.forms import typed
from codesign.web.pages import absolute, is_htmx, keep, page, redirect, require
from codesign.web.session import session
from codesign.web.site import visit_of
from codesign.web.writes import shared


def index(request: Request) -> Response:
    """The next comments: for htmx a part to append, without JavaScript a page."""
    with session(request) as db:
        thing = visible(request, db, request.path_params["id"], "commentable")
        found = discussion(request, db, thing)
        template = "comments/_roots.html" if is_htmx(request) else "comments/index.html"
        return page(request, template, keep=keep(thing), discussion=found, thing=thing)


def post(request: Request) -> Response:
    with session(request) as db:
        thing = visible(request, db, request.path_params["id"], "commentable")
        require(request, "comments.post", thing)
        form = CommentForm(typed(request)).translate(_("Your comment"))
        if not form.validate():
            return _comment_page(request, db, thing, None, form, 422)
        return _posted(request, db, thing, form.text.data, None)


def ask_reply(request: Request) -> Response:
    with session(request) as db:
        comment, thing = _visible(request, db)
        require(request, "comments.post", thing)
        return _comment_page(request, db, thing, comment, CommentForm().translate(_("Your reply")))


def reply(request: Request) -> Response:
    with session(request) as db:
        comment, thing = _visible(request, db)
        require(request, "comments.post", thing)
        form = CommentForm(typed(request)).translate(_("Your reply"))
        if not form.validate():
            return _comment_page(request, db, thing, comment, form, 422)
        return _posted(request, db, thing, form.text.data, comment)


def replies(request: Request) -> Response:
    """More replies of one branch, behind the path in `after`."""
    with session(request) as db:
        comment, thing = _of_contribution(request, db)
        visit = visit_of(request)
        view = comment_view(db, thing, visit.actor, comment.root_id or comment.id)
        after = request.query_params.get("after", "")
        if not (after.isascii() and after.isalnum()):
            after = ""
        root = root_view(more_replies(db, thing, visit.actor, view, after))
        template = "comments/_replies.html" if is_htmx(request) else "comments/show.html"
        return page(request, template, keep=keep(thing), root=root, thing=thing, chain=[], focus=comment.id)


def show(request: Request) -> Response:
    """The page of one comment: what it replies to, itself, and the replies to it."""
    with session(request) as db:
        comment, thing = _of_contribution(request, db)
        visit = visit_of(request)
        view = comment_view(db, thing, visit.actor, comment.id)
        above = chain(db, thing, visit.actor, view)
        root = root_view(branch(db, thing, visit.actor, view))
        context: dict[str, Any] = {"chain": above, "root": root, "focus": comment.id}
        return page(request, "comments/show.html", keep=keep(thing), thing=thing, **context)


def vote(request: Request) -> Response:
    with session(request) as db:
        comment, thing = _visible(request, db)
        require(request, "comments.vote", thing)
        actor = visit_of(request).actor
        assert actor is not None
        vote_on_comment(db, actor, comment, vote_value(request))
        if is_htmx(request):
            view = comment_view(db, thing, actor, comment.id)
            return page(request, "comments/_votes.html", comment=view)
        return redirect(request, f"/comments/{comment.id}")


def edit(request: Request) -> Response:
    with session(request) as db:
        comment, thing = _visible(request, db)
        require(request, "comments.edit", comment, within=thing)
        form = CommentForm(data={"text": comment.text}).translate(_("Your comment"))
        return page(request, "comments/edit.html", comment=comment, thing=thing, form=form)


def save_edit(request: Request) -> Response:
    with session(request) as db:
        comment, thing = _visible(request, db)
        require(request, "comments.edit", comment, within=thing)
        form = CommentForm(typed(request)).translate(_("Your comment"))
        if not form.validate():
            return page(request, "comments/edit.html", 422, comment=comment, thing=thing, form=form)
        edit_comment(db, comment, form.text.data.strip(), visit_of(request).now)
        return redirect(request, f"/comments/{comment.id}", _("Your comment is changed."))


def ask_remove(request: Request) -> Response:
    with session(request) as db:
        comment, thing = _visible(request, db)
        require(request, "comments.remove", comment)
        view = comment_view(db, thing, visit_of(request).actor, comment.id)
        return page(request, "comments/remove.html", comment=view, thing=thing)


def remove(request: Request) -> Response:
    """The author takes a comment back. Replies stay, below a note that it was removed."""
    with session(request) as db:
        comment, thing = _visible(request, db)
        require(request, "comments.remove", comment)
        comment.text, comment.html = "", Markup()
        set_standing(db, comment, thing, Standing.REMOVED)
        return redirect(request, f"{thing.url}#comments", _("Your comment is removed."))


def _posted(request: Request, db: Session, thing: Contribution, text: str, parent: Comment | None) -> Response:
    visit = visit_of(request)
    assert visit.actor is not None
    comment = post_comment(db, thing, visit.actor, text.strip(), parent, visit.speech.locale, visit.now)
    url = f"/comments/{comment.id}"
    told: dict[str, Any] = {"url": absolute(request, url), "excerpt": text.strip()[:300], "author": visit.actor.name}
    if parent is not None:
        told["parent_author_id"] = str(parent.author_id or "")
    record(db, visit.hooks, "comments.posted", thing, visit.actor, visit.now, comment.id, **told)
    db.refresh(thing)
    if not is_htmx(request):
        return redirect(request, url, _("Your comment is published."))
    view = comment_view(db, thing, visit.actor, comment.id)
    return page(
        request,
        "comments/_posted.html",
        root=RootView(view, []),
        comment=view,
        thing=thing,
        form=CommentForm().translate(_("Your comment")),
        count=thing.comment_count,
    )


def _comment_page(
    request: Request, db: Session, thing: Contribution, parent: Comment | None, form: CommentForm, status: int = 200
) -> Response:
    """The composer: for htmx the form alone, without JavaScript a page with what is replied to."""
    view = comment_view(db, thing, visit_of(request).actor, parent.id) if parent else None
    context: dict[str, Any] = {
        "thing": thing,
        "comment": view,
        "form": form,
        "form_id": f"reply-form-{parent.id}" if parent else "comment-form",
        "action": f"/comments/{parent.id}/reply" if parent else f"/contributions/{thing.id}/comments",
        "label": form.text.label.text,
        "submit_label": _("Publish reply") if parent else _("Publish your comment"),
        # In place, the composer of a page has nowhere to go back to.
        "cancel_url": view.url if view else None if is_htmx(request) else thing.url,
    }
    return page(request, "comments/_form.html" if is_htmx(request) else "comments/reply.html", status, **context)


def _of_contribution(request: Request, db: Session) -> tuple[Comment, Contribution]:
    """The comment of the URL, hidden or not, and its contribution, which must be visible."""
    comment = get_comment(db, request.path_params["id"])
    thing = get_contribution(db, visit_of(request).kinds, comment.contribution_id)
    if thing.hidden:
        raise NotFound("hidden")
    return comment, thing


def _visible(request: Request, db: Session) -> tuple[Comment, Contribution]:
    visible_comment(db, request.path_params["id"], lock=request.method == "POST")
    return _of_contribution(request, db)


routes = [
    Route("/contributions/{id:int}/comments", index, methods=["GET"]),
    Route("/contributions/{id:int}/comments", post, methods=["POST"]),
    Route("/comments/{id:int}", show),
    Route("/comments/{id:int}/replies", replies),
    Route("/comments/{id:int}/reply", ask_reply, methods=["GET"]),
    Route("/comments/{id:int}/reply", reply, methods=["POST"]),
    Route("/comments/{id:int}/vote", shared(vote), methods=["POST"]),
    Route("/comments/{id:int}/edit", edit, methods=["GET"]),
    Route("/comments/{id:int}/edit", save_edit, methods=["POST"]),
    Route("/comments/{id:int}/remove", ask_remove, methods=["GET"]),
    Route("/comments/{id:int}/remove", remove, methods=["POST"]),
]
