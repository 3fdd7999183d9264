"""What I hear of, and how: one table of reasons and ways; and leaving with one click from a letter (RFC 8058)."""

from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from wtforms import SelectField

from codesign.core.notices import CHANNEL_LABELS, GROUND_LABELS, Channel, Ground
from codesign.core.preferences import (
    HOURS,
    Choice,
    accept,
    choose,
    digest_hour,
    grounds_of,
    refuse,
    refused_by,
    set_digest_hour,
)
from codesign.core.unsubscribing import Leave, read_token
from codesign.core.users import User, get_user
from codesign.i18n import gettext as _
from codesign.types import Forbidden, NotFound
from codesign.web.addresses import PREFERENCES, preferences_path
from codesign.web.forms import TownForm, one_of_choices, typed
from codesign.web.pages import page, redirect
from codesign.web.session import session
from codesign.web.site import site_of, visit_of


class HourForm(TownForm):
    hour = SelectField(coerce=str, validate_choice=False, validators=[one_of_choices])

    def translate(self) -> "HourForm":
        self.hour.label.text = _("Hour of the daily letter")
        self.hour.description = _("In the time of the town. It comes only when there is something to tell.")
        self.hour.choices = [(str(hour), f"{hour:02}:00") for hour in HOURS]
        return self


def show(request: Request) -> Response:
    with session(request) as db:
        actor = _actor(request)
        form = HourForm(data={"hour": str(digest_hour(db, actor.id))}).translate()
        return _table_page(request, actor, form, refused_by(db, actor.id))


def save(request: Request) -> Response:
    with session(request) as db:
        actor = _actor(request)
        grounds = grounds_of(actor)
        sent = typed(request)
        refused = {(ground, way) for ground in grounds for way in Channel if field_of(ground, way) not in sent}
        form = HourForm(sent).translate()
        if not form.validate():
            return _table_page(request, actor, form, refused, 422)
        choose(db, actor.id, refused, grounds)
        set_digest_hour(db, actor.id, int(form.hour.data))
        return redirect(request, PREFERENCES, _("Your choices are saved."))


def field_of(ground: Ground, channel: Channel) -> str:
    return f"{ground}-{channel}"


def _table_page(request: Request, actor: User, form: HourForm, refused: set[Choice], status: int = 200) -> Response:
    rows = [
        (_(GROUND_LABELS[ground]), [(field_of(ground, way), (ground, way) not in refused) for way in Channel])
        for ground in grounds_of(actor)
    ]
    channels = [_(label) for label in CHANNEL_LABELS.values()]
    return page(request, "notices/preferences.html", status, rows=rows, channels=channels, form=form)


def _actor(request: Request) -> User:
    actor = visit_of(request).actor
    if actor is None:
        raise Forbidden(_("Please sign in first."))
    return actor


def ask_unsubscribe(request: Request) -> Response:
    """A button: mail programs and their guards open links by themselves."""
    with session(request):
        leave = _leave(request)
        return page(request, "notices/unsubscribe.html", label=_label(leave), path=request.url.path)


def unsubscribe(request: Request) -> Response:
    """Sent by the button, or by a mail program without a page, a cookie or an origin. As often as one likes."""
    with session(request) as db:
        leave = _leave(request)
        user = _person(db, leave)
        if again := _again(request, leave):
            accept(db, leave.user_id, again)
            return page(request, "notices/resubscribed.html", label=_label(leave))
        changed = refuse(db, leave.user_id, leave.choices) or leave.choices
        undo = [field_of(*choice) for choice in sorted(changed)]
        choose_url = preferences_path(site_of(request), visit_of(request).entry.slug, user)
        given: dict[str, Any] = {"label": _label(leave), "path": request.url.path, "undo": undo}
        return page(request, "notices/unsubscribed.html", choose_url=choose_url, **given)


def _leave(request: Request) -> Leave:
    secret, slug = site_of(request).settings.secret, visit_of(request).entry.slug
    leave = read_token(secret, slug, request.path_params["token"])
    if leave is None:
        raise NotFound("not a link of ours")
    return leave


def _person(db: Session, leave: Leave) -> User:
    """Raises NotFound for one who is gone."""
    user = get_user(db, leave.user_id)
    if user.erased_at is not None:
        raise NotFound("this account is erased")
    return user


def _again(request: Request, leave: Leave) -> list[Choice]:
    """What the button that takes it back names, of that which the link could switch off."""
    named = set(typed(request).getlist("again"))
    return [choice for choice in sorted(leave.choices) if field_of(*choice) in named]


def _label(leave: Leave) -> str:
    return _(GROUND_LABELS[leave.ground]) if leave.ground else ""


routes = [
    Route(PREFERENCES, show, methods=["GET"]),
    Route(PREFERENCES, save, methods=["POST"]),
    Route("/notices/unsubscribe/{token}", ask_unsubscribe, methods=["GET"]),
    Route("/notices/unsubscribe/{token}", unsubscribe, methods=["POST"]),
]
