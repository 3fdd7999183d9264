"""A proposal on paper: its QR code, the sheet to collect signatures on, and the desk where these are entered."""

from functools import lru_cache, partial
from io import BytesIO

import segno
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from wtforms import StringField, TextAreaField

from codesign.kit import (
    Forbidden,
    Invalid,
    TownForm,
    absolute,
    allowed,
    digest_of_document,
    gettext,
    here,
    length,
    ngettext,
    objection,
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
from codesign_proposals.sheets import MOST_LINES, Numbers, Refused, enter_sheet, read_numbers, sheets
from codesign_proposals.supporting import why_not

ROWS = 15
"""Of a printed sheet: one page of A4."""
QR_SECONDS = 86400


class SheetForm(TownForm):
    origin = StringField(validators=[required(), length(2, 200)])
    numbers = TextAreaField(validators=[required()])

    def translate(self) -> "SheetForm":
        self.origin.label.text = gettext("Where was it collected, and which number is on the sheet?")
        self.origin.description = gettext("For example: Market square, 12 May, sheet 3")
        self.numbers.label.text = gettext("Document numbers")
        description = gettext("One a line, at most %(most)s at once. They are not stored, only a fingerprint of each.")
        self.numbers.description = description % {"most": MOST_LINES}
        return self


def qr(request: Request) -> Response:
    """The address of the proposal as an SVG picture."""
    with session(request) as db:
        proposal = addressed(request, db)
        drawing = _drawn(absolute(request, proposal.url))
        headers = {"Cache-Control": f"public, max-age={QR_SECONDS}"}
        return Response(drawing, headers=headers, media_type="image/svg+xml")


@lru_cache(500)
def _drawn(url: str) -> bytes:
    """White below it, so that phones read it on dark pages, too."""
    found = BytesIO()
    code = segno.make(url, error="m", micro=False)
    code.save(found, kind="svg", xmldecl=False, omitsize=True, light="#fff", svgclass=None, lineclass=None, nl=False)
    return found.getvalue()


def sheet(request: Request) -> Response:
    """A page to print, for signatures of people who do not come to the site."""
    with session(request) as db:
        proposal = addressed(request, db)
        closed = why_not(proposal, visit_of(request).now)
        url = absolute(request, proposal.url)
        return page(request, "proposals/sheet.html", proposal=proposal, closed=closed, url=url, rows=ROWS)


def desk(request: Request) -> Response:
    with session(request) as db:
        proposal = addressed(request, db)
        if not allowed(request, "proposals.sign_paper", proposal):
            raise Forbidden("")
        return _desk_page(request, db, proposal, SheetForm())


def enter(request: Request) -> Response:
    with session(request) as db:
        proposal = addressed(request, db, "proposals.sign_paper")
        form = SheetForm(typed(request)).translate()
        try:
            if not form.validate():
                return _desk_page(request, db, proposal, form, 422)
            numbers = read_numbers(form.numbers.data, partial(digest_of_document, request))
        except Invalid as error:
            form.refuse(error)
            return _desk_page(request, db, proposal, form, 422)
        return _entered(request, db, proposal, form, numbers)


def _entered(request: Request, db: Session, proposal: Proposal, form: SheetForm, numbers: Numbers) -> Response:
    """What was a document number is counted; what was none comes back, and only that."""
    told = ""
    if numbers.digests:
        visit = visit_of(request)
        assert visit.actor is not None
        origin = form.origin.data.strip()
        sheet, occurrences = enter_sheet(db, proposal, origin, numbers.digests, visit.actor, visit.now)
        for occurrence in occurrences:
            data = {"url": absolute(request, proposal.url), **occurrence.data}
            record(db, visit.hooks, occurrence.name, proposal, None, visit.now, **data)
        told = _result(sheet.accepted, sheet.doubled)
    if not numbers.refused:
        return redirect(request, f"{proposal.url}/signatures", told)
    form.numbers.data = "\n".join(line.typed for line in numbers.refused)
    form.numbers.errors = [_complaint(line) for line in numbers.refused]
    return _desk_page(request, db, proposal, form, 422, told)


def _result(accepted: int, doubled: int) -> str:
    counted = ngettext("%(num)s signature is counted.", "%(num)s signatures are counted.", accepted)
    if not doubled:
        return counted % {"num": accepted}
    again = ngettext(
        "%(num)s was counted before, here or on paper.", "%(num)s were counted before, here or on paper.", doubled
    )
    return f"{counted % {'num': accepted}} {again % {'num': doubled}}"


def _complaint(line: Refused) -> str:
    return gettext("Line %(line)s: %(sentence)s") % {"line": line.line, "sentence": line.sentence}


def _desk_page(
    request: Request, db: Session, proposal: Proposal, form: SheetForm, status: int = 200, told: str = ""
) -> Response:
    found = sheets(db, proposal, request.query_params.get("after"))
    return page(
        request,
        "proposals/signatures.html",
        status,
        proposal=proposal,
        form=form.translate(),
        closed=objection(request, "proposals.sign_paper", proposal),
        told=told,
        rows=found.rows,
        next_url=here(request, after=found.after) if found.after else None,
    )


routes: list[BaseRoute] = [
    Route("/{id:int}/qr.svg", qr, name="qr"),
    Route("/{id:int}/sheet", sheet, name="sheet"),
    Route("/{id:int}/signatures", desk, methods=["GET"]),
    Route("/{id:int}/signatures", enter, methods=["POST"]),
]
