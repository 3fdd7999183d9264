"""Crowds: very many people who follow, and events that they are told of."""

from collections import Counter
from dataclasses import replace
from types import ModuleType

from sqlalchemy import delete, func, insert, select

from codesign.builtin import hookimpl
from codesign.core.follows import Follow
from codesign.core.notices import Ground, Notice
from codesign.core.settings import switch
from codesign.core.users import User
from codesign.events import STEP, Announcement, announce, next_announcement, record
from codesign.kit import About, Audience, Happening
from codesign.outbox import Message, tell
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
        hooks = site.plugins.hooks(frozenset({"gazette"}.intersection(site.plugins.by_name)))
        return record(db, hooks, "threads.started", thread, actor, town.world.clock.now(), None, **told).id


def official_answer(town: Town) -> int:
    """The id of an event of which everybody who follows the situation is told by a letter of their own."""
    followers = select(Follow.user_id).where(Follow.subject == "situation")
    audience = Audience(followers, "You follow it.", "contributions/mail/started", Ground.ITEM, at_once=True)
    event, now = start_thread(town), town.world.clock.now()
    with town.write() as db:
        db.execute(delete(Announcement))
        tell(db, event, audience, None, 0, 10**6, now)
    return event


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
        return Counter(db.scalars(select(Notice.user_id).where(Notice.event_id == event_id)))


def written_to(town: Town, event_id: int) -> Counter[int]:
    """Who has a letter of their own."""
    with town.read() as db:
        return Counter(db.scalars(select(Message.user_id).where(Message.event_id == event_id)))


def step(town: Town, site: Site | None = None) -> None:
    site, now = site or town.world.site, town.world.clock.now()
    kinds = {kind.name: kind for kind in site.kinds["core"]}
    with town.write() as db:
        found = next_announcement(db, now)
        assert found is not None
        announce(db, site.plugins.hooks(frozenset({"gazette"})), kinds, found, now)


OFFICIAL, FOLDED = "official", "folded"


def gazette(answer: object) -> Plugin:
    """A plugin that tells everyone, before all others; only the crowd, at once or folded, when `answer` says so; or
    that fails, when `answer` is an error."""
    module = ModuleType("codesign_gazette")

    @hookimpl
    def about() -> About:
        return About("Gazette", "Prints everything.", "Everyone gets it.")

    @hookimpl
    def audience(happening: Happening) -> list[Audience]:
        if isinstance(answer, Exception):
            raise answer
        if answer in (OFFICIAL, FOLDED):
            crowd = select(Follow.user_id).where(Follow.subject == "situation", Follow.subject_id == 1)
            ways = {"at_once": answer is OFFICIAL, "folded": answer is FOLDED}
            return [Audience(crowd, "You live here.", "contributions/mail/started", Ground.ITEM, weight=-1, **ways)]
        return [Audience(select(User.id), "You live here.", "gazette/mail/new", Ground.ITEM, weight=-1)]

    vars(module).update(about=about, audience=audience)
    return Plugin("gazette", module)


def site_with(town: Town, plugin: Plugin) -> Site:
    """The town's site with one more plugin, switched on."""
    site = away(town)
    with town.write() as db:
        switch(db, plugin.name, True, town.world.clock.now())
    return replace(site, plugins=Plugins([*site.plugins.by_name.values(), plugin], site.plugins.builtin))
