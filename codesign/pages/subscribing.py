"""Following by e-mail without an account: ask, confirm by the link in a letter, and end it."""

from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from wtforms import EmailField

from codesign.core.follows import followed_by, get_followed, set_follow
from codesign.core.notices import Ground
from codesign.core.preferences import choose, refused_by
from codesign.core.subscriptions import (
    ask,
    asked_with,
    confirm,
    erase_follower,
    managed_by,
    managing_token,
    wanted_things,
)
from codesign.core.users import User, normal_email, user_by_email
from codesign.db import BIGGEST_ID
from codesign.i18n import gettext as _
from codesign.outbox import forget, post
from codesign.types import NotFound
from codesign.web.forms import TownForm, required, typed, value, verb
from codesign.web.pages import absolute, page, redirect
from codesign.web.session import session
from codesign.web.site import site_of, visit_of

LISTED = 500
"""What one person follows, shown at most."""


class AddressForm(TownForm):
    email = EmailField(validators=[required(), verb(normal_email)])

    def translate(self) -> "AddressForm":
        self.email.label.text = _("E-mail address")
        self.email.description = _("Nobody sees it. Each message has a link with which you can end this.")
        return self


def ask_address(request: Request) -> Response:
    with session(request) as db:
        thing = _thing(request, db)
        if visit_of(request).actor is not None:
            return RedirectResponse(thing.url, 303)
        return _address_page(request, thing, AddressForm().translate())


def send_link(request: Request) -> Response:
    """The answer is the same whether the address is known or not, and whether a letter is sent or was sent before."""
    with session(request) as db:
        thing = _thing(request, db)
        form = AddressForm(typed(request)).translate()
        if not form.validate():
            return _address_page(request, thing, form, 422)
        visit, email = visit_of(request), normal_email(form.email.data)
        token = ask(db, email, thing, visit.speech.locale, visit.now)
        if token:
            told = {"url": absolute(request, f"/follow/confirm/{token}"), "title": thing.title}
            context = {**told, "locale": visit.speech.locale}
            post(db, "subscribing/mail/confirm", email, user_by_email(db, email), context, visit.now)
        return page(request, "subscribing/sent.html", thing=thing, email=email)


def _address_page(request: Request, thing: Any, form: AddressForm, status: int = 200) -> Response:
    return page(request, "subscribing/ask.html", status, thing=thing, form=form)


def _thing(request: Request, db: Session) -> Any:
    given = request.path_params
    return get_followed(db, visit_of(request).kinds, given["subject"], given["id"])


def ask_confirm(request: Request) -> Response:
    """A button, because mail programs open links by themselves."""
    with session(request) as db:
        visit = visit_of(request)
        asked = asked_with(db, request.path_params["token"], visit.now)
        things = wanted_things(db, visit.kinds, asked) if asked else []
        return page(request, "subscribing/confirm.html", valid=asked is not None, things=things)


def follow_all(request: Request) -> Response:
    with session(request) as db:
        visit = visit_of(request)
        asked = asked_with(db, request.path_params["token"], visit.now)
        if asked is None:
            return page(request, "subscribing/confirm.html", 422, valid=False, things=[])
        user = confirm(db, visit.kinds, asked, visit.now)
        if user.is_account:
            return redirect(request, "/", _("You follow it now. Sign in to see everything you follow."))
        return redirect(request, _managing_path(request, user), _("You follow it now, by e-mail."))


def manage(request: Request) -> Response:
    with session(request) as db:
        user = _follower(request, db)
        if user.is_account:
            return RedirectResponse("/accounts/settings", 303)
        following = followed_by(db, user, visit_of(request).kinds, LISTED)
        ended = bool(refused_by(db, user.id))
        return page(request, "subscribing/manage.html", email=user.email, following=following, ended=ended)


def stop(request: Request) -> Response:
    """Follow one thing no more, get letters again, or erase the address with everything."""
    with session(request) as db:
        user, now = _follower(request, db), visit_of(request).now
        if user.is_account:
            return RedirectResponse("/accounts/settings", 303)
        if value(request, "erase") == "1":
            forget(db, user)
            erase_follower(db, user, now)
            return redirect(request, "/", _("Your address is erased. You get no more messages."))
        if value(request, "again") == "1":
            choose(db, user.id, (), list(Ground))
            return redirect(request, _managing_path(request, user), _("Letters come again."))
        subject, _colon, id = value(request, "stop").partition(":")
        if not id.isdecimal() or not id.isascii() or len(id) > len(str(BIGGEST_ID)):
            raise NotFound("nothing to stop")
        set_follow(db, user, get_followed(db, visit_of(request).kinds, subject, int(id)), False)
        return redirect(request, _managing_path(request, user), _("You do not follow it any more."))


def _follower(request: Request, db: Session) -> User:
    secret, slug = site_of(request).settings.secret, visit_of(request).entry.slug
    return managed_by(db, secret, slug, request.path_params["token"])


def _managing_path(request: Request, user: User) -> str:
    return "/follow/manage/" + managing_token(site_of(request).settings.secret, visit_of(request).entry.slug, user)


routes = [
    Route("/follow/confirm/{token}", ask_confirm, methods=["GET"]),
    Route("/follow/confirm/{token}", follow_all, methods=["POST"]),
    Route("/follow/manage/{token}", manage, methods=["GET"]),
    Route("/follow/manage/{token}", stop, methods=["POST"]),
    Route("/follow/{subject}/{id:int}", ask_address, methods=["GET"]),
    Route("/follow/{subject}/{id:int}", send_link, methods=["POST"]),
]
