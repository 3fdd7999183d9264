"""What tests put forward: situations, stories and comments, written straight into a town's store."""

from sqlalchemy.orm import Session

from codesign.core.comments import Comment, post_comment
from codesign.core.contributions import get_of_kind
from codesign.core.life import Situation, create_situation, get_situation
from codesign.core.threads import Thread, start_thread
from codesign.core.users import Role, User
from codesign.municipalities import add_person
from codesign.testing import Town
from codesign.testing.towns import QUICK_HASH
from codesign.types import NotFound

SITUATION = "I am expecting a child"
TEXT = "Three visits for one signature, and nobody knew which papers were missing."


def a_situation(db: Session) -> Situation:
    """The situation that every test story belongs to, made when it is first asked for."""
    try:
        return get_situation(db, "i-am-expecting-a-child")
    except NotFound:
        return create_situation(db, SITUATION, "What to do before and after the birth")


def a_thread(town: Town, db: Session, author: str = "anna", title: str = "Three visits", text: str = TEXT) -> Thread:
    now = town.world.clock.now()
    return start_thread(db, a_situation(db), town.person(db, author), title, text, "en", now)


def a_story(town: Town, author: str = "anna", title: str = "Three visits", text: str = TEXT) -> int:
    """The id of a new thread, committed."""
    with town.write() as db:
        return a_thread(town, db, author, title, text).id


def a_comment(
    town: Town, db: Session, thing_id: int, author: str = "boris", parent: int | None = None, text: str = "It is so."
) -> Comment:
    thing = get_of_kind(db, Thread, thing_id)
    above = db.get(Comment, parent) if parent else None
    return post_comment(db, thing, town.person(db, author), text, above, "en", town.world.clock.now())


def a_reply(
    town: Town, thing_id: int, author: str = "boris", parent: int | None = None, text: str = "It is so."
) -> int:
    """The id of a new comment, committed."""
    with town.write() as db:
        return a_comment(town, db, thing_id, author, parent, text).id


def neighbours(town: Town, count: int) -> list[str]:
    """The names of that many more confirmed residents of the town."""
    names = [f"neighbour{number}" for number in range(count)]
    with town.write() as db:
        for name in names:
            add_person(
                db, f"{name}@{town.slug}.example", name.title(), Role.RESIDENT, QUICK_HASH, town.world.clock.now()
            )
    return names


def people(town: Town, db: Session, names: list[str]) -> list[User]:
    return [town.person(db, name) for name in names]
