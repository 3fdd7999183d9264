"""The pages of debates: list, page, start, edit, close."""

import secrets
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from wtforms import DateField, Field, SelectField, StringField, TextAreaField, ValidationError

from codesign.core.contributions import (
    MOST_DISCUSSED,
    MOST_VOTED,
    NEWEST,
    PAGE,
    TEXT_LENGTH,
    TITLE_LENGTHS,
    Card,
    Contribution,
    card_rows,
    cards,
    get_of_kind,
)
from codesign.core.search import matching
from codesign.core.shuffle import cut_shuffled
from codesign.core.tags import tags_of
from codesign.core.topics import Topic, topics
from codesign.core.votes import my_vote
from codesign.kit import (
    Link,
    NotFound,
    Section,
    TownForm,
    absolute,
    clean,
    cut,
    discussion,
    excerpt,
    follow_view,
    gettext,
    here,
    is_htmx,
    length,
    mark,
    objection,
    one_of_choices,
    optional,
    page,
    record,
    redirect,
    require,
    required,
    session,
    typed,
    visit_of,
)
from codesign_debates.debates import KIND, PHASES, Debate, change, close, in_phase, phase, phase_of, start

ORDERS = {
    "newest": mark("Newest"),
    "voted": mark("Most voted"),
    "discussed": mark("Most discussed"),
    "random": mark("Random"),
}
KEYS = {"newest": NEWEST, "voted": MOST_VOTED, "discussed": MOST_DISCUSSED}
PHASE_LABELS = {"upcoming": mark("Upcoming"), "open": mark("Open"), "closed": mark("Closed")}
SEED_COOKIE = "shuffle"
SEED_SECONDS = 7 * 24 * 3600
ON_HOME = 3
DEBATES = Debate.__table__
COLUMNS = (DEBATES.c.opens_at, DEBATES.c.closes_at, DEBATES.c.concluded_at, DEBATES.c.conclusion)


class DebateForm(TownForm):
    title = StringField(validators=[required(), length(*TITLE_LENGTHS)])
    text = TextAreaField(validators=[required(), length(20, TEXT_LENGTH)])
    topic = SelectField(validate_choice=False, validators=[optional(), one_of_choices])

    def translate(self, offered: list[Topic]) -> "DebateForm":
        self.title.label.text = gettext("The question, in one line")
        self.title.description = gettext("For example: Should the market move to Saturday?")
        self.text.label.text = gettext("What is it about?")
        self.text.description = gettext("Say what you know, what you think, and what you want to hear from others.")
        self.topic.label.text = gettext("Topic")
        self.topic.choices = [("", gettext("No topic")), *((str(topic.id), topic.title) for topic in offered)]
        return self

    @property
    def topic_id(self) -> int | None:
        return int(self.topic.data) if self.topic.data else None


class StartForm(DebateForm):
    opens_on = DateField(validators=[optional()])
    closes_on = DateField(validators=[optional()])

    def translate(self, offered: list[Topic]) -> "StartForm":
        super().translate(offered)
        self.opens_on.label.text = gettext("Opens on")
        self.opens_on.description = gettext("Leave it empty to open at once.")
        self.closes_on.label.text = gettext("Last day")
        self.closes_on.description = gettext("Leave it empty to keep it open until you close it.")
        return self

    def validate_closes_on(self, field: Field) -> None:
        if field.data and self.opens_on.data and field.data < self.opens_on.data:
            raise ValidationError(gettext("The last day is before the day it opens. Choose a later one."))


class CloseForm(TownForm):
    conclusion = TextAreaField(validators=[required(), length(20, TEXT_LENGTH)])

    def translate(self) -> "CloseForm":
        self.conclusion.label.text = gettext("What came of this debate?")
        self.conclusion.description = gettext(
            "Sum up fairly, and say what happens next. It stays at the top of the page."
        )
        return self


def index(request: Request) -> Response:
    with session(request) as db:
        order = request.query_params.get("order", "newest")
        order = order if order in ORDERS else "newest"
        seed = _seed(request)
        rows, after = _listed(request, db, order, seed)
        context: dict[str, Any] = {"rows": rows, "next_url": here(request, after=after, order=order) if after else None}
        if is_htmx(request) and "after" in request.query_params:
            return page(request, "debates/_rows.html", **context)
        response = page(request, "debates/index.html", **context, **_choices(request, db, order))
        if order == "random":
            secure = request.url.scheme == "https"
            response.set_cookie(SEED_COOKIE, str(seed), SEED_SECONDS, httponly=True, samesite="lax", secure=secure)
        return response


def _listed(request: Request, db: Session, order: str, seed: int) -> tuple[list[dict[str, Any]], str | None]:
    query = _filtered(request, db)
    after = request.query_params.get("after")
    if order == "random":
        found = cut_shuffled(db, query, "debate", seed, after, PAGE)
    else:
        found = cut(db, query, KEYS[order], after, PAGE)
    visit = visit_of(request)
    return [_row(card, visit.now) for card in cards(found.rows, visit.kinds)], found.after


def _filtered(request: Request, db: Session) -> Select[Any]:
    now = visit_of(request).now
    query = card_rows(*COLUMNS).join(DEBATES, DEBATES.c.id == Contribution.id).where(Contribution.kind == "debate")
    wanted = request.query_params.get("phase")
    if wanted in PHASES:
        query = query.where(in_phase(wanted, now))
    if slug := clean(request.query_params.get("topic", "")):
        query = query.where(Topic.slug == slug)
    words = clean(request.query_params.get("q", ""))[:200]
    return query.where(matching(db, Contribution.id, words)) if words.strip() else query


def _row(card: Card, now: datetime) -> dict[str, Any]:
    more = card.more
    dates = {"opens_at": more["opens_at"], "closes_at": more["closes_at"]}
    now_in = phase(more["opens_at"], more["closes_at"], more["concluded_at"], now)
    summed_up = excerpt(more["conclusion"], 160) if more["conclusion"] else ""
    return {**card.__dict__, **dates, "phase": now_in, "conclusion_excerpt": summed_up, "state_label": ""}


def _choices(request: Request, db: Session, order: str) -> dict[str, Any]:
    """The orders and filters as links."""
    topic = request.query_params.get("topic")
    phase_now = request.query_params.get("phase")
    return {
        "orders": [
            Link(gettext(label), here(request, order=name, after=None), current=name == order)
            for name, label in ORDERS.items()
        ],
        "topics": [
            Link(
                row.title,
                here(request, topic=row.slug, after=None),
                current=row.slug == topic,
                count=row.contribution_count,
            )
            for row in topics(db, 30)
            if row.contribution_count
        ],
        "all_topics": Link(gettext("All topics"), here(request, topic=None, after=None), current=not topic),
        "phases": [
            Link(gettext("All"), here(request, phase=None, after=None), current=phase_now not in PHASES),
            *(
                Link(gettext(label), here(request, phase=name, after=None), current=name == phase_now)
                for name, label in PHASE_LABELS.items()
            ),
        ],
        "q": clean(request.query_params.get("q", ""))[:200],
        "order": order,
        "topic": topic or "",
        "phase": phase_now or "",
        "may_start": not objection(request, "debates.start"),
    }


def _seed(request: Request) -> int:
    """The visitor's own seed of the random order, kept in a cookie for a week."""
    kept = request.cookies.get(SEED_COOKIE, "")
    return int(kept) if kept.isascii() and kept.isdecimal() and len(kept) < 10 else secrets.randbelow(10**9)


def show(request: Request) -> Response:
    with session(request) as db:
        visit = visit_of(request)
        debate = get_of_kind(db, Debate, request.path_params["id"])
        if debate.hidden:
            return page(request, "contributions/hidden.html", 404, thing=debate)
        return page(
            request,
            "debates/show.html",
            debate=debate,
            phase=phase_of(debate, visit.now),
            tags=tags_of(db, debate.id),
            discussion=discussion(request, db, debate),
            my_vote=my_vote(db, visit.actor, debate),
            follow=follow_view(request, db, debate),
        )


def new(request: Request) -> Response:
    with session(request) as db:
        require(request, "debates.start")
        return page(request, "debates/new.html", form=StartForm().translate(topics(db)))


def save_new(request: Request) -> Response:
    with session(request) as db:
        require(request, "debates.start")
        visit = visit_of(request)
        form = StartForm(typed(request)).translate(topics(db))
        if not form.validate():
            return page(request, "debates/new.html", 422, form=form)
        assert visit.actor is not None
        title, text = form.title.data.strip(), form.text.data.strip()
        dates = _dates(visit.chosen.town.zone, form.opens_on.data, form.closes_on.data)
        debate = start(db, visit.actor, title, text, form.topic_id, visit.speech.locale, dates, visit.now)
        record(db, visit.hooks, "debates.started", debate, visit.actor, visit.now)
        return redirect(request, f"/debates/{debate.id}", gettext("Your debate is published."))


def edit(request: Request) -> Response:
    with session(request) as db:
        debate = _own(request, db, "debates.edit")
        present = {"title": debate.title, "text": debate.text, "topic": str(debate.topic_id or "")}
        form = DebateForm(data=present).translate(topics(db))
        return page(request, "debates/edit.html", form=form, debate=debate)


def save_edit(request: Request) -> Response:
    with session(request) as db:
        debate = _own(request, db, "debates.edit")
        form = DebateForm(typed(request)).translate(topics(db))
        if not form.validate():
            return page(request, "debates/edit.html", 422, form=form, debate=debate)
        visit = visit_of(request)
        change(db, debate, form.title.data.strip(), form.text.data.strip(), form.topic_id, visit.now)
        record(db, visit.hooks, "debates.edited", debate, visit.actor, visit.now)
        return redirect(request, f"/debates/{debate.id}", gettext("Your changes are saved."))


def ask_close(request: Request) -> Response:
    with session(request) as db:
        debate = _own(request, db, "debates.close")
        return page(request, "debates/close.html", form=CloseForm().translate(), debate=debate)


def save_close(request: Request) -> Response:
    with session(request) as db:
        debate = _own(request, db, "debates.close")
        form = CloseForm(typed(request)).translate()
        if not form.validate():
            return page(request, "debates/close.html", 422, form=form, debate=debate)
        visit = visit_of(request)
        assert visit.actor is not None
        close(db, debate, visit.actor, form.conclusion.data.strip(), visit.now)
        told: dict[str, Any] = {"url": absolute(request, f"/debates/{debate.id}"), "conclusion": debate.conclusion}
        record(db, visit.hooks, "debates.closed", debate, visit.actor, visit.now, **told)
        return redirect(
            request, f"/debates/{debate.id}", gettext("The debate is closed. Everyone who took part is told.")
        )


def home_sections(db: Session, now: datetime) -> list[Section]:
    """The newest open debates, for the front page."""
    query = card_rows(*COLUMNS).join(DEBATES, DEBATES.c.id == Contribution.id).where(in_phase("open", now))
    found = cut(db, query, NEWEST, None, ON_HOME)
    rows = [_row(card, now) for card in cards(found.rows, {KIND.name: KIND})]
    return [Section("debates/_home.html", {"rows": rows})]


def _own(request: Request, db: Session, action: str) -> Debate:
    """The debate of the URL, locked when it is about to change. Raises NotFound or Forbidden."""
    lock = request.method == "POST"
    debate = get_of_kind(db, Debate, request.path_params["id"], lock)
    if debate.hidden:
        raise NotFound("hidden")
    require(request, action, debate)
    return debate


def _dates(zone: str, opens_on: date | None, closes_on: date | None) -> tuple[datetime | None, datetime | None]:
    """Days as people mean them in the town's zone: from the first moment of one to the last of the other."""
    local = ZoneInfo(zone)
    opens = datetime.combine(opens_on, time(), local) if opens_on else None
    closes = datetime.combine(closes_on + timedelta(days=1), time(), local) if closes_on else None
    return opens, closes


routes: list[BaseRoute] = [
    Route("/", index, name="index"),
    Route("/new", new, methods=["GET"]),
    Route("/new", save_new, methods=["POST"]),
    Route("/{id:int}", show, name="show"),
    Route("/{id:int}/edit", edit, methods=["GET"]),
    Route("/{id:int}/edit", save_edit, methods=["POST"]),
    Route("/{id:int}/close", ask_close, methods=["GET"]),
    Route("/{id:int}/close", save_close, methods=["POST"]),
]
