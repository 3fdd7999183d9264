"""Authorities: their names, people and topics, and who is responsible for what."""

import pytest

from codesign.core.authorities import (
    authorities,
    authorities_of,
    authority_for,
    business,
    change_authority,
    create_authority,
    get_authority,
    members_of,
    officials,
    remove_authority,
    responsible_for,
    set_members,
    set_remit,
    topics_of,
)
from codesign.core.comments import post_comment
from codesign.core.follows import Follow, drop_followers, set_follow
from codesign.core.topics import create_topic, ensure_topic, get_topic
from codesign.events import Event, record
from codesign.testing import Town
from codesign.types import Invalid, NotFound
from tests.making import a_thread


def test_authorities_stand_in_the_order_in_which_they_were_added(alder: Town) -> None:
    with alder.write() as db:
        for title in ("Roads", "Parks", "Archive"):
            create_authority(db, title)
        assert [(one.title, one.url) for one in authorities(db)] == [
            ("Roads", "/authorities/roads"), ("Parks", "/authorities/parks"), ("Archive", "/authorities/archive"),
        ]  # fmt: skip


def test_no_two_authorities_have_one_name(alder: Town) -> None:
    with alder.write() as db:
        roads, _parks = create_authority(db, "Roads"), create_authority(db, "Parks")
        for title in ("ROADS", " Roads ", "Röads"):
            with pytest.raises(Invalid):
                create_authority(db, title)
        with pytest.raises(Invalid):
            change_authority(db, roads, "parks", "", None)
        change_authority(db, roads, "ROADS", "Asphalt", None)
        assert (get_authority(db, "roads").title, roads.summary) == ("ROADS", "Asphalt")
        with pytest.raises(NotFound):
            get_authority(db, "lakes")


def test_officials_work_for_authorities_and_head_them(alder: Town) -> None:
    with alder.write() as db:
        chen, maya, anna = (alder.person(db, name) for name in ("chen", "maya", "anna"))
        roads, parks = create_authority(db, "Roads"), create_authority(db, "Parks")
        set_members(db, roads, {chen.id, maya.id})
        set_members(db, roads, {chen.id})
        change_authority(db, parks, "Parks", "", chen.id)
        assert [person.name for person in officials(db)] == ["Chen", "Maya"]
        assert [person.name for person in members_of(db, roads)] == ["Chen"]
        assert authorities_of(db, chen) == {roads.id, parks.id}
        assert (authorities_of(db, maya), authorities_of(db, anna)) == (set(), set())


def test_a_topic_is_the_business_of_one_authority(alder: Town) -> None:
    with alder.write() as db:
        trees, lamps = ensure_topic(db, "Trees"), ensure_topic(db, "Lamps")
        roads, parks = create_authority(db, "Roads"), create_authority(db, "Parks")
        set_remit(db, roads, {trees, lamps})
        set_remit(db, parks, {trees})
        assert (topics_of(db, roads), topics_of(db, parks)) == ({lamps}, {trees})
        assert (responsible_for(db, trees), responsible_for(db, None)) == (parks.id, None)
        found = authority_for(db, get_topic(db, "lamps"))
        assert (found and found.title, [topic.title for topic in business(db, parks)]) == ("Roads", ["Trees"])
        create_topic(db, "Lakes")
        assert authority_for(db, get_topic(db, "lakes")) is None


def test_an_authority_is_removed_with_its_people_topics_and_followers(alder: Town) -> None:
    with alder.write() as db:
        roads = create_authority(db, "Roads")
        set_members(db, roads, {alder.person(db, "chen").id})
        set_remit(db, roads, {ensure_topic(db, "Lamps")})
        set_follow(db, alder.person(db, "anna"), roads, True)
        remove_authority(db, roads)
        drop_followers(db, roads)
        assert (authorities(db), db.query(Follow).all()) == ([], [])


def test_an_authority_that_had_something_to_answer_stays(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        roads, thread = create_authority(db, "Roads"), a_thread(alder, db)
        set_members(db, roads, {alder.person(db, "chen").id})
        hooks = alder.world.site.plugins.hooks(frozenset())
        event = record(db, hooks, "feedback.assigned", thread, None, now, authority_id=roads.id)
        assert (event.authority_id, event.situation_id, event.topic_id) == (roads.id, thread.situation_id, None)
        with pytest.raises(Invalid):
            remove_authority(db, roads)
        assert [person.name for person in members_of(db, roads)] == ["Chen"]


def test_what_happened_to_a_comment_belongs_to_no_place(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db)
        hooks = alder.world.site.plugins.hooks(frozenset())
        now = alder.world.clock.now()
        comment = post_comment(db, thread, alder.person(db, "boris"), "It is so.", None, "en", now)
        record(db, hooks, "comments.posted", thread, None, now, comment.id)
        assert [(event.topic_id, event.situation_id) for event in db.query(Event)] == [(None, None)]
