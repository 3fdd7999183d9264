"""A poll on its page, in the list and on the front page, and what the clock changes there."""

import re
from datetime import timedelta
from typing import Any

import pytest

from codesign.core.contributions import PAGE, get_of_kind
from codesign.core.topics import ensure_topic
from codesign.testing import Town
from codesign_polls.ballots import cast, voter_of
from codesign_polls.polls import Poll
from codesign_polls.tests.making import TITLE, a_question, poll_id

DAY = timedelta(days=1)


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


def a_poll(town: Town, title: str = TITLE, opens: float = 0, closes: float = 7, **more: Any) -> int:
    """Opens and closes so many days from now."""
    now = town.world.clock.now()
    dates = {"opens_at": now + opens * DAY, "closes_at": now + closes * DAY}
    return poll_id(town, *more.pop("questions", ()), title=title, **dates, **more)


def vote(town: Town, id: int, *names: str) -> None:
    for name in names:
        with town.write() as db:
            user = town.person(db, name)
            cast(db, get_of_kind(db, Poll, id), voter_of(user), user.id, [0], town.world.clock.now())


def titles(html: str) -> list[str]:
    return re.findall(r'class="entry-title"><a href="/polls/\d+"[^>]*>([^<]+)<', html)


def walk(town: Town, url: str, name: str | None = None) -> list[str]:
    """The titles of every page of a list, by its links."""
    client, found = town.client(name), []
    while url:
        html = client.get(url).text
        found += titles(html)
        more = re.search(r'class="more">\s*<a[^>]* href="(/polls/\?[^"]*after[^"]+)"', html)
        url = more[1].replace("&amp;", "&") if more else ""
    return found


def action(html: str) -> str:
    """What stands in the place of the one main action."""
    [aside] = re.findall(r'<aside class="aside"[^>]*>(.*?)<form class="follow"', html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", aside).split())


def test_a_poll_shows_what_is_asked_who_may_vote_and_how_it_is_counted(town: Town) -> None:
    area = town.area("Riverside")
    questions = (a_question("ranked", text="Think of *shade*."), a_question("yes_no", title="Shall it have a bench?"))
    id = a_poll(town, questions=questions, area_ids=(area,), min_level=2, min_age=16, quorum=40)
    html = town.client().get(f"/polls/{id}").text
    words = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    for told in (
        "1. Which tree for the square?", "2. Shall it have a bench?", "Oak Elm Ash", "Think of shade", "Yes No Abstain",
        "Round by round the option with the fewest votes goes out", "Riverside", "at least 16 years",
        "at least 40 people vote", "From 4 May 2026, 09:00 to 11 May 2026, 09:00.", "This vote is secret",
    ):  # fmt: skip
        assert told in words, told


def test_there_is_one_main_action_and_the_clock_and_the_voter_decide_which(town: Town) -> None:
    id = a_poll(town, opens=1, closes=4)
    clients = {name: town.client(name) for name in ("anna", None, "chen")}

    def seen() -> dict[str | None, str]:
        return {
            name: action(client.get(f"/polls/{id}").text).split(" Change the poll")[0]
            for name, client in clients.items()
        }

    before = "Voting opens on 5 May 2026, 09:00 It closes on 8 May 2026, 09:00."
    assert seen() == dict.fromkeys(clients, before)
    town.world.clock.advance(DAY)
    now_open = "Voting is open Vote Until 8 May 2026, 09:00, 3 days left"
    assert seen() == dict.fromkeys(clients, now_open)
    vote(town, id, "anna")
    counted = "Until 8 May 2026, 09:00, 3 days left 1 person has voted"
    assert seen() == {
        "anna": f"Voting is open Your vote is counted. {counted}",
        None: f"Voting is open Vote {counted}",
        "chen": f"Voting is open Vote {counted}",
    }
    town.world.clock.advance(3 * DAY)
    assert {said.startswith("Voting is over") for said in seen().values()} == {True}
    assert f'href="/polls/{id}/results"' in clients[None].get(f"/polls/{id}").text


def test_who_voted_in_an_open_vote_can_change_it(town: Town) -> None:
    id = a_poll(town, secret=False, live=True)
    vote(town, id, "anna")
    assert ["Change your vote" in town.client(name).get(f"/polls/{id}").text for name in ("anna", "boris", None)] == [
        True,
        False,
        False,
    ]


def test_a_hidden_poll_says_so_and_is_in_no_list(town: Town) -> None:
    id = a_poll(town)
    why = {"reason": "other", "note": "By mistake."}
    assert town.client("boris").post(f"/moderation/hide/contribution:{id}", data=why).status_code == 303
    assert town.client().get(f"/polls/{id}").status_code == 404
    assert [titles(town.client().get(url).text) for url in ("/", "/polls/", "/polls/?phase=open")] == [[], [], []]


def test_the_list_shows_the_open_polls_first_those_that_close_soonest_and_then_the_newest(town: Town) -> None:
    a_poll(town, "Closed long ago", -9, -8)
    a_poll(town, "Open until tomorrow", closes=1)
    a_poll(town, "Open for long", closes=9)
    a_poll(town, "Yet to come", 2, 3)
    assert walk(town, "/polls/") == ["Open until tomorrow", "Open for long", "Yet to come", "Closed long ago"]
    assert walk(town, "/polls/?phase=open") == ["Open until tomorrow", "Open for long"]
    assert walk(town, "/polls/?phase=open&order=newest") == ["Open for long", "Open until tomorrow"]
    assert walk(town, "/polls/?phase=upcoming") == ["Yet to come"]
    assert walk(town, "/polls/?phase=closed") == ["Closed long ago"]
    assert titles(town.client().get("/").text)[:2] == ["Open until tomorrow", "Open for long"]


def test_the_list_is_filtered_by_topic_and_words(town: Town) -> None:
    with town.write() as db:
        topic = ensure_topic(db, "Parks")
    a_poll(town, "Benches in the park", topic_id=topic)
    a_poll(town, "Trees in the park", -2, -1, topic_id=topic)
    a_poll(town, "A bridge for bicycles")
    assert walk(town, "/polls/?topic=parks") == ["Benches in the park", "Trees in the park"]
    assert walk(town, "/polls/?q=trees") == ["Trees in the park"]
    assert walk(town, "/polls/?q=park&phase=open") == ["Benches in the park"]
    assert walk(town, "/polls/?topic=nothing") == []
    assert "There is no such poll at the moment." in town.client().get("/polls/?topic=nothing").text


@pytest.mark.parametrize(
    ("phase", "dates"), [("open", (0, 5)), ("upcoming", (1, 5)), ("closed", (-5, -1)), ("", (-5, -1))]
)
@pytest.mark.parametrize("order", ["closing", "newest"])
def test_every_list_shows_every_poll_once_page_by_page(
    town: Town, phase: str, dates: tuple[float, float], order: str
) -> None:
    wanted = sorted(f"Question number {number:02}" for number in range(PAGE * 2 + 3))
    for title in wanted:
        a_poll(town, title, *dates)
    assert sorted(walk(town, f"/polls/?phase={phase}&order={order}")) == wanted


def test_more_open_polls_than_a_page_holds_have_a_page_of_their_own(town: Town) -> None:
    for number in range(PAGE + 2):
        a_poll(town, f"Question number {number:02}")
    html = town.client().get("/polls/").text
    assert (len(titles(html)), "Show all open polls" in html) == (PAGE, True)
    assert len(walk(town, "/polls/?phase=open")) == PAGE + 2


def test_htmx_gets_only_the_rows_it_asked_for(town: Town) -> None:
    for number in range(PAGE + 2):
        a_poll(town, f"Question number {number:02}", -2, -1)
    [more] = re.findall(r'hx-get="(/polls/\?[^"]+)"', town.client().get("/polls/").text)
    answer = town.client().htmx("GET", more.replace("&amp;", "&"))
    assert ("<html" in answer.text, len(titles(answer.text))) == (False, 2)


def test_staff_find_the_way_to_their_drafts_and_nobody_else_does(town: Town) -> None:
    shown = {
        name: "/polls/drafts" in town.client(name).get("/polls/").text
        for name in ("anna", "boris", "chen", "maya", None)
    }
    assert shown == {"anna": False, "boris": False, "chen": True, "maya": True, None: False}
