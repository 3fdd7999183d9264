"""One-time codes for people without an account: made by officials, shown once to be printed."""

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from wtforms import IntegerField, SelectField, StringField

from codesign.core.areas import Area, areas
from codesign.kit import (
    Forbidden,
    TownForm,
    gettext,
    length,
    one_of_choices,
    page,
    require,
    required,
    session,
    typed,
    visit_of,
)
from codesign_polls.codes import AT_ONCE, make_codes, sheets
from codesign_polls.forms import whole
from codesign_polls.polls import Poll, phase_of
from codesign_polls.voting_pages import ONCE, moments, visible_poll

PURPOSE_LENGTH = 120


class CodesForm(TownForm):
    purpose = StringField(validators=[required(), length(2, PURPOSE_LENGTH)])
    count = IntegerField(validators=[whole(1, AT_ONCE)])
    area = SelectField(validate_choice=False, validators=[one_of_choices])

    def translate(self, offered: list[Area]) -> "CodesForm":
        self.purpose.label.text = gettext("Where do these codes go?")
        self.purpose.description = gettext("For example: one-stop shop, desk 2. Stays with the sheet.")
        self.count.flags.required = True
        self.count.label.text = gettext("How many codes?")
        self.area.label.text = gettext("Area")
        self.area.choices = [("", gettext("All areas")), *((str(area.id), area.title) for area in offered)]
        return self


def show(request: Request) -> Response:
    with session(request) as db:
        poll = _poll(request, db)
        return _page(request, db, poll, CodesForm(data={"count": 20}).translate(areas(db)))


def make(request: Request) -> Response:
    """The new codes themselves, on a page to print: it cannot be shown again."""
    with session(request) as db:
        poll = _poll(request, db)
        if phase_of(poll, visit_of(request).now) == "closed":
            raise Forbidden(gettext("The vote is over. No more codes can be made for it."))
        form = CodesForm(typed(request)).translate(areas(db))
        if not form.validate():
            return _page(request, db, poll, form, 422)
        visit = visit_of(request)
        assert visit.actor is not None
        purpose, area_id = form.purpose.data.strip(), int(form.area.data) if form.area.data else None
        codes = make_codes(db, poll, visit.actor, purpose, form.count.data, area_id, visit.now)
        told = {"codes": codes, "purpose": purpose, **moments(request, poll)}
        response = page(request, "polls/code_sheet.html", poll=poll, **told)
        response.headers.update(ONCE)
        return response


def _poll(request: Request, db: Session) -> Poll:
    poll = visible_poll(request, db)
    require(request, "polls.codes", poll)
    return poll


def _page(request: Request, db: Session, poll: Poll, form: CodesForm, status: int = 200) -> Response:
    return page(
        request, "polls/codes.html", status, poll=poll, form=form, sheets=sheets(db, poll),
        over=phase_of(poll, visit_of(request).now) == "closed",
    )  # fmt: skip


routes: list[BaseRoute] = [
    Route("/{id:int}/codes", show, methods=["GET"]),
    Route("/{id:int}/codes", make, methods=["POST"]),
]
