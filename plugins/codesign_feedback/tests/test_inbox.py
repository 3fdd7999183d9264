"""The inbox of the town: what is due first stands first, every filter is in the address, a page never misses a case."""

import re
from datetime import timedelta

import pytest

from codesign.core.topics import ensure_topic
from codesign.testing import Town
from codesign_feedback.inbox import GROUPS, PAGE
from codesign_feedback.loop import Code, State
from codesign_feedback.tests.making import PARKS, ROADS, an_authority, comment, more_people, opened, take_part
from codesign_feedback.tests.walking import WAYS, answer, assign, delivered, transfer, walked

INBOX = "/feedback/inbox"


@pytest.fixture
def town(alder: Town) -> Town:
    an_authority(alder, PARKS, people=("chen",))
    an_authority(alder, ROADS, people=())
    return alder.enable("feedback")


def titles(town: Town, query: str = "", who: str = "chen") -> list[str]:
    page = town.client(who).get(f"{INBOX}{query}")
    assert page.status_code == 200, page.text
    return re.findall(r'href="/feedback/\d+">([^<]+)</a></h3>', page.text.replace("<mark>", "").replace("</mark>", ""))


def later(town: Town, days: int = 1) -> None:
    town.world.clock.advance(timedelta(days=days))


def test_what_is_due_first_stands_first_and_what_has_no_deadline_last(town: Town) -> None:
    silent = opened(town, title="Never answered")
    for way in WAYS[State.LAPSED]:
        way(town, silent)
    opened(town, title="Story of Monday")
    later(town)
    opened(town, title="Story of Tuesday")
    assert titles(town) == ["Story of Monday", "Story of Tuesday", "Never answered"]


def test_a_row_says_what_it_is_how_late_it_is_who_has_it_and_how_many_care(town: Town) -> None:
    id = opened(town)
    more_people(town, "fred")
    take_part(town, id, "boris", "fred")
    comment(town, id, "boris")
    assign(town, id)
    later(town, 33)
    page = town.client("chen").get(INBOX).text
    for told in (
        "Three visits",
        "Story 2026-00001",
        "Somebody is responsible",
        "3 days over",
        PARKS,
        "Chen",
        "2 votes",
        "1 comment",
    ):
        assert told in page, told


def test_filters_narrow_the_list_and_stay_in_the_address(town: Town) -> None:
    with town.write() as db:
        market = ensure_topic(db, "Markets")
    mine = opened(town, title="Roof at the stop")
    assign(town, mine)
    theirs = opened(town, title="Hole in the road", topic_id=market)
    assign(town, theirs, owner="")
    transfer(town, theirs)
    opened(town, title="Light in the park")
    later(town, 25)
    done = opened(town, title="Bench by the river")
    answer(town, done, Code.SOLVED_ALREADY)
    later(town, 8)
    found = {
        query: set(titles(town, query))
        for query in ("", "?scope=mine", "?scope=ours", "?authority=none", "?authority=2", "?topic=markets",
                      "?kind=thread", "?kind=debate", "?overdue=1", "?q=roof", "?group=verify", "?group=answer&scope=mine",
                      "?group=open", "?group=author", "?scope=drafts")
    }  # fmt: skip
    waiting = {"Roof at the stop", "Hole in the road", "Light in the park"}
    assert found == {
        "": waiting,
        "?scope=mine": {"Roof at the stop"},
        "?scope=ours": {"Roof at the stop"},
        "?authority=none": {"Light in the park"},
        "?authority=2": {"Hole in the road"},
        "?topic=markets": {"Hole in the road"},
        "?kind=thread": waiting,
        "?kind=debate": waiting,  # a kind that is off here filters nothing
        "?overdue=1": waiting,
        "?q=roof": {"Roof at the stop"},
        "?group=verify": {"Bench by the river"},
        "?group=answer&scope=mine": {"Roof at the stop"},
        "?group=open": waiting | {"Bench by the river"},
        "?group=author": set(),
        "?scope=drafts": set(),
    }


@pytest.mark.parametrize("state", [state for state in State if state in WAYS])
def test_every_state_in_which_something_is_still_to_happen_is_found_in_a_group(town: Town, state: State) -> None:
    id = walked(town, state)
    groups = {name for name in GROUPS if name != "open" and titles(town, f"?group={name}") == ["Three visits"]}
    quiet = {State.VERIFIED, State.CLOSED, State.WITHDRAWN, State.MERGED, State.DECLINED}
    assert (groups == set()) == (state in quiet), (id, groups)


def test_pages_follow_each_other_without_a_gap_over_the_end_of_the_deadlines(town: Town) -> None:
    for number in range(PAGE + 3):
        opened(town, title=f"Story {number:02d}")
    for number in range(2):
        delivered(town, opened(town, title=f"Silent {number}"))
    chen, url, seen = town.client("chen"), f"{INBOX}?group=open", []
    while url:
        page = chen.get(url).text
        seen += re.findall(r'href="/feedback/\d+">([^<]+)</a></h3>', page)
        more = re.search(r'<a class="ds-button"[^>]*href="([^"]+)"[^>]*hx-get', page)
        url = more[1].replace("&amp;", "&") if more else ""
    assert len(seen) == len(set(seen)) == PAGE + 5
    assert sorted(seen)[:2] == ["Silent 0", "Silent 1"]


def test_more_of_the_list_comes_as_rows_only(town: Town) -> None:
    for number in range(PAGE + 1):
        opened(town, title=f"Story {number:02d}")
    chen = town.client("chen")
    more = re.search(r'hx-get="([^"]+)"', chen.get(INBOX).text)
    assert more is not None
    part = chen.htmx("GET", more[1].replace("&amp;", "&"))
    assert part.status_code == 200
    assert "<h1" not in part.text
    assert part.text.count('<li class="entry') == 1


def test_what_a_moderator_has_hidden_and_kinds_that_are_off_are_left_out(town: Town) -> None:
    id = opened(town)
    hidden = {"reason": "spam", "note": ""}
    assert town.client("boris").post(f"/moderation/hide/contribution:{id}", data=hidden).status_code == 303
    assert titles(town) == []
    assert town.client("chen").get(f"/feedback/{id}").status_code == 404
    assert town.client("chen").get(f"/feedback/{id}/answer").status_code == 404


@pytest.mark.parametrize(("who", "status"), [("anna", 403), ("boris", 403), ("chen", 200), ("maya", 200)])
def test_only_officials_open_the_inbox(town: Town, who: str, status: int) -> None:
    assert town.client(who).get(INBOX).status_code == status
    assert town.client().get(INBOX).headers["location"].endswith("/accounts/sign-in?next=%2Ffeedback%2Finbox")


def test_officials_find_the_inbox_below_their_name_and_residents_do_not(town: Town) -> None:
    assert ">Inbox of the town</a>" in re.sub(
        r"<svg.*?</svg>\s*", "", town.client("chen").get("/topics/").text, flags=re.S
    )
    assert "/feedback/inbox" not in town.client("anna").get("/topics/").text


def test_garbage_in_the_address_is_passed_over(town: Town) -> None:
    opened(town)
    chen = town.client("chen")
    for garbage in ("x", "%00", "%ff", "9" * 400, "-1", "dW10", "rW10", "d", "r", "%D9%A1", "9" * 18):
        for name in ("after", "group", "scope", "authority", "topic", "kind", "overdue", "q"):
            assert chen.get(f"{INBOX}?{name}={garbage}").status_code == 200, (name, garbage)


def test_another_town_sees_nothing_of_it(town: Town, birch: Town) -> None:
    id = opened(town)
    edda = birch.enable("feedback").client("edda")
    assert "Three visits" not in edda.get(INBOX).text
    assert edda.get(f"/feedback/{id}").status_code == 404
