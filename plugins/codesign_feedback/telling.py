"""Recording what steps of the loop have brought about, from a page."""

from sqlalchemy.orm import Session
from starlette.requests import Request

from codesign.kit import Occurrence, absolute, record, visit_of
from codesign_feedback.loop import BY_EVENT, By


def tell(request: Request, db: Session, *occurrences: Occurrence) -> None:
    """Write the events of these steps, in the transaction of the request; whoever must hear is told afterwards.

    What follows of itself (all have replied, so it is decided) has nobody as its actor: who sent the last reply is told
    of the decision like everybody else.
    """
    visit = visit_of(request)
    for occurrence in occurrences:
        thing = occurrence.thing
        actor = None if BY_EVENT[occurrence.name].by is By.CLOCK else visit.actor
        told = {"url": absolute(request, thing.url), **occurrence.data}
        record(db, visit.hooks, occurrence.name, thing, actor, visit.now, **told)
