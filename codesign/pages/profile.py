"""The person's own page: name, language, password, devices, what they wrote and follow."""

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from codesign.core.cards import card_rows, cards
from codesign.core.contributions import NEWEST, Contribution
from codesign.core.follows import followed_by
from codesign.core.mailboxes import stopped_at
from codesign.core.residents import residence_of
from codesign.core.sessions import Purpose, close_all_sessions, digest, issue_token, revoke_tokens, sign_ins
from codesign.core.users import User, get_user, hashed, password_matches
from codesign.i18n import gettext as _
from codesign.outbox import post
from codesign.pages.account_forms import ChangePasswordForm, ProfileForm
from codesign.paging import cut
from codesign.types import Forbidden, Invalid
from codesign.web.forms import typed
from codesign.web.pages import page, redirect
from codesign.web.session import session
from codesign.web.site import visit_of

MY_LIST = 30


def own_page(request: Request) -> Response:
    return RedirectResponse("/accounts/settings", 303)


def settings(request: Request) -> Response:
    with session(request) as db:
        return _settings_page(request, db)


def save_profile(request: Request) -> Response:
    with session(request) as db:
        form = ProfileForm(typed(request)).translate(_offered(request))
        if not form.validate():
            return _settings_page(request, db, profile=form)
        user = get_user(db, _actor(request).id)
        user.name, user.locale = form.name.data.strip(), form.locale.data
        return redirect(request, "/accounts/settings", _("Your changes are saved."))


def save_password(request: Request) -> Response:
    with session(request, read_only=True) as db:
        actor = _actor(request)
        form = ChangePasswordForm(typed(request)).translate()
        complete = form.validate()
        if complete and not password_matches(actor, form.current.data):
            form.refuse(Invalid(_("This is not your present password."), "current"))
        if form.errors:
            return _settings_page(request, db, password=form)
    password_hash = hashed(form.password.data)
    with session(request) as db:
        user = get_user(db, actor.id)
        user.password_hash = password_hash
        revoke_tokens(db, user)
        close_all_sessions(db, user, keep=visit_of(request).token)
        return redirect(request, "/accounts/settings", _("Your new password is set. Other devices are signed out."))


def confirm_anew(request: Request) -> Response:
    """For whom letters came back: a link to the address, and when it is opened letters are sent again."""
    with session(request) as db:
        user, now = get_user(db, _actor(request).id), visit_of(request).now
        told = ""
        if stopped_at(db, user.id) is not None:
            token = issue_token(db, user, Purpose.CONFIRM, now)
            url = f"{request.url.scheme}://{request.url.netloc}/accounts/confirm?token={token}"
            post(db, "accounts/mail/confirm", user.email or "", user, {"url": url}, now)
            told = _("We have sent a message to %(email)s. Open it and follow the link in it.") % {"email": user.email}
        return redirect(request, "/accounts/settings", told)


def _settings_page(
    request: Request, db: Session, profile: ProfileForm | None = None, password: ChangePasswordForm | None = None
) -> Response:
    visit, user = visit_of(request), _actor(request)
    own = {"name": user.name, "locale": user.locale or visit.chosen.town.locale}
    current = digest(visit.token)
    devices = [
        {"id": row.id, "label": row.device, "created_at": row.created_at, "current": row.token_hash == current}
        for row in sign_ins(db, user, visit.now)
    ]
    mine = cut(db, card_rows().where(Contribution.author_id == user.id), NEWEST, None, MY_LIST)
    return page(
        request,
        "accounts/settings.html",
        422 if profile or password else 200,
        profile_form=profile or ProfileForm(data=own).translate(_offered(request)),
        password_form=password or ChangePasswordForm().translate(),
        sessions=devices,
        my=cards(mine.rows, visit.kinds),
        following=followed_by(db, user, visit.kinds),
        residence=residence_of(db, user),
        mail_stopped_at=stopped_at(db, user.id),
    )


def _actor(request: Request) -> User:
    actor = visit_of(request).actor
    if actor is None:
        raise Forbidden(_("Please sign in first."))
    return actor


def _offered(request: Request) -> list[str]:
    town = visit_of(request).chosen.town
    return list(dict.fromkeys([town.locale, *town.other_locales]))


def sign_out_everywhere(request: Request) -> Response:
    """Every other device is signed out at once; this one stays."""
    with session(request) as db:
        close_all_sessions(db, _actor(request), keep=visit_of(request).token)
        return redirect(request, "/accounts/settings", _("All your other devices are signed out."))


routes = [
    Route("/accounts/", own_page),
    Route("/accounts/settings", settings, methods=["GET"]),
    Route("/accounts/settings", save_profile, methods=["POST"]),
    Route("/accounts/password", save_password, methods=["POST"]),
    Route("/accounts/address", confirm_anew, methods=["POST"]),
    Route("/accounts/sign-out-everywhere", sign_out_everywhere, methods=["POST"]),
]
