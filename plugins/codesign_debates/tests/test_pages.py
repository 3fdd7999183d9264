"""Debates on pages: list and orders, starting, changing, closing, and what the clock opens and closes."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from codesign.core.contributions import PAGE
from codesign.core.settings import save_settings
from codesign.core.topics import create_topic
from codesign.core.votes import vote_on_contribution
from codesign.mail import read_message
from codesign.testing import Town
from codesign_debates.debates import Debate, start

TEXT = "The stalls stand in the car park since spring. Should they go back to the square?"


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("debates")


def a_debate(town: Town, title: str = "Should the market move?", **dates: datetime) -> int:
    with town.write() as db:
        now = town.world.clock.now()
        when = (dates.get("opens_at"), dates.get("closes_at"))
        return start(db, town.person(db, "anna"), title, TEXT, None, "en", when, now).id


def titles(html: str) -> list[str]:
    return re.findall(r'class="entry-title"><a href="/debates/\d+"[^>]*>([^<]+)<', html)


def walk(town: Town, url: str, name: str | None = None) -> list[str]:
    """The titles of every page of a list, by its links."""
    client, found = town.client(name), []
    while url:
        html = client.get(url).text
        found += titles(html)
        more = re.search(r'class="more">\s*<a[^>]* href="([^"]+)"', html)
        url = more[1].replace("&amp;", "&") if more else ""
    return found


def test_a_resident_starts_a_debate_with_a_topic_and_a_last_day(town: Town) -> None:
    with town.write() as db:
        topic = create_topic(db, "Markets").id
    form = {"title": "Should the market move?", "text": TEXT, "topic": str(topic), "closes_on": "2026-06-30"}
    answer = town.client("anna").post("/debates/new", data=form)
    assert answer.status_code == 303
    html = town.client().get(answer.headers["location"]).text
    assert ("Should the market move?" in html, "Markets" in html, "Open until 30 June 2026" in html) == (True,) * 3
    with town.read() as db:
        debate = db.scalars(select(Debate)).one()
        assert (debate.number, debate.closes_at) == ("2026-00001", datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC))


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"title": "x", "text": TEXT}, "Write at least 4 characters."),
        ({"title": "Market?", "text": ""}, "Please fill this in."),
        ({"title": "Market?", "text": TEXT, "topic": "999"}, "Please choose one of these."),
        (
            {"title": "Market?", "text": TEXT, "opens_on": "2026-07-01", "closes_on": "2026-06-01"},
            "Choose a later one.",
        ),
    ],
)
def test_what_cannot_be_a_debate_comes_back_with_what_was_typed(
    town: Town, form: dict[str, str], sentence: str
) -> None:
    answer = town.client("anna").post("/debates/new", data=form)
    assert (answer.status_code, sentence in answer.text, form["title"] in answer.text) == (422, True, True)


@pytest.mark.parametrize("order", ["newest", "voted", "discussed", "random"])
def test_every_order_shows_every_debate_once_page_by_page(town: Town, order: str) -> None:
    wanted = {f"Question number {number}" for number in range(PAGE * 2 + 3)}
    for title in wanted:
        a_debate(town, title)
    found = walk(town, f"/debates/?order={order}")
    assert (len(found), set(found)) == (len(wanted), wanted)


def test_the_random_order_stays_for_a_visitor_and_differs_between_visitors(town: Town) -> None:
    for number in range(12):
        a_debate(town, f"Question number {number}")
    visitors = [town.client() for _each in range(4)]
    first = [titles(visitor.get("/debates/?order=random").text) for visitor in visitors]
    assert [titles(visitor.get("/debates/?order=random").text) for visitor in visitors] == first
    assert len({tuple(order) for order in first}) > 1


def test_the_list_is_filtered_by_topic_phase_and_words(town: Town) -> None:
    now = town.world.clock.now()
    a_debate(town, "Open for all")
    a_debate(town, "Yet to come", opens_at=now + timedelta(days=1))
    a_debate(town, "Over since yesterday", closes_at=now - timedelta(days=1))
    client = town.client()
    found = {phase: titles(client.get(f"/debates/?phase={phase}").text) for phase in ("open", "upcoming", "closed")}
    assert found == {"open": ["Open for all"], "upcoming": ["Yet to come"], "closed": ["Over since yesterday"]}
    assert titles(client.get("/debates/?q=yesterday").text) == ["Over since yesterday"]
    assert titles(client.get("/debates/?topic=nothing").text) == []


def test_the_clock_opens_and_closes_a_debate(town: Town) -> None:
    now = town.world.clock.now()
    id = a_debate(town, opens_at=now + timedelta(days=1), closes_at=now + timedelta(days=2))
    boris, told = town.client("boris"), {"text": "I was there."}
    for days, status in ((0, 403), (1, 303), (2, 403)):
        town.world.clock.moment = now + timedelta(days=days)
        assert boris.post(f"/contributions/{id}/comments", data=told).status_code == status
        assert boris.post(f"/contributions/{id}/vote", data={"value": "1"}).status_code == status
    closed = town.client().get(f"/debates/{id}").text
    assert "This debate closed on 6 May 2026. You can still read it." in closed


def test_an_author_changes_a_debate_until_somebody_has_answered(town: Town) -> None:
    id = a_debate(town)
    anna = town.client("anna")
    form = {"title": "Should the market move back?", "text": TEXT}
    assert anna.post(f"/debates/{id}/edit", data=form).status_code == 303
    assert "Should the market move back?" in anna.get(f"/debates/{id}").text
    with town.write() as db:
        vote_on_contribution(db, town.person(db, "boris"), db.get_one(Debate, id), 1)
    assert [anna.get(f"/debates/{id}/edit").status_code, anna.post(f"/debates/{id}/edit", data=form).status_code] == [
        403,
        403,
    ]


def test_closing_keeps_the_conclusion_on_the_page_and_tells_who_took_part(town: Town) -> None:
    id = a_debate(town)
    town.client("boris").post(f"/contributions/{id}/comments", data={"text": "The square, please."})
    town.client("maya").post(f"/contributions/{id}/vote", data={"value": "-1"})
    form = {"conclusion": "The market **returns** to the square in June."}
    assert town.client("chen").post(f"/debates/{id}/close", data=form).status_code == 303
    html = town.client().get(f"/debates/{id}").text
    assert ("<strong>returns</strong>" in html, "How it ended" in html, 'id="comment-form"' in html) == (
        True,
        True,
        False,
    )
    letters = [read_message(path.parent, path.stem) for path in town.send_mail()]
    assert sorted(letter.to.split("@")[0] for letter in letters) == ["anna", "boris", "maya"]
    assert all("What came of the debate" in letter.subject and f"/debates/{id}" in letter.text for letter in letters)
    assert town.client("chen").post(f"/debates/{id}/close", data=form).status_code == 403


def test_a_town_may_reserve_starting_debates_to_its_staff(town: Town) -> None:
    with town.write() as db:
        save_settings(db, "debates", {"started_by": "staff", "days_open": 10}, town.world.clock.now())
    assert "Start a debate" not in town.client("anna").get("/debates/").text
    form = {"title": "Should the market move?", "text": TEXT}
    refused = town.client("anna").post("/debates/new", data=form)
    assert (refused.status_code, "officials and moderators start the debates" in refused.text) == (403, True)
    opened = town.client("chen").post("/debates/new", data=form)
    assert "Open until 14 May 2026" in town.client().get(opened.headers["location"]).text
