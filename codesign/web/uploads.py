"""Files that people send with a form: made ready while no thread, transaction or turn at writing waits for them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from wtforms import Field, Form
from wtforms.validators import StopValidation
from wtforms.widgets import FileInput

from codesign.core.documents import MEDIA_TYPES, read_document
from codesign.core.files import Upload, clean_name
from codesign.core.pictures import read_picture
from codesign.i18n import gettext as _
from codesign.i18n import mark, ngettext
from codesign.permissions import anybody_signed_in
from codesign.types import Invalid
from codesign.web.session import session
from codesign.web.site import visit_of

Sort: TypeAlias = Literal["picture", "document", ""]
SENT_TOGETHER = 10
"""Files of one form at most."""
AT_ONCE = 1
"""So many files are decoded at the same time in one process: each may need some hundred megabytes of memory."""
PICTURES = "image/jpeg,image/png,image/webp,image/gif,image/avif"
DOCUMENTS = ",".join(f".{ending}" for ending in MEDIA_TYPES)
NO_PICTURE = mark("“%(name)s” is not a picture. Choose a JPEG, PNG, WebP, GIF or AVIF file.")
NO_DOCUMENT = mark("“%(name)s” is not a document. Choose a PDF, ODT, DOCX, ODS, XLSX or TXT file.")
_decoders: RunVar[CapacityLimiter] = RunVar("decoders")


async def prepare(request: Request, form: FormData) -> dict[str, list[Upload]]:
    """What was sent in each field that holds files. Only people who are signed in have their files looked at: decoding
    is work that a stranger must not be able to cause."""
    sent = list(_sent(form))
    if not sent or not await run_in_threadpool(_may_send, request):
        return {}
    try:
        decoders = _decoders.get()
    except LookupError:
        decoders = CapacityLimiter(AT_ONCE)
        _decoders.set(decoders)
    found: dict[str, list[Upload]] = {}
    for name, file in sent:  # one after the other, so that those who send one picture do not wait for ten of another
        found.setdefault(name, []).append(await to_thread.run_sync(recognise, file, limiter=decoders))
    return found


def _sent(form: FormData) -> Iterator[tuple[str, UploadFile]]:
    """Browsers send a field without a file as a file without a name."""
    for name, value in form.multi_items():
        if isinstance(value, UploadFile) and (value.filename or value.size):
            yield name, value


def _may_send(request: Request) -> bool:
    try:
        with session(request, read_only=True):
            visit = visit_of(request)
            return anybody_signed_in(visit.actor, None, visit.now)
    except SQLAlchemyError:
        return False  # the application says so in a page


def recognise(file: UploadFile) -> Upload:
    """A file by what is in it. Never raises for what people send."""
    name = clean_name(file.filename or "")
    ending = name.rpartition(".")[2].lower()
    try:
        content = read_document(ending, file.file) if ending in MEDIA_TYPES else read_picture(file.file)
    except Invalid as refused:
        return Upload(name, None, str(refused))
    return Upload(name, content)


def chosen_files(request: Request) -> dict[str, list[str]]:
    """The names of the files that were sent, by field, whoever sent them."""
    found: dict[str, list[str]] = {}
    for name, file in _sent(request.state.form):
        found.setdefault(name, []).append(clean_name(file.filename or ""))
    return found


def uploaded(request: Request, name: str, only: Sort = "") -> list[Upload]:
    """The files of one field, in the order sent; those that cannot be taken hold a sentence that says why."""
    found: list[Upload] = request.state.uploads.get(name, [])
    return [_judged(upload, only) for upload in found]


def _judged(upload: Upload, only: Sort) -> Upload:
    refusal = upload.refusal
    if upload.content is not None and only and upload.is_picture != (only == "picture"):
        refusal = NO_PICTURE if only == "picture" else NO_DOCUMENT
    if not refusal:
        return upload
    return replace(upload, content=None, refusal=_(refusal) % {"name": upload.name})


class UploadField(Field):
    """A form field for files; `data` are those that were accepted. Its form needs enctype="multipart/form-data"."""

    def __init__(self, only: Sort = "", most: int = 1, label: str = "", **rest: Any) -> None:
        super().__init__(label, **rest)
        self.only, self.most = only, most
        self.widget = FileInput(multiple=most > 1)
        self.accept = {"picture": PICTURES, "document": DOCUMENTS}.get(only, f"{PICTURES},{DOCUMENTS}")
        self.uploads: list[Upload] = []

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """`formdata` is what `typed(request)` gives; what is stored already is shown by the page, not by this field."""
        self.process_errors: list[str] = []
        found = formdata.uploads.get(self.name, []) if formdata is not None else []
        self.uploads = [_judged(upload, self.only) for upload in found]
        self.raw_data = self.uploads
        self.data = [upload for upload in self.uploads if upload.content is not None]

    def pre_validate(self, form: Form) -> None:
        refused = [upload.refusal for upload in self.uploads if upload.refusal]
        if len(self.uploads) > self.most:
            most = ngettext("Choose at most %(num)s file.", "Choose at most %(num)s files.", self.most)
            refused.append(most % {"num": self.most})
        if refused:
            raise StopValidation(" ".join(refused))
