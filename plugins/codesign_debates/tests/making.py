"""What tests put forward: debates, written straight into a town's store."""

from sqlalchemy.orm import Session

from codesign.core.topics import ensure_topic
from codesign.testing import Town
from codesign_debates.debates import Debate, start

TEXT = "The market is on Thursday, when most of us are at work."


def a_debate(
    town: Town, db: Session, title: str = "Market on Saturday?", author: str = "anna", topic: str = ""
) -> Debate:
    topic_id = ensure_topic(db, topic) if topic else None
    now = town.world.clock.now()
    return start(db, town.person(db, author), title, TEXT, topic_id, "en", (None, None), now)


def debate_id(town: Town, title: str = "Market on Saturday?", author: str = "anna", topic: str = "") -> int:
    """The id of a new debate, committed."""
    with town.write() as db:
        return a_debate(town, db, title, author, topic).id
