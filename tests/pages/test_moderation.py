"""Moderation on pages: the queue, hiding with a reason, bringing back, and the log that everybody reads."""

import pytest

from codesign.core.comments import Comment, Standing
from codesign.mail import read_message
from codesign.testing import Town
from codesign.testing.html import unmarked
from tests.making import TEXT, a_reply, a_story

TITLE = "Three visits"


def reported(town: Town) -> tuple[int, int]:
    """A story and a comment on it, both reported by Chen."""
    id = a_story(town)
    comment = a_reply(town, id, "anna", text="Rude words.")
    for url in (f"/contributions/{id}/report", f"/comments/{comment}/report"):
        town.client("chen").post(url, data={"reason": "insult"})
    return id, comment


def test_the_queue_shows_what_was_reported_and_why(alder: Town) -> None:
    _id, comment = reported(alder)
    page = alder.client("boris").get("/moderation/").text
    shown = [TITLE, "Rude words.", "Insult or threat against a person", f"/moderation/hide/comment:{comment}"]
    assert [text for text in shown if text not in page] == []


def test_an_empty_queue_says_so(alder: Town) -> None:
    assert "queue-item" not in alder.client("boris").get("/moderation/").text


def test_a_hidden_story_is_gone_everywhere_and_its_author_is_told_why(alder: Town) -> None:
    id, _comment = reported(alder)
    boris = alder.client("boris")
    assert TITLE in boris.get(f"/moderation/hide/contribution:{id}").text
    form = {"reason": "insult", "note": "Please stay friendly."}
    assert boris.post(f"/moderation/hide/contribution:{id}", data=form).headers["location"] == "/moderation/"
    reader = alder.client()
    page = reader.get(f"/threads/{id}")
    assert (page.status_code, TITLE in page.text, TEXT in page.text) == (404, False, False)
    for url in ("/", "/feed.atom", "/search?q=visits", "/situations/i-am-expecting-a-child", "/moderation/log"):
        assert TITLE not in unmarked(reader.get(url).text)
    (letter,) = [read_message(path.parent, path.stem) for path in alder.send_mail()]
    assert (letter.to, "Please stay friendly." in letter.text) == ("anna@alder.example", True)
    assert "Insult or threat against a person" in letter.text


def test_a_hidden_comment_leaves_a_note_and_comes_back(alder: Town) -> None:
    id, comment = reported(alder)
    boris, reader = alder.client("boris"), alder.client()
    boris.post(f"/moderation/hide/comment:{comment}", data={"reason": "insult"})
    for url in (f"/threads/{id}", f"/comments/{comment}"):
        assert (reader.get(url).status_code, "Rude words." in reader.get(url).text) == (200, False)
    assert boris.post(f"/moderation/restore/comment:{comment}").headers["location"] == f"/comments/{comment}"
    assert "Rude words." in reader.get(f"/comments/{comment}").text
    with alder.read() as db:
        assert db.get_one(Comment, comment).standing is Standing.VISIBLE


def test_a_dismissed_report_leaves_the_queue_and_the_thing_as_it_is(alder: Town) -> None:
    id, comment = reported(alder)
    boris = alder.client("boris")
    for target in (f"contribution:{id}", f"comment:{comment}"):
        assert boris.post(f"/moderation/dismiss/{target}").status_code == 303
    assert "queue-item" not in boris.get("/moderation/").text
    assert "Rude words." in alder.client().get(f"/threads/{id}").text


def test_everybody_reads_the_log_without_what_was_hidden(alder: Town) -> None:
    id, comment = reported(alder)
    boris = alder.client("boris")
    boris.post(f"/moderation/hide/comment:{comment}", data={"reason": "insult", "note": "Stay friendly."})
    boris.post(f"/moderation/dismiss/contribution:{id}")
    log = alder.client().get("/moderation/log").text
    wanted = [
        "Hidden",
        "Insult or threat against a person",
        "Stay friendly.",
        "Boris",
        "Reports looked at, nothing to do",
    ]
    assert [text for text in wanted if text not in log] == []
    assert "Rude words." not in log
    assert log.index("Reports looked at") < log.index("Stay friendly.")


def test_nothing_is_hidden_without_a_reason(alder: Town) -> None:
    id = a_story(alder)
    forms: list[dict[str, str]] = [{}, {"reason": "dislike"}, {"reason": "other"}, {"reason": "other", "note": "  "}]
    for form in forms:
        assert alder.client("boris").post(f"/moderation/hide/contribution:{id}", data=form).status_code == 422
    assert alder.client().get(f"/threads/{id}").status_code == 200


@pytest.mark.parametrize("name", ["anna", "chen"])
def test_nobody_else_decides(alder: Town, name: str) -> None:
    id = a_story(alder)
    client = alder.client(name)
    for action in ("hide", "restore", "dismiss"):
        assert client.post(f"/moderation/{action}/contribution:{id}", data={"reason": "spam"}).status_code == 403
    assert "/moderation/" not in client.get("/").text.replace("/moderation/log", "")


def test_a_target_that_is_nothing_is_a_404(alder: Town) -> None:
    for target in ["comment:999", "user:1", "contribution:0", "comment:%00", "x"]:
        assert alder.client("boris").get(f"/moderation/hide/{target}").status_code == 404
        assert alder.client("boris").post(f"/moderation/restore/{target}").status_code == 404
