"""Accounts: signing up and in, confirming an address, a forgotten password."""

from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from codesign.core.sessions import (
    SESSION_LIFE,
    TOKEN_LIFE,
    Purpose,
    chosen_hash,
    close_all_sessions,
    close_session,
    issue_token,
    open_session,
    token_user,
    use_token,
)
from codesign.core.users import (
    User,
    get_user,
    hash_fits,
    hashed,
    normal_email,
    password_matches,
    sign_up,
    user_by_email,
)
from codesign.i18n import gettext as _
from codesign.outbox import post
from codesign.pages.account_forms import ConfirmForm, ForgottenForm, PasswordForm, SignInForm, SignUpForm
from codesign.types import Invalid
from codesign.web.cookies import cookie_of, session_cookie
from codesign.web.devices import device_label
from codesign.web.forms import typed, value
from codesign.web.pages import local_path, page, redirect
from codesign.web.session import SAFE, session
from codesign.web.signing import signature, signed_by_us
from codesign.web.site import visit_of
from codesign.web.uploads import chosen_files

SIGN_UP_COOKIE = "signing-up"
SIGN_UP_SECONDS = int(TOKEN_LIFE[Purpose.CONFIRM].total_seconds())
CHOSEN_FIELD = "chosen-files"
SIGN_IN_FIELDS = {"email", "password", "next", CHOSEN_FIELD}


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
        elif user.is_account and user.confirmed_at is None:
            user.name, user.password_hash = form.name.data.strip(), password_hash
        _send_confirmation(request, db, user, {"name": form.name.data.strip(), "password_hash": password_hash})
        response = _sent(request, _("Look into your mailbox"), email)
        vouch = signature(request, "sign-up", password_hash)
        secure = request.url.scheme == "https"
        response.set_cookie(SIGN_UP_COOKIE, vouch, SIGN_UP_SECONDS, httponly=True, samesite="lax", secure=secure)
        return response


def _send_confirmation(request: Request, db: Session, user: User, chosen: dict[str, str]) -> None:
    """`chosen` are name and password hash of a sign-up: whoever followed by e-mail only keeps them in the token."""
    now = visit_of(request).now
    if user.confirmed_at is None or not user.is_account:
        token = issue_token(db, user, Purpose.CONFIRM, now, None if user.is_account else chosen)
        link = _link(request, "/accounts/confirm", token, _next(request))
        post(db, "accounts/mail/confirm", user.email or "", user, {"url": link}, now)
    else:
        sign_in = _link(request, "/accounts/sign-in", "", "")
        post(db, "accounts/mail/known", user.email or "", user, {"url": sign_in}, now)


def ask_confirm(request: Request) -> Response:
    """A button, because mail programs open links by themselves."""
    with session(request) as db:
        token = request.query_params.get("token", "")
        user = token_user(db, token, Purpose.CONFIRM, visit_of(request).now)
        hash = chosen_hash(db, token, user) if user else ""
        return _confirm_page(request, token, hash, ConfirmForm().translate())


def confirm(request: Request) -> Response:
    """Whoever did not sign up in this browser types the password as well: otherwise a stranger could sign up with
    somebody's address and a password of their own, and wait for the owner to confirm it."""
    with session(request, read_only=True) as db:
        token = value(request, "token")
        user = token_user(db, token, Purpose.CONFIRM, visit_of(request).now)
        hash = chosen_hash(db, token, user) if user else ""
        form = ConfirmForm(typed(request)).translate()
        known = _signed_up_here(request, hash) or hash_fits(hash, form.password.data or "")
        if user is not None and not known:
            form.refuse(
                Invalid(_("This is not the password of the sign-up. If you forgot it, ask for a new one."), "password")
            )
            return _confirm_page(request, token, hash, form, 422)
    with session(request) as db:
        visit = visit_of(request)
        user = use_token(db, token, Purpose.CONFIRM, visit.now)
        if user is None:
            return _confirm_page(request, "", "", form, 422)
        return _signed_in(request, db, user, _("Welcome, %(name)s. You can take part now.") % {"name": user.name})


def _confirm_page(request: Request, token: str, hash: str, form: ConfirmForm, status: int = 200) -> Response:
    """`hash` is the one that the sign-up chose, "" when the token does not work."""
    ask = bool(hash) and not _signed_up_here(request, hash)
    context: dict[str, Any] = {"token": token, "valid": bool(hash), "ask_password": ask, "next": _next(request)}
    return page(request, "accounts/confirm.html", status, form=form, **context)


def _signed_up_here(request: Request, hash: str) -> bool:
    """Whether this browser chose the password with this hash."""
    return signed_by_us(request, "sign-up", hash, cookie_of(request, SIGN_UP_COOKIE))


def ask_sign_in(request: Request) -> Response:
    with session(request):
        return _sign_in_page(request, SignInForm().translate())


def sign_in(request: Request) -> Response:
    with session(request, read_only=True) as db:
        if "email" not in typed(request):  # what somebody typed elsewhere before their session ran out
            return _sign_in_page(request, SignInForm().translate())
        form = SignInForm(typed(request)).translate()
        complete = form.validate()
        user = user_by_email(db, form.email.data or "") if complete else None
        known = complete and password_matches(user, form.password.data)
        if complete and not known:
            form.refuse(Invalid(_("Address and password do not fit together. Check both, then try again."), "email"))
        if not known or user is None:
            return _sign_in_page(request, form, 422)
    with session(request) as db:
        user = get_user(db, user.id)
        if user.confirmed_at is None:
            _send_confirmation(request, db, user, {})
            return _sent(request, _("Please confirm your address first"), user.email or "")
        return _signed_in(request, db, user, _("You are signed in."))


def _sign_in_page(request: Request, form: SignInForm, status: int = 200) -> Response:
    return page(
        request,
        "accounts/sign_in.html",
        status,
        form=form,
        next=_next(request),
        kept=_kept(request),
        chosen=_chosen(request),
    )


def _kept(request: Request) -> list[tuple[str, str]]:
    """The fields of a form that was sent without being signed in; they go on to `send` afterwards."""
    if request.method in SAFE or not _send_path(request):
        return []
    fields, apart = typed(request).values.items(), {*SIGN_IN_FIELDS, *chosen_files(request)}
    return [(name, text) for name, texts in fields if name not in apart for text in texts]


def _chosen(request: Request) -> list[tuple[str, str]]:
    """The fields of that form that held files, with their names. Nobody stores a stranger's files: they are chosen again."""
    if request.method in SAFE or not _send_path(request):
        return []
    carried = [entry.partition(":")[::2] for entry in typed(request).getlist(CHOSEN_FIELD)]
    return [(name, ", ".join(names)) for name, names in chosen_files(request).items()] or carried


def _send_path(request: Request) -> str:
    return local_path(request.query_params.get("send"), "")


def sign_out(request: Request) -> Response:
    with session(request) as db:
        close_session(db, visit_of(request).token)
        response = redirect(request, "/", _("You are signed out."))
        response.delete_cookie(session_cookie(request), path="/", secure=request.url.scheme == "https")
        return response


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
        if user is not None and user.erased_at is None and user.is_account:
            link = _link(request, "/accounts/reset", issue_token(db, user, Purpose.RESET, now), "")
            post(db, "accounts/mail/reset", user.email or "", user, {"url": link}, now)
        elif user is not None and user.erased_at is None:
            link = _link(request, "/accounts/sign-up", "", "")
            post(db, "accounts/mail/no_account", user.email or "", user, {"url": link}, now)
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
    if kept := _kept(request):
        visit.actor, visit.context = user, {}
        context: dict[str, Any] = {"kept": kept, "chosen": _chosen(request), "send": _send_path(request)}
        response = page(request, "accounts/resume.html", next=_next(request), **context)
    else:
        response = redirect(request, _next(request) or "/", flash)
    response.set_cookie(
        session_cookie(request), token, int(SESSION_LIFE.total_seconds()), path="/", httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return response


routes = [
    Mount(
        "/accounts",
        name="accounts",
        routes=[
            Route("/sign-up", ask_sign_up, methods=["GET"]),
            Route("/sign-up", create, methods=["POST"]),
            Route("/confirm", ask_confirm, methods=["GET"]),
            Route("/confirm", confirm, methods=["POST"]),
            Route("/sign-in", ask_sign_in, methods=["GET"], name="sign_in"),
            Route("/sign-in", sign_in, methods=["POST"]),
            Route("/sign-out", sign_out, methods=["POST"]),
            Route("/forgotten", ask_forgotten, methods=["GET"]),
            Route("/forgotten", forgotten, methods=["POST"]),
            Route("/reset", ask_reset, methods=["GET"]),
            Route("/reset", reset, methods=["POST"]),
        ],
    )
]
