"""Administration of authorities: add, edit and remove the units that answer, with their people and topics."""

from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from wtforms import SelectField, StringField, TextAreaField

from codesign.core.authorities import (
    Authority,
    authorities,
    change_authority,
    create_authority,
    get_authority,
    members_of,
    officials,
    remove_authority,
    set_members,
    set_remit,
    topics_of,
)
from codesign.core.follows import drop_followers
from codesign.core.topics import topics
from codesign.i18n import gettext as _
from codesign.pages.settings_form import Switches
from codesign.types import Invalid
from codesign.web.forms import TownForm, length, one_of_choices, required, typed
from codesign.web.pages import page, redirect, require
from codesign.web.session import session

LIST = "/admin/authorities"


class AuthorityForm(TownForm):
    title = StringField(validators=[required(), length(2, 80)])
    summary = TextAreaField(validators=[length(most=300)])

    def translate(self) -> "AuthorityForm":
        self.title.label.text = _("Name of the authority")
        self.title.description = _("As residents know it: Parks department")
        self.summary.label.text = _("What it does")
        return self


class EditAuthorityForm(AuthorityForm):
    head = SelectField(validate_choice=False, validators=[one_of_choices])
    members = Switches(validate_choice=False)
    topics = Switches(validate_choice=False)

    def offer(self, db: Session) -> "EditAuthorityForm":
        self.translate()
        people = [(str(person.id), person.name) for person in officials(db)]
        self.head.label.text = _("Who heads it")
        self.head.description = _("Hears of what is overdue.")
        self.head.choices = [("", _("Nobody; administrators hear of it")), *people]
        self.members.label.text = _("Officials who work there")
        self.members.choices = people
        self.topics.label.text = _("Topics that are its business")
        self.topics.description = _("A topic belongs to one authority. Chosen here, it leaves the other.")
        self.topics.choices = [(str(topic.id), topic.title) for topic in topics(db)]
        return self

    def validate_members(self, field: Switches) -> None:
        _only_offered(field)

    def validate_topics(self, field: Switches) -> None:
        _only_offered(field)


def _only_offered(field: Switches) -> None:
    """What was taken away while the form was open counts as not chosen."""
    offered = {key for key, _label in field.choices}
    field.data = [key for key in field.data or [] if key in offered]


def authority_list(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.authorities")
        return page(request, "admin/authorities.html", authorities=authorities(db), form=AuthorityForm().translate())


def add_authority(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.authorities")
        form = AuthorityForm(typed(request)).translate()
        try:
            if form.validate():
                new = create_authority(db, form.title.data, form.summary.data or "")
                return redirect(request, f"/admin{new.url}", _("The authority is added. Say who works there."))
        except Invalid as error:
            form.refuse(error)
        return page(request, "admin/authorities.html", 422, authorities=authorities(db), form=form)


def edit_authority(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.authorities")
        authority = _authority(request, db)
        return _edit_page(request, authority, EditAuthorityForm(data=_present(db, authority)).offer(db))


def save_authority(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.authorities")
        authority = _authority(request, db)
        form = EditAuthorityForm(typed(request)).offer(db)
        try:
            if form.validate():
                head = int(form.head.data) if form.head.data else None
                change_authority(db, authority, form.title.data, form.summary.data or "", head)
                set_members(db, authority, {int(id) for id in form.members.data})
                set_remit(db, authority, {int(id) for id in form.topics.data})
                return redirect(request, LIST, _("Your changes are saved."))
        except Invalid as error:
            form.refuse(error)
        return _edit_page(request, authority, form, 422)


def delete_authority(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.authorities")
        authority = _authority(request, db)
        try:
            remove_authority(db, authority)
            drop_followers(db, authority)
        except Invalid as error:
            form = EditAuthorityForm(data=_present(db, authority)).offer(db)
            form.form_errors.append(str(error))
            return _edit_page(request, authority, form, 422)
        return redirect(request, LIST, _("The authority is removed."))


def _present(db: Session, authority: Authority) -> dict[str, Any]:
    return {
        "title": authority.title,
        "summary": authority.summary,
        "head": str(authority.head_id or ""),
        "members": [str(person.id) for person in members_of(db, authority)],
        "topics": [str(id) for id in topics_of(db, authority)],
    }


def _edit_page(request: Request, authority: Authority, form: EditAuthorityForm, status: int = 200) -> Response:
    return page(request, "admin/authority_edit.html", status, authority=authority, form=form)


def _authority(request: Request, db: Session) -> Authority:
    return get_authority(db, request.path_params["slug"])


routes = [
    Route(LIST, authority_list, methods=["GET"]),
    Route(LIST, add_authority, methods=["POST"]),
    Route(LIST + "/{slug}", edit_authority, methods=["GET"]),
    Route(LIST + "/{slug}", save_authority, methods=["POST"]),
    Route(LIST + "/{slug}/remove", delete_authority, methods=["POST"]),
]
