"""Areas: names, order, and that nothing loses the area it belongs to."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy.orm import Session

from codesign.core.areas import (
    areas,
    create_area,
    ensure_area,
    get_area,
    hold_area,
    remove_area,
    rename_area,
    shift_area,
)
from codesign.core.cards import card_rows, cards
from codesign.core.contributions import get_of_kind, place_in
from codesign.core.threads import Thread
from codesign.db import BIGGEST_ID
from codesign.testing import Town
from codesign.types import Invalid, Kind, NotFound
from tests.making import a_story


def titles(town: Town) -> list[str]:
    with town.read() as db:
        return [area.title for area in areas(db)]


def three(town: Town) -> None:
    for title in ("North", "Old Town", "South"):
        town.area(title)


def at_once(town: Town, act: Callable[[Session], object]) -> list[object]:
    """What two transactions that begin at the same moment give back, or the sentence that refuses them."""
    start = Barrier(2)

    def run(_number: int) -> object:
        start.wait()
        try:
            with town.write() as db:
                return act(db)
        except Invalid as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, range(2)))


def test_areas_stand_in_the_order_they_were_added(alder: Town) -> None:
    three(alder)
    assert titles(alder) == ["North", "Old Town", "South"]


def test_an_area_is_found_by_its_slug_and_no_other_is(alder: Town) -> None:
    id = alder.area("Old Town")
    with alder.read() as db:
        assert get_area(db, "old-town").id == id
        with pytest.raises(NotFound):
            get_area(db, "new-town")


@pytest.mark.parametrize("again", ["Old Town", "old town", " OLD  TOWN "])
def test_an_area_is_made_once_whoever_asks_for_it(alder: Town, again: str) -> None:
    id = alder.area("Old Town")
    assert (alder.area(again), titles(alder)) == (id, ["Old Town"])
    with alder.write() as db, pytest.raises(Invalid, match="already an area"):
        create_area(db, again)


def test_two_who_ensure_the_same_area_at_once_get_the_same_one(alder: Town) -> None:
    first, second = at_once(alder, lambda db: ensure_area(db, "Old Town"))
    assert (first == second, titles(alder)) == (True, ["Old Town"])


def test_two_who_create_the_same_area_at_once_make_it_once(alder: Town) -> None:
    answers = at_once(alder, lambda db: create_area(db, "Old Town").slug)
    assert sorted(map(str, answers)) == ["There is already an area of this name.", "old-town"]


def test_a_renamed_area_keeps_its_slug_and_is_found_under_both_names(alder: Town) -> None:
    id = alder.area("Old Town")
    with alder.write() as db:
        rename_area(db, get_area(db, "old-town"), " Centre ")
    assert titles(alder) == ["Centre"]
    assert [alder.area("Old Town"), alder.area("Centre")] == [id, id]


def test_an_area_is_not_given_the_name_of_another_but_may_be_written_anew(alder: Town) -> None:
    three(alder)
    with alder.write() as db:
        with pytest.raises(Invalid, match="already an area"):
            rename_area(db, get_area(db, "north"), "SOUTH")
        rename_area(db, get_area(db, "north"), "NORTH")
    assert titles(alder) == ["NORTH", "Old Town", "South"]


@pytest.mark.parametrize(
    ("slug", "step", "order"),
    [
        ("old-town", -1, ["Old Town", "North", "South"]),
        ("old-town", 1, ["North", "South", "Old Town"]),
        ("north", -1, ["North", "Old Town", "South"]),
        ("south", 1, ["North", "Old Town", "South"]),
    ],
)
def test_an_area_changes_places_with_its_neighbour(alder: Town, slug: str, step: int, order: list[str]) -> None:
    three(alder)
    with alder.write() as db:
        shift_area(db, get_area(db, slug), step)
    assert titles(alder) == order


def test_two_who_shift_areas_at_once_both_succeed(alder: Town) -> None:
    three(alder)
    at_once(alder, lambda db: shift_area(db, get_area(db, "south"), -1))
    assert titles(alder) == ["South", "North", "Old Town"]


def test_an_area_that_nothing_belongs_to_is_removed(alder: Town) -> None:
    three(alder)
    with alder.write() as db:
        remove_area(db, get_area(db, "old-town"))
    assert titles(alder) == ["North", "South"]


def test_an_area_in_use_stays_and_so_does_what_was_done_before_in_the_transaction(alder: Town) -> None:
    three(alder)
    story = a_story(alder)
    alder.verify("anna", alder.area("South"))
    with alder.write() as db:
        place_in(db, get_of_kind(db, Thread, story), get_area(db, "north").id)
    with alder.write() as db:
        rename_area(db, get_area(db, "old-town"), "Centre")
        for slug in ("north", "south"):
            with pytest.raises(Invalid, match="in use"):
                remove_area(db, get_area(db, slug))
    assert titles(alder) == ["North", "Centre", "South"]


def test_a_contribution_is_placed_moved_and_freed_and_its_version_grows(alder: Town) -> None:
    three(alder)
    story = a_story(alder)
    seen = []
    for slug in ("north", "south", "south", None):
        with alder.write() as db:
            thread = get_of_kind(db, Thread, story)
            place_in(db, thread, get_area(db, slug).id if slug else None)
            seen.append((thread.area_title, thread.version))
    assert seen == [("North", 2), ("South", 3), ("South", 3), (None, 4)]


@pytest.mark.parametrize("id", [0, -1, 99, BIGGEST_ID + 1])
def test_what_is_placed_in_an_area_that_is_gone_is_refused_with_a_sentence(alder: Town, id: int) -> None:
    story = a_story(alder)
    with alder.write() as db:
        with pytest.raises(Invalid, match="no longer there"):
            place_in(db, get_of_kind(db, Thread, story), id)
        with pytest.raises(Invalid, match="no longer there"):
            hold_area(db, id)


def test_a_card_names_the_area(alder: Town) -> None:
    placed, free = a_story(alder), a_story(alder, title="Another")
    with alder.write() as db:
        place_in(db, get_of_kind(db, Thread, placed), ensure_area(db, "Old Town"))
    with alder.read() as db:
        found = {card.id: card for card in cards(db.execute(card_rows()).all(), {"thread": Kind("thread", Thread)})}
    shown = {id: (card.area_title, card.area_slug) for id, card in found.items()}
    assert shown == {placed: ("Old Town", "old-town"), free: (None, None)}


def test_areas_of_one_town_are_not_those_of_another(alder: Town, birch: Town) -> None:
    three(alder)
    birch.area("Harbour")
    assert titles(birch) == ["Harbour"]
