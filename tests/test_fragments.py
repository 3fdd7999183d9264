"""Pages rendered once: nothing personal in shared bytes, nothing stale, and a page filled equals a page rendered."""



from codesign.core.follows import set_follow
from codesign.core.life import get_situation
from codesign.core.topics import create_topic, get_topic
from codesign.core.votes import vote_on_comment, vote_on_contribution
from codesign.testing import Town, World
from codesign.testing.client import Client
from tests.making import a_comment, a_thread, neighbours

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
