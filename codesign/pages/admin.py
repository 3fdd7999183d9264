"""Administration: plugins on and off, settings, people and their roles."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from codesign.core.settings import CORE, TownSettings, accepted, save_settings, switch
from codesign.core.users import Role, User, get_user, matching_people, set_role
from codesign.i18n import gettext as _
from codesign.i18n import mark
from codesign.markup import clean
from codesign.pages.settings_form import settings_form
from codesign.paging import Key, cut
from codesign.types import Invalid, NotFound
from codesign.web.forms import typed, value
from codesign.web.pages import here, page, redirect, require
from codesign.web.session import session
from codesign.web.site import site_of, visit_of

PEOPLE = 50
ROLE_LABELS = {
    Role.RESIDENT: mark("Resident"),
    Role.MODERATOR: mark("Moderator"),
    Role.OFFICIAL: mark("Official"),
    Role.ADMINISTRATOR: mark("Administrator"),
}


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
    present = accepted(about.settings, visit_of(request).chosen.settings.get(name, {}))
    shown = {"name": name, "title": _(about.title), "description": _(about.description)}
    return shown, settings_form(about.settings, present, data)


def people(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.people")
        return _people_page(request, db)


def save_role(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.people")
        user = get_user(db, request.path_params["id"])
        if not user.is_account:
            raise NotFound(f"{user.id} only follows by e-mail")
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
    query = select(*columns).where(User.email.is_not(None), User.is_account)
    query = query.where(matching_people(q)) if q else query
    found = cut(db, query, (Key(User.id, True),), request.query_params.get("after"), PEOPLE)
    roles = [(role.value, _(label)) for role, label in ROLE_LABELS.items()]
    next_url = here(request, after=found.after) if found.after else None
    return page(request, "admin/people.html", people=found.rows, roles=roles, next_url=next_url, q=q)


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
            Route("/people", people),
            Route("/people/{id:int}/role", save_role, methods=["POST"]),
        ],
    )
]
