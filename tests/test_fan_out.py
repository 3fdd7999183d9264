"""One event, many who follow it: told in steps, in bounded memory, each once, whoever is killed or switched off."""

import tracemalloc
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import ceil

import pytest
from sqlalchemy import select

from codesign.app import make_site
from codesign.core.life import Situation
from codesign.core.users import User
from codesign.events import SETBACK, STEP
from codesign.outbox import BATCH, Message, MessageState, claim, post
from codesign.testing import Town
from codesign.web.site import Site
from codesign.worker import work
from tests.crowds import (
    FOLDED,
    NOWHERE,
    OFFICIAL,
    announcements,
    away,
    crowd,
    gazette,
    site_with,
    start_thread,
    step,
    tell_all,
    told,
    written_to,
)
from tests.making import a_situation


def test_whoever_writes_waits_for_one_row_and_not_for_the_followers(alder: Town) -> None:
    crowd(alder)
    event = start_thread(alder)
    assert (announcements(alder), told(alder, event)) == ([(0, 0)], Counter())


def test_everyone_is_told_once_but_not_the_actor_nor_who_has_no_confirmed_address(alder: Town) -> None:
    ids = crowd(alder)
    with alder.write() as db:
        for id, change in ((ids[1], "confirmed_at"), (ids[2], "email")):
            setattr(db.get_one(User, id), change, None)
        db.get_one(User, ids[STEP]).erased_at = alder.world.clock.now()
    site = site_with(alder, gazette(OFFICIAL))
    event = start_thread(alder, actor_id=ids[0], site=site)
    tell_all(alder, site)
    assert written_to(alder, event) == Counter({*ids} - {*ids[:3], ids[STEP]})
    assert told(alder, event) == Counter({*ids} - {ids[0], ids[2], ids[STEP]})  # one has an inbox, and no address yet


def test_a_step_goes_on_where_the_last_one_ended_with_the_same_number_of_statements(alder: Town) -> None:
    ids = crowd(alder)
    event = start_thread(alder)
    numbers = []
    for end in range(STEP, 4 * STEP, STEP):
        with alder.counted() as asked:
            step(alder)
        assert announcements(alder) == [(0, ids[end - 1])]
        assert told(alder, event) == Counter(ids[:end])
        numbers.append(len(asked))
    assert set(numbers) == {numbers[0]}
    assert numbers[0] <= 12


def test_no_list_of_people_is_ever_held_in_memory(alder: Town) -> None:
    crowd(alder)
    event = start_thread(alder)
    step(alder)  # what is compiled once stays
    tracemalloc.start()
    try:
        step(alder)
        step(alder)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(told(alder, event).values()) == 3 * STEP
    assert most < 100 * STEP, f"{most} bytes"  # twice what one step takes, and less than its people would


@pytest.mark.parametrize("answer", [OFFICIAL, FOLDED])
def test_a_step_never_reads_a_whole_table_on_sqlite(alder: Town, answer: str) -> None:
    if alder.store.schema is not None:
        pytest.skip("PostgreSQL chooses by the size of the tables, and these are small")
    crowd(alder, 10)
    site = site_with(alder, gazette(answer))
    start_thread(alder, site=site)
    with alder.counted() as asked:
        step(alder, site)
    plans = []
    with alder.read() as db:
        for statement in asked:
            holes = tuple([1] * statement.count("?"))
            plans += [row[-1] for row in db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", holes)]
    small = ("SCAN anon", "SCAN announcement")
    assert [plan for plan in plans if plan.startswith("SCAN") and not plan.startswith(small)] == []


def test_messages_of_an_event_share_what_it_says(alder: Town) -> None:
    crowd(alder, 3)
    site = site_with(alder, gazette(OFFICIAL))
    start_thread(alder, title="Four visits", site=site)
    step(alder, site)
    [first, *_others] = alder.send_mail()
    assert b"New at Alder: Four visits" in first.read_bytes()
    with alder.read() as db:
        assert list(db.scalars(select(Message.context))) == [{}, {}, {}]


def test_two_workers_at_once_tell_everyone_of_two_events_once(alder: Town) -> None:
    ids = crowd(alder)
    events = [start_thread(alder), start_thread(alder)]
    settings = replace(alder.world.settings, mail=NOWHERE)
    sites = [make_site(settings, now=alder.world.clock.now) for _worker in range(2)]
    with ThreadPoolExecutor(len(sites)) as pool:
        list(pool.map(lambda site: tell_all_beside_others(alder, site), sites))
    assert [told(alder, event) for event in events] == [Counter(ids)] * 2


def tell_all_beside_others(town: Town, site: Site) -> None:
    while announcements(town):
        work(site, town.slug)
    site.registry.close()


def test_a_small_audience_is_told_in_one_turn_of_the_worker_also_beside_a_large_one(alder: Town) -> None:
    crowd(alder)
    start_thread(alder)
    alder.world.clock.advance(SETBACK)
    boris = alder.client("boris")
    assert boris.post("/moderation/hide/contribution:1", data={"reason": "spam", "note": ""}).status_code == 303
    site = away(alder)
    work(site, "alder")  # of the large one, which has waited longer
    work(site, "alder")
    with alder.read() as db:
        hidden = Message.template == "moderation/mail/hidden"
        people = select(User.email).join(Message, Message.user_id == User.id).where(hidden)
        assert db.scalars(people).all() == ["anna@alder.example"]
    assert len(announcements(alder)) == 1


def test_what_somebody_asked_for_is_sent_before_the_letters_to_a_crowd_and_while_it_is_told(alder: Town) -> None:
    crowd(alder)
    site = site_with(alder, gazette(OFFICIAL))
    start_thread(alder, site=site)
    work(site, "alder")
    with alder.write() as db:
        post(db, "accounts/mail/known", "z@alder.example", None, {"url": "/"}, alder.world.clock.now())
    assert work(alder.world.site, "alder")
    with alder.read() as db:
        assert db.scalars(select(Message.state).where(Message.event_id.is_(None))).all() == [MessageState.SENT]
    assert len(announcements(alder)) == 1


def test_the_letters_of_a_crowd_are_claimed_in_order_and_none_twice(alder: Town) -> None:
    ids = crowd(alder, 120)
    site = site_with(alder, gazette(OFFICIAL))
    start_thread(alder, site=site)
    step(alder, site)
    taken = []
    for _batch in range(ceil(len(ids) / BATCH)):
        with alder.write() as db:
            taken += [message.user_id for message in claim(db, alder.world.clock.now())]
    assert taken == ids


def test_a_situation_nobody_follows_is_through_at_once(alder: Town) -> None:
    with alder.write() as db:
        assert isinstance(a_situation(db), Situation)
    event = start_thread(alder)
    assert work(alder.world.site, "alder")
    assert (announcements(alder), told(alder, event)) == ([], Counter())
