"""What officials write to each other stays with them: no page, feed, letter, notice or file for others holds it."""

import pytest
from sqlalchemy import select

from codesign.core.notices import Notice
from codesign.events import Event
from codesign.outbox import Message
from codesign.testing import Town
from codesign_feedback.tests.making import PARKS, an_authority, opened, take_part
from codesign_feedback.tests.walking import answer, asked, assign, commit

SECRET = "The council wants to keep this quiet"


@pytest.fixture
def town(alder: Town) -> Town:
    an_authority(alder, PARKS, people=("chen",))
    return alder.enable("feedback")


def test_officials_read_each_others_notes_and_an_empty_one_is_refused(town: Town) -> None:
    id = opened(town)
    chen = town.client("chen")
    assert (
        chen.post(f"/feedback/{id}/notes", data={"note": f"{SECRET} <b>"}).headers["location"]
        == f"/feedback/{id}#notes"
    )
    page = town.client("maya").get(f"/feedback/{id}").text
    assert (f"{SECRET} &lt;b&gt;" in page, "Chen" in page) == (True, True)
    assert chen.post(f"/feedback/{id}/notes", data={"note": " \n"}).status_code == 422
    assert chen.post(f"/feedback/{id}/notes", data={"note": "x" * 5001}).status_code == 422


def test_a_note_is_nowhere_outside(town: Town) -> None:
    id = opened(town)
    take_part(town, id, "boris")
    assert town.client("chen").post(f"/feedback/{id}/notes", data={"note": SECRET}).status_code == 303
    made = town.client("chen").post(f"/feedback/{id}/receipts", data={"label": SECRET})
    assert made.status_code == 303
    assign(town, id)
    answer(town, id)
    commit(town, id)
    later = opened(town, title="Another story")
    asked(town, later)
    assert town.client("chen").post(f"/feedback/{later}/notes", data={"note": SECRET}).status_code == 303
    urls = [
        "/", f"/threads/{id}", f"/threads/{later}", "/feed.atom", f"/contributions/{id}/feed.atom",
        "/authorities/parks-department", "/authorities/parks-department/feed.atom", "/feedback/", "/feedback/listening.csv",
        "/feedback/overdue", "/feedback/overdue.atom", "/search?q=council", "/moderation/log", f"/contributions/{id}/comments",
    ]  # fmt: skip
    for who in (None, "anna", "boris"):
        client = town.client(who)
        for url in urls:
            page = client.get(url)
            assert (page.status_code, SECRET in page.text) == (200, False), (who, url)
    anna = town.client("anna")
    assert not [url for url in ("/feedback/mine", "/notices/", "/accounts/settings") if SECRET in anna.get(url).text]
    letters = town.send_mail()
    assert letters
    assert not [letter for letter in letters if SECRET in letter.read_text()]
    with town.read() as db:
        for table in (Event, Message, Notice):
            rows = db.execute(select(*table.__table__.columns)).all()
            assert not [row for row in rows if SECRET in repr(row)], table
