"""The desk of the town hall: officials see somebody's document and verify the account as that of a resident."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from wtforms import DateField, Field, SelectField, StringField
from wtforms.validators import StopValidation

from codesign.core.areas import Area, areas
from codesign.core.residents import (
    Level,
    Residence,
    check_birth,
    document_digest,
    level_of,
    registered_residents,
    residence_of,
    verified_residents,
    verify,
    withdraw_verification,
)
from codesign.core.users import User, get_user, matching_people
from codesign.i18n import gettext as _
from codesign.markup import clean
from codesign.paging import Key, cut
from codesign.types import Invalid, NotFound
from codesign.web.forms import TownForm, length, one_of_choices, optional, required, typed
from codesign.web.pages import here, page, redirect, require
from codesign.web.session import session
from codesign.web.site import site_of, visit_of

PEOPLE = 50
DOCUMENT_LENGTH = 40


def possible_birth(form: "ResidentForm", field: Field) -> None:
    """Says in the reader's language that something is no date, or no date of birth."""
    field.errors = []
    if field.process_errors:
        raise StopValidation(_("This is not a date. Write it like 1985-04-23."))
    try:
        check_birth(field.data, form.today)
    except Invalid as error:
        raise StopValidation(str(error)) from error


class ResidentForm(TownForm):
    document = StringField(validators=[length(most=DOCUMENT_LENGTH)])
    born_on = DateField(validators=[optional(), possible_birth])
    area = SelectField(validate_choice=False, validators=[optional(), one_of_choices])
    today: date

    def translate(self, offered: list[Area], known: bool, today: date) -> "ResidentForm":
        """`known`: a document was entered before, and stays when the field is left empty."""
        self.today = today
        self.document.label.text = _("Number of the document")
        self.document.description = _("It is not stored, only a fingerprint that shows whether it comes a second time.")
        if known:
            self.document.description += " " + _("Leave it empty if it has not changed.")
        else:
            self.document.validators = [required(), *self.document.validators]
            self.document.flags.required = True
        self.born_on.label.text = _("Date of birth")
        self.born_on.description = _("Needed where only people of some age may vote.")
        self.area.label.text = _("Area")
        self.area.choices = [("", _("No area")), *((str(area.id), area.title) for area in offered)]
        return self

    @property
    def area_id(self) -> int | None:
        return int(self.area.data) if self.area.data else None


def search(request: Request) -> Response:
    with session(request) as db:
        require(request, "residents.verify")
        q = clean(request.query_params.get("q", ""))[:100].strip()
        found = _people(db, q, request.query_params.get("after")) if q else None
        return page(
            request,
            "residents/index.html",
            q=q,
            people=found.rows if found else [],
            next_url=here(request, after=found.after) if found and found.after else None,
            verified=verified_residents(db),
            registered=registered_residents(db),
        )


def _people(db: Session, q: str, after: str | None) -> Any:
    """Accounts of people who can come to the desk: id, name, email, confirmed, verified_at, area."""
    confirmed = User.confirmed_at.is_not(None).label("confirmed")
    columns = (User.id, User.name, User.email, confirmed, Residence.verified_at, Area.title.label("area_title"))
    query = select(*columns).outerjoin(Residence, Residence.user_id == User.id)
    query = query.outerjoin(Area, Area.id == Residence.area_id)
    query = query.where(User.email.is_not(None), User.erased_at.is_(None), User.is_account, matching_people(q))
    return cut(db, query, (Key(User.id, True),), after, PEOPLE)


def show(request: Request) -> Response:
    with session(request) as db:
        require(request, "residents.verify")
        person = _person(request, db)
        residence = residence_of(db, person)
        entered = {"born_on": residence.born_on, "area": str(residence.area_id or "")} if residence else {}
        return _resident_page(request, db, person, _translated(request, db, residence, ResidentForm(data=entered)))


def save(request: Request) -> Response:
    with session(request) as db:
        require(request, "residents.verify")
        person = _person(request, db)
        form = _translated(request, db, residence_of(db, person), ResidentForm(typed(request)))
        try:
            if form.validate():
                digest = digest_of_document(request, form.document.data) if (form.document.data or "").strip() else None
                visit = visit_of(request)
                verify(db, person, visit.actor, visit.now, form.area_id, form.born_on.data, digest)
                told = _("%(name)s is verified as a resident.") % {"name": person.name}
                return redirect(request, f"/residents/{person.id}", told)
        except Invalid as error:
            form.refuse(error)
        return _resident_page(request, db, person, form, 422)


def withdraw(request: Request) -> Response:
    with session(request) as db:
        require(request, "residents.verify")
        person = _person(request, db)
        residence = residence_of(db, person)
        if residence is None:
            raise NotFound(f"{person.id} is not verified")
        withdraw_verification(db, residence)
        told = _("%(name)s is no longer verified.") % {"name": person.name}
        return redirect(request, f"/residents/{person.id}", told)


def digest_of_document(request: Request, number: str) -> str:
    """What this town stores of a document number. Raises Invalid when it is too short."""
    return document_digest(site_of(request).settings.secret, visit_of(request).entry.slug, number)


def _person(request: Request, db: Session) -> User:
    """Somebody who can sign in, or could after confirming the address."""
    person = get_user(db, request.path_params["id"])
    if person.email is None or person.erased_at is not None or not person.is_account:
        raise NotFound(f"{person.id} has no account")
    return person


def _translated(request: Request, db: Session, residence: Residence | None, form: ResidentForm) -> ResidentForm:
    known = residence is not None and residence.document_digest is not None
    return form.translate(areas(db), known, visit_of(request).now.date())


def _resident_page(request: Request, db: Session, person: User, form: ResidentForm, status: int = 200) -> Response:
    residence, may = residence_of(db, person), level_of(db, person) is not Level.NONE
    return page(request, "residents/show.html", status, person=person, residence=residence, confirmed=may, form=form)


routes = [
    Mount(
        "/residents",
        routes=[
            Route("/", search),
            Route("/{id:int}", show, methods=["GET"]),
            Route("/{id:int}", save, methods=["POST"]),
            Route("/{id:int}/withdraw", withdraw, methods=["POST"]),
        ],
    )
]
