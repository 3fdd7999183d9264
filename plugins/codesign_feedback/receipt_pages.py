"""Looking up a receipt: the fate of a contribution for whoever holds its code, with or without an account.

The code is sent in a form and shown again in the answer; it never stands in an address, which servers write down.
"""

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.contributions import get_contribution
from codesign.kit import Invalid, NotFound, gettext, page, session, typed, value, visit_of
from codesign_feedback.asking import reply
from codesign_feedback.cases import rules_here
from codesign_feedback.fate import fate_of
from codesign_feedback.forms import ReceiptForm
from codesign_feedback.loops import get_loop
from codesign_feedback.receipts import find_receipt, written
from codesign_feedback.telling import tell
from codesign_feedback.voices import Receipt

ANSWERS = {"yes": True, "no": False}
NOT_KEPT = "no-store"
"""Nobody reads a receipt by going back in somebody else's browser."""


def ask(request: Request) -> Response:
    with session(request):
        return _form(request, ReceiptForm().translate())


def look_up(request: Request) -> Response:
    """The fate; and with `solved`, which only the page itself sends, the reply of somebody without an account."""
    with session(request) as db:
        form = ReceiptForm(typed(request)).translate()
        if not form.validate():
            return _form(request, form, 422)
        try:
            receipt = find_receipt(db, form.code.data)
        except NotFound:
            form.refuse(Invalid(gettext("There is no receipt with this code. Compare it sign by sign."), "code"))
            return _form(request, form, 422)
        solved = ANSWERS.get(value(request, "solved"))
        refusal = _reply(request, db, receipt, solved) if solved is not None else ""
        return _show(request, db, receipt, refusal, replied=solved is not None and not refusal)


def _reply(request: Request, db: Session, receipt: Receipt, solved: bool) -> str:
    """Returns why it cannot be counted, "" when it is."""
    visit = visit_of(request)
    try:
        thing = get_contribution(db, visit.kinds, receipt.contribution_id, lock=True)
        if thing.hidden:
            return gettext("A moderator has hidden this. Nobody is asked about it.")
        loop = get_loop(db, thing.id, lock=True)
        tell(request, db, *reply(db, loop, thing, solved, "", rules_here(request, db), visit.now, receipt=receipt))
    except Invalid as error:
        return str(error)
    return ""


def _show(request: Request, db: Session, receipt: Receipt, refusal: str, replied: bool) -> Response:
    visit = visit_of(request)
    try:
        thing = get_contribution(db, visit.kinds, receipt.contribution_id)
    except NotFound:
        form = ReceiptForm(data={"code": written(receipt.code)}).translate()
        form.refuse(
            Invalid(gettext("This part of the site is switched off at the moment. The receipt stays good."), "code")
        )
        return _form(request, form, 422)
    fate = fate_of(db, thing, None, visit.now)
    assert fate is not None, "a receipt belongs to a loop"
    response = page(
        request, "feedback/receipt.html", 422 if refusal else 200,
        fate=fate, thing=thing, code=written(receipt.code), receipt=receipt, refusal=refusal, replied=replied,
    )  # fmt: skip
    response.headers["Cache-Control"] = NOT_KEPT
    return response


def _form(request: Request, form: ReceiptForm, status: int = 200) -> Response:
    response = page(request, "feedback/receipt_form.html", status, form=form)
    response.headers["Cache-Control"] = NOT_KEPT
    return response


routes: list[BaseRoute] = [
    Route("/receipt", ask, methods=["GET"]),
    Route("/receipt", look_up, methods=["POST"]),
]
