"""Who may do what with polls."""

from collections.abc import Mapping
from datetime import datetime

from codesign.core.users import User
from codesign.kit import Predicate, anybody_signed_in, officials
from codesign_polls.polls import Poll, phase_of


def may_change(actor: User | None, poll: Poll, now: datetime) -> bool:
    """Until voting opens."""
    return officials(actor, poll, now) and not poll.hidden and phase_of(poll, now) == "upcoming"


def may_see_results(actor: User | None, poll: Poll, now: datetime) -> bool:
    """After the close everybody; while people vote everybody or nobody, officials neither."""
    if poll.hidden:
        return False
    open_to_all = phase_of(poll, now) == "open" and poll.live and not poll.secret
    return open_to_all or phase_of(poll, now) == "closed"


def may_make_codes(actor: User | None, poll: Poll, now: datetime) -> bool:
    return officials(actor, poll, now) and not poll.hidden and poll.by_code and not poll.imported_from


PERMISSIONS: Mapping[str, Predicate] = {
    "polls.prepare": officials,
    "polls.change": may_change,
    "polls.vote": anybody_signed_in,
    "polls.codes": may_make_codes,
    "polls.results": may_see_results,
}
