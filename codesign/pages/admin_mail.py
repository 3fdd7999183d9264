"""Administration of mail: what waits, what failed and why, and the addresses that letters came back from."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from codesign.bounces import try_again
from codesign.core.mailboxes import count_stopped, stopped_mailboxes
from codesign.core.notices import Mailbox
from codesign.core.users import User
from codesign.i18n import gettext as _
from codesign.i18n import mark
from codesign.outbox import Message, MessageState, counts, send_again, waiting_since
from codesign.paging import AnySelect, Key, cut
from codesign.troubles import told
from codesign.types import Link, NotFound
from codesign.web.pages import here, page, redirect, require
from codesign.web.session import session
from codesign.web.site import visit_of

MAILS = 50
STATE_LABELS = {
    MessageState.QUEUED: mark("waiting"),
    MessageState.SENT: mark("sent"),
    MessageState.FAILED: mark("failed"),
}


def mail(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.mail")
        states = {state.value: state for state in MessageState}
        state = states.get(request.query_params.get("state", ""))
        rows, next_url = _messages(request, db, state)
        numbers = counts(db)
        return page(
            request,
            "admin/mail.html",
            messages=rows,
            next_url=next_url,
            states=_choices(state),
            filtered=state is not None,
            counts=[(_(label), numbers.get(each, 0)) for each, label in STATE_LABELS.items()],
            failed=numbers.get(MessageState.FAILED, 0),
            oldest=waiting_since(db),
            stopped=count_stopped(db),
        )


def _choices(chosen: MessageState | None) -> list[Link]:
    one = [
        Link(_(label).capitalize(), f"/admin/mail?state={state.value}", current=state is chosen)
        for state, label in STATE_LABELS.items()
    ]
    return [Link(_("All"), "/admin/mail", current=chosen is None), *one]


def _messages(request: Request, db: Session, state: MessageState | None) -> tuple[list[dict[str, object]], str | None]:
    """One page of them, newest first; of one state by when they were or are due, as the index has them."""
    address = func.coalesce(Message.address, User.email).label("to")
    query: AnySelect = select(
        Message.id, address, Message.template, Message.state, Message.attempts, Message.error, Message.created_at,
        Message.due_at,
    ).outerjoin(User, Message.user_id == User.id)  # fmt: skip
    keys: tuple[Key, ...] = (Key(Message.id, True),)
    if state is not None:
        query, keys = query.where(Message.state == state), (Key(Message.due_at, True), Key(Message.id, True))
    found = cut(db, query, keys, request.query_params.get("after"), MAILS)
    rows = []
    for row in found.rows:
        sentence, said = told(row.error)
        label = _(STATE_LABELS[row.state])
        rows.append({**row._mapping, "label": label, "why": sentence and _(sentence), "said": said})
    return rows, here(request, after=found.after) if found.after else None


def mail_again(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.mail")
        number = send_again(db, visit_of(request).now)
        return redirect(request, "/admin/mail", _("%(number)s messages will be sent again.") % {"number": number})


def stopped(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.mail")
        found = cut(db, stopped_mailboxes(), (Key(Mailbox.user_id, True),), request.query_params.get("after"), MAILS)
        next_url = here(request, after=found.after) if found.after else None
        return page(request, "admin/mail_stopped.html", people=found.rows, next_url=next_url)


def start_again(request: Request) -> Response:
    with session(request) as db:
        require(request, "admin.mail")
        if not try_again(db, request.path_params["id"], visit_of(request).now):
            raise NotFound(f"the letters to {request.path_params['id']} are not stopped")
        return redirect(request, "/admin/mail/stopped", _("Letters are sent to this address again."))


routes = [
    Route("/admin/mail", mail, methods=["GET"]),
    Route("/admin/mail", mail_again, methods=["POST"]),
    Route("/admin/mail/stopped", stopped, methods=["GET"]),
    Route("/admin/mail/stopped/{id:int}", start_again, methods=["POST"]),
]
