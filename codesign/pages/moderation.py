"""Moderation: the queue of reports, hiding with a reason, and the public log."""

from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from wtforms import RadioField, TextAreaField, ValidationError

from codesign.core.contributions import Reason
from codesign.core.moderation import Action, Target, Waiting, decide, decisions, find_target, waiting
from codesign.events import record
from codesign.i18n import gettext as _
from codesign.i18n import mark
from codesign.markup import excerpt
from codesign.pages.contributions import REASON_LABELS, target_url
from codesign.types import NotFound
from codesign.web.forms import TownForm, length, one_of_choices, typed
from codesign.web.pages import absolute, here, keep, page, redirect, require
from codesign.web.session import session
from codesign.web.site import visit_of

ACTION_LABELS = {
    Action.HIDE: mark("Hidden"),
    Action.RESTORE: mark("Shown again"),
    Action.DISMISS: mark("Reports looked at, nothing to do"),
}


class HideForm(TownForm):
    reason = RadioField(validate_choice=False, validators=[one_of_choices])
    note = TextAreaField(validators=[length(most=1000)])

    def translate(self) -> "HideForm":
        self.reason.label.text = _("Why is it hidden?")
        self.reason.choices = [(reason.value, _(label)) for reason, label in REASON_LABELS.items()]
        self.note.label.text = _("Explanation for the author and the public log")
        return self

    def validate_note(self, field: TextAreaField) -> None:
        if self.reason.data == Reason.OTHER.value and not (field.data or "").strip():
            raise ValidationError(_("Another reason needs an explanation."))


def queue(request: Request) -> Response:
    with session(request) as db:
        require(request, "moderation.decide")
        found, after = waiting(db, request.query_params.get("after"))
        items = [item for row in found if (item := _item(request, db, row))]
        return page(
            request, "moderation/queue.html", items=items, next_url=here(request, after=after) if after else None
        )


def _item(request: Request, db: Session, row: Waiting) -> dict[str, Any] | None:
    try:
        target = find_target(db, visit_of(request).kinds, row.name)
    except NotFound:  # its plugin is off here at present
        return None
    kinds = visit_of(request).kinds
    return {
        "thing_label": target.thing.title,
        "excerpt": excerpt(target.comment.html) if target.comment else target.thing.excerpt,
        "url": target_url(target),
        "kind": _("Comment") if target.comment else _(kinds[target.thing.kind].label),
        "reports": row.reports,
        "reasons": [_(REASON_LABELS[reason]) for reason in row.reasons],
        "first_at": row.first_at,
        "hide_url": f"/moderation/hide/{row.name}",
        "dismiss_url": f"/moderation/dismiss/{row.name}",
    }


def ask_hide(request: Request) -> Response:
    with session(request) as db:
        require(request, "moderation.decide")
        return _hide_page(request, _target(request, db), HideForm().translate())


def hide(request: Request) -> Response:
    with session(request) as db:
        require(request, "moderation.decide")
        target = _target(request, db)
        form = HideForm(typed(request)).translate()
        if not form.validate():
            return _hide_page(request, target, form, 422)
        _decide(request, db, target, Action.HIDE, Reason(form.reason.data), (form.note.data or "").strip())
        return redirect(request, "/moderation/", _("It is hidden, and the public log says why."))


def restore(request: Request) -> Response:
    with session(request) as db:
        require(request, "moderation.decide")
        target = _target(request, db)
        _decide(request, db, target, Action.RESTORE, None, "")
        return redirect(request, target_url(target), _("It is shown again."))


def dismiss(request: Request) -> Response:
    with session(request) as db:
        require(request, "moderation.decide")
        _decide(request, db, _target(request, db), Action.DISMISS, None, "")
        return redirect(request, "/moderation/", _("The reports are settled; nothing was hidden."))


def log(request: Request) -> Response:
    """Every decision, for everybody to read. Hidden texts themselves are not shown."""
    with session(request) as db:
        kinds = visit_of(request).kinds
        found = decisions(db, request.query_params.get("after"))
        entries = [
            {
                "at": row.at,
                "action_label": _(ACTION_LABELS[row.action]),
                "thing_label": _("A comment") if row.comment_id else _(kinds[row.kind].label),
                "url": _log_url(row, kinds),
                "reason_label": _(REASON_LABELS[row.reason]) if row.reason else "",
                "note": row.note,
                "moderator_name": row.moderator_name,
            }
            for row in found.rows
            if row.kind in kinds
        ]
        next_url = here(request, after=found.after) if found.after else None
        return page(request, "moderation/log.html", keep=keep(), entries=entries, next_url=next_url)


def _log_url(row: Any, kinds: Any) -> str | None:
    if row.comment_id:
        return f"/comments/{row.comment_id}"
    return kinds[row.kind].url_of(row.contribution_id)  # type: ignore[no-any-return]


def _decide(request: Request, db: Session, target: Target, action: Action, reason: Reason | None, note: str) -> None:
    visit = visit_of(request)
    assert visit.actor is not None
    decide(db, visit.actor, target, action, reason, note, visit.now)
    comment_id = target.comment.id if target.comment else None
    reason_label = REASON_LABELS[reason] if reason else ""
    told: dict[str, Any] = {"reason_label": reason_label, "note": note, "url": absolute(request, target_url(target))}
    record(db, visit.hooks, f"moderation.{action.value}", target.thing, visit.actor, visit.now, comment_id, **told)


def _target(request: Request, db: Session) -> Target:
    lock = request.method == "POST"
    return find_target(db, visit_of(request).kinds, request.path_params["target"], lock)


def _hide_page(request: Request, target: Target, form: HideForm, status: int = 200) -> Response:
    words = excerpt(target.comment.html) if target.comment else target.thing.excerpt
    context: dict[str, Any] = {"thing_label": target.thing.title, "excerpt": words, "back_url": target_url(target)}
    return page(request, "moderation/hide.html", status, form=form, **context)


routes = [
    Mount(
        "/moderation",
        routes=[
            Route("/", queue),
            Route("/log", log),
            Route("/hide/{target}", ask_hide, methods=["GET"]),
            Route("/hide/{target}", hide, methods=["POST"]),
            Route("/restore/{target}", restore, methods=["POST"]),
            Route("/dismiss/{target}", dismiss, methods=["POST"]),
        ],
    )
]
