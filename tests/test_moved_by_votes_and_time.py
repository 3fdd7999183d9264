"""The hooks `voted` and `tick`: what a vote or time alone brings about becomes an event, in the same transaction."""

from collections.abc import Callable
from datetime import datetime
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign import worker
from codesign.app import make_app
from codesign.core.contributions import Contribution
from codesign.core.settings import switch
from codesign.core.threads import Thread
from codesign.core.votes import ContributionVote
from codesign.events import Event
from codesign.hookspecs import hookimpl
from codesign.plugins import Plugin
from codesign.testing import Town, World
from codesign.testing.client import Client
from codesign.types import About, Forbidden, Occurrence, Tick
from tests.making import a_story


def plugin(name: str, **hooks: Callable[..., Any]) -> Plugin:
    module = ModuleType(f"codesign_{name}")
    module.__file__ = f"/nowhere/codesign_{name}/__init__.py"
    for hook, function in {"about": lambda: About(name.title(), "", ""), **hooks}.items():
        setattr(module, hook, hookimpl(function))
    return Plugin(name, module)


def site_with(world: World, town: Town, *plugins: Plugin) -> Any:
    """The same town in an application in which these plugins are installed and on."""
    with town.write() as db:
        for each in plugins:
            switch(db, each.name, True, world.clock.now())
    return make_app(world.settings, plugins, now=world.clock.now)


def events(town: Town) -> list[tuple[str, dict[str, Any]]]:
    with town.read() as db:
        found = db.execute(select(Event.name, Event.data).where(Event.name.not_like("threads.%")).order_by(Event.id))
        return [(name, data) for name, data in found]


def a_voter(town: Town, app: Any) -> Client:
    client = Client(app, f"http://{town.slug}.localhost")
    client.cookies.update(town.client("anna").cookies)
    return client


def test_a_vote_tells_the_plugins_once_and_what_they_say_is_recorded(world: World, alder: Town) -> None:
    heard = []

    def voted(thing: Contribution, value: int, now: datetime) -> list[Occurrence]:
        heard.append((thing.agree_count, value, now))
        return [Occurrence("bells.rang", thing, {"times": 3})] if value == 1 else []

    id = a_story(alder)
    app = site_with(world, alder, plugin("bells", voted=voted))
    with a_voter(alder, app) as anna:
        for value in ("1", "1", "0"):
            assert anna.post(f"/contributions/{id}/vote", data={"value": value}).status_code == 303
    app.state.site.registry.close()
    now = world.clock.now()
    assert heard == [(1, 1, now), (0, 0, now)]
    [(name, told)] = events(alder)
    assert (name, told["times"], told["url"]) == ("bells.rang", 3, f"http://alder.localhost/threads/{id}")


def test_a_plugin_that_refuses_a_vote_takes_it_back_whole(world: World, alder: Town) -> None:
    def voted() -> list[Occurrence]:
        raise Forbidden("The bells are silent today.")

    id = a_story(alder)
    app = site_with(world, alder, plugin("bells", voted=voted))
    with a_voter(alder, app) as anna:
        answer = anna.post(f"/contributions/{id}/vote", data={"value": "1"})
    app.state.site.registry.close()
    assert answer.status_code == 403 and "The bells are silent today." in answer.text
    with alder.read() as db:
        assert db.scalars(select(ContributionVote)).all() == [] and db.get_one(Thread, id).agree_count == 0


def test_time_tells_every_plugin_though_another_one_fails(
    world: World, alder: Town, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(tick: Tick) -> None:
        raise RuntimeError("the spring is broken")

    def strikes(tick: Tick) -> None:
        with tick.read() as db, pytest.raises(Exception, match="read"):
            db.add(Event(name="clocks.cheated", at=tick.now))
            db.flush()
        with tick.write() as db:
            tick.record(db, Occurrence("clocks.struck", db.get_one(Thread, id), {"hour": tick.now.hour}))

    id = a_story(alder)
    app = site_with(world, alder, plugin("ants", tick=fails), plugin("clocks", tick=strikes))
    worker.tick(app.state.site, "alder")
    app.state.site.registry.close()
    [(name, told)] = events(alder)
    assert (name, told["hour"], told["url"]) == ("clocks.struck", 9, f"http://alder.localhost/threads/{id}")
    assert "what time demands of ants in alder failed" in caplog.text


def test_a_plugin_that_is_off_hears_of_no_time(world: World, alder: Town) -> None:
    def never(tick: Tick) -> None:
        raise AssertionError("it is off")

    app = make_app(world.settings, [plugin("clocks", tick=never)], now=world.clock.now)
    worker.tick(app.state.site, "alder")
    worker.tick(app.state.site, "no such town")
    app.state.site.registry.close()


def test_an_event_that_fails_takes_back_what_the_tick_wrote(world: World, alder: Town) -> None:
    def strikes(tick: Tick) -> None:
        with tick.write() as db:
            _rename(db, id)
            tick.record(db, Occurrence("clocks.struck", db.get_one(Thread, id), {"hour": object()}))

    id = a_story(alder)
    app = site_with(world, alder, plugin("clocks", tick=strikes))
    worker.tick(app.state.site, "alder")
    app.state.site.registry.close()
    with alder.read() as db:
        assert db.get_one(Thread, id).title != "Renamed" and events(alder) == []


def _rename(db: Session, id: int) -> None:
    db.get_one(Thread, id).title = "Renamed"
    db.flush()


def test_letters_that_no_request_brought_about_lead_to_the_host_of_the_town(world: World, alder: Town) -> None:
    assert worker.address(world.site, "alder") == "http://alder.localhost"
