"""Asking that two proposals are joined, and answering."""

import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from wtforms import StringField

from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.kit import (
    Forbidden,
    Invalid,
    TownForm,
    absolute,
    gettext,
    length,
    page,
    record,
    redirect,
    require,
    required,
    session,
    typed,
    value,
    visit_of,
)
from codesign_proposals.access import addressed
from codesign_proposals.merging import agree, ask_to_join, decline, get_merge, take_back
from codesign_proposals.proposals import KIND, Merge, Proposal

_NUMBER = re.compile(r"(?<![0-9])([0-9]{4}-[0-9]{5,9})(?![0-9])")
_ADDRESS = re.compile(r"/proposals/([0-9]{1,18})(?![0-9])")


class MergeForm(TownForm):
    number = StringField(validators=[required(), length(most=300)])

    def translate(self) -> "MergeForm":
        self.number.label.text = gettext("Which proposal should it join?")
        self.number.description = gettext("Its number, like 2026-00042, or the address of its page.")
        return self


def ask(request: Request) -> Response:
    with session(request) as db:
        proposal = addressed(request, db, "proposals.merge")
        return _ask_page(request, proposal, MergeForm(data={"number": request.query_params.get("into", "")}))


def save_ask(request: Request) -> Response:
    with session(request) as db:
        form = MergeForm(typed(request)).translate()
        into = _find(db, form.number.data or "") if form.validate() else None
        source = addressed(request, db, "proposals.merge", *([into] if into is not None else []))
        if form.errors:
            return _ask_page(request, source, form, 422)
        try:
            if into is None:
                raise Invalid(gettext("There is no proposal of this number or address."), "number")
            return _asked(request, db, source, db.get_one(Proposal, into))
        except Invalid as error:
            form.refuse(error)
            return _ask_page(request, source, form, 422)


def _ask_page(request: Request, proposal: Proposal, form: MergeForm, status: int = 200) -> Response:
    return page(request, "proposals/merge.html", status, proposal=proposal, form=form.translate())


def _find(db: Session, text: str) -> int | None:
    """The id of the proposal that somebody means: by its public number, or by the address of its page."""
    query = select(Contribution.id).where(Contribution.kind == KIND.name, Contribution.hidden_at.is_(None))
    if match := _ADDRESS.search(text):
        return db.scalar(query.where(Contribution.id == int(match[1])))
    match = _NUMBER.search(text)
    return db.scalar(query.where(Contribution.number == match[1])) if match else None


def _asked(request: Request, db: Session, source: Proposal, target: Proposal) -> Response:
    visit = visit_of(request)
    assert visit.actor is not None
    merge = ask_to_join(db, source, target, visit.actor, visit.now)
    if merge.support_count is not None:
        _tell_joined(request, db, source, target)
        return redirect(request, source.url, gettext("The two proposals are joined. Those who support it are told."))
    sides = ((source, merge.from_consent_at), (target, merge.into_consent_at))
    for proposal in [proposal for proposal, consent in sides if consent is None]:
        told = {"asked_by": visit.actor.name, **_told(request, f"{proposal.url}#joining", source, target)}
        record(db, visit.hooks, "proposals.merge_asked", proposal, visit.actor, visit.now, **told)
    return redirect(request, source.url, gettext("Your request is sent. You will hear what is decided."))


def answer(request: Request) -> Response:
    """Agree, decline, or take a request back: by the button that was pressed."""
    with session(request) as db:
        id, merge_id = request.path_params["id"], request.path_params["merge"]
        known = get_merge(db, merge_id, id)
        proposal = addressed(request, db, "", known.from_id, known.into_id)
        merge = get_merge(db, merge_id, id)  # somebody may have answered it while we waited
        source, target = (db.get_one(Proposal, side) for side in (merge.from_id, merge.into_id))
        does = {"agree": _agree, "decline": _decline, "take_back": _take_back}.get(value(request, "answer"))
        if does is None:
            raise Invalid(gettext("Choose whether you agree."))
        if does is not _take_back:
            require(request, "proposals.consent", proposal)
        return redirect(request, proposal.url, does(request, db, merge, source, target))


def _agree(request: Request, db: Session, merge: Merge, source: Proposal, target: Proposal) -> str:
    visit = visit_of(request)
    assert visit.actor is not None
    if not agree(db, merge, source, target, visit.actor, visit.now):
        return gettext("Thank you. The proposals are joined when the other author agrees, too.")
    _tell_joined(request, db, source, target)
    return gettext("The two proposals are joined. Those who support it are told.")


def _decline(request: Request, db: Session, merge: Merge, source: Proposal, target: Proposal) -> str:
    visit = visit_of(request)
    decline(db, merge, source, target, visit.now)
    told = {"asked_by_id": merge.asked_by_id, **_told(request, source.url, source, target)}
    record(db, visit.hooks, "proposals.merge_declined", source, visit.actor, visit.now, **told)
    return gettext("You have declined. Both proposals stay as they are.")


def _take_back(request: Request, db: Session, merge: Merge, source: Proposal, target: Proposal) -> str:
    actor: User | None = visit_of(request).actor
    if actor is None or merge.asked_by_id != actor.id:
        raise Forbidden("")
    take_back(db, merge, source, target)
    return gettext("Your request is taken back.")


def _tell_joined(request: Request, db: Session, source: Proposal, target: Proposal) -> None:
    visit = visit_of(request)
    told = _told(request, f"{source.url}#lineage", source, target)
    record(db, visit.hooks, "proposals.merged", source, visit.actor, visit.now, **told)


def _told(request: Request, path: str, source: Proposal, target: Proposal) -> dict[str, Any]:
    """What all these letters say."""
    return {"url": absolute(request, path), "source_title": source.title, "target_title": target.title}


routes: list[BaseRoute] = [
    Route("/{id:int}/merge", ask, methods=["GET"]),
    Route("/{id:int}/merge", save_ask, methods=["POST"]),
    Route("/{id:int}/merge/{merge:int}", answer, methods=["POST"]),
]
