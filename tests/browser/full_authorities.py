"""The part of the full town that belongs to authorities, and to somebody who follows without an account."""

from codesign.core.authorities import change_authority, create_authority, set_members, set_remit
from codesign.core.follows import set_follow
from codesign.core.subscriptions import ask, asked_with, confirm, managing_token
from codesign.core.threads import Thread
from codesign.core.topics import create_topic
from codesign.testing import Town

FOLLOWER = f"{'unteilbar' * 6}@elsewhere.example"


def fill_authorities(town: Town, title: str) -> dict[str, object]:
    """Two authorities, of which one has much to do; a link that waits, and what its owner follows already."""
    now = town.world.clock.now()
    with town.write() as db:
        chen, topic = town.person(db, "chen"), create_topic(db, f"Roads {title}"[:80], title)
        busy, _idle = create_authority(db, title[:80], f"Whatever {title}"), create_authority(db, "Archive")
        change_authority(db, busy, busy.title, busy.summary, chen.id)
        set_members(db, busy, {chen.id})
        set_remit(db, busy, {topic.id})
        set_follow(db, town.person(db, "anna"), busy, True)
        asked = asked_with(db, ask(db, FOLLOWER, busy, "en", now), now)
        assert asked is not None
        kinds = {"thread": town.world.site.kinds["core"][0]}
        follower = confirm(db, kinds, asked, now)
        set_follow(db, follower, topic, True)
        waiting = ask(db, "other@elsewhere.example", busy, "en", now)
        ask(db, "other@elsewhere.example", topic, "en", now)
        manage = managing_token(town.world.settings.secret, town.slug, follower)
        thread = db.query(Thread.id).first()
    return {
        "authority": busy.slug, "followed_authority": busy.id, "waiting": waiting, "manage": manage,
        "followed": thread.id if thread else 0,
    }  # fmt: skip
