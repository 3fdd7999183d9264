"""The pages of drafts: writing, looking at what was written, publishing or discarding it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.areas import Area, areas
from codesign.core.topics import Topic, topics
from codesign.core.users import User
from codesign.kit import (
    Invalid,
    NotFound,
    absolute,
    gettext,
    page,
    record,
    redirect,
    render,
    require,
    session,
    typed,
    visit_of,
)
from codesign_proposals.drafts import discard_draft, drafts_of, files_of_draft, get_draft, save_draft, written_in
from codesign_proposals.forms import ProposalForm
from codesign_proposals.proposals import Draft
from codesign_proposals.publishing import publish
from codesign_proposals.similar import similar_to
from codesign_proposals.thresholds import threshold_for
from codesign_proposals.written import Written

DRAFTS = "/proposals/drafts"


def index(request: Request) -> Response:
    with session(request) as db:
        return page(request, "proposals/drafts.html", drafts=drafts_of(db, _writer(request)))


def new(request: Request) -> Response:
    with session(request) as db:
        _writer(request)
        return page(request, "proposals/new.html", form=ProposalForm().translate(topics(db), areas(db)))


def save_new(request: Request) -> Response:
    with session(request) as db:
        author = _writer(request)
        form = ProposalForm(typed(request)).translate(topics(db), areas(db))
        return _save(request, db, author, form, "proposals/new.html")


def show(request: Request) -> Response:
    with session(request) as db:
        draft = get_draft(db, _writer(request), request.path_params["id"])
        topic, area = _places(db, draft)
        context: dict[str, Any] = {
            "html": render(draft.text),
            "files": files_of_draft(db, draft),
            "topic": topic,
            "area": area,
            "threshold": threshold_for(db, draft.topic_id, draft.area_id),
            "similar": similar_to(db, draft.title, visit_of(request).now),
        }
        return page(request, "proposals/draft.html", draft=draft, **context)


def edit(request: Request) -> Response:
    with session(request) as db:
        draft = get_draft(db, _writer(request), request.path_params["id"])
        files = files_of_draft(db, draft)
        alt = next((file.alt for file in files if file.is_picture), "")
        form = ProposalForm(data={**shown(written_in(draft)), "alt": alt, "loaded": _stamp(draft)})
        form.translate(topics(db), areas(db)).holding(files)
        return page(request, "proposals/draft_edit.html", form=form, draft=draft)


def save_edit(request: Request) -> Response:
    with session(request) as db:
        author = _writer(request)
        draft = get_draft(db, author, request.path_params["id"], lock=True)
        form = ProposalForm(typed(request)).translate(topics(db), areas(db)).holding(files_of_draft(db, draft))
        return _save(request, db, author, form, "proposals/draft_edit.html", draft)


def publish_it(request: Request) -> Response:
    with session(request) as db:
        author = _writer(request)
        try:
            draft = get_draft(db, author, request.path_params["id"], lock=True)
        except NotFound:  # the button was pressed twice
            return redirect(request, DRAFTS, gettext("This draft is no longer here: it was published or discarded."))
        visit = visit_of(request)
        proposal = publish(db, draft, author, visit.speech.locale, visit.now)
        told: dict[str, Any] = {"url": absolute(request, proposal.url), "excerpt": proposal.excerpt}
        record(db, visit.hooks, "proposals.started", proposal, author, visit.now, None, author=author.name, **told)
        return redirect(request, proposal.url, gettext("Your proposal is published. Tell others about it."))


def ask_discard(request: Request) -> Response:
    with session(request) as db:
        draft = get_draft(db, _writer(request), request.path_params["id"])
        return page(request, "proposals/discard.html", draft=draft)


def discard(request: Request) -> Response:
    with session(request) as db:
        discard_draft(db, get_draft(db, _writer(request), request.path_params["id"], lock=True))
        return redirect(request, DRAFTS, gettext("The draft is gone."))


def _writer(request: Request) -> User:
    """Who writes. Raises Forbidden for everybody who may not."""
    require(request, "proposals.write")
    actor: User | None = visit_of(request).actor
    assert actor is not None
    return actor


def _save(
    request: Request, db: Session, author: User, form: ProposalForm, template: str, draft: Draft | None = None
) -> Response:
    """Keep what was typed as a draft, or show it again with what is wrong."""
    if not form.validate():
        return page(request, template, 422, form=form, draft=draft)
    if draft is not None and form.loaded.data != _stamp(draft):
        return page(request, template, 409, form=form.overtaken(_stamp(draft)), draft=draft)
    try:
        with db.begin_nested():
            draft = save_draft(db, author, form.written(), visit_of(request).now, form.enclosed(), draft)
    except Invalid as error:
        form.refuse(error)
        return page(request, template, 422, form=form, draft=draft)
    return redirect(request, f"{DRAFTS}/{draft.id}", gettext("Saved. Only you can see it until you publish it."))


def _stamp(draft: Draft) -> str:
    return written_in(draft).stamp(draft.file_ids)


def shown(written: Written) -> dict[str, Any]:
    """What the fields of a form are filled with."""
    return {
        "title": written.title,
        "text": written.text,
        "topic": str(written.topic_id or ""),
        "area": str(written.area_id or ""),
        "tags": ", ".join(written.tags),
    }


def _places(db: Session, draft: Draft) -> tuple[str | None, str | None]:
    """The titles of its topic and its area."""
    query = select(Topic.title, Area.title).select_from(Draft).where(Draft.id == draft.id)
    query = query.outerjoin(Topic, Topic.id == Draft.topic_id).outerjoin(Area, Area.id == Draft.area_id)
    topic, area = db.execute(query).one()
    return topic, area


routes: list[BaseRoute] = [
    Route("/new", new, methods=["GET"]),
    Route("/new", save_new, methods=["POST"]),
    Route("/drafts", index),
    Route("/drafts/{id:int}", show),
    Route("/drafts/{id:int}/edit", edit, methods=["GET"]),
    Route("/drafts/{id:int}/edit", save_edit, methods=["POST"]),
    Route("/drafts/{id:int}/publish", publish_it, methods=["POST"]),
    Route("/drafts/{id:int}/discard", ask_discard, methods=["GET"]),
    Route("/drafts/{id:int}/discard", discard, methods=["POST"]),
]
