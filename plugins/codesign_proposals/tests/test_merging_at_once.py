"""Many who would join proposals at the same moment: one outcome, told once, and counters that equal the votes."""

from collections import Counter

import pytest
from sqlalchemy import select

from codesign.core.contributions import get_of_kind
from codesign.core.votes import ContributionVote
from codesign.testing import Town
from codesign_proposals.proposals import Merge, Proposal
from codesign_proposals.tests.joining import ask, joined, request_id
from codesign_proposals.tests.making import proposal_id, supported
from codesign_proposals.tests.telling import told
from tests.making import neighbours
from tests.test_concurrency import at_once, posting


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


@pytest.fixture
def pair(town: Town) -> tuple[int, int]:
    """Anna's proposal, and Boris's."""
    return proposal_id(town, "A roof at the market"), proposal_id(town, "Roofs at all stops", "boris")


def test_asked_twice_at_the_same_moment_it_is_asked_and_told_once(town: Town, pair: tuple[int, int]) -> None:
    source, target = pair
    form = {"number": f"/proposals/{target}"}
    assert at_once([posting(town, "anna", f"/proposals/{source}/merge", form) for _tab in range(3)]) == [303, 422, 422]
    assert told(town) == Counter(["boris"])


def test_two_authors_who_agree_at_the_same_moment_join_it_once(town: Town) -> None:
    for number in range(4):
        source, target = proposal_id(town, f"A roof {number}"), proposal_id(town, f"Roofs {number}", "boris")
        supported(town, source, "maya")
        ask(town, source, target, "chen")
        merge = request_id(town)
        tasks = [
            posting(town, name, f"/proposals/{id}/merge/{merge}", {"answer": "agree"})
            for name, id in (("anna", source), ("boris", target))
        ]
        assert at_once(tasks) == [303, 303]
        assert joined(town, source, target) == [target, None]
    with town.read() as db:
        assert [merge.support_count for merge in db.scalars(select(Merge))] == [1] * 4


def test_of_two_that_would_join_each_other_at_the_same_moment_one_wins(town: Town) -> None:
    for number in range(4):
        first, second = proposal_id(town, f"A roof {number}"), proposal_id(town, f"Roofs {number}", "boris")
        ask(town, first, second)
        there = request_id(town)
        ask(town, second, first, "boris")
        back = request_id(town)
        tasks = [
            posting(town, "boris", f"/proposals/{second}/merge/{there}", {"answer": "agree"}),
            posting(town, "anna", f"/proposals/{first}/merge/{back}", {"answer": "agree"}),
        ]
        assert at_once(tasks) == [303, 422]
        assert sorted(joined(town, first, second), key=lambda id: id or 0) in ([None, first], [None, second])


def test_supports_and_agreeing_at_the_same_moment_leave_counters_that_equal_the_votes(town: Town) -> None:
    crowd = neighbours(town, 4)
    for number in range(3):
        source, target = proposal_id(town, f"A roof {number}"), proposal_id(town, f"Roofs {number}", "boris")
        ask(town, source, target)
        tasks = [posting(town, name, f"/contributions/{source}/vote", {"value": "1"}) for name in crowd]
        tasks.append(posting(town, "boris", f"/proposals/{target}/merge/{request_id(town)}", {"answer": "agree"}))
        answers = at_once(tasks)
        assert set(answers) <= {303, 403}
        with town.read() as db:
            votes = db.scalars(select(ContributionVote).where(ContributionVote.contribution_id == source)).all()
            assert get_of_kind(db, Proposal, source).agree_count == len(votes) == answers.count(303) - 1
