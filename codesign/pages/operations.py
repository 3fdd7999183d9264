"""For machines and developers: is the process alive, do its databases answer, which mails were written."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from codesign.mail import read_folder, read_message
from codesign.types import NotFound, Refused
from codesign.web.pages import page
from codesign.web.session import session
from codesign.web.site import site_of, visit_of

LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox allow-popups"


def health(request: Request) -> Response:
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


def ready(request: Request) -> Response:
    """200 when the registry and the store of every municipality answer."""
    registry = site_of(request).registry
    try:
        for store in [registry.own, *(registry.store(slug) for slug in registry.slugs())]:
            with store.read() as db:
                db.execute(text("SELECT 1"))
    except (SQLAlchemyError, Refused, OSError):
        return PlainTextResponse("a database does not answer\n", 503, headers={"Retry-After": "5"})
    return PlainTextResponse("ready\n", headers={"Cache-Control": "no-store"})


def towns(request: Request) -> Response:
    """The root host lists the towns."""
    site = site_of(request)
    port = f":{request.url.port}" if request.url.port else ""
    found = [
        {
            "title": entry.title,
            "url": f"{request.url.scheme}://{entry.hosts[0] if entry.hosts else f'{entry.slug}.{site.settings.host}'}{port}/",
            "about": "",
        }
        for entry in site.registry.entries().values()
    ]
    html = site.templates.get_template("towns/index.html").render(towns=found, locale="en")
    return HTMLResponse(html)


def mailbox(request: Request) -> Response:
    """What would have been sent, in development only."""
    with session(request):
        _only_in_development(request)
        folder = site_of(request).settings.mail_folder / visit_of(request).entry.slug
        return page(request, "mailbox/index.html", messages=read_folder(folder))


def mailbox_message(request: Request) -> Response:
    with session(request):
        _only_in_development(request)
        folder = site_of(request).settings.mail_folder / visit_of(request).entry.slug
        return page(request, "mailbox/show.html", message=read_message(folder, request.path_params["id"]))


def mailbox_html(request: Request) -> Response:
    """The HTML part alone, as a mail program shows it: the styles within it may act, and nothing else."""
    with session(request):
        _only_in_development(request)
        folder = site_of(request).settings.mail_folder / visit_of(request).entry.slug
        letter = read_message(folder, request.path_params["id"])
        return HTMLResponse(letter.html, headers={"Content-Security-Policy": LETTER_POLICY})


def _only_in_development(request: Request) -> None:
    settings = site_of(request).settings
    if not settings.development or settings.mail:
        raise NotFound("no mail folder here")


root_routes = [Route("/", towns), Route("/-/health", health), Route("/-/ready", ready)]
routes = [
    Route("/-/mail", mailbox),
    Route("/-/mail/{id}", mailbox_message),
    Route("/-/mail/{id}/html", mailbox_html),
]
