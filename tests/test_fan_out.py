"""One event, many who follow it: told in steps, in bounded memory, each once, whoever is killed or switched off."""

import tracemalloc
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import ceil
from types import ModuleType

import pytest
from sqlalchemy import delete, func, insert, select

from codesign.app import make_site
from codesign.builtin import hookimpl
from codesign.core.follows import Follow
from codesign.core.life import Situation
from codesign.core.notices import Ground
from codesign.core.settings import switch
from codesign.core.users import User
from codesign.events import SETBACK, STEP, Announcement, announce, next_announcement, record
from codesign.kit import About, Audience, Happening
from codesign.outbox import BATCH, Message, MessageState, claim, post
from codesign.plugins import Plugin, Plugins
from codesign.testing import Town
from codesign.web.site import Site
from codesign.worker import work
from tests.making import a_situation, a_thread

MANY = 8 * STEP
NOWHERE = "smtp://127.0.0.1:9"


def crowd(town: Town, count: int = MANY) -> list[int]:
    """The ids of so many confirmed residents who follow the situation of the tests."""
    now = town.world.clock.now()
    with town.write() as db:
        situation = a_situation(db)
        first = (db.scalar(select(func.max(User.id))) or 0) + 1
        ids = list(range(first, first + count))
        people = [
            {"id": id, "email": f"p{id}@alder.example", "name": f"P{id}", "created_at": now, "confirmed_at": now}
            for id in ids
        ]
        db.execute(insert(User), people)
        follows = [{"user_id": id, "subject": "situation", "subject_id": situation.id} for id in ids]
        db.execute(insert(Follow), follows)
    return ids


def start_thread(town: Town, actor_id: int | None = None, site: Site | None = None, title: str = "Three visits") -> int:
    """The id of the event that a new thread in the situation is."""
    site, told = site or town.world.site, {"url": "http://alder.localhost/threads/1", "excerpt": "", "author": "Anna"}
    with town.write() as db:
        thread, actor = a_thread(town, db, title=title), db.get(User, actor_id) if actor_id else None
        hooks = site.plugins.hooks(frozenset(site.plugins.by_name))
        return record(db, hooks, "threads.started", thread, actor, town.world.clock.now(), None, **told).id


def away(town: Town) -> Site:
    """The town's site with a mail server that is not there: everything is told and nothing is sent."""
    return replace(town.world.site, settings=replace(town.world.site.settings, mail=NOWHERE))


def announcements(town: Town) -> list[tuple[int, int]]:
    """How far each has come: which audience, and the last user of it."""
    with town.read() as db:
        rows = db.execute(select(Announcement.part, Announcement.after).order_by(Announcement.event_id))
        return [(row.part, row.after) for row in rows]


def tell_all(town: Town, site: Site) -> None:
    while announcements(town):
        assert work(site, town.slug)


def told(town: Town, event_id: int) -> Counter[int]:
    with town.read() as db:
        return Counter(db.scalars(select(Message.user_id).where(Message.event_id == event_id)))


def step(town: Town) -> None:
    site, now = town.world.site, town.world.clock.now()
    kinds = {kind.name: kind for kind in site.kinds["core"]}
    with town.write() as db:
        found = next_announcement(db, now)
        assert found is not None
        announce(db, site.plugins.hooks(frozenset()), kinds, found, now)


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
    event = start_thread(alder, actor_id=ids[0])
    tell_all(alder, away(alder))
    assert told(alder, event) == Counter({*ids} - {*ids[:3], ids[STEP]})


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


def test_a_step_never_reads_a_whole_table_on_sqlite(alder: Town) -> None:
    if alder.store.schema is not None:
        pytest.skip("PostgreSQL chooses by the size of the tables, and these are small")
    crowd(alder, 10)
    start_thread(alder)
    with alder.counted() as asked:
        step(alder)
    plans = []
    with alder.read() as db:
        for statement in asked:
            holes = tuple([1] * statement.count("?"))
            plans += [row[-1] for row in db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", holes)]
    small = ("SCAN anon", "SCAN announcement")
    assert [plan for plan in plans if plan.startswith("SCAN") and not plan.startswith(small)] == []


def test_messages_of_an_event_share_what_it_says(alder: Town) -> None:
    crowd(alder, 3)
    start_thread(alder, title="Four visits")
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
    start_thread(alder)
    site = away(alder)
    work(site, "alder")
    with alder.write() as db:
        post(db, "accounts/mail/known", "z@alder.example", None, {"url": "/"}, alder.world.clock.now())
    assert work(alder.world.site, "alder")
    with alder.read() as db:
        assert db.scalars(select(Message.state).where(Message.event_id.is_(None))).all() == [MessageState.SENT]
    assert len(announcements(alder)) == 1


def test_the_letters_of_a_crowd_are_claimed_in_order_and_none_twice(alder: Town) -> None:
    ids = crowd(alder, 120)
    start_thread(alder)
    step(alder)
    taken = []
    for _batch in range(ceil(len(ids) / BATCH)):
        with alder.write() as db:
            taken += [message.user_id for message in claim(db, alder.world.clock.now())]
    assert taken == ids


def gazette(answer: object) -> Plugin:
    """A plugin that sends a letter of its own to everyone, before all others; or fails, when `answer` is an error."""
    module = ModuleType("codesign_gazette")

    @hookimpl
    def about() -> About:
        return About("Gazette", "Prints everything.", "Everyone gets it.")

    @hookimpl
    def audience(happening: Happening) -> list[Audience]:
        if isinstance(answer, Exception):
            raise answer
        return [Audience(select(User.id), "You live here.", "gazette/mail/new", Ground.ITEM, weight=-1)]

    vars(module).update(about=about, audience=audience)
    return Plugin("gazette", module)


def site_with(town: Town, plugin: Plugin) -> Site:
    """The town's site with one more plugin, switched on."""
    site = away(town)
    with town.write() as db:
        switch(db, plugin.name, True, town.world.clock.now())
    return replace(site, plugins=Plugins([*site.plugins.by_name.values(), plugin], site.plugins.builtin))


def test_a_plugin_that_is_switched_off_before_its_people_are_told_tells_nobody(alder: Town) -> None:
    site = site_with(alder, gazette(None))
    event = start_thread(alder, site=site)
    with alder.write() as db:
        switch(db, "gazette", False, alder.world.clock.now())
    tell_all(alder, site)
    assert told(alder, event) == Counter()


def test_a_plugin_that_is_switched_off_meanwhile_lets_nobody_of_the_others_be_forgotten(alder: Town) -> None:
    ids = crowd(alder)
    site = site_with(alder, gazette(None))
    event = start_thread(alder, site=site)
    while announcements(alder)[0][0] == 0:
        work(site, "alder")  # the gazette's people, and then some of those who follow the situation
    assert announcements(alder)[0] > (1, 0)
    with alder.write() as db:
        db.execute(delete(Message).where(Message.user_id == ids[0]))  # as if only the gazette had named that person
        switch(db, "gazette", False, alder.world.clock.now())
    tell_all(alder, site)
    after = told(alder, event)
    assert {id: after[id] for id in ids} == dict.fromkeys(ids, 1)


def test_a_plugin_that_fails_holds_up_its_own_announcement_only_and_is_asked_again(
    alder: Town, caplog: pytest.LogCaptureFixture
) -> None:
    ids = crowd(alder, 3)
    event = start_thread(alder)
    site = site_with(alder, gazette(ValueError("no paper")))
    assert work(site, "alder")
    assert not work(site, "alder")
    assert "In the hook audience of the plugin gazette." in caplog.text
    assert (announcements(alder), told(alder, event)) == ([(0, 0)], Counter())
    alder.world.clock.advance(SETBACK)
    tell_all(alder, away(alder))
    assert told(alder, event) == Counter(ids)


def test_a_situation_nobody_follows_is_through_at_once(alder: Town) -> None:
    with alder.write() as db:
        assert isinstance(a_situation(db), Situation)
    event = start_thread(alder)
    assert work(alder.world.site, "alder")
    assert (announcements(alder), told(alder, event)) == ([], Counter())
