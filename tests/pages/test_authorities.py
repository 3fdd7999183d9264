"""Authorities: their public pages, following them, and their administration."""

import re

import pytest

from codesign.core.authorities import authorities, create_authority, members_of, set_remit, topics_of
from codesign.core.topics import ensure_topic
from codesign.testing import Town
from codesign.testing.client import Client

EDIT = "/admin/authorities/parks"


def the_parks(town: Town) -> None:
    """An authority with one topic."""
    with town.write() as db:
        set_remit(db, create_authority(db, "Parks", "Trees and benches"), {ensure_topic(db, "Playgrounds")})


def people(town: Town) -> dict[str, str]:
    with town.read() as db:
        return {name: str(town.person(db, name).id) for name in ("anna", "chen", "maya")}


def test_a_town_without_authorities_says_so(alder: Town) -> None:
    page = alder.client().get("/authorities/")
    assert (page.status_code, "No authority is entered yet." in page.text) == (200, True)


def test_the_page_of_an_authority_shows_what_it_answers_for(alder: Town) -> None:
    the_parks(alder)
    client = alder.client()
    assert 'href="/authorities/parks"' in client.get("/authorities/").text
    page = client.get("/authorities/parks").text
    assert [
        text
        for text in ("Trees and benches", "/topics/playgrounds", "/authorities/parks/feed.atom")
        if text not in page
    ] == []
    assert 'href="/authorities/parks"' in client.get("/topics/playgrounds").text
    assert client.get("/authorities/lakes").status_code == 404


def test_a_kept_page_shows_a_change_of_business_at_once(alder: Town) -> None:
    the_parks(alder)
    client = alder.client()
    assert "Playgrounds" in client.get("/authorities/parks").text
    with alder.write() as db:
        (parks,) = authorities(db)
        set_remit(db, parks, set())
    assert "Playgrounds" not in client.get("/authorities/parks").text
    assert "/authorities/parks" not in client.get("/topics/playgrounds").text


def test_residents_follow_an_authority_and_stop(alder: Town) -> None:
    the_parks(alder)
    anna = alder.client("anna")
    anna.get("/authorities/parks")
    followed = anna.post("/authorities/parks/follow", data={"follow": "1"})
    assert (followed.status_code, followed.headers["location"]) == (303, "/authorities/parks")
    page = anna.get("/authorities/parks").text
    assert ("Stop following" in page, "1 follower" in page) == (True, True)
    assert "Stop following" in anna.get("/authorities/parks").text
    assert "Stop following" not in alder.client("boris").get("/authorities/parks").text
    part = anna.htmx("POST", "/authorities/parks/follow", data={"follow": "0"}).text
    assert ("Stop following" in part, 'value="1"' in part) == (False, True)
    assert anna.post("/authorities/lakes/follow", data={"follow": "1"}).status_code == 404


def test_an_administrator_adds_an_authority_and_says_who_works_there(alder: Town) -> None:
    with alder.write() as db:
        topic = ensure_topic(db, "Playgrounds")
    maya, ids = alder.client("maya"), people(alder)
    added = maya.post("/admin/authorities", data={"title": "Parks", "summary": "Trees"})
    assert (added.status_code, added.headers["location"]) == (303, EDIT)
    form = {
        "title": "Parks & trees",
        "summary": "All of them",
        "head": ids["maya"],
        "members": [ids["chen"]],
        "topics": [str(topic)],
    }
    assert maya.post(EDIT, data=form).headers["location"] == "/admin/authorities"
    page = maya.get(EDIT).text
    checked = re.findall(r'name="(members|topics)" value="(\d+)"[^>]* checked', page)
    assert checked == [("members", ids["chen"]), ("topics", str(topic))]
    assert re.findall(r'<option selected value="(\d+)"', page) == [ids["maya"]]
    with alder.read() as db:
        (parks,) = authorities(db)
        assert (parks.title, parks.head_id, [p.name for p in members_of(db, parks)]) == (
            "Parks & trees",
            int(ids["maya"]),
            ["Chen"],
        )
        assert topics_of(db, parks) == {topic}


def test_what_cannot_be_is_refused_and_what_was_typed_stays(alder: Town) -> None:
    the_parks(alder)
    maya, ids = alder.client("maya"), people(alder)
    good = {"title": "Parks", "summary": "", "head": ""}
    for bad in ({"title": ""}, {"title": "x" * 81}, {"head": "x"}, {"head": ids["anna"]}, {"summary": "y" * 301}):
        answer = maya.post(EDIT, data={**good, "members": [ids["chen"]], **bad})
        assert (answer.status_code, f'value="{ids["chen"]}" id="members-{ids["chen"]}" checked' in answer.text) == (
            422,
            True,
        )
    again = maya.post("/admin/authorities", data={"title": "PARKS", "summary": "kept"})
    assert (again.status_code, "already an authority" in again.text, "kept" in again.text) == (422, True, True)
    strangers = {**good, "members": [ids["anna"], "999", "x"], "topics": ["999", "-1"]}
    assert maya.post(EDIT, data=strangers).status_code == 303
    with alder.read() as db:
        (parks,) = authorities(db)
        assert (members_of(db, parks), topics_of(db, parks)) == ([], set())


def test_an_authority_is_removed_and_its_followers_follow_no_other(alder: Town) -> None:
    the_parks(alder)
    maya, anna = alder.client("maya"), alder.client("anna")
    anna.post("/authorities/parks/follow", data={"follow": "1"})
    assert maya.post(f"{EDIT}/remove").headers["location"] == "/admin/authorities"
    maya.post("/admin/authorities", data={"title": "Roads"})
    assert "Stop following" not in anna.get("/authorities/roads").text
    assert maya.post(f"{EDIT}/remove").status_code == 404


def test_nobody_but_administrators_changes_authorities(alder: Town) -> None:
    the_parks(alder)
    posts = ["/admin/authorities", EDIT, f"{EDIT}/remove"]
    for name in ("anna", "boris", "chen"):
        client: Client = alder.client(name)
        assert [client.post(url, data={"title": "Mine"}).status_code for url in posts] == [403] * 3
        assert [client.get(url).status_code for url in posts[:2]] == [403] * 2


def test_another_town_knows_nothing_of_them(alder: Town, birch: Town) -> None:
    the_parks(alder)
    edda = birch.client("edda")
    assert [edda.get(url).status_code for url in ("/authorities/parks", EDIT, "/authorities/parks/feed.atom")] == [
        404
    ] * 3
    assert "Parks" not in edda.get("/authorities/").text


@pytest.mark.parametrize("name", [None, "anna", "maya"])
def test_pages_of_authorities_ask_little_however_many_there_are(alder: Town, name: str | None) -> None:
    costs = []
    with alder.world.again(fragments_mb=0) as plain:
        town = plain.towns["alder"]
        client = town.client(name)
        for more in (1, 2, 40):
            with alder.write() as db:
                for number in range(more):
                    authority = create_authority(db, f"Unit {more} {number}")
                    set_remit(db, authority, {ensure_topic(db, f"Topic {more} {number}")})
                set_remit(
                    db, authorities(db)[0], {ensure_topic(db, f"Topic {more} {number}") for number in range(more)}
                )
            client.get("/")
            for url in ("/authorities/", "/authorities/unit-1-0", "/topics/topic-1-0"):
                with town.counted() as asked:
                    assert client.get(url).status_code == 200
                costs.append((url, len(asked)))
    assert (len(set(costs)), max(cost for _url, cost in costs) <= 8) == (3, True)
