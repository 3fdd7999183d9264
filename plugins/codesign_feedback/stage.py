"""People and hands for tests of the loop: everybody who may have to hear of a step, and somebody who must not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from codesign.core.authorities import Authority, create_authority, set_members
from codesign.core.comments import post_comment
from codesign.core.contributions import Contribution
from codesign.core.follows import Follow, set_follow
from codesign.core.notices import Notice
from codesign.core.settings import chosen
from codesign.core.users import Role, User, sign_up
from codesign.core.votes import vote_on_contribution
from codesign.events import Event, announce, next_announcement
from codesign.kit import Invalid, Occurrence, record
from codesign_feedback.loops import Loop, get_loop
from codesign_feedback.receipts import issue
from codesign_feedback.rules import Rules, rules_of

if TYPE_CHECKING:
    from codesign.testing import Town

FIRST, SECOND = "Parks department", "Roads department"
RESIDENTS = ("ines", "ivan", "cora", "fred", "toni", "sita", "arno", "berta")
"""For, against, a comment; followers of the contribution, its topic, its situation and the authority; a bystander."""
OFFICIALS = ("hugo", "olga", "rosa")
"""The head of the first authority, who helps, and who works for the second. Chen works for the first."""


def now(town: "Town") -> datetime:
    return town.world.clock.now()


def enter_people(town: "Town") -> None:
    with town.write() as db:
        for name in (*RESIDENTS, *OFFICIALS):
            person = sign_up(db, f"{name}@{town.slug}.example", name.title(), "", None, now(town))
            person.role = Role.OFFICIAL if name in OFFICIALS else Role.RESIDENT
            person.confirmed_at = now(town)
        if db.scalar(select(Authority.id).where(Authority.title == FIRST)) is None:
            first, second = create_authority(db, FIRST), create_authority(db, SECOND)
            first.head_id = town.person(db, "hugo").id
            set_members(db, first, {town.person(db, "chen").id})
            set_members(db, second, {town.person(db, "rosa").id})


def authority(db: Session, title: str = FIRST) -> Authority:
    return db.scalars(select(Authority).where(Authority.title == title)).one()


def involve(town: "Town", id: int) -> None:
    """Let everybody take part in a contribution as its kind allows, or follow it or its places; nobody else follows it
    then. Who cannot vote comments."""
    with town.write() as db:
        thing = db.get_one(Contribution, id)
        kind = next(each for kinds in town.world.site.kinds.values() for each in kinds if each.name == thing.kind)
        db.execute(delete(Follow).where(Follow.subject == "contribution", Follow.subject_id == id))
        votes = {"ines": 1, "ivan": -1} if kind.opposable else {"ines": 1}
        votes = votes if kind.votable else {}
        for name, value in votes.items():
            vote_on_contribution(db, town.person(db, name), thing, value)
        for name in {"ines", "ivan", "cora"} - set(votes):
            post_comment(db, thing, town.person(db, name), "It is so.", None, "en", now(town))
        places = {"fred": thing, "toni": thing.topic, "sita": thing.situation, "arno": authority(db)}
        for name, place in places.items():
            if place is not None:
                set_follow(db, town.person(db, name), place, True)


def help_somebody(town: "Town", id: int) -> None:
    """Olga hands out a receipt to a person without an account."""
    with town.write() as db:
        issue(db, db.get_one(Contribution, id), now(town), helper=town.person(db, "olga"), label="window 3")


def happen(town: "Town", db: Session, name: str, thing: Contribution, actor: User | None = None, **told: Any) -> None:
    """Record an event as pages do."""
    hooks = town.world.site.plugins.hooks(chosen(db).enabled)
    url = f"http://{town.slug}.localhost{thing.url}"
    record(db, hooks, name, thing, actor, now(town), **{"url": url, **told})


@dataclass
class Held:
    """A loop in somebody's hands, locked, with everything that the verbs need."""

    town: "Town"
    db: Session
    loop: Loop
    thing: Contribution
    rules: Rules
    now: datetime

    def person(self, name: str) -> User:
        return self.town.person(self.db, name)

    def tell(self, told: "Occurrence | list[Occurrence] | None", actor: str = "") -> None:
        """Record what a verb returned, as the pages do."""
        for one in told if isinstance(told, list) else [told] if told is not None else []:
            happen(self.town, self.db, one.name, one.thing, self.person(actor) if actor else None, **one.data)


@contextmanager
def held(town: "Town", id: int) -> Iterator[Held]:
    """What a verb refuses is committed all the same, as by a page that shows its form again: it must have changed nothing."""
    refused: Invalid | None = None
    with town.write() as db:
        loop = get_loop(db, id, lock=True)
        try:
            yield Held(town, db, loop, db.get_one(Contribution, id), rules_of(db), now(town))
        except Invalid as error:
            refused = error
    if refused is not None:
        raise refused


def told_of(town: "Town", id: int, event: str) -> dict[str, str]:
    """Who was told of the last event of that name, and why. Everybody who must hear is told first."""
    _announce_all(town)
    with town.read() as db:
        last = select(Event.id).where(Event.contribution_id == id, Event.name == f"feedback.{event}")
        last_id = db.scalars(last.order_by(Event.id.desc()).limit(1)).one()
        notices = select(User.email, Notice.reason).join(Notice, Notice.user_id == User.id)
        rows = db.execute(notices.where(Notice.event_id == last_id))
        return {str(row.email).partition("@")[0]: row.reason for row in rows}


def _announce_all(town: "Town") -> None:
    site = town.world.site
    kinds = {kind.name: kind for of_package in site.kinds.values() for kind in of_package}
    while True:
        with town.write() as db:
            announcement = next_announcement(db, now(town))
            if announcement is None:
                return
            announce(db, site.plugins.hooks(chosen(db).enabled), kinds, announcement, now(town))
