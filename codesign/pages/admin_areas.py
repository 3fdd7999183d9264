"""Administration of areas: add, rename, order and remove the districts of the town."""

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from wtforms import StringField

from codesign.core.areas import Area, areas, create_area, get_area, remove_area, rename_area, shift_area
from codesign.i18n import gettext as _
from codesign.types import Invalid
from codesign.web.forms import TownForm, length, required, typed, value
from codesign.web.pages import page, redirect, require
from codesign.web.session import session

STEPS = {"-1": -1, "1": 1}


class AreaForm(TownForm):
    title = StringField(validators=[required(), length(2, 80)])

    def translate(self) -> "AreaForm":
        self.title.label.text = _("Name of the area")
        return self


def area_list(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.areas")
        return page(request, "admin/areas.html", areas=areas(db), form=AreaForm().translate())


def add_area(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.areas")
        form = AreaForm(typed(request)).translate()
        try:
            if form.validate():
                create_area(db, form.title.data)
                return redirect(request, "/admin/areas", _("The area is added."))
        except Invalid as error:
            form.refuse(error)
        return page(request, "admin/areas.html", 422, areas=areas(db), form=form)


def edit_area(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.areas")
        area = _area(request, db)
        return page(request, "admin/area_edit.html", area=area, form=AreaForm(obj=area).translate())


def save_area(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.areas")
        area = _area(request, db)
        form = AreaForm(typed(request)).translate()
        try:
            if form.validate():
                rename_area(db, area, form.title.data)
                return redirect(request, "/admin/areas", _("Your changes are saved."))
        except Invalid as error:
            form.refuse(error)
        return page(request, "admin/area_edit.html", 422, area=area, form=form)


def move_area(request: Request) -> Response:
    """One place up (-1) or down (1); the first and the last stay where they are."""
    with session(request) as db:
        require(request, "admin.areas")
        area = _area(request, db)
        if value(request, "step") not in STEPS:
            raise Invalid(_("Please choose one of these."))
        shift_area(db, area, STEPS[value(request, "step")])
        return redirect(request, f"/admin/areas#area-{area.id}")


def delete_area(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.areas")
        area = _area(request, db)
        try:
            remove_area(db, area)
        except Invalid as error:
            form = AreaForm(obj=area).translate()
            form.form_errors.append(str(error))
            return page(request, "admin/area_edit.html", 422, area=area, form=form)
        return redirect(request, "/admin/areas", _("The area is removed."))


def _area(request: Request, db: Session) -> Area:
    return get_area(db, request.path_params["slug"])


routes = [
    Route("/admin/areas", area_list, methods=["GET"]),
    Route("/admin/areas", add_area, methods=["POST"]),
    Route("/admin/areas/{slug}", edit_area, methods=["GET"]),
    Route("/admin/areas/{slug}", save_area, methods=["POST"]),
    Route("/admin/areas/{slug}/move", move_area, methods=["POST"]),
    Route("/admin/areas/{slug}/remove", delete_area, methods=["POST"]),
]
