"""Administration of topics and life situations."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from wtforms import SelectField, StringField, TextAreaField

from codesign.core.life import ICONS, create_situation, describe, get_situation, situations
from codesign.core.topics import create_topic, get_topic, topics
from codesign.i18n import gettext as _
from codesign.types import Invalid
from codesign.web.forms import TownForm, length, required, typed
from codesign.web.pages import page, redirect, require
from codesign.web.session import session


class TopicForm(TownForm):
    title = StringField(validators=[required(), length(2, 80)])
    summary = StringField(validators=[length(most=200)])

    def translate(self) -> "TopicForm":
        self.title.label.text = _("Name of the topic")
        self.summary.label.text = _("In one sentence")
        return self


class SituationForm(TownForm):
    title = StringField(validators=[required(), length(2, 80)])
    summary = StringField(validators=[required(), length(2, 200)])
    text = TextAreaField(validators=[length(most=10_000)])
    icon = SelectField(choices={name: name for name in ICONS}, validate_choice=False)

    def translate(self) -> "SituationForm":
        self.title.label.text = _("As a resident would say it")
        self.title.description = _("For example: I am expecting a child")
        self.summary.label.text = _("In one sentence")
        self.text.label.text = _("What residents should know")
        self.icon.label.text = _("Icon")
        return self

    def validate_icon(self, field: SelectField) -> None:
        if field.data not in ICONS:
            field.data = ICONS[0]


def topic_list(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.topics")
        return page(request, "admin/topics.html", topics=topics(db), form=TopicForm().translate())


def add_topic(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.topics")
        form = TopicForm(typed(request)).translate()
        try:
            if form.validate():
                create_topic(db, form.title.data, form.summary.data or "")
                return redirect(request, "/admin/topics", _("The topic is added."))
        except Invalid as error:
            form.refuse(error)
        return page(request, "admin/topics.html", 422, topics=topics(db), form=form)


def edit_topic(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.topics")
        topic = get_topic(db, request.path_params["slug"])
        return page(request, "admin/topic_edit.html", topic=topic, form=TopicForm(obj=topic).translate())


def save_topic(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.topics")
        topic = get_topic(db, request.path_params["slug"])
        form = TopicForm(typed(request)).translate()
        if not form.validate():
            return page(request, "admin/topic_edit.html", 422, topic=topic, form=form)
        topic.title, topic.summary = form.title.data.strip(), (form.summary.data or "").strip()
        return redirect(request, "/admin/topics", _("Your changes are saved."))


def situation_list(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.situations")
        form = SituationForm().translate()
        return page(request, "admin/situations.html", situations=situations(db), form=form)


def add_situation(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.situations")
        form = SituationForm(typed(request)).translate()
        try:
            if form.validate():
                create_situation(db, form.title.data, form.summary.data, form.text.data or "", form.icon.data)
                return redirect(request, "/admin/situations", _("The life situation is added."))
        except Invalid as error:
            form.refuse(error)
        return page(request, "admin/situations.html", 422, situations=situations(db), form=form)


def edit_situation(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.situations")
        situation = get_situation(db, request.path_params["slug"])
        form = SituationForm(obj=situation).translate()
        return page(request, "admin/situation_edit.html", situation=situation, form=form)


def save_situation(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.situations")
        situation = get_situation(db, request.path_params["slug"])
        form = SituationForm(typed(request)).translate()
        if not form.validate():
            return page(request, "admin/situation_edit.html", 422, situation=situation, form=form)
        situation.title, situation.summary = form.title.data.strip(), form.summary.data.strip()
        situation.icon = form.icon.data
        describe(db, situation, form.text.data or "")
        return redirect(request, "/admin/situations", _("Your changes are saved."))


routes = [
    Route("/admin/topics", topic_list, methods=["GET"]),
    Route("/admin/topics", add_topic, methods=["POST"]),
    Route("/admin/topics/{slug}", edit_topic, methods=["GET"]),
    Route("/admin/topics/{slug}", save_topic, methods=["POST"]),
    Route("/admin/situations", situation_list, methods=["GET"]),
    Route("/admin/situations", add_situation, methods=["POST"]),
    Route("/admin/situations/{slug}", edit_situation, methods=["GET"]),
    Route("/admin/situations/{slug}", save_situation, methods=["POST"]),
]
