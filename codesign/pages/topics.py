"""Topics: their list, and the page of each with everything put forward in it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from codesign.core.authorities import authority_for
from codesign.core.cards import card_rows, cards
from codesign.core.contributions import NEWEST, PAGE, Contribution
from codesign.core.topics import get_topic, topics
from codesign.pages.contributions import follow_view
from codesign.paging import cut
from codesign.web.pages import here, keep, page
from codesign.web.session import session
from codesign.web.site import visit_of


def index(request: Request) -> Response:
    with session(request) as db:
        return page(request, "topics/index.html", keep=keep(), topics=topics(db))


def show(request: Request) -> Response:
    with session(request) as db:
        kinds = visit_of(request).kinds
        topic = get_topic(db, request.path_params["slug"])
        query = card_rows().where(Contribution.topic_id == topic.id, Contribution.kind.in_(list(kinds)))
        found = cut(db, query, NEWEST, request.query_params.get("after"), PAGE)
        next_url = here(request, after=found.after) if found.after else None
        follow = follow_view(request, db, topic)
        rows = cards(found.rows, kinds)
        context: dict[str, Any] = {"topic": topic, "follow": follow, "rows": rows, "next_url": next_url}
        return page(request, "topics/show.html", keep=keep(), authority=authority_for(db, topic), **context)


routes = [Route("/topics/", index), Route("/topics/{slug}", show)]
