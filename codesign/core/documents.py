"""Documents that people send: a few sorts, told by their name and by their first bytes; both must agree."""

import io
import zipfile
from typing import IO

from codesign.core.files import Content
from codesign.core.pictures import DAMAGED
from codesign.i18n import mark
from codesign.types import Invalid

MOST_BYTES = 3 * 1024 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "docx": f"{OFFICE}.wordprocessingml.document",
    "xlsx": f"{OFFICE}.spreadsheetml.sheet",
    "txt": "text/plain",
}
"""By the ending of the name."""
MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
MOST_PARTS = 2_000
PDF, ZIP = b"%PDF-", b"PK\x03\x04"
PDF_END = 1024
"""The last mark of a PDF stands within so many bytes of its end."""

OTHER_SORT = mark(
    "“%(name)s” is not what its name says. Save it again as PDF, ODT, DOCX, ODS, XLSX or plain text (UTF-8), then choose the new file."
)
TOO_LARGE = mark("“%(name)s” is too large: a document may have at most 3 MB. Save it smaller, or divide it.")
PROGRAM = mark("“%(name)s” contains macros, which are programs. Save it without them, then choose it again.")


def read_document(ending: str, file: IO[bytes]) -> Content:
    """The document as it was sent. Raises Invalid with a sentence that wants the `name`."""
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Invalid(TOO_LARGE)
    fits = {"pdf": _is_pdf, "txt": _is_text}.get(ending)
    if not (fits(data) if fits else _is_archive(ending, data)):
        raise Invalid(OTHER_SORT)
    return Content(MEDIA_TYPES[ending], ending, data)


def _is_pdf(data: bytes) -> bool:
    """A PDF and not at the same time an archive, which other programs would find at its end."""
    if data.startswith(PDF) and b"%%EOF" not in data[-PDF_END:]:
        raise Invalid(DAMAGED)
    return data.startswith(PDF) and not zipfile.is_zipfile(io.BytesIO(data))


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not data.startswith((PDF, ZIP)) and not any(sign < " " and sign not in "\t\n\r\f" for sign in set(text))


def _is_archive(ending: str, data: bytes) -> bool:
    """An office document: an archive from its first byte on, with the parts of its sort. Nothing of it is unpacked."""
    if not data.startswith(ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except Exception as error:  # zipfile tells of broken archives by several kinds of exceptions
        raise Invalid(DAMAGED) from error
    names = {part.filename for part in parts}
    if len(parts) > MOST_PARTS or min((part.header_offset for part in parts), default=1) != 0:
        return False
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Invalid(PROGRAM)
    if ending in MAIN_PARTS:
        return {"[Content_Types].xml", MAIN_PARTS[ending]} <= names
    sort = MEDIA_TYPES[ending].encode()
    return data[30 : 38 + len(sort)] == b"mimetype" + sort  # the first part, stored as it is
