"""Authorities: who answers for the municipality, and the page of each."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from codesign.core.authorities import authorities, business, get_authority
from codesign.pages.contributions import follow_view
from codesign.web.pages import keep, page
from codesign.web.session import session


def index(request: Request) -> Response:
    with session(request) as db:
        return page(request, "authorities/index.html", keep=keep(), authorities=authorities(db))


def show(request: Request) -> Response:
    with session(request) as db:
        authority = get_authority(db, request.path_params["slug"])
        return page(
            request,
            "authorities/show.html",
            keep=keep(),
            authority=authority,
            follow=follow_view(request, db, authority),
            topics=business(db, authority),
        )


routes = [Route("/authorities/", index), Route("/authorities/{slug}", show)]
