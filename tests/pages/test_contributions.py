"""Votes, follows and reports on pages, and the short address of a contribution."""

from sqlalchemy import select

from codesign.core.contributions import get_of_kind
from codesign.core.moderation import Report
from codesign.core.threads import Thread
from codesign.core.topics import create_topic
from codesign.testing import Town
from tests.making import a_reply, a_situation, a_story


def test_the_short_address_leads_to_the_page(alder: Town) -> None:
    id = a_story(alder)
    assert alder.client().get(f"/contributions/{id}").headers["location"] == f"/threads/{id}"
    assert alder.client().get(f"/contributions/{id + 1}").status_code == 404


def test_a_vote_counts_once_changes_and_is_taken_back(alder: Town) -> None:
    id = a_story(alder)
    client = alder.client("boris")
    seen = []
    for value in ("1", "1", "-1", "0", "0"):
        assert (
            client.post(f"/contributions/{id}/vote", data={"value": value}).headers["location"]
            == f"/threads/{id}#votes"
        )
        with alder.read() as db:
            thread = get_of_kind(db, Thread, id)
            seen.append((thread.agree_count, thread.disagree_count))
    assert seen == [(1, 0), (1, 0), (0, 1), (0, 0), (0, 0)]


def test_any_other_vote_is_refused(alder: Town) -> None:
    id, client = a_story(alder), alder.client("boris")
    for value in ("", "2", "-2", "1.0", "yes", "१"):
        assert client.post(f"/contributions/{id}/vote", data={"value": value}).status_code == 422


def test_htmx_gets_the_new_buttons_alone(alder: Town) -> None:
    id = a_story(alder)
    client = alder.client("boris")
    vote = client.htmx("POST", f"/contributions/{id}/vote", data={"value": "1"})
    follow = client.htmx("POST", f"/contributions/{id}/follow", data={"follow": "1"})
    for answer in (vote, follow):
        assert (answer.status_code, "<html" in answer.text) == (200, False)
    assert 'aria-pressed="true"' in vote.text


def test_stories_topics_and_situations_are_followed_and_left(alder: Town) -> None:
    with alder.write() as db:
        situation, topic = a_situation(db).slug, create_topic(db, "Parks").slug
    pages = {
        f"/contributions/{a_story(alder)}": "/threads/",
        f"/topics/{topic}": "/topics/",
        f"/situations/{situation}": "/sit",
    }
    client = alder.client("boris")
    for url, leads in pages.items():
        for wanted in ("1", "1", "0"):
            answer = client.post(f"{url}/follow", data={"follow": wanted})
            assert (answer.status_code, answer.headers["location"].startswith(leads)) == (303, True)
            followed = client.htmx("POST", f"{url}/follow", data={"follow": wanted}).text
            assert ('value="0"' in followed) == (wanted == "1")
    assert client.post("/topics/none/follow", data={"follow": "1"}).status_code == 404


def test_a_report_reaches_the_moderators_once(alder: Town) -> None:
    id = a_story(alder)
    comment = a_reply(alder, id)
    client = alder.client("anna")
    for url in (f"/contributions/{id}/report", f"/comments/{comment}/report"):
        assert client.get(url).status_code == 200
        assert client.post(url, data={"reason": "nonsense"}).status_code == 422
        for _time in range(2):
            assert client.post(url, data={"reason": "spam", "detail": "  Look here.  "}).status_code == 303
    with alder.read() as db:
        filed = [(row.target, row.detail) for row in db.scalars(select(Report).order_by(Report.id))]
    assert filed == [(f"contribution:{id}", "Look here."), (f"comment:{comment}", "Look here.")]


def test_what_is_hidden_cannot_be_acted_on(alder: Town) -> None:
    id = a_story(alder)
    with alder.write() as db:
        get_of_kind(db, Thread, id).hidden_at = alder.world.clock.now()
    form = {"value": "1", "follow": "1", "reason": "spam", "text": "Hello"}
    for action in ("vote", "follow", "report", "comments"):
        assert alder.client("anna").post(f"/contributions/{id}/{action}", data=form).status_code == 404
