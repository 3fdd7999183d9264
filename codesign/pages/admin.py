"""Administration: plugins on and off, settings, topics, life situations, people and their roles, mail."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from wtforms import SelectField, StringField, TextAreaField

from codesign.core.life import ICONS, create_situation, describe, get_situation, situations
from codesign.core.settings import CORE, TownSettings, save_settings, switch
from codesign.core.topics import create_topic, get_topic, topics
from codesign.core.users import Role, User, get_user, matching_people, set_role
from codesign.i18n import gettext as _
from codesign.i18n import mark
from codesign.markup import clean
from codesign.outbox import Message, MessageState, counts, send_again
from codesign.pages.settings_form import settings_form
from codesign.paging import Key, cut
from codesign.types import Invalid, NotFound
from codesign.web.forms import TownForm, length, required, typed, value
from codesign.web.pages import here, page, redirect, require
from codesign.web.session import session
from codesign.web.site import site_of, visit_of

PEOPLE = 50
MAILS = 50
ROLE_LABELS = {
    Role.RESIDENT: mark("Resident"),
    Role.MODERATOR: mark("Moderator"),
    Role.OFFICIAL: mark("Official"),
    Role.ADMINISTRATOR: mark("Administrator"),
}


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
    icon = SelectField(choices=[(name, name) for name in ICONS], validate_choice=False)

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


def index(request: Request) -> Response:
    with session(request):
        require(request, "admin.enter")
        return page(request, "admin/index.html")


def plugins(request: Request) -> Response:
    with session(request):
        require(request, "admin.plugins")
        enabled = visit_of(request).chosen.enabled
        rows = [
            {
                "name": name,
                "title": _(about.title),
                "description": _(about.description),
                "effects": _(about.effects),
                "enabled": name in enabled,
                "has_settings": about.settings is not None,
                "settings_url": f"/admin/plugins/{name}/settings",
            }
            for name, about in site_of(request).plugins.each("about")
        ]
        return page(request, "admin/plugins.html", plugins=rows)


def switch_plugin(request: Request) -> Response:
    """On or off from the next request on, in this town only. Switching on first makes the plugin's tables."""
    name = request.path_params["name"]
    with session(request, read_only=True):
        require(request, "admin.plugins")
        site, visit = site_of(request), visit_of(request)
        if name not in site.plugins.by_name:
            raise NotFound(name)
        title = _(site.plugins.about(name).title)
        on = value(request, "enabled") == "1"
    if on:
        site.prepare(site.registry.store(visit.entry.slug), site.plugins.by_name[name])
    with session(request) as db:
        require(request, "admin.plugins")
        switch(db, name, on, visit.now)
        sentence = _("%(plugin)s is switched on.") if on else _("%(plugin)s is switched off. Its data stay.")
        return redirect(request, "/admin/plugins", sentence % {"plugin": title})


def settings(request: Request) -> Response:
    with session(request):
        require(request, "admin.settings")
        return page(request, "admin/settings.html", form=settings_form(TownSettings, visit_of(request).chosen.town))


def save_town_settings(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.settings")
        form = settings_form(TownSettings, visit_of(request).chosen.town, typed(request))
        if not form.validate():
            return page(request, "admin/settings.html", 422, form=form)
        save_settings(db, CORE, form.values(), visit_of(request).now)
        return redirect(request, "/admin/settings", _("Your changes are saved."))


def plugin_settings(request: Request) -> Response:
    with session(request):
        require(request, "admin.plugins")
        plugin, form = _plugin_form(request, None)
        return page(request, "admin/plugin_settings.html", plugin=plugin, form=form)


def save_plugin_settings(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.plugins")
        plugin, form = _plugin_form(request, typed(request))
        if not form.validate():
            return page(request, "admin/plugin_settings.html", 422, plugin=plugin, form=form)
        save_plugin(db, request, form.values())
        return redirect(request, "/admin/plugins", _("Your changes are saved."))


def save_plugin(db: Session, request: Request, values: dict[str, Any]) -> None:
    """Settings of a plugin may be chosen before it is switched on; it stays as it is."""
    save_settings(db, request.path_params["name"], values, visit_of(request).now)


def _plugin_form(request: Request, data: Any) -> tuple[dict[str, Any], Any]:
    name = request.path_params["name"]
    known = site_of(request).plugins
    about = known.about(name) if name in known.by_name else None
    if about is None or about.settings is None:
        raise NotFound(name)
    present = about.settings.model_validate(visit_of(request).chosen.settings.get(name, {}))
    shown = {"name": name, "title": _(about.title), "description": _(about.description)}
    return shown, settings_form(about.settings, present, data)


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


def people(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.people")
        return _people_page(request, db)


def save_role(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.people")
        user = get_user(db, request.path_params["id"])
        roles = {role.value: role for role in Role}
        if value(request, "role") not in roles:
            raise Invalid(_("Please choose one of these."))
        set_role(db, user, roles[value(request, "role")])
        label = _(ROLE_LABELS[user.role])
        return redirect(request, "/admin/people", _("%(name)s is now: %(role)s.") % {"name": user.name, "role": label})


def _people_page(request: Request, db: Session) -> Response:
    q = clean(request.query_params.get("q", ""))[:100].strip()
    columns = (
        User.id,
        User.name,
        User.email,
        User.role,
        User.created_at,
        User.confirmed_at.is_not(None).label("confirmed"),
    )
    query = select(*columns).where(User.email.is_not(None))
    query = query.where(matching_people(q)) if q else query
    found = cut(db, query, (Key(User.id, True),), request.query_params.get("after"), PEOPLE)
    roles = [(role.value, _(label)) for role, label in ROLE_LABELS.items()]
    next_url = here(request, after=found.after) if found.after else None
    return page(request, "admin/people.html", people=found.rows, roles=roles, next_url=next_url, q=q)


def mail(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.mail")
        address = func.coalesce(Message.address, User.email).label("to")
        query = select(
            Message.id, address, Message.template, Message.state, Message.attempts, Message.error, Message.created_at,
            Message.due_at,
        ).outerjoin(User, Message.user_id == User.id)  # fmt: skip
        found = cut(db, query, (Key(Message.id, True),), request.query_params.get("after"), MAILS)
        next_url = here(request, after=found.after) if found.after else None
        numbers = counts(db)
        summary = {state.value: numbers.get(state, 0) for state in MessageState}
        return page(request, "admin/mail.html", messages=found.rows, counts=summary, next_url=next_url)


def mail_again(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.mail")
        number = send_again(db, visit_of(request).now)
        return redirect(request, "/admin/mail", _("%(number)s messages will be sent again.") % {"number": number})


routes = [
    Mount(
        "/admin",
        routes=[
            Route("/", index),
            Route("/plugins", plugins),
            Route("/plugins/{name}", switch_plugin, methods=["POST"]),
            Route("/plugins/{name}/settings", plugin_settings, methods=["GET"]),
            Route("/plugins/{name}/settings", save_plugin_settings, methods=["POST"]),
            Route("/settings", settings, methods=["GET"]),
            Route("/settings", save_town_settings, methods=["POST"]),
            Route("/topics", topic_list, methods=["GET"]),
            Route("/topics", add_topic, methods=["POST"]),
            Route("/topics/{slug}", edit_topic, methods=["GET"]),
            Route("/topics/{slug}", save_topic, methods=["POST"]),
            Route("/situations", situation_list, methods=["GET"]),
            Route("/situations", add_situation, methods=["POST"]),
            Route("/situations/{slug}", edit_situation, methods=["GET"]),
            Route("/situations/{slug}", save_situation, methods=["POST"]),
            Route("/people", people),
            Route("/people/{id:int}/role", save_role, methods=["POST"]),
            Route("/mail", mail, methods=["GET"]),
            Route("/mail", mail_again, methods=["POST"]),
        ],
    )
]
