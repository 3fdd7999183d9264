"""What tests put forward: proposals, drafts and supports, written straight into a town's store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from codesign.core.contributions import get_of_kind
from codesign.core.users import User
from codesign.core.votes import vote_on_contribution
from codesign.kit import Occurrence
from codesign.testing import Town
from codesign_proposals.drafts import save_draft
from codesign_proposals.proposals import Draft, Proposal
from codesign_proposals.publishing import publish
from codesign_proposals.supporting import recount, voted
from codesign_proposals.written import Written

TITLE = "A roof for the bus stop at the market"
TEXT = "Whoever waits at the market stands in the rain. A roof and a bench would cost little and help many."


def a_draft(db: Session, author: User, now: datetime, title: str = TITLE, **more: Any) -> Draft:
    """`more`: text, topic_id, area_id, tags."""
    return save_draft(db, author, Written(title, **{"text": TEXT, **more}), now)


def propose(
    db: Session,
    author: User,
    title: str,
    now: datetime,
    *,
    text: str = TEXT,
    topic_id: int | None = None,
    area_id: int | None = None,
    tags: Sequence[str] = (),
    language: str = "en",
    **facts: Any,
) -> Proposal:
    """A published proposal. `facts` are columns set afterwards: threshold, archives_at, reached_at, agree_count ..."""
    draft = a_draft(db, author, now, title, text=text, topic_id=topic_id, area_id=area_id, tags=tuple(tags))
    proposal = publish(db, draft, author, language, now)
    for name, value in facts.items():
        setattr(proposal, name, value)
    db.flush()
    if "agree_count" in facts or "threshold" in facts:
        recount(db, proposal, now)
    return proposal


def proposal_id(town: Town, title: str = TITLE, author: str = "anna", **more: Any) -> int:
    """The id of a new proposal, committed."""
    with town.write() as db:
        return propose(db, town.person(db, author), title, town.world.clock.now(), **more).id


def support(db: Session, proposal: Proposal, person: User, now: datetime, value: int = 1) -> list[Occurrence]:
    """As the page does it. Returns what it brought about."""
    if not vote_on_contribution(db, person, proposal, value):
        return []
    return voted(db, proposal, person, value, now)


def supported(town: Town, id: int, *names: str) -> None:
    """These people support it, committed; nothing is recorded."""
    with town.write() as db:
        for name in names:
            support(db, get_of_kind(db, Proposal, id), town.person(db, name), town.world.clock.now())
