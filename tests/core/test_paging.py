"""Lists paged by key: every row once in every order, and cursors that nobody can break."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from codesign.core.cards import card_rows
from codesign.core.comments import Comment
from codesign.core.contributions import MOST_DISCUSSED, MOST_VOTED, NEWEST, Contribution
from codesign.paging import Key, cut, decode, encode
from codesign.testing import Town
from tests.making import a_thread

ORDERS = {
    "newest": NEWEST,
    "voted": MOST_VOTED,
    "discussed": MOST_DISCUSSED,
    "oldest": (Key(Contribution.created_at), Key(Contribution.id)),
    "title": (Key(Contribution.title), Key(Contribution.id)),
}
BY_ID = (Key(Contribution.created_at, True), Key(Contribution.id, True))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)
MOMENTS = st.sampled_from(
    ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-05-04T09:00:00", "2026-05-04", "later"]
)


def written(plain: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


@pytest.mark.parametrize("order", ORDERS)
def test_every_row_comes_once_and_in_order(alder: Town, order: str) -> None:
    start = alder.world.clock.now()
    with alder.write() as db:
        for number in range(12):
            thread = a_thread(alder, db, title=f"Story {number % 5}")
            thread.created_at = start + timedelta(hours=number % 3)
            thread.agree_count, thread.comment_count = number % 4, number % 2
    with alder.read() as db:
        whole = [row.id for row in cut(db, card_rows(), ORDERS[order], None, 100).rows]
        assert len(set(whole)) == 12
        for size in (1, 4, 12, 13):
            assert walked(db, ORDERS[order], size) == whole


def walked(db: Session, keys: tuple[Key, ...], size: int) -> list[int]:
    ids: list[int] = []
    after: str | None = None
    for _page in range(20):
        found = cut(db, card_rows(), keys, after, size)
        ids += [row.id for row in found.rows]
        after = found.after
        if after is None:
            break
    return ids


def test_the_last_page_has_no_cursor_even_when_it_is_full(alder: Town) -> None:
    with alder.write() as db:
        for _number in range(4):
            a_thread(alder, db)
    with alder.read() as db:
        first = cut(db, card_rows(), NEWEST, None, 2)
        second = cut(db, card_rows(), NEWEST, first.after, 2)
        assert (first.after is None, len(second.rows), second.after) == (False, 2, None)


def test_rows_added_in_front_do_not_repeat_what_was_read(alder: Town) -> None:
    with alder.write() as db:
        ids = [a_thread(alder, db).id for _number in range(4)]
    with alder.read() as db:
        after = cut(db, card_rows(), NEWEST, None, 2).after
    alder.world.clock.advance(timedelta(minutes=1))
    with alder.write() as db:
        a_thread(alder, db)
    with alder.read() as db:
        assert [row.id for row in cut(db, card_rows(), NEWEST, after, 2).rows] == [ids[1], ids[0]]


@settings(deadline=None)
@given(st.datetimes(timezones=st.just(UTC)), st.integers(-(2**63) + 1, 2**63 - 1))
def test_a_cursor_comes_back_as_it_was(moment: datetime, number: int) -> None:
    assert decode(encode([moment, number]), BY_ID) == [moment, number]


@settings(deadline=None)
@given(st.text())
def test_no_text_makes_a_cursor_raise(cursor: str) -> None:
    assert decode(cursor, BY_ID) is None


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_no_bytes_make_a_cursor_raise(raw: bytes) -> None:
    assert decode(base64.urlsafe_b64encode(raw).decode(), (Key(Comment.path),)) is None or raw


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(plain=st.lists(JSON | MOMENTS, max_size=3) | JSON | st.tuples(MOMENTS, st.integers()))
def test_a_forged_cursor_never_breaks_a_list(alder: Town, plain: object) -> None:
    with alder.read() as db:
        for keys in ORDERS.values():
            assert cut(db, card_rows(), keys, written(plain), 5).rows == []


def test_a_forged_cursor_with_values_no_database_holds_means_the_start() -> None:
    for values in ([2**63, 1], ["2026-05-04T09:00:00", 1], ["0001-01-01T00:00:00+23:59", 1], [True, True], ["x"]):
        assert decode(written(values), BY_ID) is None
    assert decode(written(["\0", 1]), ORDERS["title"]) is None
    assert decode(written(["\ud800", 1]), ORDERS["title"]) is None
