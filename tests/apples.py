"""A form that takes files, as a plugin would have one: `test_uploads.py` sends to it."""

import gc
from collections.abc import Iterator

from PIL import Image
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from wtforms import StringField

from codesign.core.files import File, attach, files_of
from codesign.core.threads import start_thread
from codesign.kit import TownForm, UploadField, page, redirect, require, required, session, typed, uploaded, visit_of
from codesign.testing import Town
from tests.making import TEXT, a_situation
from tests.sending import picture

TEMPLATE = """{% extends "base.html" %}
{% from "_fields.html" import summary, any, submit %}
{% block title %}Apples{% endblock %}
{% block main %}<h1>Apples</h1>{{ summary(form) }}
<form class="form" method="post" enctype="multipart/form-data" novalidate>{% for f in form %}{{ any(f) }}{% endfor %}{{ submit("Send") }}</form>
{% endblock %}"""
SHOW = """{% extends "base.html" %}
{% from "_files.html" import image, documents with context %}
{% block title %}Apples{% endblock %}
{% block main %}<h1>Apples</h1>
{% for file in files if file.is_picture %}{{ image(file) }}{{ image(file, "Small", small=true) }}{% endfor %}{{ documents(files) }}
{% endblock %}"""


class AppleForm(TownForm):
    title = StringField("Title", [required()])
    image = UploadField("picture", label="Picture")
    papers = UploadField("document", 3, label="Papers", description="PDF or text")


def save(request: Request) -> Response:
    with session(request) as db:
        require(request, "threads.start")
        form = AppleForm(typed(request))
        if not form.validate():
            return page(request, "apples.html", 422, form=form)
        visit = visit_of(request)
        assert visit.actor is not None
        thread = start_thread(db, a_situation(db), visit.actor, form.title.data, TEXT, "en", visit.now)
        for position, upload in enumerate([*form.image.data, *form.papers.data]):
            attach(db, visit.actor, upload, visit.now, thread, "A tree", position)
        return redirect(request, f"/apples/{thread.id}")


def ask(request: Request) -> Response:
    with session(request):
        return page(request, "apples.html", form=AppleForm())


def show(request: Request) -> Response:
    with session(request) as db:
        return page(request, "apple.html", files=files_of(db, request.path_params["id"]))


def tell(request: Request) -> Response:
    """What came of the files of one field."""
    with session(request):
        return JSONResponse([[upload.name, upload.refusal, upload.is_picture] for upload in uploaded(request, "image")])


def grow(town: Town) -> Iterator[Town]:
    """The town with that form, at /apples."""
    folder = town.world.folder / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "apples.html").write_text(TEMPLATE)
    (folder / "apple.html").write_text(SHOW)
    town.world.app.routes[:0] = [
        Route("/apples", ask, methods=["GET"]), Route("/apples", save, methods=["POST"]),
        Route("/apples/{id:int}", show), Route("/tell", tell, methods=["POST"]),
    ]  # fmt: skip
    yield town
    gc.collect()  # a temporary file that nobody closed is told of now, and fails the test


def large_photo() -> bytes:
    """More than a megabyte: parts of that size are put aside into a file."""
    data = picture("PNG", Image.merge("RGB", [Image.effect_noise((800, 800), 99) for _channel in range(3)]))
    assert len(data) > 1024 * 1024
    return data


def count_files(town: Town) -> int:
    with town.read() as db:
        return db.scalar(select(func.count()).select_from(File)) or 0
