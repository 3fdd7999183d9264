"""Supports: counted, measured against the threshold, refused when they cannot be; one person, one support."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import func, select

from codesign.core.contributions import get_of_kind
from codesign.core.residents import document_digest, residence_of, withdraw_verification
from codesign.core.settings import save_settings
from codesign.core.topics import ensure_topic
from codesign.core.votes import ContributionVote
from codesign.events import Event
from codesign.testing import Town
from codesign_proposals.proposals import Proposal, Sheet, Signature, Threshold
from codesign_proposals.supporting import recount
from codesign_proposals.tests.making import proposal_id, supported
from codesign_proposals.tests.telling import letters, told
from codesign_proposals.thresholds import share_of, threshold_for
from tests.making import neighbours
from tests.test_concurrency import at_once, posting

START = datetime(2026, 5, 4, 9, tzinfo=UTC)


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


def facts(town: Town, id: int) -> tuple[int, int, bool]:
    """Supports, progress in thousandths, whether it is reached."""
    with town.read() as db:
        proposal = get_of_kind(db, Proposal, id)
        return proposal.agree_count, proposal.progress, proposal.reached_at is not None


def vote(town: Town, id: int, name: str, value: int = 1) -> int:
    return int(town.client(name).post(f"/contributions/{id}/vote", data={"value": str(value)}).status_code)


def reached_events(town: Town) -> int:
    with town.read() as db:
        return db.scalar(select(func.count()).where(Event.name == "proposals.reached")) or 0


def digests(town: Town, id: int) -> int:
    with town.read() as db:
        return db.scalar(select(func.count()).where(Signature.proposal_id == id)) or 0


def sign_on_paper(town: Town, id: int, name: str) -> None:
    """What an official enters for somebody who is verified."""
    with town.write() as db:
        digest = document_digest(town.world.settings.secret, town.slug, f"{name} 12345")
        sheet = Sheet(
            proposal_id=id, origin="Market 1", entered_by_id=town.person(db, "chen").id, entered_at=START, accepted=1,
            doubled=0,
        )  # fmt: skip
        db.add(sheet)
        db.flush()
        db.add(Signature(proposal_id=id, digest=digest, sheet_id=sheet.id))


def test_a_support_counts_once_and_is_taken_back(town: Town) -> None:
    id = proposal_id(town, threshold=3)
    assert [vote(town, id, "boris", value) for value in (1, 1, 0, 0, 1)] == [303] * 5
    assert facts(town, id) == (1, 333, False)
    assert vote(town, id, "anna") == 303  # its author may, and did not by publishing it
    assert facts(town, id) == (2, 666, False)


def test_nobody_votes_against_a_proposal(town: Town) -> None:
    id = proposal_id(town)
    assert [vote(town, id, "boris", -1), facts(town, id)] == [422, (0, 0, False)]


def test_the_threshold_is_reached_once_and_stays_reached(town: Town) -> None:
    id = proposal_id(town, threshold=2)
    supported(town, id, "chen")
    for value in (1, 0, 1):
        vote(town, id, "boris", value)
    assert (facts(town, id), reached_events(town)) == ((2, 1000, True), 1)
    assert told(town) == Counter(["anna", "boris", "chen"])
    assert "has reached the 2 supporters it needed" in " ".join(letters(town)[0].get_content().split())
    vote(town, id, "boris", 0)
    assert facts(town, id) == (1, 500, True)


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        ({"withdrawn_at": START}, "Its author has withdrawn this proposal."),
        ({"merged_at": START}, "This proposal was joined to another one."),
        ({"archives_at": START}, "The time for supporting this proposal ended on 4 May 2026."),
        (
            {"archives_at": START, "reached_at": START - timedelta(days=1)},
            "The time for supporting this proposal ended",
        ),
    ],
)
def test_a_proposal_whose_time_is_over_takes_no_support_and_gives_none_back_but_is_talked_about(
    town: Town, fact: dict[str, datetime], sentence: str
) -> None:
    id = proposal_id(town)
    supported(town, id, "boris")
    with town.write() as db:
        proposal = get_of_kind(db, Proposal, id)
        for name, value in fact.items():
            setattr(proposal, name, value)
    boris, chen = town.client("boris"), town.client("chen")
    for client, value in ((chen, "1"), (boris, "0")):
        answer = client.post(f"/contributions/{id}/vote", data={"value": value})
        assert (answer.status_code, sentence in answer.text) == (403, True)
    assert facts(town, id)[0] == 1
    assert chen.post(f"/contributions/{id}/comments", data={"text": "What a pity."}).status_code == 303


def test_it_takes_support_until_the_second_its_term_ends(town: Town) -> None:
    id = proposal_id(town, archives_at=START + timedelta(days=1))
    town.world.clock.moment = START + timedelta(days=1, seconds=-1)
    assert vote(town, id, "boris") == 303
    town.world.clock.moment = START + timedelta(days=1)
    assert vote(town, id, "chen") == 403


def test_a_town_may_reserve_supporting_to_verified_residents_and_says_how_to_become_one(town: Town) -> None:
    id = proposal_id(town)
    supported(town, id, "anna")
    with town.write() as db:
        save_settings(db, "proposals", {"supported_by": "verified"}, START)
    town.verify("chen")
    refused = town.client("boris").post(f"/contributions/{id}/vote", data={"value": "1"})
    assert (refused.status_code, "Show your document at the town hall" in refused.text) == (403, True)
    assert [vote(town, id, "chen"), facts(town, id)[0]] == [303, 2]
    assert [vote(town, id, "anna", 0), facts(town, id)[0]] == [303, 1]  # counted before it was decided: can go
    assert [vote(town, id, "anna"), facts(town, id)[0]] == [403, 1]
    assert "Show your document at the town hall" in town.client().get(f"/proposals/{id}").text


def test_the_document_of_a_verified_resident_is_noted_while_they_support_and_no_longer(town: Town) -> None:
    id = proposal_id(town)
    town.verify("boris", document="boris 12345")
    town.verify("chen")
    for name, value, noted in (("boris", 1, 1), ("chen", 1, 1), ("anna", 1, 1), ("boris", 0, 0), ("boris", 1, 1)):
        assert vote(town, id, name, value) == 303
        assert digests(town, id) == noted


def test_who_has_signed_on_paper_cannot_support_here_as_well(town: Town) -> None:
    id = proposal_id(town, threshold=1)
    town.verify("boris", document="boris 12345")
    sign_on_paper(town, id, "boris")
    answer = town.client("boris").post(f"/contributions/{id}/vote", data={"value": "1"})
    assert answer.status_code == 403
    assert "You have signed this proposal on paper already. One person counts once." in answer.text
    assert (facts(town, id), digests(town, id)) == ((0, 0, False), 1)
    with town.read() as db:
        assert db.scalars(select(ContributionVote)).all() == []
    assert [vote(town, id, "boris", 0), digests(town, id)] == [303, 1]


def test_a_document_that_moved_to_another_account_counts_once(town: Town) -> None:
    id = proposal_id(town)
    town.verify("boris", document="boris 12345")
    assert vote(town, id, "boris") == 303
    with town.write() as db:
        residence = residence_of(db, town.person(db, "boris"))
        assert residence is not None
        withdraw_verification(db, residence)
    town.verify("anna", document="boris 12345")
    answer = town.client("anna").post(f"/contributions/{id}/vote", data={"value": "1"})
    assert (answer.status_code, "Your document was counted for this proposal already." in answer.text) == (403, True)


def test_counts_from_paper_and_from_elsewhere_are_measured_with_the_others(town: Town) -> None:
    id = proposal_id(town, threshold=8)
    with town.write() as db:
        proposal = get_of_kind(db, Proposal, id)
        proposal.agree_count, proposal.paper_count, proposal.elsewhere_count = 7, 3, 4
        db.flush()
        assert recount(db, proposal, START) == []
        assert (proposal.progress, proposal.reached_at) == (875, None)
    assert [vote(town, id, "boris"), facts(town, id), reached_events(town)] == [303, (8, 1000, True), 1]
    html = town.client().get(f"/proposals/{id}").text
    assert ("3 on paper" in html, "4 on an earlier platform" in html) == (True, True)


def test_a_proposal_needs_what_its_area_says_else_its_topic_else_the_town(town: Town) -> None:
    area, other = town.area("Old town"), town.area("Harbour")
    neighbours(town, 6)
    town.verify("boris", area)
    with town.write() as db:
        topic, second = ensure_topic(db, "Traffic"), ensure_topic(db, "Schools")
        db.add_all(
            [
                Threshold(area_id=area, supporters=7),
                Threshold(topic_id=topic, share=250),
                Threshold(area_id=other, share=1),
            ]
        )
        db.flush()
        assert [threshold_for(db, *place) for place in ((topic, area), (None, area), (topic, None))] == [7, 7, 3]
        assert threshold_for(db, topic, other) == 1  # nobody is registered there, and nobody is too few
        assert [threshold_for(db, *place) for place in ((second, None), (None, None))] == [100, 100]
        save_settings(db, "proposals", {"supporters": 40, "share": 12.5}, START)
        assert threshold_for(db, second, None) == 2  # of ten residents, rounded up
        save_settings(db, "proposals", {"supporters": 40}, START)
        assert threshold_for(db, second, None) == 40


@pytest.mark.parametrize(
    ("residents", "share", "wanted"),
    [(0, "0.5", 1), (10, "0.1", 1), (11, "0.1", 2), (3_000_000, "0.00001", 30), (7, "1", 7)],
)
def test_a_share_is_rounded_up_and_at_least_one(residents: int, share: str, wanted: int) -> None:
    assert share_of(residents, Fraction(share)) == wanted


def test_two_supports_of_one_person_at_the_same_moment_are_one(town: Town) -> None:
    id = proposal_id(town, threshold=10)
    town.verify("boris", document="boris 12345")
    tasks = [posting(town, "boris", f"/contributions/{id}/vote", {"value": "1"}) for _device in range(6)]
    assert at_once(tasks) == [303] * 6
    assert (facts(town, id), digests(town, id)) == ((1, 100, False), 1)


def test_supporting_and_taking_back_at_the_same_moment_leaves_what_the_votes_say(town: Town) -> None:
    id = proposal_id(town, threshold=10)
    town.verify("boris", document="boris 12345")
    values = ["1", "0", "1", "0", "1", "0"]
    tasks = [posting(town, "boris", f"/contributions/{id}/vote", {"value": value}) for value in values]
    for _round in range(3):
        assert at_once(tasks) == [303] * 6
        with town.read() as db:
            votes = len(db.scalars(select(ContributionVote)).all())
        assert (facts(town, id), digests(town, id)) == ((votes, 100 * votes, False), votes)


def test_many_who_bring_it_over_the_threshold_at_once_reach_it_once(town: Town) -> None:
    crowd = neighbours(town, 8)
    for round in range(3):
        id = proposal_id(town, f"A roof {round}", threshold=7)
        tasks = [posting(town, name, f"/contributions/{id}/vote", {"value": "1"}) for name in crowd]
        assert at_once(tasks) == [303] * 8
        assert (facts(town, id), reached_events(town)) == ((8, 1142, True), round + 1)
