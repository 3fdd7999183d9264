"""Atom feeds: what a follower reads, in the order of time, valid whatever people wrote."""

from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import insert

from codesign.core.authorities import create_authority
from codesign.core.comments import post_comment
from codesign.core.contributions import get_of_kind
from codesign.core.settings import CORE, save_settings
from codesign.core.threads import Thread
from codesign.core.topics import create_topic, ensure_topic
from codesign.core.users import User
from codesign.core.viewers import editions_of
from codesign.events import Event, Side, record
from codesign.testing import Town
from codesign.testing.client import Client
from codesign.testing.counting import work
from tests.growing import settle
from tests.making import a_story, a_thread
from tests.nasty import everything

ATOM = "{http://www.w3.org/2005/Atom}"
SITUATION = "/situations/i-am-expecting-a-child"
FEEDS = [
    "/feed.atom",
    "/topics/parks/feed.atom",
    f"{SITUATION}/feed.atom",
    "/authorities/roads/feed.atom",
    "/contributions/1/feed.atom",
]


def titles(client: Client, url: str) -> list[str]:
    feed = ElementTree.fromstring(client.get(url).content)
    return [entry.findtext(f"{ATOM}title", "") for entry in feed.findall(f"{ATOM}entry")]


def a_story_with_a_past(town: Town) -> None:
    """Of a topic, a situation and an authority: told, changed an hour later, and then commented on."""
    hooks = town.world.site.plugins.hooks(frozenset())
    with town.write() as db:
        roads = create_authority(db, "Roads")
        thread = a_thread(town, db, title="Three visits")
        thread.topic_id = ensure_topic(db, "Parks")
        anna = town.person(db, "anna")
        record(db, hooks, "threads.started", thread, anna, town.world.clock.now())
        town.world.clock.advance(timedelta(hours=1))
        record(db, hooks, "threads.edited", thread, anna, town.world.clock.now(), authority_id=roads.id)
        comment = post_comment(db, thread, anna, "It is so.", None, "en", town.world.clock.now())
        record(db, hooks, "comments.posted", thread, anna, town.world.clock.now(), comment.id)
        record(db, hooks, "moderation.hide", thread, None, town.world.clock.now(), comment.id)
        record(db, hooks, "feedback.noted", thread, None, town.world.clock.now(), note="Only for us")


CHANGED = "Three visits · Its author changed the text."


def test_a_follower_reads_of_the_story_and_what_became_of_it(alder: Town) -> None:
    a_story_with_a_past(alder)
    client = alder.client()
    found = {url: titles(client, url) for url in FEEDS}
    both = [CHANGED, "Three visits"]
    assert found == dict(zip(FEEDS, [["Three visits"], both, both, [CHANGED], both], strict=True))


def test_an_entry_says_who_when_where_and_keeps_its_name(alder: Town) -> None:
    a_story_with_a_past(alder)
    client = alder.client()
    for url in FEEDS[1:]:
        feed = ElementTree.fromstring(client.get(url).content)
        entry = feed.find(f"{ATOM}entry")
        assert entry is not None
        assert (entry.findtext(f"{ATOM}author/{ATOM}name"), entry.findtext(f"{ATOM}updated")) == (
            "Anna",
            "2026-05-04T10:00:00+00:00",
        )
        assert entry.find(f"{ATOM}link").attrib["href"] == "http://alder.localhost/threads/1"  # type: ignore[union-attr]
        assert entry.findtext(f"{ATOM}id") == "http://alder.localhost/contributions/1#event-2"
        assert feed.findtext(f"{ATOM}id") == f"http://alder.localhost{url}"
        assert feed.find(f"{ATOM}link[@rel='self']").attrib["href"] == f"http://alder.localhost{url}"  # type: ignore[union-attr]


def test_no_two_entries_of_a_feed_have_one_name(alder: Town) -> None:
    a_story_with_a_past(alder)
    hooks = alder.world.site.plugins.hooks(frozenset())
    with alder.write() as db:
        thread = get_of_kind(db, Thread, 1)
        for _turn in range(40):
            record(db, hooks, "threads.edited", thread, None, alder.world.clock.now())
    for url in FEEDS[1:3] + FEEDS[4:]:
        feed = ElementTree.fromstring(alder.client().get(url).content)
        ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
        assert (len(ids), len(set(ids))) == (30, 30)
    assert titles(alder.client(), FEEDS[4])[-1] == "Three visits"


def test_what_is_hidden_is_in_no_feed(alder: Town) -> None:
    a_story_with_a_past(alder)
    client = alder.client()
    before = [len(titles(client, url)) for url in FEEDS]
    with alder.write() as db:
        get_of_kind(db, Thread, 1).hidden_at = alder.world.clock.now()
    assert before == [1, 2, 2, 1, 2]
    assert [titles(client, url) for url in FEEDS[:4]] == [[]] * 4
    assert client.get(FEEDS[4]).status_code == 404


def test_the_events_of_a_plugin_that_is_off_are_in_no_feed(alder: Town) -> None:
    alder.enable("debates")
    anna = alder.client("anna")
    typed = {"title": "Where should the swings go?", "text": "Children need more room to play here.", "topic": ""}
    assert anna.post("/debates/new", data=typed).status_code == 303
    assert titles(anna, "/contributions/1/feed.atom") == ["Where should the swings go?"]
    alder.disable("debates")
    assert anna.get("/contributions/1/feed.atom").status_code == 404
    assert titles(anna, "/feed.atom") == []


def test_a_feed_of_nothing_is_a_feed_and_of_no_such_thing_a_404(alder: Town) -> None:
    with alder.write() as db:
        create_topic(db, "Parks")
    client = alder.client()
    assert titles(client, "/topics/parks/feed.atom") == []
    for url in (
        "/topics/lakes/feed.atom",
        "/situations/x/feed.atom",
        "/authorities/x/feed.atom",
        "/contributions/1/feed.atom",
    ):
        assert client.get(url).status_code == 404
    assert client.get(f"/contributions/{2**63}/feed.atom").status_code == 404


def test_a_feed_speaks_the_language_of_its_reader(alder: Town) -> None:
    a_story_with_a_past(alder)
    with alder.write() as db:
        save_settings(db, CORE, {"other_locales": ["es"]}, alder.world.clock.now())
    client = alder.client()
    client.cookies.set("language", "es")
    feed = ElementTree.fromstring(client.get(FEEDS[4]).content)
    assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "es"


def test_a_feed_is_kept_and_made_anew_when_something_happened(alder: Town) -> None:
    a_story_with_a_past(alder)
    for url in FEEDS:
        client = alder.client()
        first = client.get(url)
        assert first.headers["content-type"].startswith("application/atom+xml")
        assert client.get(url, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
        with alder.counted() as asked:
            client.get(url)
        assert len(asked) <= 2
    before = editions_of(alder.store)
    with alder.write() as db:
        hooks = alder.world.site.plugins.hooks(frozenset())
        record(db, hooks, "threads.edited", get_of_kind(db, Thread, 1), None, alder.world.clock.now())
    assert editions_of(alder.store) != before
    assert titles(alder.client(), FEEDS[4]) == [CHANGED, CHANGED, "Three visits"]


def test_each_page_names_its_feed(alder: Town) -> None:
    a_story_with_a_past(alder)
    pages = ["/topics/parks", SITUATION, "/authorities/roads", "/threads/1"]
    for name in (None, "anna"):
        for page, feed in zip(pages, FEEDS[1:], strict=True):
            html = alder.client(name).get(page).text
            told = f'<link rel="alternate" type="application/atom+xml" href="{feed}"'
            assert (html.count(told), html.count(f'<a href="{feed}"')) == (1, 1)


def test_another_town_reads_nothing_of_it(alder: Town, birch: Town) -> None:
    a_story_with_a_past(alder)
    client = birch.client("dora")
    assert (titles(client, "/feed.atom"), [client.get(url).status_code for url in FEEDS[1:]]) == ([], [404] * 4)


def test_whatever_people_write_the_feeds_stay_valid(alder: Town, shared_data: Path) -> None:
    nasty = [
        text for text in everything(shared_data) if text.encode("utf-8", "ignore").decode() == text and "\0" not in text
    ]
    hooks = alder.world.site.plugins.hooks(frozenset())
    client = alder.client()
    for start in range(0, len(nasty), 25):
        with alder.write() as db:
            topic = ensure_topic(db, "Parks")
            for text in nasty[start : start + 25]:
                thread = a_thread(alder, db)
                thread.title, thread.excerpt, thread.topic_id = text, text, topic
                writer = User(name=text or "Anna", created_at=alder.world.clock.now())
                db.add(writer)
                db.flush()
                thread.author_id = writer.id
                record(db, hooks, "threads.edited", thread, writer, alder.world.clock.now())
        found = titles(client, "/topics/parks/feed.atom")
        assert len(found) == 30 or start == 0
        assert len(titles(client, "/feed.atom")) == min(30, start + 25, len(nasty))


@pytest.mark.parametrize("name", [None, "anna"])
def test_a_feed_asks_the_same_few_questions_however_much_happened(alder: Town, name: str | None) -> None:
    a_story_with_a_past(alder)
    hooks = alder.world.site.plugins.hooks(frozenset())
    costs = []
    with alder.world.again(fragments_mb=0) as plain:
        town = plain.towns["alder"]
        client = town.client(name)
        for more in (1, 2, 97):
            with alder.write() as db:
                thread = get_of_kind(db, Thread, 1)
                for _turn in range(more):
                    record(db, hooks, "threads.edited", thread, None, alder.world.clock.now(), authority_id=1)
            client.get("/")
            for url in FEEDS:
                with town.counted() as asked:
                    assert client.get(url).status_code == 200
                costs.append((url, len(asked)))
    assert (len(set(costs)), max(cost for _url, cost in costs) <= 6) == (5, True)


def grow_events(town: Town, count: int) -> None:
    """So many more of each: comments on the story, changes of a story of no topic, changes of the story itself."""
    now = town.world.clock.now()
    with town.write() as db:
        other = a_thread(town, db, title="Elsewhere").id
        comment = {"name": "comments.posted", "contribution_id": 1, "comment_id": 1}
        elsewhere = {"name": "threads.edited", "contribution_id": other, "comment_id": None}
        places = {"topic_id": 1, "situation_id": 1, "authority_id": 1}
        rows = [
            {**dict.fromkeys(places), **row, "origin": Side.CLOCK, "data": {}, "at": now}
            for row in [comment, elsewhere, {**elsewhere, "contribution_id": 1, **places}]
            for _turn in range(count)
        ]
        db.execute(insert(Event.__table__), rows)  # type: ignore[arg-type]
        settle(db, "event")


def test_a_feed_is_no_more_work_when_more_has_happened(alder: Town) -> None:
    a_story_with_a_past(alder)
    with alder.world.again(fragments_mb=0) as plain:
        town = plain.towns["alder"]
        efforts = []
        for more in (200, 4000):
            grow_events(alder, more)
            town.client().get("/")
            for url in FEEDS:
                with work(town) as done:
                    assert town.client().get(url).status_code == 200
                efforts.append(done.effort)
    few, many = efforts[:5], efforts[5:]
    assert [url for url, a, b in zip(FEEDS, few, many, strict=True) if b > a * 1.3 + 50] == [], (few, many)


def test_a_story_that_nobody_changed_has_a_feed_with_one_entry(alder: Town) -> None:
    id = a_story(alder, title="Swings & <slides>", text="Children <b>love</b> them & so do we.")
    feed = ElementTree.fromstring(alder.client().get(f"/contributions/{id}/feed.atom").content)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert (entry.findtext(f"{ATOM}title"), entry.findtext(f"{ATOM}id")) == (
        "Swings & <slides>",
        f"http://alder.localhost/threads/{id}",
    )
    assert entry.findtext(f"{ATOM}summary") == "Children &lt;b&gt;love&lt;/b&gt; them &amp; so do we."
