"""Comments on pages: posting, replying, voting, changing, taking back; with htmx and without."""

import pytest
from sqlalchemy import select

from codesign.core.comments import Comment, Standing
from codesign.core.contributions import get_of_kind
from codesign.core.discussions import REPLIES, ROOTS
from codesign.core.threads import Thread
from codesign.testing import Town
from codesign.testing.towns import PASSWORD
from tests.making import a_comment, a_reply, a_story


def only_comment(town: Town, id: int) -> Comment:
    with town.read() as db:
        return db.get_one(Comment, id)


def test_a_comment_is_published_and_leads_to_its_own_page(alder: Town) -> None:
    id = a_story(alder)
    client = alder.client("boris")
    answer = client.post(f"/contributions/{id}/comments", data={"text": "  **It is so** in <b>my</b> street.  "})
    assert answer.status_code == 303
    text = client.get(answer.headers["location"]).text
    assert "<strong>It is so</strong> in &lt;b&gt;my&lt;/b&gt; street." in text
    assert "<strong>It is so</strong>" in alder.client().get(f"/threads/{id}").text


def test_a_reply_stands_below_what_it_answers(alder: Town) -> None:
    id = a_story(alder)
    root = a_reply(alder, id)
    client = alder.client("anna")
    assert "It is so." in client.get(f"/comments/{root}/reply").text
    reply = client.post(f"/comments/{root}/reply", data={"text": "Thank you."}).headers["location"]
    assert only_comment(alder, int(reply.rpartition("/")[2])).parent_id == root
    page = alder.client().get(reply).text
    assert page.index("It is so.") < page.index("Thank you.")


def test_htmx_gets_the_comment_alone_and_the_same_is_stored(alder: Town) -> None:
    id = a_story(alder)
    answer = alder.client("boris").htmx("POST", f"/contributions/{id}/comments", data={"text": "Said in place."})
    assert (answer.status_code, "<html" in answer.text, "Said in place." in answer.text) == (200, False, True)
    with alder.read() as db:
        assert get_of_kind(db, Thread, id).comment_count == 1


def test_what_cannot_be_posted_comes_back_with_a_sentence(alder: Town) -> None:
    for text, sentence in [("", "Please fill this in."), ("x" * 5001, "at most 5000")]:
        id = a_story(alder)
        client = alder.client("boris")
        plain = client.post(f"/contributions/{id}/comments", data={"text": text})
        htmx = client.htmx("POST", f"/contributions/{id}/comments", data={"text": text})
        for answer in (plain, htmx):
            assert (answer.status_code, sentence in answer.text, text in answer.text) == (422, True, True)
        assert ("<html" in plain.text, "<html" in htmx.text) == (True, False)


def test_strangers_are_asked_to_sign_in_and_come_back(alder: Town) -> None:
    id = a_story(alder)
    comment = a_reply(alder, id)
    client = alder.client()
    for url, data in {
        f"/contributions/{id}/comments": {"text": "Hello"}, f"/comments/{comment}/vote": {"value": "1"},
        f"/comments/{comment}/reply": {"text": "Hello"}, f"/comments/{comment}/remove": {},
    }.items():  # fmt: skip
        answer = client.post(url, data=data, headers={"Referer": f"http://alder.localhost/threads/{id}"})
        target, _and, send = answer.headers["location"].partition("&")
        assert target == f"http://alder.localhost/accounts/sign-in?next=%2Fthreads%2F{id}"
        assert (answer.status_code, bool(send)) == ((307, True) if "text" in data else (303, False))
        assert client.htmx("POST", url, data=data).headers["hx-redirect"].startswith("http://alder.localhost/accounts/")
    with alder.read() as db:
        assert get_of_kind(db, Thread, id).comment_count == 1


def test_what_was_typed_before_a_session_ran_out_is_sent_after_signing_in(alder: Town) -> None:
    id = a_story(alder)
    client = alder.client()
    client.follow_redirects = True
    asked = client.post(f"/contributions/{id}/comments", data={"text": "A thought worth <keeping>"})
    assert (asked.status_code, "A thought worth &lt;keeping&gt;" in asked.text) == (200, True)
    kept = {"text": "A thought worth <keeping>", "next": f"/threads/{id}"}
    wrong = client.post(str(asked.url), data={**kept, "email": "anna@alder.example", "password": "not hers at all"})
    assert (wrong.status_code, "A thought worth &lt;keeping&gt;" in wrong.text) == (422, True)
    ready = client.post(str(asked.url), data={**kept, "email": "anna@alder.example", "password": PASSWORD})
    assert (ready.status_code, f'action="/contributions/{id}/comments"' in ready.text) == (200, True)
    client.post(f"/contributions/{id}/comments", data={"text": "A thought worth <keeping>"})
    with alder.read() as db:
        assert db.scalars(select(Comment.text).where(Comment.contribution_id == id)).all()[-1] == kept["text"]


def test_votes_on_a_comment_change_and_are_taken_back(alder: Town) -> None:
    comment = a_reply(alder, a_story(alder))
    client = alder.client("anna")
    seen = []
    for value in ("1", "1", "-1", "0"):
        assert client.post(f"/comments/{comment}/vote", data={"value": value}).status_code == 303
        found = only_comment(alder, comment)
        seen.append((found.agree_count, found.disagree_count))
    assert seen == [(1, 0), (1, 0), (0, 1), (0, 0)]
    assert client.post(f"/comments/{comment}/vote", data={"value": "7"}).status_code == 422
    part = client.htmx("POST", f"/comments/{comment}/vote", data={"value": "1"})
    assert ('aria-pressed="true"' in part.text, "<html" in part.text) == (True, False)


def test_an_author_changes_a_comment_while_nobody_has_answered(alder: Town) -> None:
    comment = a_reply(alder, a_story(alder), "boris")
    client = alder.client("boris")
    assert "It is so." in client.get(f"/comments/{comment}/edit").text
    assert client.post(f"/comments/{comment}/edit", data={"text": "It was so."}).status_code == 303
    assert only_comment(alder, comment).text == "It was so."
    assert alder.client("anna").post(f"/comments/{comment}/edit", data={"text": "Mine now"}).status_code == 403
    alder.client("anna").post(f"/comments/{comment}/vote", data={"value": "1"})
    assert client.post(f"/comments/{comment}/edit", data={"text": "Quite different"}).status_code == 403
    assert only_comment(alder, comment).text == "It was so."


def test_an_author_takes_a_comment_back_and_replies_stay(alder: Town) -> None:
    id = a_story(alder)
    comment = a_reply(alder, id, "boris", text="A word too much.")
    a_reply(alder, id, "anna", comment, "An answer that stays.")
    client = alder.client("boris")
    assert alder.client("anna").post(f"/comments/{comment}/remove").status_code == 403
    assert "A word too much." in client.get(f"/comments/{comment}/remove").text
    assert client.post(f"/comments/{comment}/remove").status_code == 303
    page = alder.client().get(f"/threads/{id}").text
    assert ("A word too much." in page, "An answer that stays." in page) == (False, True)
    found = only_comment(alder, comment)
    assert (found.standing, found.text, found.html) == (Standing.REMOVED, "", "")
    assert client.post(f"/comments/{comment}/reply", data={"text": "Hello"}).status_code == 404


def test_more_comments_come_as_a_page_and_as_a_part(alder: Town) -> None:
    id = a_story(alder)
    with alder.write() as db:
        for number in range(ROOTS + 2):
            a_comment(alder, db, id, text=f"Comment number {number:03}.")
    client = alder.client()
    first = client.get(f"/threads/{id}").text
    more = next(
        part.partition('"')[0] for part in first.split('href="') if part.startswith(f"/contributions/{id}/comments?")
    )
    url = more.replace("&amp;", "&")
    for answer, whole in ((client.get(url), True), (client.htmx("GET", url), False)):
        shown = [f"{number:03}" for number in range(ROOTS + 2) if f"Comment number {number:03}." in answer.text]
        assert (shown, "<html" in answer.text) == ([f"{ROOTS:03}", f"{ROOTS + 1:03}"], whole)
    assert f"Comment number {ROOTS:03}." not in first


def test_more_replies_go_on_behind_the_last_one_shown(alder: Town) -> None:
    id = a_story(alder)
    root = a_reply(alder, id)
    with alder.write() as db:
        for number in range(REPLIES + 2):
            a_comment(alder, db, id, "anna", root, f"Reply number {number}.")
    first = alder.client().get(f"/threads/{id}").text
    more = next(
        part.partition('"')[0] for part in first.split('href="') if part.startswith(f"/comments/{root}/replies?")
    )
    rest = alder.client().htmx("GET", more.replace("&amp;", "&")).text
    assert [number for number in range(REPLIES + 2) if f"Reply number {number}." in rest] == [REPLIES, REPLIES + 1]
    assert alder.client().get(f"/comments/{root}/replies?after=%00~%22").status_code == 200


def test_comments_can_be_read_in_every_order(alder: Town) -> None:
    id = a_story(alder)
    for text in ("First words.", "Last words."):
        a_reply(alder, id, text=text)
    for order in ("oldest", "newest", "agreed", "nonsense"):
        page = alder.client().get(f"/threads/{id}", params={"order": order}).text
        assert (page.index("First words.") < page.index("Last words.")) == (order in ("oldest", "nonsense"))


def test_comments_cannot_be_changed_when_the_debate_they_are_on_is_over(alder: Town) -> None:
    if "debates" not in alder.world.site.plugins.by_name:
        pytest.skip("the debates plugin is not installed")
    alder.enable("debates")
    anna = alder.client("anna")
    url = anna.post("/debates/new", data={"title": "A question", "text": "What do you think of it?"}).headers[
        "location"
    ]
    id = url.rpartition("/")[2]
    comment = anna.post(f"/contributions/{id}/comments", data={"text": "My own words."}).headers["location"]
    assert anna.post(f"{url}/close", data={"conclusion": "We found an answer together."}).status_code == 303
    assert anna.post(f"{comment}/edit", data={"text": "Never said that."}).status_code == 403
    assert "My own words." in anna.get(comment).text
