"""Entering, changing and removing the milestones of a proposal."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from wtforms import DateField, Field, Form, StringField, TextAreaField
from wtforms.validators import StopValidation

from codesign.kit import (
    Forbidden,
    Invalid,
    TownForm,
    gettext,
    length,
    page,
    redirect,
    required,
    session,
    typed,
    visit_of,
)
from codesign_proposals.access import addressed
from codesign_proposals.milestones import (
    add_milestone,
    change_milestone,
    get_milestone,
    may_change,
    milestones,
    remove_milestone,
)
from codesign_proposals.proposals import Milestone, Proposal

YEARS = range(1990, 2100)


def some_day(form: Form, field: Field) -> None:
    """A day that can be shown, said in the reader's language when it is none."""
    if field.process_errors or field.data is None or field.data.year not in YEARS:
        field.errors = []
        raise StopValidation(gettext("Please give a day, like 2026-09-30."))


some_day.field_flags = {"required": True}  # type: ignore[attr-defined]


class MilestoneForm(TownForm):
    title = StringField(validators=[required(), length(2, 120)])
    day = DateField(validators=[some_day])
    text = TextAreaField(validators=[length(most=2000)])

    def translate(self) -> "MilestoneForm":
        self.title.label.text = gettext("What happens")
        self.title.description = gettext("For example: The council talks about it")
        self.day.label.text = gettext("Day")
        self.day.description = gettext("It may lie ahead.")
        self.text.label.text = gettext("More about it")
        return self

    @property
    def entered(self) -> tuple[str, date, str]:
        return self.title.data.strip(), self.day.data, (self.text.data or "").strip()


def new(request: Request) -> Response:
    with session(request) as db:
        proposal = addressed(request, db, "proposals.milestone")
        return _page(request, db, proposal, None, MilestoneForm())


def save_new(request: Request) -> Response:
    with session(request) as db:
        proposal = addressed(request, db, "proposals.milestone")
        form, visit = MilestoneForm(typed(request)).translate(), visit_of(request)
        assert visit.actor is not None
        try:
            if form.validate():
                add_milestone(db, proposal, visit.actor, *form.entered, visit.now)
                return _to_milestones(request, proposal, gettext("The milestone is on the page now."))
        except Invalid as error:
            form.refuse(error)
        return _page(request, db, proposal, None, form, 422)


def edit(request: Request) -> Response:
    with session(request) as db:
        proposal, milestone = _own(request, db)
        present = {"title": milestone.title, "day": milestone.on, "text": milestone.text}
        return _page(request, db, proposal, milestone, MilestoneForm(data=present))


def save_edit(request: Request) -> Response:
    with session(request) as db:
        proposal, milestone = _own(request, db)
        form = MilestoneForm(typed(request)).translate()
        if not form.validate():
            return _page(request, db, proposal, milestone, form, 422)
        change_milestone(db, proposal, milestone, *form.entered)
        return _to_milestones(request, proposal, gettext("Your changes are saved."))


def remove(request: Request) -> Response:
    with session(request) as db:
        proposal, milestone = _own(request, db)
        remove_milestone(db, proposal, milestone)
        return _to_milestones(request, proposal, gettext("The milestone is removed."))


def _own(request: Request, db: Session) -> tuple[Proposal, Milestone]:
    """A milestone that this person entered, or any for the staff. Raises NotFound or Forbidden."""
    proposal = addressed(request, db, "proposals.milestone")
    milestone = get_milestone(db, proposal, request.path_params["milestone"])
    if not may_change(visit_of(request).actor, milestone):
        raise Forbidden(gettext("Somebody else entered this milestone."))
    return proposal, milestone


def _to_milestones(request: Request, proposal: Proposal, told: str) -> Response:
    return redirect(request, f"{proposal.url}#milestones", told)


def _page(
    request: Request,
    db: Session,
    proposal: Proposal,
    milestone: Milestone | None,
    form: MilestoneForm,
    status: int = 200,
) -> Response:
    actor = visit_of(request).actor
    own = [each for each in milestones(db, proposal) if may_change(actor, each)]
    told: dict[str, Any] = {"proposal": proposal, "milestone": milestone, "own": own, "form": form.translate()}
    return page(request, "proposals/milestone.html", status, **told)


routes: list[BaseRoute] = [
    Route("/{id:int}/milestones", new, methods=["GET"]),
    Route("/{id:int}/milestones", save_new, methods=["POST"]),
    Route("/{id:int}/milestones/{milestone:int}", edit, methods=["GET"]),
    Route("/{id:int}/milestones/{milestone:int}", save_edit, methods=["POST"]),
    Route("/{id:int}/milestones/{milestone:int}/remove", remove, methods=["POST"]),
]
