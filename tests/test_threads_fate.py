"""Every story is owed an answer: the contract of the loop."""

from codesign.core.contributions import Contribution
from codesign.core.settings import chosen
from codesign.events import record
from codesign.testing import Town
from codesign.testing.loops import assert_loop
from tests.making import a_story


def publish(town: Town, id: int) -> None:
    """As the page records it, only later, when people have taken part already."""
    with town.write() as db:
        story, hooks = db.get_one(Contribution, id), town.world.site.plugins.hooks(chosen(db).enabled)
        record(db, hooks, "threads.started", story, story.author, town.world.clock.now(), author="Anna", excerpt="")


def test_a_story_is_answered_promised_delivered_and_checked(alder: Town) -> None:
    assert_loop(alder, a_story, publish)
