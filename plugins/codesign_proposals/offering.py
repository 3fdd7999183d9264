"""What pages offer to one reader and not to another: the own support, and what an author can do."""

from collections.abc import Mapping
from typing import Any

from codesign.core.users import User
from codesign.kit import Link, Personal, gettext
from codesign_proposals.proposals import Proposal


def _supported(values: Mapping[str, Any], vote: int) -> Mapping[str, Any]:
    return {**values, "my_vote": vote}


PERSONAL: Mapping[str, Personal] = {
    "proposals/_support.html": Personal(lambda values: ("vote", values["thing"].id), _supported),
}


def links(subject: Any, actor: User | None) -> list[Link]:
    """What an author can do with a proposal. These pages look at the clock again."""
    if not isinstance(subject, Proposal) or actor is None or actor.id != subject.author_id or _settled(subject):
        return []
    return [
        Link(gettext("Edit"), f"{subject.url}/edit", "pencil"),
        Link(gettext("Withdraw"), f"{subject.url}/withdraw", "x", weight=10),
    ]


def _settled(proposal: Proposal) -> bool:
    ends = (proposal.withdrawn_at, proposal.merged_at, proposal.archived_told_at)
    return proposal.hidden or any(end is not None for end in ends)
