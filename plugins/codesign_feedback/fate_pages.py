"""What residents say about the fate of a contribution: it is done or not, an appeal, open it again, here is what you asked for."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.users import User
from codesign.kit import Invalid, Occurrence, gettext, is_htmx, mark, page, redirect, session, typed, value, visit_of
from codesign_feedback import handling, objecting
from codesign_feedback.asking import reply
from codesign_feedback.cases import Case, get_case
from codesign_feedback.fate import fate_of
from codesign_feedback.forms import ReplyForm, WordsForm
from codesign_feedback.loop import STEPS
from codesign_feedback.people import require_voice
from codesign_feedback.steps import check
from codesign_feedback.telling import tell

ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True)
class Saying:
    """A page on which somebody writes one text, and what the verb makes of it."""

    verb: str
    template: str
    label: str
    help: str
    done: str
    possible: Callable[[Request, Session, Case, User], None]
    """Raises Invalid with why not."""
    act: Callable[[Request, Session, Case, User, str], Occurrence | None]


def ask_reply(request: Request) -> Response:
    """The page with room for words, for those who have more to say than one tap."""
    with session(request) as db:
        case = get_case(request, db, "feedback.reply")
        return _reply_page(request, db, case, ReplyForm().translate(), sentence=_why_not_reply(request, db, case))


def save_reply(request: Request) -> Response:
    with session(request) as db:
        case = get_case(request, db, "feedback.reply")
        form, solved = ReplyForm(typed(request)).translate(), ANSWERS.get(value(request, "solved"))
        visit = visit_of(request)
        if not form.validate():
            return _reply_page(request, db, case, form, 422)
        if solved is None:
            return _reply_page(request, db, case, form, 422, gettext("Choose one: it is done, or it is not."))
        words = (form.text.data or "").strip()
        try:
            told = reply(db, case.loop, case.thing, solved, words, case.rules, visit.now, actor=visit.actor)
        except Invalid as error:
            return _reply_page(request, db, case, form, 422, str(error))
        tell(request, db, *told)
        return _replied(request, db, case, solved, worded=bool(words) or bool(told))


def _replied(request: Request, db: Session, case: Case, solved: bool, worded: bool) -> Response:
    """Who says no is offered room for words; whoever has given some, or has decided it, is not."""
    if is_htmx(request):
        fate = fate_of(db, case.thing, visit_of(request).actor, visit_of(request).now)
        return page(request, "feedback/_fate.html", fate=fate)
    if not solved and not worded:
        return redirect(request, f"{case.url}/reply", gettext("Your reply is counted. You can say what is missing."))
    return redirect(request, f"{case.thing.url}#fate", gettext("Thank you. Your reply is counted."))


def _reply_page(
    request: Request, db: Session, case: Case, form: ReplyForm, status: int = 200, sentence: str = ""
) -> Response:
    visit = visit_of(request)
    fate = fate_of(db, case.thing, visit.actor, visit.now)
    return page(
        request, "feedback/reply.html", status,
        thing=case.thing, fate=fate, form=form, url=case.url, sentence=sentence,
    )  # fmt: skip


def _why_not_reply(request: Request, db: Session, case: Case) -> str:
    actor = visit_of(request).actor
    assert actor is not None
    try:
        require_voice(db, case.thing, actor)
    except Invalid as error:
        return str(error)
    return "" if case.loop.asked_at is not None else gettext("Nobody is asked about this at the moment.")


def _ask(saying: Saying) -> Callable[[Request], Response]:
    def ask(request: Request) -> Response:
        with session(request) as db:
            case = get_case(request, db, f"feedback.{saying.verb}")
            return _page(request, db, saying, case, _form(saying), 200)

    return ask


def _save(saying: Saying) -> Callable[[Request], Response]:
    def save(request: Request) -> Response:
        with session(request) as db:
            case, form = get_case(request, db, f"feedback.{saying.verb}"), _form(saying, request)
            if not form.validate():
                return _page(request, db, saying, case, form, 422)
            actor = visit_of(request).actor
            assert actor is not None
            try:
                occurrence = saying.act(request, db, case, actor, form.text.data.strip())
            except Invalid as error:
                form.refuse(error)
                return _page(request, db, saying, case, form, 422)
            tell(request, db, *([occurrence] if occurrence is not None else []))
            done = saying.done if occurrence is not None else NOTED
            return redirect(request, f"{case.thing.url}#fate", gettext(done))

    return save


def _form(saying: Saying, request: Request | None = None) -> WordsForm:
    form = WordsForm(typed(request)) if request is not None else WordsForm()
    return form.translate(gettext(saying.label), gettext(saying.help))


def _page(request: Request, db: Session, saying: Saying, case: Case, form: WordsForm, status: int) -> Response:
    visit, sentence = visit_of(request), ""
    assert visit.actor is not None
    try:
        saying.possible(request, db, case, visit.actor)
    except Invalid as error:
        sentence = str(error)
    fate = fate_of(db, case.thing, visit.actor, visit.now)
    return page(
        request, f"feedback/{saying.template}.html", status,
        thing=case.thing, fate=fate, form=form, url=case.url, sentence=sentence,
    )  # fmt: skip


NOTED = mark("Your wish is noted. When enough of those who took part want it, it is opened again.")
SAYINGS = (
    Saying(
        "appeal", "appeal",
        mark("Why is the refusal wrong?"),
        mark("Everybody can read it. Say what was overlooked, or what has changed."),
        mark("Your appeal is filed. Somebody else at the town decides about it."),
        lambda request, db, case, actor: objecting.check_appeal(db, case.loop, case.thing, actor, visit_of(request).now),
        lambda request, db, case, actor, text: objecting.appeal(
            db, case.loop, case.thing, actor, text, case.rules, visit_of(request).now
        ),
    ),
    Saying(
        "reopen", "reopen",
        mark("Why should it be opened again?"),
        mark("Everybody can read it. Say what is not done, or what has changed."),
        mark("It is open again. The town owes a new answer."),
        lambda request, db, case, actor: objecting.check_reopen(
            db, case.loop, case.thing, actor, case.rules, visit_of(request).now
        ),
        lambda request, db, case, actor, text: objecting.reopen(
            db, case.loop, case.thing, actor, text, case.rules, visit_of(request).now
        ),
    ),
    Saying(
        "complete", "complete",
        mark("What do you add?"),
        mark("Everybody can read it. It stands in the timeline of your contribution."),
        mark("It is added. The time for the answer begins anew."),
        lambda request, db, case, actor: check(STEPS["complete"], case.loop, case.thing, actor, {"text": "-"}),
        lambda request, db, case, actor, text: handling.complete(
            db, case.loop, case.thing, actor, text, case.rules, visit_of(request).now
        ),
    ),
)  # fmt: skip
routes: list[BaseRoute] = [
    Route("/{id:int}/reply", ask_reply, methods=["GET"]),
    Route("/{id:int}/reply", save_reply, methods=["POST"]),
    *(Route(f"/{{id:int}}/{saying.verb}", _ask(saying), methods=["GET"]) for saying in SAYINGS),
    *(Route(f"/{{id:int}}/{saying.verb}", _save(saying), methods=["POST"]) for saying in SAYINGS),
]
