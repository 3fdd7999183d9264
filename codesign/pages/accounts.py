"""Accounts: signing up and in, confirming an address, a forgotten password, the person's own page."""

from urllib.parse import urlencode

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from wtforms import EmailField, PasswordField, SelectField, StringField

from codesign.core.contributions import NEWEST, Contribution, card_rows, cards
from codesign.core.follows import followed_by
from codesign.core.sessions import (
    SESSION_LIFE,
    Purpose,
    close_all_sessions,
    close_session,
    digest,
    issue_token,
    open_session,
    sign_ins,
    token_user,
    use_token,
)
from codesign.core.users import (
    NAME_LENGTH,
    User,
    check_strength,
    get_user,
    hashed,
    normal_email,
    password_matches,
    sign_up,
    user_by_email,
)
from codesign.i18n import LANGUAGES
from codesign.i18n import gettext as _
from codesign.outbox import post
from codesign.paging import cut
from codesign.types import Forbidden, Invalid
from codesign.web.devices import device_label
from codesign.web.forms import TownForm, length, one_of_choices, required, typed, value, verb
from codesign.web.pages import local_path, page, redirect
from codesign.web.session import session, session_cookie
from codesign.web.site import visit_of

MY_LIST = 30


class SignUpForm(TownForm):
    name = StringField(validators=[required(), length(2, NAME_LENGTH)])
    email = EmailField(validators=[required(), verb(normal_email)])
    password = PasswordField(validators=[required()])

    def translate(self) -> "SignUpForm":
        self.name.label.text = _("Your name")
        self.name.description = _("It stands beside what you write.")
        self.email.label.text = _("E-mail address")
        self.email.description = _("Nobody sees it. We send a link to it to make sure that it is yours.")
        self.password.label.text = _("Password")
        self.password.description = _("At least 10 characters. Three or four unrelated words are easy to remember.")
        return self

    def validate_password(self, field: PasswordField) -> None:
        verb(lambda text: check_strength(text, self.email.data or "", self.name.data or ""))(self, field)


class SignInForm(TownForm):
    email = EmailField(validators=[required()])
    password = PasswordField(validators=[required()])

    def translate(self) -> "SignInForm":
        self.email.label.text = _("E-mail address")
        self.password.label.text = _("Password")
        return self


class ForgottenForm(TownForm):
    email = EmailField(validators=[required(), verb(normal_email)])

    def translate(self) -> "ForgottenForm":
        self.email.label.text = _("E-mail address")
        return self


class PasswordForm(TownForm):
    password = PasswordField(validators=[required(), verb(check_strength)])

    def translate(self) -> "PasswordForm":
        self.password.label.text = _("New password")
        self.password.description = _("At least 10 characters. Three or four unrelated words are easy to remember.")
        return self


class ProfileForm(TownForm):
    name = StringField(validators=[required(), length(2, NAME_LENGTH)])
    locale = SelectField(validate_choice=False, validators=[one_of_choices])

    def translate(self, offered: list[str]) -> "ProfileForm":
        self.name.label.text = _("Your name")
        self.locale.label.text = _("Language of messages to you")
        self.locale.choices = [(code, LANGUAGES[code]) for code in offered]
        return self


def ask_sign_up(request: Request) -> Response:
    with session(request):
        return page(request, "accounts/sign_up.html", form=SignUpForm().translate(), next=_next(request))


def create(request: Request) -> Response:
    """The answer is the same whether the address is new or not, so that nobody learns who has an account."""
    with session(request, read_only=True):
        form = SignUpForm(typed(request)).translate()
        if not form.validate():
            return page(request, "accounts/sign_up.html", 422, form=form, next=_next(request))
    password_hash = hashed(form.password.data)
    with session(request) as db:
        visit = visit_of(request)
        email = normal_email(form.email.data)
        user = user_by_email(db, email)
        if user is None:
            user = sign_up(db, email, form.name.data, password_hash, visit.speech.locale, visit.now)
        elif user.confirmed_at is None:
            user.name, user.password_hash = form.name.data.strip(), password_hash
        _send_confirmation(request, db, user)
        return _sent(request, _("Look into your mailbox"), email)


def _send_confirmation(request: Request, db: Session, user: User) -> None:
    now = visit_of(request).now
    if user.confirmed_at is None:
        link = _link(request, "/accounts/confirm", issue_token(db, user, Purpose.CONFIRM, now), _next(request))
        post(db, "accounts/mail/confirm", user.email or "", user, {"url": link}, now)
    else:
        sign_in = _link(request, "/accounts/sign-in", "", "")
        post(db, "accounts/mail/known", user.email or "", user, {"url": sign_in}, now)


def ask_confirm(request: Request) -> Response:
    """A button, because mail programs open links by themselves."""
    with session(request) as db:
        token = request.query_params.get("token", "")
        user = token_user(db, token, Purpose.CONFIRM, visit_of(request).now)
        return page(request, "accounts/confirm.html", token=token, valid=user is not None, next=_next(request))


def confirm(request: Request) -> Response:
    with session(request) as db:
        visit = visit_of(request)
        token = value(request, "token")
        user = use_token(db, token, Purpose.CONFIRM, visit.now)
        if user is None:
            return page(request, "accounts/confirm.html", 422, token="", valid=False, next=_next(request))
        return _signed_in(request, db, user, _("Welcome, %(name)s. You can take part now.") % {"name": user.name})


def ask_sign_in(request: Request) -> Response:
    with session(request):
        return page(request, "accounts/sign_in.html", form=SignInForm().translate(), next=_next(request))


def sign_in(request: Request) -> Response:
    with session(request, read_only=True) as db:
        form = SignInForm(typed(request)).translate()
        complete = form.validate()
        user = user_by_email(db, form.email.data or "") if complete else None
        known = complete and password_matches(user, form.password.data)
        if complete and not known:
            form.refuse(Invalid(_("Address and password do not fit together. Check both, then try again."), "email"))
        if not known or user is None:
            return page(request, "accounts/sign_in.html", 422, form=form, next=_next(request))
    with session(request) as db:
        user = get_user(db, user.id)
        if user.confirmed_at is None:
            _send_confirmation(request, db, user)
            return _sent(request, _("Please confirm your address first"), user.email or "")
        return _signed_in(request, db, user, _("You are signed in."))


def sign_out(request: Request) -> Response:
    with session(request) as db:
        close_session(db, visit_of(request).token)
        response = redirect(request, "/", _("You are signed out."))
        response.delete_cookie(session_cookie(request), path="/", secure=request.url.scheme == "https")
        return response


def sign_out_everywhere(request: Request) -> Response:
    """Every other device is signed out at once; this one stays."""
    with session(request) as db:
        close_all_sessions(db, _actor(request), keep=visit_of(request).token)
        return redirect(request, "/accounts/settings", _("All your other devices are signed out."))


def ask_forgotten(request: Request) -> Response:
    with session(request):
        return page(request, "accounts/forgotten.html", form=ForgottenForm().translate(), next="")


def forgotten(request: Request) -> Response:
    with session(request) as db:
        form = ForgottenForm(typed(request)).translate()
        if not form.validate():
            return page(request, "accounts/forgotten.html", 422, form=form, next="")
        now = visit_of(request).now
        user = user_by_email(db, form.email.data)
        if user is not None and user.erased_at is None:
            link = _link(request, "/accounts/reset", issue_token(db, user, Purpose.RESET, now), "")
            post(db, "accounts/mail/reset", user.email or "", user, {"url": link}, now)
        return _sent(request, _("Look into your mailbox"), form.email.data)


def ask_reset(request: Request) -> Response:
    with session(request) as db:
        token = request.query_params.get("token", "")
        user = token_user(db, token, Purpose.RESET, visit_of(request).now)
        form = PasswordForm().translate()
        return page(request, "accounts/reset.html", form=form, token=token, valid=user is not None, next="")


def reset(request: Request) -> Response:
    """A new password signs out every device, in case somebody else knew the old one."""
    with session(request, read_only=True):
        form = PasswordForm(typed(request)).translate()
        token = value(request, "token")
        if not form.validate():
            return page(request, "accounts/reset.html", 422, form=form, token=token, valid=True, next="")
    password_hash = hashed(form.password.data)
    with session(request) as db:
        user = use_token(db, token, Purpose.RESET, visit_of(request).now)
        if user is None:
            return page(request, "accounts/reset.html", 422, form=form, token="", valid=False, next="")
        user.password_hash = password_hash
        close_all_sessions(db, user)
        return _signed_in(request, db, user, _("Your new password is set."))


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
        form = PasswordForm(typed(request)).translate()
        if not form.validate():
            return _settings_page(request, db, password=form)
    password_hash = hashed(form.password.data)
    with session(request) as db:
        user = get_user(db, actor.id)
        user.password_hash = password_hash
        close_all_sessions(db, user, keep=visit_of(request).token)
        return redirect(request, "/accounts/settings", _("Your new password is set. Other devices are signed out."))


def _settings_page(
    request: Request, db: Session, profile: ProfileForm | None = None, password: PasswordForm | None = None
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
        password_form=password or PasswordForm().translate(),
        sessions=devices,
        my=cards(mine.rows, visit.kinds),
        following=followed_by(db, user, visit.kinds),
    )


def _actor(request: Request) -> User:
    actor = visit_of(request).actor
    if actor is None:
        raise Forbidden(_("Please sign in first."))
    return actor


def _offered(request: Request) -> list[str]:
    town = visit_of(request).chosen.town
    return list(dict.fromkeys([town.locale, *town.other_locales]))


def _next(request: Request) -> str:
    asked = request.query_params.get("next")
    if request.method == "POST":
        asked = value(request, "next")
    return local_path(asked, "")


def _link(request: Request, path: str, token: str, back: str) -> str:
    query = urlencode({name: value for name, value in {"token": token, "next": back}.items() if value})
    return f"{request.url.scheme}://{request.url.netloc}{path}" + (f"?{query}" if query else "")


def _sent(request: Request, title: str, email: str) -> Response:
    sentence = _("We have sent a message to %(email)s. Open it and follow the link in it.") % {"email": email}
    return page(request, "accounts/sent.html", title=title, message=sentence)


def _signed_in(request: Request, db: Session, user: User, flash: str) -> Response:
    visit = visit_of(request)
    token = open_session(db, user, device_label(request.headers.get("user-agent", "")), visit.now)
    response = redirect(request, _next(request) or "/", flash)
    response.set_cookie(
        session_cookie(request), token, int(SESSION_LIFE.total_seconds()), path="/", httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return response


def own_page(request: Request) -> Response:
    return RedirectResponse("/accounts/settings", 303)


routes = [
    Mount(
        "/accounts",
        name="accounts",
        routes=[
            Route("/", own_page),
            Route("/sign-up", ask_sign_up, methods=["GET"]),
            Route("/sign-up", create, methods=["POST"]),
            Route("/confirm", ask_confirm, methods=["GET"]),
            Route("/confirm", confirm, methods=["POST"]),
            Route("/sign-in", ask_sign_in, methods=["GET"], name="sign_in"),
            Route("/sign-in", sign_in, methods=["POST"]),
            Route("/sign-out", sign_out, methods=["POST"]),
            Route("/sign-out-everywhere", sign_out_everywhere, methods=["POST"]),
            Route("/forgotten", ask_forgotten, methods=["GET"]),
            Route("/forgotten", forgotten, methods=["POST"]),
            Route("/reset", ask_reset, methods=["GET"]),
            Route("/reset", reset, methods=["POST"]),
            Route("/settings", settings, methods=["GET"]),
            Route("/settings", save_profile, methods=["POST"]),
            Route("/password", save_password, methods=["POST"]),
        ],
    )
]
