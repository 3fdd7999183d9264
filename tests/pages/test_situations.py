"""Life situations and topics on pages, and the stories people tell in them."""

from codesign.core.contributions import PAGE
from codesign.core.threads import Thread
from codesign.core.topics import create_topic
from codesign.testing import Town
from codesign.testing.client import Client
from codesign.testing.html import unmarked
from tests.making import SITUATION, a_reply, a_situation, a_story, a_thread


def queries(town: Town, client: Client, url: str) -> int:
    """How many a page costs. The fewer of two, since every two seconds a request looks into the registry as well."""
    counts = []
    for _time in range(2):
        with town.counted() as asked:
            assert client.get(url).status_code == 200
        counts.append(len(asked))
    return min(counts)


STORY = {"title": "Three visits for one signature", "text": "Nobody knew which papers were missing, three times."}
URL = "/situations/i-am-expecting-a-child"


def test_a_story_is_told_in_a_situation_and_read_by_everybody(alder: Town) -> None:
    with alder.write() as db:
        a_situation(db)
    anna, reader = alder.client("anna"), alder.client()
    assert SITUATION in reader.get("/situations/").text
    assert anna.get(f"{URL}/threads/new").status_code == 200
    story = anna.post(f"{URL}/threads/new", data=STORY).headers["location"]
    for url in (story, URL, "/", "/feed.atom"):
        assert STORY["title"] in reader.get(url).text
    assert STORY["text"] in reader.get(story).text
    assert reader.get("/threads/").headers["location"] == "/situations/"


def test_a_story_that_says_too_little_or_too_much_comes_back(alder: Town) -> None:
    with alder.write() as db:
        a_situation(db)
    anna = alder.client("anna")
    for field, typed in (("title", ""), ("title", "x" * 121), ("text", "too short"), ("text", "")):
        answer = anna.post(f"{URL}/threads/new", data={**STORY, field: typed})
        other = STORY["text" if field == "title" else "title"]
        assert (answer.status_code, other in answer.text) == (422, True)


def test_an_author_changes_a_story_while_nobody_has_answered(alder: Town) -> None:
    id = a_story(alder)
    anna = alder.client("anna")
    form = {**STORY, "title": "Two visits"}
    assert "Three visits" in anna.get(f"/threads/{id}/edit").text
    assert anna.post(f"/threads/{id}/edit", data={**form, "text": ""}).status_code == 422
    assert anna.post(f"/threads/{id}/edit", data=form).headers["location"] == f"/threads/{id}"
    assert "Two visits" in unmarked(alder.client().get("/search?q=two+visits").text)
    assert alder.client("boris").post(f"/threads/{id}/edit", data=form).status_code == 403
    a_reply(alder, id)
    assert anna.get(f"/threads/{id}/edit").status_code == 403
    assert anna.post(f"/threads/{id}/edit", data={**form, "title": "No visits"}).status_code == 403
    assert "No visits" not in alder.client().get(f"/threads/{id}").text


def test_stories_of_a_situation_are_paged_by_key(alder: Town) -> None:
    with alder.write() as db:
        for number in range(PAGE + 2):
            a_thread(alder, db, title=f"Story {number:03}")
    client = alder.client()
    first = client.get(URL).text
    more = next(part.partition('"')[0] for part in first.split('href="') if part.startswith(f"{URL}?after="))
    second = client.get(more).text
    shown = [[number for number in range(PAGE + 2) if f"Story {number:03}" in text] for text in (first, second)]
    assert shown == [list(range(2, PAGE + 2)), [0, 1]]


def test_a_topic_shows_what_was_put_forward_in_it(alder: Town) -> None:
    with alder.write() as db:
        parks = create_topic(db, "Parks and trees")
        create_topic(db, "Schools")
        thread = a_thread(alder, db)
        thread.topic_id, parks.contribution_count = parks.id, 1
    client = alder.client()
    assert [title for title in ("Parks and trees", "Schools") if title not in client.get("/topics/").text] == []
    assert "Three visits" in client.get("/topics/parks-and-trees").text
    assert "Three visits" not in client.get("/topics/schools").text


def test_what_is_not_there_is_a_page_that_says_so(alder: Town) -> None:
    for url in [
        "/topics/none",
        "/situations/none",
        "/threads/1",
        "/threads/0",
        f"/threads/{2**64}",
        "/threads/x",
        "/comments/1",
        "/none",
        "/topics/%ff",
        "/situations/none/threads/new",
    ]:
        answer = alder.client("anna").get(url)
        assert (answer.status_code, "<h1" in answer.text) == (404, True)


def test_an_address_that_no_database_can_be_asked_for_is_not_found(alder: Town) -> None:
    for url in ["/topics/%00", "/situations/a%00b", f"/comments/{'9' * 5000}", f"/topics/{'a' * 9000}"]:
        assert alder.client("anna").get(url).status_code == 404


def test_a_story_costs_the_same_queries_however_many_comments_it_has(alder: Town) -> None:
    id = a_story(alder)
    client = alder.client()
    counts = []
    for comments in (1, 2, 30):
        for _comment in range(comments):
            root = a_reply(alder, id)
        a_reply(alder, id, "anna", root)
        counts.append(queries(alder, client, f"/threads/{id}"))
    assert len(set(counts)) == 1
    assert counts[0] <= 8


def test_the_model_and_its_address_agree(alder: Town) -> None:
    assert alder.client().get(Thread.URL.format(id=a_story(alder))).status_code == 200
