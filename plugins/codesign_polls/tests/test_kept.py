"""The pages of polls, made once for all who read them, and made anew when somebody votes or the clock says so."""

from datetime import timedelta

from codesign.core.comments import post_comment
from codesign.core.contributions import get_of_kind
from codesign.core.follows import set_follow
from codesign.core.topics import ensure_topic
from codesign.testing import Town, World
from codesign_polls.ballots import cast, voter_of
from codesign_polls.polls import Poll
from codesign_polls.tests.making import a_question, ask, asking, poll_id

STATE = "X-Codesign-Fragment"
PAGES = [
    "/", "/polls/", "/polls/?phase=open", "/polls/?phase=open&order=newest", "/polls/?phase=open&topic=parks", "/polls/?q=tree",
    "/polls/1", "/polls/1?order=newest", "/polls/2", "/polls/3", "/polls/4", "/topics/parks",
]  # fmt: skip
PEOPLE = ["anna", None, "chen", "boris", "maya"]


def furnish(town: Town) -> None:
    """An open poll that Anna has voted in, one that she can change, an upcoming and a closed one."""
    now, day = town.world.clock.now(), timedelta(days=1)
    with town.enable("polls").write() as db:
        anna, boris, chen, topic = (
            *(town.person(db, name) for name in ("anna", "boris", "chen")),
            ensure_topic(db, "Parks"),
        )
        kinds = (
            {},
            {"secret": False, "live": True},
            {"opens_at": now + day},
            {"opens_at": now - 2 * day, "closes_at": now - day},
        )
        polls = [ask(db, chen, asking(a_question("single")), now, topic_id=topic, **kind) for kind in kinds]
        root = post_comment(db, polls[0], boris, "It is so.", None, "en", now)
        post_comment(db, polls[0], anna, "It is not.", root, "en", now)
        set_follow(db, anna, polls[1], True)
        for poll in polls[:2]:
            cast(db, poll, voter_of(anna), anna.id, [0], now)


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


def test_a_vote_is_on_the_kept_page_of_who_cast_it_at_once(alder: Town) -> None:
    id = poll_id(alder.enable("polls"))
    anna, others = alder.client("anna"), [alder.client("boris"), alder.client()]
    for _time in range(3):
        assert "Your vote is counted." not in anna.get(f"/polls/{id}").text
    with alder.write() as db:
        person = alder.person(db, "anna")
        cast(db, get_of_kind(db, Poll, id), voter_of(person), person.id, [0], alder.world.clock.now())
    for _time in range(3):
        assert "Your vote is counted." in anna.get(f"/polls/{id}").text
        assert ["Your vote is counted." in other.get(f"/polls/{id}").text for other in others] == [False, False]
        assert ["1 person has voted" in other.get(f"/polls/{id}").text for other in (anna, *others)] == [True] * 3


def test_a_poll_opens_and_closes_on_all_its_pages_at_the_second(alder: Town) -> None:
    clock = alder.world.clock
    opens = clock.now() + timedelta(seconds=30)
    id = poll_id(alder.enable("polls"), opens_at=opens, closes_at=opens + timedelta(seconds=30))
    clients = [alder.client(), alder.client("anna")] * 3

    def seen() -> set[tuple[str, bool, bool]]:
        found = set()
        for client in clients:
            own, home = client.get(f"/polls/{id}").text, "The town decides now" in client.get("/").text
            phase = next(each for each in ("opens on", "is open", "is over") if f"Voting {each}" in own)
            found.add((phase, home, "Open now" in client.get("/polls/").text))
        return found

    said = []
    for seconds in (0, 29, 1, 29, 1):
        clock.advance(timedelta(seconds=seconds))
        said.append(seen())
    shut, now_open, over = {("opens on", False, False)}, {("is open", True, True)}, {("is over", False, False)}
    assert said == [shut, shut, now_open, now_open, over]


def test_the_days_left_are_right_on_kept_pages(alder: Town) -> None:
    clock = alder.world.clock
    id = poll_id(alder.enable("polls"), closes_at=clock.now() + timedelta(days=4))
    clients = [alder.client(), alder.client("anna")] * 3
    said = []
    for hours in (0, 23, 1, 47, 1, 22.5, 0.5, 0.5):
        clock.advance(timedelta(hours=hours))
        pages = [client.get(url).text for client in clients for url in (f"/polls/{id}", "/polls/", "/")]
        words = ("4 days left", "3 days left", "25 hours left", "24 hours left", "2 hours left", "the last hour")
        said.append({next((word for word in words if word in text), "") for text in pages})
    wanted = [
        "4 days left",
        "4 days left",
        "3 days left",
        "25 hours left",
        "24 hours left",
        "2 hours left",
        "the last hour",
    ]
    assert said == [*({words} for words in wanted), {"the last hour"}]
