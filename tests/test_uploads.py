"""Files in forms: read before a write has its turn, only from people who are signed in, and nothing typed is lost."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from codesign.testing import Town
from codesign.testing.towns import PASSWORD
from codesign.web.security import BODY_LIMIT, FILES_LIMIT, SENDING_FILES
from tests.apples import count_files, grow, large_photo
from tests.sending import declared_png, pdf, photo, picture, shown

STRANGERS_LETTERS = "A long sentence about apple trees in the park."


@pytest.fixture
def apples(alder: Town) -> Iterator[Town]:
    yield from grow(alder)


def test_a_form_with_a_picture_and_papers_becomes_a_contribution_with_files(apples: Town) -> None:
    files = [("image", ("tree.jpg", photo(6))), ("papers", ("a.pdf", pdf())), ("papers", ("b.txt", b"Apples"))]
    answer = apples.client("anna").post("/apples", data={"title": "Apples for all"}, files=files)
    assert answer.status_code == 303
    text = apples.client().get(answer.headers["location"]).text
    urls = re.findall(r'(?:src|href)="(/files/[^"]+)"', text)
    assert [url.rpartition("/")[2] for url in urls] == ["tree.webp", "tree.webp", "a.pdf", "b.txt"]
    found = [apples.client().get(url) for url in urls]
    assert [answer.status_code for answer in found] == [200] * 4
    assert (shown(found[0].content).size, found[2].content) == ((48, 64), pdf())
    assert 'width="48" height="64" alt="A tree"' in text
    assert 'alt="Small"' in text


def test_the_field_says_what_may_be_chosen(apples: Town) -> None:
    text = apples.client("anna").get("/apples").text
    [image, papers] = re.findall(r'<input[^>]+type="file"[^>]*>', text)
    assert 'accept="image/jpeg,image/png,image/webp,image/gif,image/avif"' in image
    assert ("multiple" in image, "multiple" in papers, 'aria-describedby="papers-help"' in papers) == (
        False,
        True,
        True,
    )
    assert ".pdf,.odt,.ods,.docx,.xlsx,.txt" in papers


def test_a_form_without_a_file_is_taken_as_browsers_send_it(apples: Town) -> None:
    empty = [("image", ("", b"", "application/octet-stream")), ("papers", ("", b"", "application/octet-stream"))]
    assert apples.client("anna").post("/apples", data={"title": "Apples"}, files=empty).status_code == 303
    assert apples.client("anna").post("/apples", data={"title": "Apples"}).status_code == 303
    assert count_files(apples) == 0


REFUSED = {
    "“a.png” cannot be taken. Choose a picture (JPEG, PNG, WebP, GIF, AVIF) or a document (PDF, ODT, DOCX, ODS, XLSX, TXT).": ("image", "a.png", b"<svg/>"),
    "“bomb.png” has too many pixels. Make the picture smaller, then choose it again.": ("image", "bomb.png", declared_png(50_000, 50_000)),
    "“100%.png” is damaged. Open it on your device, save it again, and choose the new file.": ("image", "100%.png", picture()[:-60]),
    "“a.pdf” is not a picture. Choose a JPEG, PNG, WebP, GIF or AVIF file.": ("image", "a.pdf", pdf()),
    "“a.png” is not a document. Choose a PDF, ODT, DOCX, ODS, XLSX or TXT file.": ("papers", "a.png", picture()),
}  # fmt: skip


@pytest.mark.parametrize("sentence", REFUSED)
def test_a_file_that_cannot_be_taken_comes_back_with_a_sentence_and_everything_typed(
    apples: Town, sentence: str
) -> None:
    field, name, data = REFUSED[sentence]
    files = [(field, (name, data)), ("papers", ("good.txt", b"good"))]
    answer = apples.client("anna").post("/apples", data={"title": "Apples for all"}, files=files)
    assert (answer.status_code, answer.text.count(sentence), "Apples for all" in answer.text) == (422, 2, True)
    assert 'aria-invalid="true"' in answer.text
    assert "Please choose again: good.txt" in answer.text
    assert count_files(apples) == 0


def test_too_many_files_in_a_field_are_refused(apples: Town) -> None:
    files = [("image", (f"{number}.png", picture())) for number in range(2)]
    answer = apples.client("anna").post("/apples", data={"title": "Apples"}, files=files)
    assert (answer.status_code, "Choose at most 1 file." in answer.text) == (422, True)


@pytest.mark.parametrize("declared", [True, False])
def test_thirteen_megabytes_are_too_much_and_twelve_are_not(apples: Town, declared: bool) -> None:
    client = apples.client("anna")
    head = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n' + picture()
    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    def post(size: int) -> Any:
        body = head + b"\0" * (size - len(head) - 7) + b"\r\n--x--"
        pieces = (body[at : at + 2**18] for at in range(0, size, 2**18))
        return client.post("/tell", content=body if declared else pieces, headers=headers)

    assert post(FILES_LIMIT).json() == [["a.png", "", True]]
    answer = post(FILES_LIMIT + 1)
    assert (answer.status_code, "These files are too large. Send at most 12 MB at once." in answer.text) == (413, True)
    assert post(13 * 1024 * 1024).status_code == 413


def test_texts_are_not_longer_because_files_come_with_them(apples: Town) -> None:
    client = apples.client("anna")
    answer = client.post("/apples", data={"title": "x" * (BODY_LIMIT + 1)}, files={"image": ("a.png", picture())})
    assert answer.status_code == 400
    assert client.post("/apples", data={"title": "x" * BODY_LIMIT}).status_code == 413


def test_the_files_of_a_stranger_are_not_even_looked_at(apples: Town) -> None:
    files = {"image": ("a.png", large_photo())}
    assert apples.client("anna").post("/tell", files=files).json() == [["a.png", "", True]]
    stolen = apples.client()
    stolen.cookies.set("codesign", "nobody's")
    assert [client.post("/tell", files=files).json() for client in (apples.client(), stolen)] == [[], []]


def test_a_stranger_signs_in_and_chooses_only_the_files_again(apples: Town) -> None:
    client, letters = apples.client(), {"title": STRANGERS_LETTERS}
    files = [("image", ("<tree>.png", large_photo())), ("papers", ("a.pdf", pdf())), ("papers", ("b: c.pdf", pdf()))]
    answer = client.post("/apples", data=letters, files=files, headers={"Referer": "http://alder.localhost/apples"})
    assert answer.status_code == 307
    asked = client.post(answer.headers["location"], data=letters, files=files)
    assert (asked.status_code, "Your files must be chosen again then." in asked.text) == (200, True)
    assert 'name="chosen-files" value="image:&lt;tree&gt;.png"' in asked.text
    fields = {**letters, "chosen-files": ["image:<tree>.png", "papers:a.pdf, b: c.pdf"], "email": "anna@alder.example"}
    wrong = client.post(answer.headers["location"], data={**fields, "password": "not this one"})
    assert (wrong.status_code, 'value="papers:a.pdf, b: c.pdf"' in wrong.text) == (422, True)
    text = client.post(answer.headers["location"], data={**fields, "password": PASSWORD}).text
    assert "Only your files must be chosen again." in text
    assert '<form class="form" method="post" action="/apples" enctype="multipart/form-data">' in text
    assert ("Choose again: &lt;tree&gt;.png" in text, "Choose again: a.pdf, b: c.pdf" in text) == (True, True)
    hidden = re.findall(r'<input type="hidden" name="([^"]+)"', text)
    assert (hidden, re.findall(r'type="file" name="(\w+)"', text)) == (["title"], ["image", "papers"])
    assert client.post("/apples", data=letters, files=files).status_code == 303
    assert count_files(apples) == 3


def test_without_files_the_way_through_signing_in_says_nothing_of_them(apples: Town) -> None:
    client, letters = apples.client(), {"title": STRANGERS_LETTERS}
    answer = client.post("/apples", data=letters)
    fields = {**letters, "email": "anna@alder.example", "password": PASSWORD}
    text = client.post(answer.headers["location"], data=fields).text
    assert (STRANGERS_LETTERS in text, "files" in text, "enctype" in text) == (True, False, False)


def test_a_form_with_a_file_from_another_site_is_refused(apples: Town) -> None:
    client = apples.client("anna")
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/apples", files={"image": ("a.png", picture())}, headers=headers).status_code == 403


def test_who_sends_files_too_fast_is_asked_to_wait_and_may_still_write(apples: Town) -> None:
    client = apples.client("anna")
    statuses = [
        client.post("/tell", files={"image": ("a.txt", b"a")}).status_code for _file in range(SENDING_FILES.most + 1)
    ]
    assert statuses == [200] * SENDING_FILES.most + [429]
    assert client.post("/apples", data={"title": "Apples"}).status_code == 303
