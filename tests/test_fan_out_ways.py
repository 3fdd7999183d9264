"""By which ways somebody is told, and for which reason; and what happens when plugins go while a crowd is told."""

from collections import Counter

import pytest
from sqlalchemy import delete, func, select, update

from codesign.core.contributions import Contribution, get_of_kind
from codesign.core.follows import set_follow
from codesign.core.notices import Channel, Ground, Mail, Mailbox, Notice
from codesign.core.preferences import choose
from codesign.core.settings import switch
from codesign.core.threads import Thread
from codesign.core.users import User
from codesign.events import SETBACK, Event
from codesign.testing import Town
from codesign.worker import work
from tests.crowds import (
    OFFICIAL,
    announcements,
    away,
    crowd,
    gazette,
    official_answer,
    site_with,
    start_thread,
    step,
    tell_all,
    told,
    written_to,
)
from tests.making import a_situation, a_story


def ways(town: Town, event_id: int) -> dict[int, tuple[bool, Mail]]:
    with town.read() as db:
        rows = db.execute(select(Notice.user_id, Notice.shown, Notice.mail).where(Notice.event_id == event_id))
        return {row.user_id: (row.shown, row.mail) for row in rows}


@pytest.mark.parametrize("official", [False, True])
def test_everyone_hears_by_the_ways_they_want_and_who_wants_none_is_not_told(alder: Town, official: bool) -> None:
    ids = crowd(alder, 9)
    ground = Ground.ITEM if official else Ground.PLACE
    refusals: list[set[Channel]] = [
        set(), {Channel.INBOX}, {Channel.DIGEST}, {Channel.AT_ONCE}, {Channel.INBOX, Channel.DIGEST},
        {Channel.DIGEST, Channel.AT_ONCE}, set(Channel),
    ]  # fmt: skip
    with alder.write() as db:
        for id, refused in zip(ids, refusals, strict=False):
            choose(db, id, {(ground, channel) for channel in refused}, list(Ground))
        db.add(Mailbox(user_id=ids[7], stopped_at=alder.world.clock.now(), stopped_because="550"))
        db.get_one(User, ids[8]).name = ""  # follows by e-mail only
    site = site_with(alder, gazette(OFFICIAL)) if official else away(alder)
    event = start_thread(alder, site=site)
    step(alder, site)
    own = Mail.OWN if official else Mail.WAITING
    less = Mail.OWN if official else Mail.NONE
    wanted = {
        ids[0]: (True, own), ids[1]: (False, own), ids[2]: (True, less), ids[3]: (True, Mail.WAITING),
        ids[4]: (False, less), ids[5]: (True, Mail.NONE), ids[7]: (True, Mail.NONE), ids[8]: (False, own),
    }  # fmt: skip
    if official:
        wanted[ids[6]] = (True, Mail.WAITING)  # who follows the situation, too
    else:
        del wanted[ids[4]]
    assert ways(alder, event) == wanted
    assert {*written_to(alder, event)} == {id for id, (_shown, mail) in wanted.items() if mail is Mail.OWN}


def test_who_is_in_two_audiences_is_told_for_the_first_reason_they_want(alder: Town) -> None:
    ids = crowd(alder, 2)
    with alder.write() as db:
        choose(db, ids[0], {(Ground.ITEM, channel) for channel in Channel}, list(Ground))
    site = site_with(alder, gazette(OFFICIAL))
    event = start_thread(alder, site=site)
    tell_all(alder, site)
    with alder.read() as db:
        rows = db.execute(select(Notice.user_id, Notice.ground).where(Notice.event_id == event))
        assert {row.user_id: row.ground for row in rows} == {ids[0]: Ground.PLACE, ids[1]: Ground.ITEM}


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
        db.execute(delete(Notice).where(Notice.user_id == ids[0]))  # as if only the gazette had named that person
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


def test_what_happens_often_is_told_again_only_to_those_who_have_read_of_it(alder: Town) -> None:
    """Comments: each once until it was read; another story, and whoever is replied to, are told as ever."""
    stories = [a_story(alder, "anna"), a_story(alder, "anna", title="Another")]
    with alder.write() as db:
        for name in ("chen", "maya"):
            set_follow(db, alder.person(db, name), get_of_kind(db, Thread, stories[0]), True)
    boris = alder.client("boris")

    def comment(story: int) -> list[tuple[str, int]]:
        """Who is told of one more comment."""
        with alder.read() as db:
            known = db.scalar(select(func.max(Notice.id))) or 0
        assert boris.post(f"/contributions/{story}/comments", data={"text": "It is so, here as well."}).is_redirect
        tell_all(alder, alder.world.site)
        with alder.read() as db:
            rows = db.execute(select(User.name, Event.contribution_id).join(Notice, Notice.user_id == User.id)
                              .join(Event, Event.id == Notice.event_id).where(Notice.id > known))  # fmt: skip
            return sorted((row.name, stories.index(row.contribution_id)) for row in rows)

    assert comment(stories[0]) == [("Anna", 0), ("Chen", 0), ("Maya", 0)]
    assert comment(stories[0]) == []
    assert comment(stories[1]) == [("Anna", 1)]
    with alder.write() as db:
        db.execute(update(Notice).values(read_at=alder.world.clock.now(), mail=Mail.DONE))
        chens = Notice.user_id == alder.person(db, "chen").id
        db.execute(update(Notice).where(chens).values(read_at=None))
        mayas = Notice.user_id == alder.person(db, "maya").id
        db.execute(update(Notice).where(mayas).values(mail=Mail.WAITING))
    assert comment(stories[0]) == [("Anna", 0)]


def test_a_letter_that_waits_is_not_sent_about_what_a_moderator_has_hidden_meanwhile(alder: Town) -> None:
    with alder.write() as db:
        set_follow(db, alder.person(db, "anna"), a_situation(db), True)
    event = official_answer(alder)
    with alder.write() as db:
        db.execute(update(Contribution).values(hidden_at=alder.world.clock.now()))
    assert written_to(alder, event).total() == 1
    assert alder.send_mail() == []
    assert written_to(alder, event).total() == 0
