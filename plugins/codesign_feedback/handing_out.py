"""Receipts that an official hands out to somebody who was helped and has no account."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.kit import NotFound, page, redirect, session, typed, visit_of
from codesign_feedback.cases import Case, get_case, official_of
from codesign_feedback.official_forms import HandOutForm
from codesign_feedback.receipts import issue, written
from codesign_feedback.voices import Receipt

SHOWN = 50
"""Of one official and contribution: the last so many."""


def index(request: Request) -> Response:
    with session(request) as db:
        case = get_case(request, db, "feedback.hand_out_receipt")
        return _page(request, db, case, HandOutForm())


def hand_out(request: Request) -> Response:
    with session(request) as db:
        case = get_case(request, db, "feedback.hand_out_receipt")
        form = HandOutForm(typed(request)).translate()
        if not form.validate():
            return _page(request, db, case, form, 422)
        label = (form.label.data or "").strip()
        receipt = issue(db, case.thing, visit_of(request).now, helper=official_of(request), label=label)
        return redirect(request, f"{case.url}/receipts/{receipt.id}")


def slip(request: Request) -> Response:
    """What is printed: the code stands on the page, and in no address that a log keeps."""
    with session(request) as db:
        case = get_case(request, db, "feedback.hand_out_receipt")
        receipt = next((one for one in _mine(request, db, case) if one.id == request.path_params["receipt"]), None)
        if receipt is None:
            raise NotFound("not a receipt of this helper")
        code = written(receipt.code)
        return page(request, "feedback/slip.html", case=case, thing=case.thing, receipt=receipt, code=code)


def _mine(request: Request, db: Session, case: Case) -> list[Receipt]:
    query = select(Receipt).where(
        Receipt.contribution_id == case.thing.id, Receipt.helper_id == official_of(request).id
    )
    return list(db.scalars(query.order_by(Receipt.id.desc()).limit(SHOWN)))


def _page(request: Request, db: Session, case: Case, form: HandOutForm, status: int = 200) -> Response:
    shown: dict[str, Any] = {"case": case, "thing": case.thing, "receipts": _mine(request, db, case)}
    return page(request, "feedback/receipt_new.html", status, form=form.translate(), **shown)


routes: list[BaseRoute] = [
    Route("/{id:int}/receipts", index, methods=["GET"]),
    Route("/{id:int}/receipts", hand_out, methods=["POST"]),
    Route("/{id:int}/receipts/{receipt:int}", slip, methods=["GET"]),
]
