"""The pages of steps before the answer, and of deciding an appeal: a form each, a reason for everybody to read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.authorities import Authority, authorities, members_of
from codesign.core.authorities import officials as officials_of_town
from codesign.core.contributions import touch
from codesign.core.users import Role, User
from codesign.kit import Invalid, Occurrence, TownForm, gettext, mark, page, redirect, session, typed, visit_of
from codesign_feedback.actions import appeal_blocked
from codesign_feedback.cases import SAFE, Case, get_case, official_of, possible
from codesign_feedback.handling import assign, extend, give_back, give_to, transfer
from codesign_feedback.objecting import decide_appeal, open_appeal
from codesign_feedback.official_forms import AppealForm, AssignForm, TextForm, TransferForm
from codesign_feedback.telling import tell


@dataclass(frozen=True)
class Sheet:
    """A page with the form of one step."""

    verb: str
    title: str
    lead: str
    label: str
    """On the button."""
    done: str
    form: Callable[[Request, Session, Case], TownForm]
    take: Callable[[Request, Session, Case, Any], list[Occurrence]]
    """What happens when the form is complete. Raises Invalid."""


def _endpoint(sheet: Sheet) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        with session(request) as db:
            case = get_case(request, db, f"feedback.{sheet.verb}")
            form = sheet.form(request, db, case)
            if request.method in SAFE:
                return _page(request, db, sheet, case, form)
            try:
                if not form.validate():
                    return _page(request, db, sheet, case, form, 422)
                with db.begin_nested():
                    occurrences = sheet.take(request, db, case, form)
            except Invalid as error:
                form.refuse(error)
                return _page(request, db, sheet, case, form, 422)
            tell(request, db, *occurrences)
            return redirect(request, case.url, gettext(sheet.done))

    return endpoint


def _page(request: Request, db: Session, sheet: Sheet, case: Case, form: TownForm, status: int = 200) -> Response:
    appeal = open_appeal(db, case.thing.id) if sheet.verb == "uphold" else None
    blocked = appeal_blocked(case, official_of(request)) if sheet.verb == "uphold" else ""
    return page(
        request, "feedback/step.html", status, case=case, sheet=sheet, form=form, appeal=appeal, blocked=blocked
    )


def _sent(request: Request) -> Any:
    return typed(request) if request.method not in SAFE else None


def _text_form(label: str, help: str) -> Callable[[Request, Session, Case], TownForm]:
    return lambda request, db, case: TextForm(_sent(request)).translate(label, help)


def _assign_form(request: Request, db: Session, case: Case) -> AssignForm:
    present = {"authority": str(case.loop.authority_id or ""), "owner": str(case.loop.owner_id or "")}
    form = AssignForm(data=present) if request.method in SAFE else AssignForm(typed(request))
    return form.translate(authorities(db), officials_of_town(db))


def _assign(request: Request, db: Session, case: Case, form: AssignForm) -> list[Occurrence]:
    authority, owner, actor = _authority(db, form), _owner(db, form), official_of(request)
    if owner is not None and owner.role is not Role.ADMINISTRATOR and authority is not None:
        _check_place(db, authority, owner)
    if "assign" in possible(case, actor):
        return [assign(db, case.loop, case.thing, actor, authority, owner, case.rules, _now(request))]
    if authority != case.loop.authority:
        sentence = gettext("It is being worked on here. Hand it over instead, with a reason that everybody can read.")
        raise Invalid(sentence, "authority")
    give_to(db, case.loop, owner)
    touch(case.thing)
    return []


def _check_place(db: Session, authority: Authority, owner: User) -> None:
    there = {person.id for person in members_of(db, authority)} | {authority.head_id}
    if owner.id not in there:
        sentence = gettext(
            "%(name)s does not work at “%(authority)s”. Choose somebody who does, or nobody in particular."
        )
        raise Invalid(sentence % {"name": owner.name, "authority": authority.title}, "owner")


def _transfer(request: Request, db: Session, case: Case, form: TransferForm) -> list[Occurrence]:
    loop, thing, actor = case.loop, case.thing, official_of(request)
    return [transfer(db, loop, thing, actor, _authority(db, form), form.text.data.strip(), case.rules, _now(request))]


def _return(request: Request, db: Session, case: Case, form: TextForm) -> list[Occurrence]:
    text, actor = form.text.data.strip(), official_of(request)
    return [give_back(db, case.loop, case.thing, actor, text, case.rules, _now(request))]


def _extend(request: Request, db: Session, case: Case, form: TextForm) -> list[Occurrence]:
    text, actor = form.text.data.strip(), official_of(request)
    return [extend(db, case.loop, case.thing, actor, text, case.rules, _now(request))]


def _decide(request: Request, db: Session, case: Case, form: AppealForm) -> list[Occurrence]:
    granted, text, actor = form.granted.data == "yes", form.text.data.strip(), official_of(request)
    return [decide_appeal(db, case.loop, case.thing, actor, granted, text, case.rules, _now(request))]


def _authority(db: Session, form: Any) -> Authority | None:
    return db.get(Authority, int(form.authority.data))


def _owner(db: Session, form: AssignForm) -> User | None:
    return db.get(User, int(form.owner.data)) if form.owner.data else None


def _now(request: Request) -> Any:
    return visit_of(request).now


SHEETS = {
    "assign": Sheet(
        "assign",
        mark("Say who is responsible"),
        mark("Everybody can read which authority answers, and who there has it in hand."),
        mark("Save"),
        mark("It is clear now who is responsible."),
        _assign_form,
        _assign,
    ),
    "transfer": Sheet(
        "transfer",
        mark("Hand over to another authority"),
        mark("The author and the other authority are told. The deadline of the answer stays as it is."),
        mark("Hand it over"),
        mark("It is handed over."),
        lambda request, db, case: TransferForm(_sent(request)).translate(authorities(db)),
        _transfer,
    ),
    "return": Sheet(
        "return",
        mark("Ask the author to add something"),
        mark("The time for the answer stops until the author has added it."),
        mark("Ask the author"),
        mark("The author is asked."),
        _text_form(mark("What is missing?"), mark("Say what you need and how to find it. Everybody can read it.")),
        _return,
    ),
    "extend": Sheet(
        "extend",
        mark("Take more time"),
        mark("This is possible once. Everybody who took part is told, with your reason."),
        mark("Take more time"),
        mark("There is more time now. Everybody can read why."),
        _text_form(mark("Why does it take longer?"), mark("Everybody can read the reason.")),
        _extend,
    ),
    "decide": Sheet(
        "uphold",
        mark("Decide the appeal"),
        mark(
            "Somebody says that the refusal was wrong. Look at it afresh; everybody who took part gets your decision."
        ),
        mark("Publish the decision"),
        mark("The appeal is decided. Everybody who took part is told."),
        lambda request, db, case: AppealForm(_sent(request)).translate(),
        _decide,
    ),
}
routes: list[BaseRoute] = [
    Route(f"/{{id:int}}/{path}", _endpoint(sheet), methods=["GET", "POST"], name=path) for path, sheet in SHEETS.items()
]
