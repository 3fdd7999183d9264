"""Open streams: the number of unread notices reaches every open tab, and nobody else's."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, text

from codesign.core.follows import set_follow
from codesign.core.inbox import MOST_COUNTED, get_notice, mark_all_read, mark_read
from codesign.core.sessions import SignIn, close_session
from codesign.testing import Town, World
from codesign.web.live import TABS, Live
from tests.making import a_situation, neighbours
from tests.servers.processes import web_server
from tests.servers.sharing import wait_until
from tests.servers.web import serving
from tests.telling import Door, a_notice, door, token_of, told

STOP_SECONDS = 5
"""From SIGTERM to the end, where uvicorn itself would wait ten seconds for open streams."""
MANY = 200


def live(world: World) -> Live:
    found: Live = world.app.state.live
    return found


@pytest.fixture
def here(world: World) -> Iterator[Door]:
    with serving(world.app) as port, door(port) as found:
        yield found


def read_everything(town: Town, name: str) -> None:
    with town.write() as db:
        mark_all_read(db, town.person(db, name), None, town.world.clock.now())


def test_a_tab_is_told_the_present_number_and_every_change_of_it(here: Door, alder: Town) -> None:
    told(alder, count=2)
    [tab] = here.tabs_of(alder, "anna")
    assert tab.number() == "2"
    told(alder)
    assert tab.number() == "3"
    read_everything(alder, "anna")
    number, html = tab.heard()
    assert (number, "hidden" in html) == ("0", True)


def test_every_tab_of_a_person_is_told_and_no_other_person(here: Door, alder: Town) -> None:
    [first, second, other] = here.tabs_of(alder, "anna", "anna", "boris")
    assert [tab.number() for tab in (first, second, other)] == ["0", "0", "0"]
    told(alder)
    assert [tab.number() for tab in (first, second)] == ["1", "1"]
    told(alder, "boris", 5)
    assert other.number() == "5"  # had Anna's been sent here, it would have come before


def test_reading_a_notice_lowers_the_number_in_all_tabs(here: Door, alder: Town) -> None:
    [id, _other] = told(alder, count=2)
    both = here.tabs_of(alder, "anna", "anna")
    assert [tab.number() for tab in both] == ["2", "2"]
    with alder.write() as db:
        mark_read(db, get_notice(db, alder.person(db, "anna"), id), alder.world.clock.now())
    assert [tab.number() for tab in both] == ["1", "1"]


def test_nothing_of_one_town_reaches_the_streams_of_another(here: Door, alder: Town, birch: Town) -> None:
    assert len(told(alder, "anna") + told(birch, "dora")) == 2
    stolen = here.tab(birch, token_of(alder, "anna"))
    assert stolen.number() == "ended"
    [dora], [anna] = here.tabs_of(birch, "dora"), here.tabs_of(alder, "anna")
    assert (dora.number(), anna.number()) == ("1", "1")
    told(alder, "anna", 3)
    assert anna.number() == "4"
    told(birch, "dora")
    assert dora.number() == "2"  # had Anna's been sent here, it would have come before


def test_who_is_not_signed_in_is_told_to_ask_no_more(here: Door, alder: Town) -> None:
    for token in ("", "made up"):
        tab = here.tab(alder, token)
        assert (tab.answer.status, tab.heard(), tab.heard()) == (200, ("ended", ""), ("", ""))


def test_a_stream_is_never_kept_nor_given_to_other_sites(here: Door, alder: Town) -> None:
    [tab] = here.tabs_of(alder, "anna")
    headers = {name.lower(): text for name, text in tab.answer.getheaders()}
    assert (headers["content-type"], headers["cache-control"]) == ("text/event-stream; charset=utf-8", "no-store")
    assert {"access-control-allow-origin", "etag", "content-length"}.isdisjoint(headers)
    assert "default-src 'self'" in headers["content-security-policy"]


def test_the_address_opened_as_a_page_leads_to_the_inbox(alder: Town) -> None:
    for client in (alder.client("anna"), alder.client()):
        answer = client.get("/notices/stream")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/notices/")


def test_a_tab_that_shows_the_right_number_is_not_told_it_again(here: Door, alder: Town) -> None:
    told(alder, count=2)
    token = token_of(alder, "anna")
    shown = here.tab(alder, token, "/notices/stream?shown=2")
    again = here.tab(alder, token, "/notices/stream?shown=0", **{"Last-Event-ID": "2"})
    odd = here.tab(alder, token, "/notices/stream?shown=%00x", **{"Last-Event-ID": "-1 or so"})
    assert odd.number() == "2"
    told(alder)
    assert [tab.number() for tab in (shown, again, odd)] == ["3", "3", "3"]


def test_more_than_99_are_not_counted(here: Door, alder: Town) -> None:
    told(alder, count=MOST_COUNTED + 5)
    [tab] = here.tabs_of(alder, "anna")
    number, html = tab.heard()
    assert (number, "99+" in html, "More than 99 unread notices" in html) == (str(MOST_COUNTED), True, True)


def test_the_stream_speaks_the_language_of_the_page(here: Door, alder: Town) -> None:
    token = token_of(alder, "anna")
    told(alder)
    with alder.write() as db:
        alder.person(db, "anna").locale = "en"
    tab = here.tab(alder, token)
    assert "1 unread notice<" in tab.heard()[1]


def test_a_silent_stream_beats_and_one_whose_session_ended_ends(world: World, here: Door, alder: Town) -> None:
    live(world).heartbeat = 0.05
    token = token_of(alder, "anna")
    tab, other = here.tab(alder, token, "/notices/stream?shown=0"), here.tab(alder, token_of(alder, "boris"))
    for _time in range(3):
        assert (tab.beat(), tab.beat()) == (":\n", "\n")
    with alder.write() as db:
        close_session(db, token)
    assert tab.number() == "ended"
    assert tab.heard() == ("", "")
    assert other.number() == "0"
    told(alder, "boris")
    assert other.number() == "1"
    with alder.write() as db:
        db.execute(delete(SignIn))
    assert other.number() == "ended"


def test_a_seventh_tab_ends_the_oldest_and_a_process_takes_no_more_than_it_can(
    world: World, here: Door, alder: Town
) -> None:
    token = token_of(alder, "anna")
    many = [here.tab(alder, token, "/notices/stream?shown=0") for _tab in range(TABS + 1)]
    assert many[0].number() == "ended"
    told(alder)
    assert [tab.number() for tab in many[1:]] == ["1"] * TABS
    wait_until(lambda: live(world).count == TABS)
    live(world).most = TABS
    refused = here.tab(alder, token_of(alder, "boris"))
    assert (refused.answer.status, refused.answer.headers["Retry-After"]) == (503, "60")


def test_tabs_that_were_closed_leave_nothing_behind(world: World, here: Door, alder: Town) -> None:
    for _time in range(2):
        found = here.tabs_of(alder, *["anna", "boris"] * 3)
        assert {tab.number() for tab in found} == {"0"}
        assert live(world).count == 6
        here.close()
        wait_until(lambda: (live(world).count, len(live(world)._rooms), len(live(world)._ears)) == (0, 0, 0))


def test_an_open_stream_holds_no_connection_of_the_pool(world: World, here: Door, alder: Town) -> None:
    found = here.tabs_of(alder, *["anna"] * 5)
    assert {tab.number() for tab in found} == {"0"}
    pool: object = alder.store.reader.pool
    wait_until(lambda: pool.checkedout() == 0)  # type: ignore[attr-defined]


def test_two_hundred_tabs_are_told_of_one_step_of_the_worker(here: Door, alder: Town) -> None:
    names = neighbours(alder, MANY)
    found = here.tabs_of(alder, *names)
    assert {tab.number() for tab in found} == {"0"}
    with alder.write() as db:
        for name in names:
            a_notice(alder, db, name)
    assert {tab.number() for tab in found} == {"1"}


def test_what_somebody_does_reaches_the_tabs_of_whoever_follows(here: Door, alder: Town) -> None:
    """From the form of one person by way of the worker to the header of another."""
    with alder.write() as db:
        situation = a_situation(db)
        set_follow(db, alder.person(db, "anna"), situation, True)
    anna, boris = here.tabs_of(alder, "anna", "boris")
    assert (anna.number(), boris.number()) == ("0", "0")
    story = {"title": "Nine visits", "text": "Nine visits for one stamp, and nobody knew which papers were missing."}
    assert alder.client("boris").post(f"{situation.url}/threads/new", data=story).status_code == 303
    alder.send_mail()
    assert anna.number() == "1"
    told(alder, "boris", 4)
    assert boris.number() == "4"  # and nothing of his own story


def test_what_one_process_writes_is_told_by_another(alder: Town) -> None:
    settings, token = alder.world.settings, token_of(alder, "anna")
    with (
        web_server(settings) as first,
        web_server(settings) as second,
        door(first.port) as one,
        door(second.port) as two,
    ):
        both = [one.tab(alder, token), two.tab(alder, token)]
        assert [tab.number() for tab in both] == ["0", "0"]
        [id] = told(alder)  # by this third process
        assert [tab.number() for tab in both] == ["1", "1"]
        assert one.tab(alder, token, f"/notices/{id}").answer.status == 303
        assert [tab.number() for tab in both] == ["0", "0"]


@pytest.mark.parametrize("workers", [1, 2])
def test_open_streams_do_not_hold_up_a_server_that_is_asked_to_stop(alder: Town, workers: int) -> None:
    with web_server(alder.world.settings, workers) as server, door(server.port) as streams:
        found = streams.tabs_of(alder, *["anna"] * 4)
        assert {tab.number() for tab in found} == {"0"}
        asked = time.monotonic()
        server.stop()
        assert time.monotonic() - asked < STOP_SECONDS
        assert [tab.heard() for tab in found] == [("", "")] * 4
        assert "Traceback" not in server.said()


def test_what_nobody_calls_out_is_seen_all_the_same(here: Door, alder: Town) -> None:
    """As behind a pooler that lets nobody listen, and on SQLite always."""
    told(alder)
    [tab] = here.tabs_of(alder, "anna")
    assert tab.number() == "1"
    with alder.store.connect() as connection:  # past the session, which would call
        connection.execute(text("UPDATE notice SET read_at = created_at"))
        connection.execute(text("UPDATE edition SET number = number + 1 WHERE scope = 'notices'"))
    assert tab.number() == "0"


def test_a_listener_that_postgresql_cut_off_comes_back(world: World, here: Door, alder: Town) -> None:
    if alder.store.schema is None:
        return
    [tab] = here.tabs_of(alder, "anna")
    assert tab.number() == "0"
    wait_until(lambda: len(listeners(alder)) == 1)
    [first] = listeners(alder)
    with alder.read() as db:
        db.execute(text("SELECT pg_terminate_backend(:id)"), {"id": first})
    wait_until(lambda: listeners(alder) not in ([], [first]))
    told(alder)
    assert tab.number() == "1"


def listeners(town: Town) -> list[int]:
    """The processes of PostgreSQL that listen for this database."""
    query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'"
    with town.read() as db:
        return list(db.scalars(text(query)))
