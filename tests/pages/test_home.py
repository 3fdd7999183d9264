"""The front page, the search, the feed, and what every host answers."""

from xml.etree import ElementTree

from codesign.testing import Town, World
from codesign.testing.client import Client
from codesign.testing.html import unmarked
from tests.making import a_story, a_thread

ATOM = "{http://www.w3.org/2005/Atom}"


def test_an_empty_town_greets_and_invites(alder: Town) -> None:
    page = alder.client().get("/")
    assert (page.status_code, "Alder" in page.text, "/accounts/sign-up" in page.text) == (200, True, True)


def test_the_front_page_shows_the_latest(alder: Town) -> None:
    with alder.write() as db:
        for number in range(8):
            a_thread(alder, db, title=f"Story {number:03}")
    page = alder.client().get("/").text
    assert [number for number in range(8) if f"Story {number:03}" in page] == [2, 3, 4, 5, 6, 7]


def test_the_search_finds_by_words_and_keeps_what_was_asked(alder: Town) -> None:
    a_story(alder, title="Swings for children")
    a_story(alder, title="More buses")
    client = alder.client()
    page = client.get("/search", params={"q": "SWINGS child"}).text
    assert "<mark>Swings</mark> for <mark>children</mark>" in page
    page = unmarked(page)
    assert ("Swings for children" in page, "More buses" in page, 'value="SWINGS child"' in page) == (True, False, True)
    assert "Swings for children" not in client.get("/search", params={"q": "trains"}).text
    assert "Swings for children" not in client.get("/search").text


def test_no_search_breaks_the_page_or_runs(alder: Town) -> None:
    for q in [
        '"><script>alert(1)</script>',
        "\0",
        "' OR 1=1 --",
        "*",
        '"',
        "_",
        "x" * 5000,
        "%",
        "\ud83d",
        "a AND NOT b",
    ]:
        page = alder.client().get("/search", params={"q": q.encode("utf-8", "replace")})
        assert (page.status_code, "<script>alert" in page.text) == (200, False)


def test_search_results_go_on_on_a_second_page(alder: Town) -> None:
    with alder.write() as db:
        for number in range(23):
            a_thread(alder, db, title=f"Swing {number:03}")
    client = alder.client()
    first = client.get("/search?q=swing").text
    more = next(
        part.partition('"')[0]
        for part in first.split('href="')
        if part.startswith("/search?q=swing") and "after" in part
    )
    second = unmarked(client.get(more.replace("&amp;", "&")).text)
    assert [number for number in range(23) if f"Swing {number:03}" in second] == [0, 1, 2]


def test_the_feed_is_atom_and_holds_the_newest_first(alder: Town) -> None:
    a_story(alder, title="Swings & <slides>", text="Children <b>love</b> them & so do we.")
    a_story(alder, title="More buses")
    answer = alder.client().get("/feed.atom")
    feed = ElementTree.fromstring(answer.text)
    entries = feed.findall(f"{ATOM}entry")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["More buses", "Swings & <slides>"]
    assert entries[1].find(f"{ATOM}link").attrib["href"] == "http://alder.localhost/threads/1"  # type: ignore[union-attr]
    assert entries[1].findtext(f"{ATOM}summary") == "Children &lt;b&gt;love&lt;/b&gt; them &amp; so do we."


def test_the_root_host_lists_the_towns_and_unknown_hosts_learn_nothing(world: World) -> None:
    root = Client(world.app, "http://localhost")
    assert [
        town for town in ("http://alder.localhost/", "http://birch.localhost/") if town not in root.get("/").text
    ] == []
    for host in ("cedar.localhost", "alder.example", "evil.alder.localhost", "evil@alder.localhost"):
        answer = Client(world.app, "http://localhost").get("/", headers={"Host": host})
        assert (answer.status_code, "lder" in answer.text.replace("address", "")) == (404, False)


def test_any_host_says_whether_the_process_and_its_databases_live(world: World) -> None:
    for host in ("localhost", "alder.localhost", "unknown.example"):
        client = Client(world.app, f"http://{host}")
        assert [client.get(path).status_code for path in ("/-/health", "/-/ready")] == [200, 200]


def test_every_answer_keeps_browsers_strict(alder: Town) -> None:
    for path in ("/", "/none", "/feed.atom", "/favicon.svg"):
        headers = alder.client().get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")


def test_the_front_page_costs_the_same_few_queries_however_much_there_is(alder: Town) -> None:
    costs = []
    with alder.world.again(fragments_mb=0) as plain:
        town = plain.towns["alder"]
        client = town.client("anna")
        for more in (1, 2, 40):
            with alder.write() as db:
                for _story in range(more):
                    a_thread(alder, db)
            client.get("/")  # what the town decided is read once after a change
            with town.counted() as asked:
                assert client.get("/").status_code == 200
            costs.append(len(asked))
    assert (len(set(costs)), max(costs) <= 8) == (1, True)
