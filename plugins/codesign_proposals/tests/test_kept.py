"""The pages of proposals, made once for all who read them."""

from datetime import timedelta

from codesign.core.comments import post_comment
from codesign.core.contributions import get_of_kind
from codesign.core.follows import set_follow
from codesign.core.settings import save_settings
from codesign.core.topics import ensure_topic
from codesign.core.votes import vote_on_comment
from codesign.testing import Town, World
from codesign_proposals.access import hold
from codesign_proposals.proposals import Proposal, Withdrawal
from codesign_proposals.publishing import edit, withdraw
from codesign_proposals.tests.making import TEXT, proposal_id, propose, support
from codesign_proposals.written import Written
from tests.test_concurrency import at_once, posting

STATE = "X-Codesign-Fragment"
PAGES = [
    "/", "/proposals/", "/proposals/?order=supported", "/proposals/1", "/proposals/1?order=newest", "/proposals/2", "/proposals/3",
    "/proposals/4", "/proposals/1/revisions", "/proposals/1/revisions?version=2", "/topics/markets", "/contributions/1/comments",
]  # fmt: skip
PEOPLE = ["anna", None, "chen", "boris", "maya"]


def furnish(town: Town) -> None:
    now = town.world.clock.now()
    with town.enable("proposals").write() as db:
        anna, boris, maya = (town.person(db, name) for name in ("anna", "boris", "maya"))
        topic = ensure_topic(db, "Markets")
        first, second, third, _fourth = (
            propose(db, author, f"Roof {number}", now, topic_id=topic, threshold=2)
            for number, author in enumerate([anna, boris, anna, boris])
        )
        for person in (anna, maya):
            support(db, first, person, now)
        [first] = hold(db, first.id)
        edit(db, first, Written("Roof and bench", TEXT + " Now."), now)
        root = post_comment(db, first, boris, "It is so.", None, "en", now)
        post_comment(db, first, anna, "It is not.", root, "en", now)
        support(db, second, anna, now)
        vote_on_comment(db, anna, root, -1)
        set_follow(db, anna, second, True)
        [third] = hold(db, third.id)
        withdraw(db, third, Withdrawal.OTHER, "Nobody wanted it.", now)


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


def test_a_proposal_is_archived_on_its_page_at_the_second_its_term_ends(alder: Town) -> None:
    id = proposal_id(alder.enable("proposals"), archives_at=alder.world.clock.now() + timedelta(seconds=30))
    clients = [alder.client(), alder.client("anna")] * 3

    def archived() -> list[bool]:
        return ["Archived on" in client.get(f"/proposals/{id}").text for client in clients]

    assert archived() == [False] * 6
    alder.world.clock.advance(timedelta(seconds=29))
    assert archived() == [False] * 6
    alder.world.clock.advance(timedelta(seconds=1))
    assert archived() == [True] * 6


def test_a_kept_page_shows_a_support_a_change_and_a_setting_as_soon_as_they_are_there(alder: Town) -> None:
    id = proposal_id(alder.enable("proposals"))
    clients = [alder.client(), alder.client("anna"), alder.client("boris")] * 2

    def seen(words: str) -> list[bool]:
        return [words in client.get(f"/proposals/{id}").text for client in clients]

    assert seen(">0</strong> of 100 supporters") == [True] * 6
    assert at_once([posting(alder, "boris", f"/contributions/{id}/vote", {"value": "1"})]) == [303]
    assert seen(">1</strong> of 100 supporters") == [True] * 6
    assert seen("Take your support back") == [False, False, True] * 2
    with alder.write() as db:
        edit(db, hold(db, id)[0], Written("Roof and bench", TEXT), alder.world.clock.now())
    assert seen("Roof and bench</h1>") == [True] * 6
    with alder.write() as db:
        save_settings(db, "proposals", {"supported_by": "verified"}, alder.world.clock.now())
    assert seen("In this town, verified residents support proposals.") == [True] * 6
    with alder.read() as db:
        assert get_of_kind(db, Proposal, id).revision == 2
