"""The front page: you said, we did; and what waits. Places: their figures in round numbers."""

import pytest
from sqlalchemy import select, update

from codesign.core.contributions import Contribution
from codesign.core.topics import ensure_topic
from codesign.testing import Town
from codesign_feedback.calendar import DAY
from codesign_feedback.figures import By, figures_by
from codesign_feedback.home import latest_results, longest_waiting
from codesign_feedback.loop import ANSWERABLE, State
from codesign_feedback.loops import Loop
from codesign_feedback.tests.growing import grow_loops
from codesign_feedback.tests.making import an_authority, opened


def test_a_town_that_owes_nothing_has_nothing_of_it_on_its_front_page(alder: Town) -> None:
    text = alder.enable("feedback").client().get("/").text
    assert ("You said, we did" in text, "first answer" in text) == (False, False)


def test_what_waits_stands_on_the_front_page_with_its_days(alder: Town) -> None:
    an_authority(alder.enable("feedback"))
    opened(alder, title="Three visits")
    text = alder.client().get("/").text
    assert "1 waits for its first answer" in text
    assert "waiting for 0 days" in text
    alder.world.clock.advance(3 * DAY)
    assert "waiting for 3 days" in alder.client().get("/").text


def test_the_newest_results_and_the_longest_waiting_are_found(alder: Town) -> None:
    grow_loops(alder.enable("feedback"), 300)
    now = alder.world.clock.now()
    with alder.read() as db:
        loops = list(db.scalars(select(Loop)))
        done = [loop for loop in loops if loop.verified_at or loop.state is State.DELIVERED]
        newest = sorted(done, key=lambda loop: (loop.verified_at or loop.state_at, -loop.contribution_id), reverse=True)
        owed = [loop for loop in loops if loop.state in ANSWERABLE and loop.answered_at is None]
        oldest = sorted(owed, key=lambda loop: (loop.opened_at, loop.contribution_id))
        waiting, count = longest_waiting(db, now)
        assert [row.url for row in latest_results(db)] == [f"/threads/{loop.contribution_id}" for loop in newest[:3]]
        assert [row.url for row in waiting] == [f"/threads/{loop.contribution_id}" for loop in oldest[:3]]
        assert count == len(owed)


def test_what_a_moderator_hid_is_on_neither_list(alder: Town) -> None:
    grow_loops(alder.enable("feedback"), 100)
    with alder.write() as db:
        db.execute(update(Contribution).values(hidden_at=alder.world.clock.now()))
    with alder.read() as db:
        assert (latest_results(db), longest_waiting(db, alder.world.clock.now())) == ([], ([], 0))


def test_two_queries_show_it_whatever_there_is(alder: Town) -> None:
    alder.enable("feedback")
    for size in (1, 3, 100):
        grow_loops(alder, size)
        with alder.read() as db, alder.counted() as statements:
            latest_results(db)
            longest_waiting(db, alder.world.clock.now())
        assert len(statements) == 2


@pytest.mark.parametrize("name", [None, "anna"])
def test_the_front_page_and_the_pages_of_places_are_kept(alder: Town, name: str | None) -> None:
    grow_loops(alder.enable("feedback"), 50, authorities=2)
    client = alder.client(name)
    for url in ("/", "/topics/subject-00", "/authorities/office-00", "/situations/i-am-expecting-a-child"):
        first = [client.get(url) for _time in range(3)][-1]  # a mould is made when somebody asks again
        with alder.counted() as statements:
            again = client.get(url)
        assert (first.status_code, again.text == first.text, len(statements) <= 3) == (200, True, True), url


def test_a_place_tells_its_figures_in_round_numbers(alder: Town) -> None:
    authority = grow_loops(alder.enable("feedback"), 200, authorities=2)[0]
    now = alder.world.clock.now()
    text = alder.client().get(authority.url).text
    with alder.read() as db:
        waiting = figures_by(db, By.AUTHORITY, now)[authority.id].unanswered
    assert f"At least {waiting - waiting % 10} wait for an answer today." in text
    assert "/feedback/?by=authority" in text


def test_a_place_with_few_of_them_tells_no_figures(alder: Town) -> None:
    with alder.enable("feedback").write() as db:
        topic = ensure_topic(db, "Parks")
    opened(alder, topic_id=topic)
    text = alder.client().get("/topics/parks").text
    assert ("At least" in text, "/feedback/?by=topic" in text) == (False, True)
