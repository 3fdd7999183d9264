"""Pages rendered once: nothing personal in shared bytes, nothing stale, and a page filled equals a page rendered."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from codesign.core.comments import Standing, edit_comment, get_comment, set_standing
from codesign.core.contributions import get_contribution, get_of_kind
from codesign.core.follows import set_follow
from codesign.core.life import get_situation
from codesign.core.settings import CORE, save_settings
from codesign.core.threads import Thread
from codesign.core.topics import create_topic, get_topic
from codesign.core.users import Role, set_role
from codesign.core.votes import vote_on_comment, vote_on_contribution
from codesign.testing import Town, World
from codesign.testing.client import Client
from codesign.testing.counting import work
from codesign.web.finished import Finished
from codesign.web.fragments import FragmentLayer
from codesign.web.moulds import Mould
from tests.making import a_comment, a_reply, a_story, a_thread, neighbours

STATE = "X-Codesign-Fragment"
PAGES = [
    "/", "/topics/", "/topics/parks", "/situations/", "/situations/i-am-expecting-a-child", "/threads/1", "/threads/1?order=newest",
    "/threads/1?order=agreed", "/threads/2", "/contributions/1/comments", "/comments/1", "/comments/2", "/comments/1/replies",
    "/search?q=visits", "/search", "/feed.atom", "/moderation/log",
]  # fmt: skip
PEOPLE = ["anna", None, "chen", "neighbour0", "neighbour1", "boris"]


def a_town(town: Town) -> None:
    """Anna and her neighbours wrote, voted and follow; Chen watches."""
    neighbours(town, 2)
    with town.write() as db:
        anna, first, second = (town.person(db, name) for name in ("anna", "neighbour0", "neighbour1"))
        anna.name = "Anna Quokka"
        create_topic(db, "Parks")
        story = a_thread(town, db)
        a_thread(town, db, "neighbour0", "Two visits")
        root = a_comment(town, db, story.id, "neighbour0")
        a_comment(town, db, story.id, "anna", root.id, "Yes, it is.")
        a_comment(town, db, story.id, "chen", root.id, "We shall look into it.")
        vote_on_contribution(db, anna, story, 1)
        vote_on_contribution(db, first, story, -1)
        vote_on_comment(db, anna, root, -1)
        vote_on_comment(db, second, root, 1)
        set_follow(db, anna, story, True)
        set_follow(db, first, get_topic(db, "parks"), True)
        set_follow(db, second, get_situation(db, "i-am-expecting-a-child"), True)


def layer(world: World) -> FragmentLayer:
    app: Any = world.app
    found: FragmentLayer = app.fragments
    return found


def kept_bytes(world: World) -> bytes:
    """Everything that is shared by several readers."""
    shelf = layer(world).shelf
    items = [*shelf._new.values(), *shelf._proven.values()]
    finished = [item.plain[1] for item in items if isinstance(item, Finished)]
    moulds = [b"".join(item.page) for item in items if isinstance(item, Mould)]
    assert (bool(finished), bool(moulds)) == (True, True)
    return b"\n".join(finished + moulds)


def browsers(town: Town, people: list[str | None]) -> dict[str | None, Client]:
    return {name: town.client(name) for name in people}


def test_every_page_walked_by_everybody_is_what_it_would_be_without_keeping_any(world: World, alder: Town) -> None:
    a_town(alder)
    with world.again(fragments_mb=0) as plain:
        kept, fresh = browsers(alder, PEOPLE), browsers(plain.towns["alder"], PEOPLE)
        states: dict[str, set[str]] = {"hit": set(), "filled": set()}
        for url in PAGES:
            expected = {name: fresh[name].get(url) for name in PEOPLE}
            for name in (*PEOPLE, *PEOPLE, *PEOPLE):
                answer = kept[name].get(url)
                assert answer.text == expected[name].text, f"{url} for {name}"
                assert answer.headers["Content-Type"] == expected[name].headers["Content-Type"]
                states.setdefault(answer.headers.get(STATE, ""), set()).add(url)
    assert (states["hit"], states["filled"]) == (set(PAGES), set(PAGES))


def test_what_is_kept_for_all_tells_nothing_of_those_who_read_it(world: World, alder: Town) -> None:
    a_town(alder)
    readers = browsers(alder, ["neighbour1", "chen", "maya"])
    for url in PAGES:
        for client in [*readers.values(), alder.client(), *readers.values(), alder.client()]:
            assert client.get(url).status_code == 200
    shared = kept_bytes(world)
    secrets = [value.encode() for client in readers.values() for value in client.cookies.values()]
    for word in (b"Neighbour1", b"Maya", b"@alder.example", b"resident-", *secrets):
        assert word not in shared, word


Change = Callable[[Town, Session], object]
CHANGES: dict[str, Change] = {
    "a vote": lambda town, db: vote_on_contribution(db, town.person(db, "chen"), get_of_kind(db, Thread, 1), 1),
    "a vote taken back": lambda town, db: vote_on_contribution(db, town.person(db, "anna"), get_of_kind(db, Thread, 1), 0),
    "a vote on a comment": lambda town, db: vote_on_comment(db, town.person(db, "anna"), get_comment(db, 2), 1),
    "a comment": lambda town, db: a_comment(town, db, 1, "boris"),
    "an edited comment": lambda town, db: edit_comment(db, get_comment(db, 2), "Another text", town.world.clock.now()),
    "a hidden comment": lambda town, db: set_standing(db, get_comment(db, 2), get_of_kind(db, Thread, 1), Standing.HIDDEN),
    "a follower": lambda town, db: set_follow(db, town.person(db, "chen"), get_of_kind(db, Thread, 1), True),
    "a follower of a topic": lambda town, db: set_follow(db, town.person(db, "chen"), get_topic(db, "parks"), True),
    "somebody who follows no longer": lambda town, db: set_follow(db, town.person(db, "anna"), get_of_kind(db, Thread, 1), False),
    "a story": lambda town, db: a_thread(town, db, "chen", "Nine visits"),
    "a new name of a person": lambda town, db: setattr(town.person(db, "anna"), "name", "Anna Wombat"),
    "a new role": lambda town, db: set_role(db, town.person(db, "neighbour0"), Role.OFFICIAL),
    "a new name of a topic": lambda town, db: setattr(get_topic(db, "parks"), "title", "Green places"),
    "a new name of the town": lambda town, db: save_settings(db, CORE, {"title": "Alder on the hill"}, town.world.clock.now()),
    "another language": lambda town, db: save_settings(db, CORE, {"title": "Alder", "locale": "et"}, town.world.clock.now()),
}  # fmt: skip
SEEN = [
    "/",
    "/topics/parks",
    "/situations/i-am-expecting-a-child",
    "/threads/1",
    "/comments/2",
    "/feed.atom",
    "/search?q=visits",
]


def test_every_change_is_seen_at_once_by_everybody_whom_the_layer_serves(world: World, alder: Town) -> None:
    a_town(alder)
    people = ["anna", "neighbour0", "neighbour1", None]
    with world.again(fragments_mb=0) as plain:
        kept, fresh = browsers(alder, people), browsers(plain.towns["alder"], people)
        for what, change in CHANGES.items():
            for name in people:
                for url in SEEN:
                    kept[name].get(url)
            with alder.write() as db:
                change(alder, db)
            for name in people:
                for url in SEEN:
                    assert kept[name].get(url).text == fresh[name].get(url).text, f"{what}: {url} for {name}"


def test_a_page_is_made_once_however_many_read_it_and_again_only_when_it_changed(world: World, alder: Town) -> None:
    a_town(alder)
    stranger, resident = alder.client(), alder.client("neighbour1")

    def states(url: str) -> list[str]:
        return [client.get(url).headers.get(STATE, "") for client in (stranger, resident, stranger, resident, stranger)]

    assert states("/threads/1") == ["miss", "", "hit", "filled", "hit"]
    assert states("/threads/1") == ["hit", "filled"] * 2 + ["hit"]
    with alder.write() as db:  # somewhere else in the town
        a_comment(alder, db, 2, "boris")
    assert states("/threads/1") == ["hit", "filled"] * 2 + ["hit"]
    made = [id(item) for item in layer(world).shelf._proven.values() if isinstance(item, Mould)]
    with alder.write() as db:
        vote_on_contribution(db, alder.person(db, "chen"), get_of_kind(db, Thread, 1), 1)
    assert states("/threads/1") == ["miss", "filled", "hit", "filled", "hit"]
    again = [id(item) for item in layer(world).shelf._proven.values() if isinstance(item, Mould)]
    assert (len(made), len(again), set(made) & set(again)) == (1, 1, set())


def test_within_a_second_any_number_of_readers_asks_the_store_once_whatever_happens_in_it(
    world: World, alder: Town
) -> None:
    id = a_story(alder)
    with world.again(recheck_seconds=3600) as slow:
        town = slow.towns["alder"]
        client, before = town.client(), ""
        for _time in range(2):
            before = client.get(f"/threads/{id}").text
        with alder.write() as db:
            vote_on_contribution(db, alder.person(db, "chen"), get_of_kind(db, Thread, id), 1)
        with town.counted() as asked:
            assert {client.get(f"/threads/{id}").text for _reader in range(50)} == {before}
        assert asked == []
    with world.again(recheck_seconds=0) as quick, quick.towns["alder"].counted() as asked:
        assert quick.towns["alder"].client().get(f"/threads/{id}").text != before
        assert asked != []


def test_a_resident_costs_two_questions_and_two_templates_and_a_stranger_a_look_once_in_a_while(
    world: World, alder: Town
) -> None:
    a_town(alder)
    for name, questions, templates in (("neighbour1", 3, 2), (None, 1, 0)):
        client = alder.client(name)
        for url in PAGES:
            for _time in range(3):
                client.get(url)
            with work(alder) as done:
                client.get(url)
            # One look at the editions, and two questions about a person; the menu with their name, and the number of their notices.
            parts = 0 if url == "/feed.atom" else templates
            assert (len(done.statements), done.templates) == (questions, parts), (url, done.statements)


def test_a_word_from_the_last_page_is_shown_once_to_one_person(alder: Town) -> None:
    anna, stranger = alder.client("anna"), alder.client()
    id = a_story(alder, "anna")
    for _time in range(3):
        assert (anna.get("/").status_code, stranger.get("/").status_code) == (200, 200)
    answer = anna.post("/accounts/settings", data={"name": "Anna Quokka", "locale": "en"})
    assert answer.status_code == 303, answer.text
    assert "Your changes are saved." in anna.get("/").text
    for client in (anna, stranger):
        assert "Your changes are saved." not in client.get("/").text
    assert "Anna Quokka" in stranger.get(f"/threads/{id}").text


def test_whoever_signs_out_or_is_erased_gets_the_page_of_a_stranger(alder: Town) -> None:
    id = a_story(alder)
    anna, expected = alder.client("anna"), alder.client().get(f"/threads/{id}").text
    token = anna.cookies["codesign"]
    for _time in range(3):
        assert "Anna</span>" in anna.get(f"/threads/{id}").text
    assert anna.post("/accounts/sign-out").status_code == 303
    late = alder.client()
    late.cookies.set("codesign", token)
    assert late.get(f"/threads/{id}").text == expected


def test_two_towns_with_the_same_address_have_their_own_pages(alder: Town, birch: Town) -> None:
    assert (a_story(alder, "anna", "Alder speaks"), a_story(birch, "dora", "Birch speaks")) == (1, 1)
    for _time in range(3):
        for town, own, foreign in ((alder, "Alder", "Birch"), (birch, "Birch", "Alder")):
            for name in (None, "anna" if town is alder else "dora"):
                text = town.client(name).get("/threads/1").text
                assert (f"{own} speaks" in text, f"{foreign} speaks" in text) == (True, False)


def test_after_a_minute_a_page_is_made_anew_as_the_clock_stands_on_it(alder: Town) -> None:
    id = a_story(alder)
    stranger, resident = alder.client(), alder.client("boris")
    first = stranger.get(f"/threads/{id}").text
    a_reply(alder, id, "boris")
    for _time in range(2):
        assert "2 hours ago" not in stranger.get(f"/threads/{id}").text
    alder.world.clock.advance(timedelta(hours=2))
    for client in (stranger, resident):
        assert "2 hours ago" in client.get(f"/threads/{id}").text
    assert first != stranger.get(f"/threads/{id}").text


def test_a_page_that_a_moderator_hid_is_gone_at_once(alder: Town) -> None:
    id = a_story(alder)
    clients = [alder.client(), alder.client("anna")]
    for _time in range(3):
        assert [client.get(f"/threads/{id}").status_code for client in clients] == [200, 200]
    form = {"reason": "spam", "note": "Advertising"}
    assert alder.client("boris").post(f"/moderation/hide/contribution:{id}", data=form).status_code == 303
    for _time in range(2):
        assert [client.get(f"/threads/{id}").status_code for client in clients] == [404, 404]
    with alder.read() as db:
        assert get_contribution(db, alder.world.site.kinds and {"thread": alder.world.site.kinds["core"][0]}, id).hidden
