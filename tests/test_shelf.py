"""The shelf: bounded, fair to what is read often, and deaf to crawlers."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from codesign.web.shelf import NEW_SHARE, Shelf


@dataclass(frozen=True)
class Item:
    size: int


ACTIONS = st.lists(st.tuples(st.sampled_from(["get", "put", "drop"]), st.integers(0, 12), st.integers(0, 60)))


@given(ACTIONS)
def test_it_never_holds_more_than_its_limit_and_knows_how_much_it_holds(actions: list[tuple[str, int, int]]) -> None:
    shelf: Shelf[Item] = Shelf(100)
    for action, key, size in actions:
        if action == "put":
            shelf.put(key, Item(size))
        elif action == "drop":
            shelf.drop(key)
            assert shelf.get(key) is None
        else:
            shelf.get(key)
        held = [item for item in (shelf.get(key) for key in range(13)) if item is not None]
        assert (shelf.size, len(shelf)) == (sum(item.size for item in held), len(held))
        assert shelf.size <= 100


@given(st.integers(0, 25))
def test_what_was_just_put_is_there_when_it_is_small_enough(size: int) -> None:
    shelf: Shelf[Item] = Shelf(100)
    shelf.put("other", Item(25))
    shelf.put("this", Item(size))
    assert shelf.get("this") == Item(size)


def test_what_is_too_large_is_not_kept_and_the_old_one_goes() -> None:
    shelf: Shelf[Item] = Shelf(100)
    shelf.put("page", Item(10))
    shelf.put("page", Item(100 // NEW_SHARE + 1))
    assert (shelf.get("page"), shelf.size) == (None, 0)


def test_a_crawler_that_asks_for_everything_once_does_not_push_out_what_people_read() -> None:
    shelf: Shelf[Item] = Shelf(100)
    for page in range(7):
        shelf.put(page, Item(10))
        assert shelf.get(page) == Item(10)
    for address in range(1000, 3000):
        shelf.put(address, Item(10))
    assert [page for page in range(7) if shelf.get(page)] == list(range(7))
