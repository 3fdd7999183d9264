"""Two officials at one paper, and a published poll that can be changed until the second it opens."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from codesign.events import Event
from codesign.kit import Forbidden
from codesign.testing import Town
from codesign_polls.papers import paper_of_poll
from codesign_polls.polls import Draft, Poll
from codesign_polls.preparing import change
from codesign_polls.tests.drafting import DRAFT, SOON, ask_trees, begin, mark_on, send, titles
from codesign_polls.tests.making import TEXT, TITLE, poll_id


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


def test_two_officials_at_once_are_told_and_nothing_typed_is_lost(town: Town) -> None:
    chen, maya = begin(town), town.client("maya")
    ask_trees(chen)
    seen = mark_on(maya, f"{DRAFT}/about")
    assert send(chen, DRAFT, "/about", title="Trees for the square", text=TEXT, topic="").status_code == 303
    typed = {"mark": seen, "title": "A tree for the square", "text": f"{TEXT} Tell us!", "topic": ""}
    answer = maya.post(f"{DRAFT}/about", data=typed)
    assert (answer.status_code, "Somebody changed this poll" in answer.text, "Tell us!" in answer.text) == (
        409,
        True,
        True,
    )
    pressed = [
        maya.post(f"{DRAFT}{part}", data={"mark": seen}) for part in ("/questions/0/remove", "/publish", "/discard")
    ]
    assert [(each.status_code, "Somebody changed this poll" in each.text) for each in pressed] == [(409, True)] * 3
    [fresh] = re.findall(r'name="mark" value="(\w+)"', answer.text)
    assert maya.post(f"{DRAFT}/about", data={**typed, "mark": fresh}).status_code == 303
    with town.read() as db:
        assert db.scalars(select(Draft.title)).one() == "A tree for the square"


def test_a_published_poll_is_changed_on_the_same_pages_until_it_opens(town: Town) -> None:
    now = town.world.clock.now()
    id = poll_id(town, opens_at=now + timedelta(days=1), closes_at=now + timedelta(days=2))
    base, chen = f"/polls/{id}/change", town.client("chen")
    assert "Change the poll" in chen.get(f"/polls/{id}").text
    send(chen, base, "/questions/0/options", options="Lime")
    send(chen, base, "/about", title="A new tree", text=TEXT, topic="")
    assert titles(town) == ["Oak", "Elm", "Ash", "Lime"]
    page = town.client().get(f"/polls/{id}").text
    assert ["Lime" in page, "A new tree" in page] == [True, True]
    with town.read() as db:
        assert [event.name for event in db.scalars(select(Event))] == ["polls.changed"] * 2
    refused = send(chen, base, "/questions/0/remove")
    assert (refused.status_code, "There is no question yet" in refused.text) == (422, True)
    refused = send(chen, base, "/when", opens_on="", opens_time="", **SOON)
    assert (refused.status_code, "Say when voting opens." in refused.text) == (422, True)


def test_at_the_second_of_the_opening_nothing_can_be_changed_any_more(town: Town) -> None:
    now = town.world.clock.now()
    id = poll_id(town, opens_at=now + timedelta(hours=1), closes_at=now + timedelta(hours=2))
    base, chen = f"/polls/{id}/change", town.client("chen")
    told = {"mark": mark_on(chen, f"{base}/about"), "title": "A new tree", "text": TEXT, "topic": ""}
    later = {"mark": told["mark"], "opens_on": "2026-05-10", "opens_time": "08:00", **SOON}
    for seconds, status in ((3599, 303), (3600, 403), (3601, 403), (7200, 403)):
        town.world.clock.moment = now + timedelta(seconds=seconds)
        answers = [chen.post(f"{base}/about", data=told), chen.get(f"{base}/when")]
        assert [answer.status_code for answer in answers] == [status, 200 if status == 303 else 403]
    assert "From that moment on nothing of the poll can be changed." in chen.post(f"{base}/when", data=later).text
    assert "Change the poll" not in chen.get(f"/polls/{id}").text
    with town.read() as db:
        poll = db.scalars(select(Poll)).one()
        assert (poll.title, poll.opens_at) == ("A new tree", now + timedelta(hours=1))


def test_who_waited_in_line_until_the_opening_changes_nothing(town: Town) -> None:

    now = town.world.clock.now()
    id = poll_id(town, opens_at=now + timedelta(hours=1), closes_at=now + timedelta(hours=2))
    with town.write() as db:
        poll = db.get_one(Poll, id)
        paper = paper_of_poll(poll).changed(
            title="A new tree", opens_at=now + timedelta(days=1), closes_at=now + timedelta(days=2)
        )
        with pytest.raises(Forbidden):
            change(db, poll, paper, now + timedelta(hours=1))
    with town.read() as db:
        assert (db.get_one(Poll, id).title, db.get_one(Poll, id).opens_at) == (TITLE, now + timedelta(hours=1))


def test_what_was_typed_for_a_part_that_somebody_removed_is_shown_again(town: Town) -> None:
    chen, maya = begin(town), town.client("maya")
    ask_trees(chen)
    seen = mark_on(maya, f"{DRAFT}/about")
    assert send(chen, DRAFT, "/questions/0/options/2/remove").status_code == 303
    option = {"mark": seen, "title": "A silver ash", "text": "It turns <gold> in autumn."}
    answer = maya.post(f"{DRAFT}/questions/0/options/2", data=option)
    assert (answer.status_code, "A silver ash" in answer.text, "It turns &lt;gold&gt;" in answer.text) == (
        409,
        True,
        True,
    )
    assert send(chen, DRAFT, "/questions/0/remove").status_code == 303
    lines = {"mark": seen, "options": "Lime\nMaple"}
    answer = maya.post(f"{DRAFT}/questions/0/options", data=lines)
    assert (answer.status_code, "Lime\nMaple" in answer.text) == (409, True)
    buttons = (
        "/questions/0/move",
        "/questions/0/remove",
        "/questions/0/options/0/move",
        "/questions/0/options/0/remove",
    )
    assert [maya.post(f"{DRAFT}{part}", data={"mark": seen, "step": "1"}).status_code for part in buttons] == [409] * 4


def test_a_draft_is_published_once_by_two_officials_at_the_same_moment(town: Town) -> None:
    chen = begin(town)
    ask_trees(chen)
    send(chen, DRAFT, "/when", **SOON)
    mark = mark_on(chen, f"{DRAFT}/about")
    clients = [town.client(name) for name in ("chen", "maya") * 3]
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(lambda client: client.post(f"{DRAFT}/publish", data={"mark": mark}), clients))
    assert sorted(answer.status_code for answer in answers) == [303, 404, 404, 404, 404, 404]
    with town.read() as db:
        assert len(db.scalars(select(Poll)).all()) == 1


def test_of_two_changes_at_the_same_moment_one_is_kept_and_the_other_is_told(town: Town) -> None:
    chen = begin(town)
    mark = mark_on(chen, f"{DRAFT}/about")
    clients = {name: town.client(name) for name in ("chen", "maya")}

    def change(name: str) -> int:
        told = {"mark": mark, "title": f"A tree that {name} wants", "text": TEXT, "topic": ""}
        return int(clients[name].post(f"{DRAFT}/about", data=told).status_code)

    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(clients, pool.map(change, clients), strict=True))
    assert sorted(answers.values()) == [303, 409]
    [winner] = [name for name, status in answers.items() if status == 303]
    with town.read() as db:
        assert db.scalars(select(Draft.title)).one() == f"A tree that {winner} wants"
