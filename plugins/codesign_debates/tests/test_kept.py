"""The pages of debates, made once for all who read them."""

from datetime import timedelta

from codesign.core.comments import post_comment
from codesign.core.contributions import get_of_kind
from codesign.core.follows import set_follow
from codesign.core.votes import vote_on_comment, vote_on_contribution
from codesign.testing import Town, World
from codesign_debates.debates import Debate, close
from codesign_debates.tests.making import a_debate, debate_id

STATE = "X-Codesign-Fragment"
PAGES = [
    "/", "/debates/", "/debates/?order=voted", "/debates/?order=discussed", "/debates/?phase=open&topic=markets", "/debates/?q=market",
    "/debates/1", "/debates/1?order=newest", "/debates/2", "/topics/markets", "/contributions/1/comments", "/comments/1",
]  # fmt: skip
PEOPLE = ["anna", None, "chen", "boris", "maya"]


def furnish(town: Town) -> None:
    now = town.world.clock.now()
    with town.enable("debates").write() as db:
        anna, boris = town.person(db, "anna"), town.person(db, "boris")
        first, second = (
            a_debate(town, db, f"Market {number}?", name, "Markets") for number, name in enumerate(["anna", "boris"])
        )
        root = post_comment(db, first, boris, "It is so.", None, "en", now)
        post_comment(db, first, anna, "It is not.", root, "en", now)
        vote_on_contribution(db, anna, second, 1)
        vote_on_comment(db, anna, root, -1)
        set_follow(db, anna, second, True)
        close(db, second, boris, "We shall move it to Saturday.", now)


def test_every_page_walked_by_everybody_is_what_it_would_be_without_keeping_any(world: World, alder: Town) -> None:
    furnish(alder)
    with world.again(fragments_mb=0) as plain:
        kept = {name: alder.client(name) for name in PEOPLE}
        fresh = {name: plain.towns["alder"].client(name) for name in PEOPLE}
        for url in PAGES:
            states = set()
            for name in PEOPLE * 3:
                answer = kept[name].get(url)
                assert answer.text == fresh[name].get(url).text, f"{url} for {name}"
                states.add(answer.headers.get(STATE))
            assert states == {"miss", "hit", "filled", None}, url


def test_a_debate_closes_on_its_page_and_in_its_list_at_the_second_it_closes(alder: Town) -> None:
    id = debate_id(alder.enable("debates"))
    with alder.write() as db:
        get_of_kind(db, Debate, id).closes_at = alder.world.clock.now() + timedelta(seconds=30)
    clients = [alder.client(), alder.client("anna")] * 3

    def closed() -> list[tuple[bool, bool]]:
        pages = [(client.get(f"/debates/{id}").text, client.get("/debates/").text) for client in clients]
        return [("This debate closed on" in own, "Closed</span>" in listed) for own, listed in pages]

    assert closed() == [(False, False)] * 6
    alder.world.clock.advance(timedelta(seconds=29))
    assert closed() == [(False, False)] * 6
    alder.world.clock.advance(timedelta(seconds=1))
    assert closed() == [(True, True)] * 6


def test_everybody_keeps_their_own_random_order(alder: Town) -> None:
    with alder.enable("debates").write() as db:
        for number in range(30):
            a_debate(alder, db, f"Market {number}?")
    readers = [alder.client() for _reader in range(6)]
    orders = []
    for reader in readers:
        first, again = (reader.get("/debates/?order=random") for _time in range(2))
        assert (first.text, first.headers.get("ETag")) == (again.text, None)
        orders.append(first.text)
    assert len(set(orders)) > 1


def test_a_plugin_switched_off_takes_its_kept_pages_with_it(alder: Town) -> None:
    id = debate_id(alder.enable("debates"))
    clients = [alder.client(), alder.client("anna")]
    for _time in range(3):
        assert [client.get(f"/debates/{id}").status_code for client in clients] == [200, 200]
    alder.disable("debates")
    assert [client.get(f"/debates/{id}").status_code for client in clients] == [404, 404]
    assert ["/debates/" in client.get("/").text for client in clients] == [False, False]
    alder.enable("debates")
    assert [client.get(f"/debates/{id}").status_code for client in clients] == [200, 200]
