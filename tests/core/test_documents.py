"""Documents: a few sorts; what the name says and what the first bytes say must agree."""

import io

import pytest

from codesign.core.documents import DAMAGED, MEDIA_TYPES, MOST_BYTES, OTHER_SORT, PROGRAM, TOO_LARGE
from codesign.core.files import Content, Upload
from codesign.core.pictures import NOT_KNOWN
from tests.sending import DOCUMENTS, archive, office, opendocument, pdf, picture, upload

EXECUTABLE = b"MZ\x90\0" + b"\0" * 200


@pytest.mark.parametrize("ending", MEDIA_TYPES)
def test_each_sort_is_taken_as_it_was_sent(ending: str) -> None:
    data = DOCUMENTS[ending]
    assert upload(f"Minutes.{ending.upper()}", data) == Upload(
        f"Minutes.{ending.upper()}", Content(MEDIA_TYPES[ending], ending, data)
    )


@pytest.mark.parametrize("said", MEDIA_TYPES)
def test_no_sort_is_taken_under_the_name_of_another(said: str) -> None:
    refused = {other: upload(f"a.{said}", data).refusal for other, data in DOCUMENTS.items() if other != said}
    if said == "txt":  # anything that reads as text is text, but a PDF or an archive is not
        assert set(refused) == set(DOCUMENTS) - {"txt"}
    assert set(refused.values()) == {OTHER_SORT}


REFUSED = {
    "empty.pdf": (b"", OTHER_SORT),
    "page.pdf": (b"<!doctype html>", OTHER_SORT),
    "late.pdf": (b"\n" + pdf(), OTHER_SORT),
    "picture.pdf": (picture(), OTHER_SORT),
    "half.pdf": (pdf()[:20], DAMAGED),
    "both.pdf": (pdf() + archive({"a": "b"}), OTHER_SORT),
    "program.docx": (EXECUTABLE + office(), OTHER_SORT),
    "half.docx": (office()[:40], DAMAGED),
    "plain.docx": (archive({"a.txt": "a"}), OTHER_SORT),
    "macros.docx": (office(**{"word/vbaProject.bin": "x"}), PROGRAM),
    "table.odt": (opendocument("spreadsheet"), OTHER_SORT),
    "many.xlsx": (office("xl/workbook.xml", **{f"part{n}": "" for n in range(2001)}), OTHER_SORT),
    "noise.txt": (b"\xff\xfe\x00", OTHER_SORT),
    "zero.txt": (b"a\0b", OTHER_SORT),
    "bell.txt": (b"a\x07b", OTHER_SORT),
    "old.doc": (b"\xd0\xcf\x11\xe0" + b"\0" * 100, NOT_KNOWN),
    "macros.docm": (office(), NOT_KNOWN),
    "drawing.svg": (b"<svg/>", NOT_KNOWN),
    "page.html": (b"<p>", NOT_KNOWN),
    "packed.zip": (archive({"a": "b"}), NOT_KNOWN),
    "run.exe": (EXECUTABLE, NOT_KNOWN),
    "two.pdf.exe": (pdf(), NOT_KNOWN),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_what_its_name_says_is_refused(name: str) -> None:
    data, sentence = REFUSED[name]
    assert upload(name, data) == Upload(name, None, sentence)


def test_a_document_may_have_three_megabytes_and_not_a_byte_more() -> None:
    full = pdf(b"x" * (MOST_BYTES - len(pdf(b""))))
    assert (len(full), upload("a.pdf", full).refusal) == (MOST_BYTES, "")
    assert upload("a.pdf", full + b"\n").refusal == TOO_LARGE


def test_a_document_that_would_unpack_to_more_than_memory_is_not_unpacked() -> None:
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "")
        made.writestr("word/document.xml", b"\0" * 100_000_000)
    assert upload("bomb.docx", file.getvalue()).refusal == ""
