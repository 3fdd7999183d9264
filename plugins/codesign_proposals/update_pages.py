"""The updates of a proposal: all of them, and writing the next one."""

from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from wtforms import StringField, TextAreaField

from codesign.core.contributions import TITLE_LENGTHS
from codesign.kit import (
    Invalid,
    TownForm,
    absolute,
    allowed,
    changes_at,
    gettext,
    here,
    length,
    page,
    record,
    redirect,
    required,
    session,
    typed,
    visit_of,
)
from codesign_proposals.access import addressed
from codesign_proposals.proposals import Proposal
from codesign_proposals.updates import next_update_at, post_update, too_early, updates


class UpdateForm(TownForm):
    title = StringField(validators=[required(), length(*TITLE_LENGTHS)])
    text = TextAreaField(validators=[required(), length(20, 5000)])

    def translate(self) -> "UpdateForm":
        self.title.label.text = gettext("In one line")
        self.text.label.text = gettext("What is new?")
        self.text.description = gettext("Everybody who supports or follows the proposal gets it by mail.")
        return self


def index(request: Request) -> Response:
    """All updates, the newest first; their author writes the next one here."""
    with session(request) as db:
        proposal = addressed(request, db)
        return _page(request, db, proposal, UpdateForm())


def save_new(request: Request) -> Response:
    with session(request) as db:
        proposal = addressed(request, db, "proposals.update")
        form, visit = UpdateForm(typed(request)).translate(), visit_of(request)
        try:
            if not form.validate():
                return _page(request, db, proposal, form, 422)
            update = post_update(db, proposal, form.title.data.strip(), form.text.data.strip(), visit.now)
        except Invalid as error:
            form.refuse(error)
            return _page(request, db, proposal, form, 422)
        told: dict[str, Any] = {
            "url": absolute(request, f"{proposal.url}#updates"),
            "update_title": update.title,
            "text": update.text,
        }
        record(db, visit.hooks, "proposals.updated", proposal, visit.actor, visit.now, **told)
        return redirect(
            request, f"{proposal.url}#updates", gettext("Your update is published. Everybody who takes part is told.")
        )


def _page(request: Request, db: Session, proposal: Proposal, form: UpdateForm, status: int = 200) -> Response:
    found = updates(db, proposal, request.query_params.get("after"))
    next_url = here(request, after=found.after) if found.after else None
    told: dict[str, Any] = {"proposal": proposal, "rows": found.rows, "next_url": next_url}
    may, now = allowed(request, "proposals.update", proposal), visit_of(request).now
    # A form that comes back stays a form: nothing that was typed is lost.
    wait = too_early(db, proposal, now) if may and status == 200 else ""
    changes_at(request, next_update_at(db, proposal) if wait else None)
    return page(request, "proposals/updates.html", status, form=form.translate(), may=may, wait=wait, **told)


routes: list[BaseRoute] = [
    Route("/{id:int}/updates", index, methods=["GET"]),
    Route("/{id:int}/updates", save_new, methods=["POST"]),
]
