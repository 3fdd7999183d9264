"""What every kind of contribution can do with: votes, follows, reports, its short address."""

from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from wtforms import RadioField, TextAreaField

from codesign.core.authorities import get_authority
from codesign.core.contributions import Contribution, Reason, get_contribution
from codesign.core.follows import Followed, is_following, set_follow, subject_of
from codesign.core.life import get_situation
from codesign.core.moderation import Target, find_target, report
from codesign.core.topics import get_topic
from codesign.core.votes import VALUES, my_vote, vote_on_contribution
from codesign.events import record
from codesign.i18n import gettext as _
from codesign.i18n import mark
from codesign.markup import excerpt
from codesign.plugins import ordered
from codesign.types import Invalid, NotFound
from codesign.web.forms import TownForm, length, one_of_choices, typed, value
from codesign.web.pages import absolute, is_htmx, local_path, page, redirect, require
from codesign.web.session import session
from codesign.web.site import visit_of
from codesign.web.writes import shared

REASON_LABELS = {
    Reason.SPAM: mark("Advertising or spam"),
    Reason.INSULT: mark("Insult or threat against a person"),
    Reason.HATE: mark("Hatred against a group"),
    Reason.PERSONAL_DATA: mark("Somebody's private data"),
    Reason.OFF_TOPIC: mark("Has nothing to do with the subject"),
    Reason.DUPLICATE: mark("Says again what is already here"),
    Reason.ILLEGAL: mark("Against the law"),
    Reason.OTHER: mark("Another reason"),
}


class ReportForm(TownForm):
    reason = RadioField(validate_choice=False, validators=[one_of_choices])
    detail = TextAreaField(validators=[length(most=1000)])

    def translate(self) -> "ReportForm":
        self.reason.label.text = _("What is wrong with it?")
        self.reason.choices = [(reason.value, _(label)) for reason, label in REASON_LABELS.items()]
        self.detail.label.text = _("What should moderators know?")
        return self


def visible(request: Request, db: Session, id: int, ability: str = "", alone: bool = False) -> Contribution:
    """The contribution, unless it is hidden or its kind has not this ability (`votable` ...). Raises NotFound.

    `alone`: without its author, topic and situation, for those who only act on it.
    """
    kinds = visit_of(request).kinds
    thing = get_contribution(db, kinds, id, alone=alone)
    if thing.hidden or (ability and not getattr(kinds[thing.kind], ability)):
        raise NotFound(f"contribution {id} is hidden, or not {ability}")
    return thing


def show(request: Request) -> Response:
    """The short address of a contribution leads to its page."""
    with session(request) as db:
        thing = get_contribution(db, visit_of(request).kinds, request.path_params["id"])
        return RedirectResponse(thing.url, 303)


def vote(request: Request) -> Response:
    with session(request) as db:
        thing = visible(request, db, request.path_params["id"], "votable", alone=True)
        require(request, "contributions.vote", thing)
        actor = visit_of(request).actor
        assert actor is not None
        kind = visit_of(request).kinds[thing.kind]
        wanted = vote_value(request, kind.opposable)
        if vote_on_contribution(db, actor, thing, wanted):
            _tell_of_vote(request, db, thing, wanted)
        if is_htmx(request):
            return page(request, kind.votes, thing=thing, my_vote=my_vote(db, actor, thing))
        return redirect(request, thing.url + "#votes")


def _tell_of_vote(request: Request, db: Session, thing: Contribution, value: int) -> None:
    visit = visit_of(request)
    answers = visit.hooks.voted(db=db, thing=thing, actor=visit.actor, value=value, now=visit.now)
    for occurrence in ordered(answers):
        told = {"url": absolute(request, occurrence.thing.url), **occurrence.data}
        record(db, visit.hooks, occurrence.name, occurrence.thing, None, visit.now, **told)


def vote_value(request: Request, opposable: bool = True) -> int:
    """The value of the button that was pressed. Raises Invalid for any other."""
    values = {str(number): number for number in VALUES if number >= 0 or opposable}
    if value(request, "value") not in values:
        raise Invalid(_("Choose agree or disagree."))
    return values[value(request, "value")]


def follow_contribution(request: Request) -> Response:
    with session(request) as db:
        thing = visible(request, db, request.path_params["id"], "followable", alone=True)
        return follow(request, db, thing, thing.url)


def follow_topic(request: Request) -> Response:
    with session(request) as db:
        topic = get_topic(db, request.path_params["slug"])
        return follow(request, db, topic, topic.url)


def follow_situation(request: Request) -> Response:
    with session(request) as db:
        situation = get_situation(db, request.path_params["slug"])
        return follow(request, db, situation, situation.url)


def follow_authority(request: Request) -> Response:
    with session(request) as db:
        authority = get_authority(db, request.path_params["slug"])
        return follow(request, db, authority, authority.url)


def follow(request: Request, db: Session, thing: Followed, url: str) -> Response:
    require(request, "contributions.follow", thing)
    actor = visit_of(request).actor
    assert actor is not None
    set_follow(db, actor, thing, value(request, "follow") == "1")
    if is_htmx(request):
        return page(request, "contributions/_follow.html", subject=follow_view(request, db, thing))
    return redirect(request, url)


def follow_view(request: Request, db: Session, thing: Followed) -> dict[str, object]:
    """What `contributions/_follow.html` shows, and where the feed is that `base.html` and `contributions/_feed.html` name."""
    url = f"/contributions/{thing.id}" if isinstance(thing, Contribution) else thing.url
    following = is_following(db, visit_of(request).actor, thing)
    followed = (subject_of(thing), thing.id)
    return {
        "follow_url": f"{url}/follow",
        "feed_url": f"{url}/feed.atom",
        "title": thing.title,
        "followed": followed,
        "following": following,
        "follower_count": thing.follower_count,
    }


def ask_report(request: Request) -> Response:
    with session(request) as db:
        target = _target(request, db)
        require(request, "contributions.report", target.thing)
        return _report_page(request, target, ReportForm().translate())


def file_report(request: Request) -> Response:
    with session(request) as db:
        target = _target(request, db)
        require(request, "contributions.report", target.thing)
        form = ReportForm(typed(request)).translate()
        if not form.validate():
            return _report_page(request, target, form, 422)
        visit = visit_of(request)
        assert visit.actor is not None
        new = report(db, visit.actor, target, Reason(form.reason.data), (form.detail.data or "").strip(), visit.now)
        thanks = _("Thank you. A moderator will look at it.")
        again = _("You had reported this already. A moderator will look at it.")
        return redirect(request, target_url(target), thanks if new else again)


def target_url(target: Target) -> str:
    return f"/comments/{target.comment.id}" if target.comment else target.thing.url


def _target(request: Request, db: Session) -> Target:
    sort = "comment" if request.url.path.startswith("/comments/") else "contribution"
    target = find_target(db, visit_of(request).kinds, f"{sort}:{request.path_params['id']}")
    reportable = target.comment or visit_of(request).kinds[target.thing.kind].reportable
    if target.hidden or target.thing.hidden or not reportable:
        raise NotFound("hidden already")
    return target


def _report_page(request: Request, target: Target, form: ReportForm, status: int = 200) -> Response:
    words = excerpt(target.comment.html) if target.comment else target.thing.excerpt
    context: dict[str, Any] = {"thing_label": target.thing.title, "excerpt": words, "back_url": target_url(target)}
    return page(request, "contributions/report.html", status, form=form, **context)


def language(request: Request) -> Response:
    """Remember the language a visitor chose, and go back."""
    with session(request):
        town = visit_of(request).chosen.town
        code = request.path_params["code"]
        if code not in {town.locale, *town.other_locales}:
            raise NotFound(code)
        response = RedirectResponse(local_path(request.query_params.get("next")), 303)
        secure = request.url.scheme == "https"
        response.set_cookie("language", code, 31536000, httponly=True, samesite="lax", secure=secure)
        return response


routes = [
    Route("/contributions/{id:int}", show),
    Route("/contributions/{id:int}/vote", shared(vote), methods=["POST"]),
    Route("/contributions/{id:int}/follow", follow_contribution, methods=["POST"]),
    Route("/contributions/{id:int}/report", ask_report, methods=["GET"]),
    Route("/contributions/{id:int}/report", file_report, methods=["POST"]),
    Route("/comments/{id:int}/report", ask_report, methods=["GET"]),
    Route("/comments/{id:int}/report", file_report, methods=["POST"]),
    Route("/topics/{slug}/follow", follow_topic, methods=["POST"]),
    Route("/situations/{slug}/follow", follow_situation, methods=["POST"]),
    Route("/authorities/{slug}/follow", follow_authority, methods=["POST"]),
    Route("/language/{code}", language),
]
