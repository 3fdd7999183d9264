"""What the town promises is said with who and when; what it delivers is shown with what proves it."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from codesign.core.files import File, files_of, first_pictures
from codesign.testing import Town
from codesign_feedback.answers import Commitment
from codesign_feedback.loop import State
from codesign_feedback.tests.making import PARKS, an_authority, events, opened, standing
from codesign_feedback.tests.walking import answer, assign, commit

PROMISE = {"owner": "Office of works", "due_on": "2026-08-31", "deliverable": "A zebra crossing"}
DELIVERY = {
    "on": "2026-05-04",
    "text": "It was painted this morning.",
    "link": "https://alder.example/crossing",
    "alt": "The crossing",
}


@pytest.fixture
def town(alder: Town) -> Town:
    an_authority(alder, PARKS, people=("chen",))
    return alder.enable("feedback")


def promised(town: Town) -> int:
    id = opened(town)
    assign(town, id)
    answer(town, id)
    commit(town, id)
    return id


def picture() -> bytes:
    held = BytesIO()
    Image.new("RGB", (900, 600), "green").save(held, "JPEG", exif=b"Exif\0\0" + b"GPS of somebody")
    return held.getvalue()


def deliver(town: Town, id: int, files: Any = None, **changed: str) -> Any:
    with town.read() as db:
        first = db.scalars(select(Commitment.id).where(Commitment.contribution_id == id)).first()
    data = {"commitment": str(first), **DELIVERY, **changed}
    return town.client("chen").post(f"/feedback/{id}/deliver", data=data, files=files)


def test_a_promise_is_made_after_the_answer(town: Town) -> None:
    id = opened(town)
    answer(town, id)
    chen = town.client("chen")
    for name, value in [("owner", ""), ("due_on", ""), ("due_on", "soon"), ("due_on", "2026-05-03"), ("deliverable", " "),
                        ("due_on", "0000-00-00"), ("owner", "x" * 201)]:  # fmt: skip
        refused = chen.post(f"/feedback/{id}/commit", data={**PROMISE, name: value})
        assert (refused.status_code, f'id="{name}-error"' in refused.text) == (422, True), (name, value)
    assert chen.post(f"/feedback/{id}/commit", data=PROMISE).status_code == 303
    page = town.client().get(f"/threads/{id}").text
    assert [told in page for told in ("A zebra crossing", "Office of works")] == [True, True]
    assert chen.post(f"/feedback/{id}/progress", data={"text": ""}).status_code == 422
    assert chen.post(f"/feedback/{id}/progress", data={"text": "The paint is ordered."}).status_code == 303
    assert events(town, id)[-2:] == ["committed", "in_progress"]


def test_a_delivery_shows_text_link_and_picture_which_is_not_the_contributions_own(town: Town) -> None:
    id = promised(town)
    assert deliver(town, id, {"picture": ("x.jpg", picture(), "image/jpeg")}).status_code == 303
    assert standing(town, id) is State.DELIVERED
    with town.read() as db:
        file = db.scalars(select(File)).one()
        assert (file.purpose, file.alt, file.contribution_id) == ("evidence", "The crossing", id)
        assert (files_of(db, id), first_pictures(db, [id])) == ([], {})
        url = file.url
    page = town.client().get(f"/threads/{id}").text
    for told in (url, 'alt="The crossing"', "It was painted this morning.", 'href="https://alder.example/crossing"'):
        assert told in page, told
    shown = town.client().get(url)
    assert (shown.status_code, b"GPS of somebody" in shown.content) == (200, False)
    assert (
        town.client("boris")
        .post(f"/moderation/hide/contribution:{id}", data={"reason": "spam", "note": ""})
        .status_code
        == 303
    )
    assert town.client().get(url).status_code == 404


def test_a_picture_needs_words_and_nothing_of_a_refused_delivery_is_kept(town: Town) -> None:
    id = promised(town)
    sent = {"picture": ("x.jpg", picture(), "image/jpeg")}
    for files, changed, field in [
        (sent, {"alt": " "}, "alt"), (None, {"text": ""}, "text"), (None, {"on": ""}, "on"), (None, {"on": "2026-05-05"}, "on"),
        (None, {"commitment": "77"}, "commitment"), ({"picture": ("x.jpg", b"no picture", "image/jpeg")}, {}, "picture"),
        (sent, {"on": "2026-05-05"}, "on"),
    ]:  # fmt: skip
        answered = deliver(town, id, files, **changed)
        assert (answered.status_code, f'id="{field}-error"' in answered.text) == (422, True), (changed, field)
    with town.read() as db:
        assert db.scalars(select(File.id)).all() == []
    assert standing(town, id) is State.COMMITTED


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://a.example/x", "https://", "alder", "https://a b",
             "https://[::1", "java\tscript:alert(1)", 'https://a.example/"onclick="x', "https://" + "x" * 1001])  # fmt: skip
def test_a_link_leads_to_a_page_and_runs_nothing(town: Town, link: str) -> None:
    id = promised(town)
    answered = deliver(town, id, link=link)
    assert (answered.status_code, 'id="link-error"' in answered.text) == (422, True)


def test_what_is_delivered_already_cannot_be_delivered_again(town: Town) -> None:
    id = promised(town)
    assert deliver(town, id).status_code == 303
    assert deliver(town, id).status_code == 422
    assert events(town, id).count("delivered") == 1
