"""The page of a poll, kept for all who read it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, cast, literal_column, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.contributions import get_of_kind
from codesign.kit import (
    Personal,
    changes_at,
    discussion,
    follow_view,
    keep,
    page,
    session,
    visit_of,
)
from codesign_polls.asked import asked, quorum_sentence
from codesign_polls.ballots import has_voted, voter_of
from codesign_polls.concluding import conclusion_of
from codesign_polls.definition import definition_of
from codesign_polls.eligibility import requirements
from codesign_polls.lists import index
from codesign_polls.pictures import pictures_of
from codesign_polls.polls import Poll, Roll, phase_of
from codesign_polls.wording import show_moment, time_left

# The key of the roll, so that an index answers: `u` and the id of the account.
_VOTER = literal_column("'u'", Text).concat(cast(bindparam("user", type_=BigInteger), Text))
ON_ROLL: Any = select(literal_column("1")).where(Roll.poll_id == bindparam("id"), Roll.voter == _VOTER)

PERSONAL: Mapping[str, Personal] = {
    "polls/_voted.html": Personal(
        lambda values: ("polls.voted", values["poll_id"]),
        lambda values, fact: {**values, "voted": True},
        query=ON_ROLL,
    )
}


def show(request: Request) -> Response:
    with session(request) as db:
        visit = visit_of(request)
        poll = get_of_kind(db, Poll, request.path_params["id"])
        if poll.hidden:
            return page(request, "contributions/hidden.html", 404, thing=poll)
        zone = visit.chosen.town.zone
        left, next_words = time_left(poll.closes_at, visit.now)
        changes_at(request, poll.opens_at, poll.closes_at, next_words)
        return page(
            request,
            "polls/show.html",
            keep=keep(poll),
            poll=poll,
            phase=phase_of(poll, visit.now),
            opens=show_moment(poll.opens_at, zone),
            closes=show_moment(poll.closes_at, zone),
            left=left,
            conclusion=conclusion_of(poll),
            asked=asked(definition_of(poll.definition).questions, pictures_of(db, poll)),
            requirements=requirements(db, poll),
            quorum=quorum_sentence(poll.quorum, poll.quorum_share),
            voted=visit.actor is not None and has_voted(db, poll, voter_of(visit.actor)),
            discussion=discussion(request, db, poll),
            follow=follow_view(request, db, poll),
        )


routes: list[BaseRoute] = [
    Route("/", index, name="index"),
    Route("/{id:int}", show, name="show"),
]
