"""The pages of a published proposal: its page, its versions, changing and withdrawing it."""

from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.areas import areas
from codesign.core.contributions import get_of_kind
from codesign.core.files import files_of
from codesign.core.settings import accepted
from codesign.core.topics import topics
from codesign.core.votes import my_vote
from codesign.kit import (
    Invalid,
    absolute,
    changes_at,
    discussion,
    follow_view,
    gettext,
    keep,
    page,
    record,
    redirect,
    render,
    session,
    typed,
    visit_of,
)
from codesign_proposals.access import addressed
from codesign_proposals.companions import companions
from codesign_proposals.comparing import changes
from codesign_proposals.draft_pages import shown
from codesign_proposals.forms import REASON_LABELS, ProposalForm, WithdrawForm, WordsForm
from codesign_proposals.proposals import Proposal, Withdrawal
from codesign_proposals.publishing import edit, withdraw, written_of
from codesign_proposals.revisions import compared, revisions_of
from codesign_proposals.settings import ProposalSettings
from codesign_proposals.supporting import why_not
from codesign_proposals.term import next_day
from codesign_proposals.written import Written, enclose, files_by_id


def show(request: Request) -> Response:
    with session(request) as db:
        visit = visit_of(request)
        proposal = get_of_kind(db, Proposal, request.path_params["id"])
        if proposal.hidden:
            return page(request, "contributions/hidden.html", 404, thing=proposal)
        changes_at(request, proposal.archives_at, next_day(proposal.archives_at, visit.now))
        settings = accepted(ProposalSettings, visit.chosen.settings.get("proposals", {}))
        files = files_of(db, proposal.id)
        return page(
            request,
            "proposals/show.html",
            proposal=proposal,
            picture=next((file for file in files if file.is_picture), None),
            files=files,
            verified_only=settings.supported_by == "verified" and not why_not(proposal, visit.now),
            withdrawn=_withdrawn(proposal),
            discussion=discussion(request, db, proposal),
            my_vote=my_vote(db, visit.actor, proposal),
            follow=follow_view(request, db, proposal),
            **companions(request, db, proposal),
        )


def _withdrawn(proposal: Proposal) -> dict[str, Any] | None:
    if proposal.withdrawn_at is None or proposal.withdrawn_reason is None:
        return None
    label = gettext(REASON_LABELS[proposal.withdrawn_reason])
    return {"at": proposal.withdrawn_at, "reason": label, "html": render(proposal.withdrawn_text)}


def versions(request: Request) -> Response:
    """All versions with their dates and supports, and what one of them changed: `?version=3`."""
    with session(request) as db:
        proposal = get_of_kind(db, Proposal, request.path_params["id"])
        if proposal.hidden:
            return page(request, "contributions/hidden.html", 404, thing=proposal)
        number = _version(request, proposal)
        old, new = compared(db, proposal, number)
        return page(
            request,
            "proposals/revisions.html",
            keep=keep(proposal),
            proposal=proposal,
            revisions=revisions_of(db, proposal),
            number=number,
            title_changes=changes(old[0], new[0]),
            text_changes=changes(old[1], new[1]),
        )


def _version(request: Request, proposal: Proposal) -> int:
    """The version asked for, the present one when it is none."""
    asked = request.query_params.get("version", "")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else 0
    return number if 1 < number <= proposal.revision else proposal.revision


def ask_edit(request: Request) -> Response:
    with session(request) as db:
        proposal = addressed(request, db, "proposals.edit")
        present = written_of(db, proposal)
        files = files_of(db, proposal.id)
        alt = next((file.alt for file in files if file.is_picture), "")
        told = {**shown(present), "alt": alt, "loaded": _stamp(proposal, present)}
        form = _form(proposal)(data=told).translate(topics(db), areas(db))
        if isinstance(form, ProposalForm):
            form.holding(files)
        return page(request, "proposals/edit.html", form=form, proposal=proposal)


def save_edit(request: Request) -> Response:
    with session(request) as db:
        proposal = addressed(request, db, "proposals.edit")
        present = written_of(db, proposal)
        form = _form(proposal)(typed(request)).translate(topics(db), areas(db))
        if isinstance(form, ProposalForm):
            form.holding(files_of(db, proposal.id))
        if not form.validate():
            return page(request, "proposals/edit.html", 422, form=form, proposal=proposal)
        if form.loaded.data != _stamp(proposal, present):
            form.overtaken(_stamp(proposal, present))
            return page(request, "proposals/edit.html", 409, form=form, proposal=proposal)
        try:
            with db.begin_nested():
                new_version = _change(request, db, proposal, form, present)
        except Invalid as error:
            form.refuse(error)
            return page(request, "proposals/edit.html", 422, form=form, proposal=proposal)
        told = gettext("Your changes are saved as a new version. Those who support the proposal are told.")
        return redirect(request, proposal.url, told if new_version else gettext("Your changes are saved."))


def _form(proposal: Proposal) -> type[WordsForm]:
    return WordsForm if proposal.agree_count else ProposalForm


def _stamp(proposal: Proposal, present: Written) -> str:
    """The first support makes another form of it, with fewer fields."""
    return present.stamp(proposal.agree_count > 0)


def _change(request: Request, db: Session, proposal: Proposal, form: WordsForm, present: Written) -> bool:
    visit = visit_of(request)
    assert visit.actor is not None
    new_version = edit(db, proposal, form.written(present), visit.now)
    if isinstance(form, ProposalForm):
        files = files_by_id(db, [file.id for file in form.files])
        enclose(db, visit.actor, files, form.enclosed(), visit.now, proposal)
    if new_version:
        url = absolute(request, f"{proposal.url}/revisions?version={proposal.revision}")
        record(db, visit.hooks, "proposals.changed", proposal, visit.actor, visit.now, url=url)
    return new_version


def ask_withdraw(request: Request) -> Response:
    with session(request) as db:
        proposal = addressed(request, db, "proposals.withdraw")
        return page(request, "proposals/withdraw.html", form=WithdrawForm().translate(), proposal=proposal)


def save_withdraw(request: Request) -> Response:
    with session(request) as db:
        proposal = addressed(request, db, "proposals.withdraw")
        form = WithdrawForm(typed(request)).translate()
        if not form.validate():
            return page(request, "proposals/withdraw.html", 422, form=form, proposal=proposal)
        visit = visit_of(request)
        reason, text = Withdrawal(form.reason.data), (form.text.data or "").strip()
        withdraw(db, proposal, reason, text, visit.now)
        told: dict[str, Any] = {"url": absolute(request, proposal.url), "why": REASON_LABELS[reason], "words": text}
        record(db, visit.hooks, "proposals.withdrawn", proposal, visit.actor, visit.now, **told)
        return redirect(request, proposal.url, gettext("Your proposal is withdrawn. Those who support it are told."))


routes: list[BaseRoute] = [
    Route("/{id:int}", show, name="show"),
    Route("/{id:int}/revisions", versions),
    Route("/{id:int}/edit", ask_edit, methods=["GET"]),
    Route("/{id:int}/edit", save_edit, methods=["POST"]),
    Route("/{id:int}/withdraw", ask_withdraw, methods=["GET"]),
    Route("/{id:int}/withdraw", save_withdraw, methods=["POST"]),
]
