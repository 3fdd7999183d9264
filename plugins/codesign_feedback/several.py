"""One answer for several contributions that ask for the same: each of them gets it, and everybody in each is told."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.authorities import authorities
from codesign.core.contributions import Contribution
from codesign.db import BIGGEST_ID
from codesign.kit import Invalid, NotFound, gettext, ngettext, page, redirect, require, session, typed, visit_of
from codesign_feedback.answer_form import AnswerForm
from codesign_feedback.answer_pages import give, last_answer
from codesign_feedback.answers import Answer
from codesign_feedback.cases import case_of, official_of
from codesign_feedback.loop import ANSWERABLE
from codesign_feedback.loops import Loop
from codesign_feedback.state_words import state_words
from codesign_feedback.telling import tell

MOST = 50
"""Answered together at most."""


@dataclass(frozen=True)
class Chosen:
    """One of those that are to be answered together."""

    id: int
    url: str
    number: str
    title: str
    language: str
    state_label: str
    last: int
    """Its last answer, 0 without: when there is another one by the time the form comes back, it is left alone."""
    possible: bool

    @property
    def token(self) -> str:
        return f"{self.id}-{self.last}"


def choose(request: Request) -> Response:
    """The form, for what was chosen in the inbox: `?id=7&id=12`."""
    with session(request) as db:
        require(request, "feedback.answer")
        wanted = _numbers(request.query_params.getlist("id"))
        return _page(request, db, wanted, AnswerForm())


def save(request: Request) -> Response:
    with session(request) as db:
        require(request, "feedback.answer")
        tokens = _tokens(typed(request).getlist("item"))
        form = AnswerForm(typed(request)).translate(authorities(db))
        if not tokens:
            form.form_errors.append(gettext("Choose at least one contribution."))
        if not form.validate() or not tokens:
            return _page(request, db, list(tokens), form, 422)
        refused = _answer_each(request, db, tokens, form)
        if not refused:
            told = ngettext("%(num)s contribution is answered.", "%(num)s contributions are answered.", len(tokens))
            return redirect(request, "/feedback/inbox", told % {"num": len(tokens)})
        done = len(tokens) - len(refused)
        return page(request, "feedback/several_done.html", 200 if done else 422, done=done, refused=refused)


def _answer_each(request: Request, db: Session, tokens: dict[int, int], form: AnswerForm) -> list[dict[str, Any]]:
    """All in the transaction of the request, each for itself: what cannot be answered stays as it is, and is returned
    with the reason."""
    refused: list[dict[str, Any]] = []
    for id, last in sorted(tokens.items()):  # in one order: two officials do not wait for each other in a circle
        try:
            with db.begin_nested():
                case = case_of(request, db, id, "feedback.answer")
                if last_answer(db, id) != last:
                    raise Invalid(gettext("Somebody has answered this meanwhile."))
                occurrences = give(db, case, official_of(request), form, visit_of(request).now)
        except Invalid as error:
            refused.append({"id": id, "sentence": str(error)})
        except NotFound:
            refused.append({"id": id, "sentence": gettext("This is no longer here.")})
        else:
            tell(request, db, *occurrences)
    names = {one.id: one for one in chosen(request, db, [row["id"] for row in refused])}
    return [{**row, "item": names.get(row["id"])} for row in refused]


def chosen(request: Request, db: Session, ids: list[int]) -> list[Chosen]:
    """Those of them that are there, by their number: one query."""
    kinds = visit_of(request).kinds
    last = select(func.max(Answer.id)).where(Answer.contribution_id == Loop.contribution_id).scalar_subquery()
    columns = (Contribution.id, Contribution.number, Contribution.title, Contribution.language, Contribution.kind)
    query = select(*columns, Loop.state, Loop.outcome, Loop.appealing, func.coalesce(last, 0).label("last"))
    query = query.join(Loop, Loop.contribution_id == Contribution.id).where(
        Contribution.id.in_(ids), Contribution.kind.in_(kinds), Contribution.hidden_at.is_(None)
    )
    return [_chosen(row, kinds) for row in db.execute(query.order_by(Contribution.number))]


def _chosen(row: Any, kinds: Any) -> Chosen:
    possible = row.state in ANSWERABLE and not row.appealing
    told = (row.id, f"/feedback/{row.id}", row.number, row.title, row.language)
    return Chosen(*told, state_words(row.state, row.outcome), row.last, possible)


def _numbers(given: list[str]) -> list[int]:
    """Ids among what an address holds, at most MOST."""
    found = (int(text) for text in given if text.isascii() and text.isdecimal() and len(text) < 20)
    return list(dict.fromkeys(id for id in found if 0 < id <= BIGGEST_ID))[:MOST]


def _tokens(given: list[str]) -> dict[int, int]:
    """`12-3`: contribution 12, whose last answer was 3 when the form was loaded."""
    parts = (text.partition("-") for text in given)
    numbers = ((_numbers([id]), last) for id, _dash, last in parts)
    pairs = (
        (id[0], int(last)) for id, last in numbers if id and last.isascii() and last.isdecimal() and len(last) < 20
    )
    return dict(list(dict(pairs).items())[:MOST])


def _page(request: Request, db: Session, ids: list[int], form: AnswerForm, status: int = 200) -> Response:
    found = chosen(request, db, ids)
    if not found and status == 200:
        return redirect(request, "/feedback/inbox", gettext("First choose what you want to answer together."))
    form.translate(authorities(db))
    return page(request, "feedback/several.html", status, form=form, items=found, most=MOST)


routes: list[BaseRoute] = [
    Route("/several", choose, methods=["GET"]),
    Route("/several", save, methods=["POST"]),
]
