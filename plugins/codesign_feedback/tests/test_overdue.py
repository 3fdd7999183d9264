"""The public list of what is overdue: what is on it, in which order, in which words; and its feed."""

from xml.etree import ElementTree

import pytest
from sqlalchemy import select, update

from codesign.core.contributions import Contribution
from codesign.testing import Town
from codesign_feedback.loops import Loop, get_loop
from codesign_feedback.overdue import PAGE
from codesign_feedback.tests.growing import grow_loops
from codesign_feedback.tests.making import an_authority, decide_settings, opened, wait_for

ATOM = "{http://www.w3.org/2005/Atom}"


def titles(town: Town, url: str = "/feedback/overdue") -> list[str]:
    text = town.client().get(url).text
    return [part.split(">", 1)[1].split("</a>")[0] for part in text.split('<h2 class="entry-title">')[1:]]


def the_late_one(town: Town) -> int:
    """The id of something that an authority has not answered, until it came onto the list."""
    an_authority(town.enable("feedback"))
    decide_settings(town, answer_days=10)
    id = opened(town, title="Nobody answers this")
    while not listed(town, id):
        wait_for(town, "answer")
    return id


def listed(town: Town, id: int) -> bool:
    with town.read() as db:
        return get_loop(db, id).overdue_at is not None


def test_an_empty_list_says_that_nothing_is_overdue(alder: Town) -> None:
    assert "Nothing is overdue." in alder.enable("feedback").client().get("/feedback/overdue").text


def test_what_nobody_answers_comes_onto_the_list_with_its_days_and_its_reason(alder: Town) -> None:
    the_late_one(alder)
    text = alder.client().get("/feedback/overdue").text
    assert titles(alder) == ["Nobody answers this"]
    assert [word in text for word in ("days over", "The official answer is late.", "Due on")] == [True] * 3


def test_a_hidden_contribution_is_not_on_the_list(alder: Town) -> None:
    id = the_late_one(alder)
    with alder.write() as db:
        db.execute(update(Contribution).where(Contribution.id == id).values(hidden_at=alder.world.clock.now()))
    assert titles(alder) == []


def test_the_list_is_longest_first_and_paged_without_gaps(alder: Town) -> None:
    grow_loops(alder.enable("feedback"), 400, authorities=3)
    with alder.read() as db:
        query = select(Contribution.title).join(Loop, Loop.contribution_id == Contribution.id)
        wanted = list(db.scalars(query.where(Loop.overdue_at.is_not(None)).order_by(Loop.overdue_at, Contribution.id)))
    assert len(wanted) > 2 * PAGE
    found, url = [], "/feedback/overdue"
    while url:
        found += titles(alder, url)
        rest = alder.client().get(url).text.split('<li class="more">')
        url = rest[1].split('href="')[1].split('"')[0].replace("&amp;", "&") if len(rest) > 1 else ""
    assert found == wanted


@pytest.mark.parametrize("after", ["x", "%00", "W10", "eyJhIjoxfQ"])
def test_a_cursor_that_makes_no_sense_means_the_start(alder: Town, after: str) -> None:
    the_late_one(alder)
    assert titles(alder, f"/feedback/overdue?after={after}") == ["Nobody answers this"]


def test_the_feed_names_what_came_onto_the_list_last(alder: Town) -> None:
    the_late_one(alder)
    answer = alder.client().get("/feedback/overdue.atom")
    entries = ElementTree.fromstring(answer.text).findall(f"{ATOM}entry")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["Nobody answers this"]


def test_control_characters_in_a_title_do_not_break_the_feed(alder: Town) -> None:
    id = the_late_one(alder)
    with alder.write() as db:
        db.execute(update(Contribution).where(Contribution.id == id).values(title="A \x0b title & <b>"))
    answer = alder.client().get("/feedback/overdue.atom")
    assert len(ElementTree.fromstring(answer.text).findall(f"{ATOM}entry")) == 1
