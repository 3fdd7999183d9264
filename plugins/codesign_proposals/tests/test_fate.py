"""A proposal with the support that it needs is owed an answer: the contract of the loop."""

from codesign.testing import Town
from codesign.testing.loops import assert_loop
from codesign_proposals.proposals import Proposal
from codesign_proposals.tests.making import proposal_id


def start(town: Town, author: str) -> int:
    return proposal_id(town, author=author)


def reach(town: Town, id: int) -> None:
    """One supporter is missing, and comes: Cora, who has commented on it."""
    with town.write() as db:
        proposal = db.get_one(Proposal, id)
        proposal.threshold = proposal.agree_count + 1
    assert town.client("cora").post(f"/contributions/{id}/vote", data={"value": "1"}).status_code == 303


def test_a_proposal_that_has_reached_its_threshold_is_answered_promised_delivered_and_checked(alder: Town) -> None:
    assert_loop(alder.enable("proposals"), start, reach)
