"""Importing from CONSUL: proposals arrive with their supports, once, in the state in which CONSUL left them."""

import csv
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from codesign.core.comments import Comment, Standing
from codesign.core.origins import remember
from codesign.core.settings import save_settings
from codesign.testing import Town
from codesign_proposals.proposals import Proposal, State, Threshold, Withdrawal
from tests.consul.exports import PROPOSALS, brought, comment, folder, holdings, proposal, recount, table, things
from tests.making import a_story

ONE_PERCENT = 27_064
"""Of the census of Madrid over 16: the supports that Decide Madrid asked for."""


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


def ask_for(town: Town, supporters: int, **more: object) -> None:
    with town.write() as db:
        save_settings(db, "proposals", {"supporters": supporters, **more}, town.world.clock.now())


def arrived(town: Town) -> list[Proposal]:
    with town.read() as db:
        return list(db.scalars(select(Proposal).order_by(Proposal.id)))


def states(town: Town) -> list[State]:
    return [made.state_at(town.world.clock.now()) for made in arrived(town)]


@pytest.mark.slow
def test_the_proposals_of_decide_madrid_arrive_whole(town: Town, shared_data: Path) -> None:
    ask_for(town, ONE_PERCENT)
    path = shared_data / "redistributable" / "decide-madrid-threads"
    report = brought(town, path)
    assert (report.imported, report.unchanged) == ({"proposals": 80, "authors": 2272, "comments": 5633}, {})
    assert list(report.skipped) == []
    with (path / "comments.redacted.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    made = arrived(town)
    assert sum(each.agree_count for each in made) == sum(each.elsewhere_count for each in made) == 228_140
    assert {each.threshold for each in made} == {ONE_PERCENT}
    with town.read() as db:
        before = holdings(db)
        recount(db)
        standings = Counter(db.scalars(select(Comment.standing)))
        assert standings == {Standing.VISIBLE: 5571, Standing.REMOVED: 62}
        assert db.scalar(select(func.count()).where(Comment.parent_lost)) == 268
        assert db.scalar(select(func.sum(Comment.agree_count))) == sum(int(row["numPositiveVotes"]) for row in rows)
    assert Counter(each.area_title for each in made if each.area_title) == {
        "Chamberí": 1, "Fuencarral-el pardo": 1, "San blas-canillejas": 1, "Vicálvaro": 1,
    }  # fmt: skip
    assert {id: row[6] for id, row in before["comments"].items()} == {row["id"]: row["text"].strip() for row in rows}
    again = brought(town, path)
    assert (again.imported, again.unchanged) == ({}, {"proposals": 80, "comments": 5633})
    assert list(again.skipped) == []
    with town.read() as db:
        assert holdings(db) == before


def test_supports_are_measured_by_what_the_town_asks_for_when_they_arrive(town: Town, tmp_path: Path) -> None:
    ask_for(town, 200)
    rows = [proposal(1, numSupports=150, status="archived"), proposal(2, numSupports=200, status="archived")]
    rows += [proposal(3, numSupports=1999), proposal(4, numSupports=3)]
    report = brought(town, folder(tmp_path / "e", proposals=rows))
    now, ended = town.world.clock.now(), datetime(2017, 2, 28, tzinfo=UTC)
    assert [(each.threshold, each.progress, each.reached_at, each.place) for each in arrived(town)] == [
        (200, 750, None, 1), (200, 1000, ended, 2), (200, 9995, now, 3), (200, 15, None, 4),
    ]  # fmt: skip
    assert states(town) == [State.ARCHIVED, State.REACHED, State.REACHED, State.GATHERING]
    assert list(report.notes) == [
        "2 proposals: as many supports as are needed here, or more; since which day is not known.",
        "2 proposals: open at the source, and here for as long as a new one.",
    ]
    ask_for(town, 1)
    brought(town, tmp_path / "e")
    assert [each.threshold for each in arrived(town)] == [200, 200, 200, 200]


def test_a_rule_for_its_topic_or_area_holds_for_an_imported_proposal_too(town: Town, tmp_path: Path) -> None:
    path = folder(tmp_path / "e", proposals=[proposal(1), proposal(2), proposal(3)])
    words = "<a><proposal id='1' districts='tetuán'/><proposal id='2' categories='trees'/></a>"
    (path / "recommendations.xml").write_text(words, encoding="utf-8")
    area = town.area("Tetuán")
    with town.write() as db:
        db.add(Threshold(area_id=area, supporters=7))
    brought(town, path)
    assert [(each.threshold, each.area_id) for each in arrived(town)] == [(7, area), (100, None), (100, None)]


def test_archived_ones_ended_a_year_after_they_began_or_now_and_open_ones_go_on(town: Town, tmp_path: Path) -> None:
    now = town.world.clock.now()
    recent = f"{now - timedelta(days=30):%Y-%m-%d}"
    rows = [proposal(1, status="Archived"), proposal(2, status="archived", date=recent), proposal(3)]
    ask_for(town, 100, months_open=6)
    brought(town, folder(tmp_path / "e", proposals=rows))
    first, second, third = arrived(town)
    assert (first.created_at, first.archives_at) == (
        datetime(2016, 2, 29, tzinfo=UTC), datetime(2017, 2, 28, tzinfo=UTC),
    )  # fmt: skip
    assert second.archives_at == now
    assert third.archives_at is not None
    assert timedelta(days=180) < third.archives_at - now < timedelta(days=185)
    assert states(town) == [State.ARCHIVED, State.ARCHIVED, State.GATHERING]


def test_nobody_is_told_that_an_imported_proposal_was_archived_long_ago(town: Town, tmp_path: Path) -> None:
    brought(town, folder(tmp_path / "e", proposals=[proposal(1, status="archived"), proposal(2)]))
    versions = [each.version for each in arrived(town)]
    town.tick()
    assert ([each.version for each in arrived(town)], town.send_mail()) == (versions, [])


def test_a_proposal_withdrawn_at_the_source_stays_withdrawn(town: Town, tmp_path: Path) -> None:
    columns = [*PROPOSALS, "retired_at", "retired_reason", "retired_explanation"]
    told = {"retired_at": "2016-05-01 10:00:00", "retired_reason": "done", "retired_explanation": "It stands."}
    rows = [proposal(1, numSupports=500, **told), proposal(2, **told | {"retired_reason": "tired"})]
    rows += [proposal(3, retired_at="once")]
    report = brought(town, folder(tmp_path / "e", proposals=table(columns, rows)))
    assert states(town) == [State.WITHDRAWN, State.WITHDRAWN, State.GATHERING]
    first, second, _third = arrived(town)
    assert (first.withdrawn_at, first.withdrawn_reason, first.withdrawn_text, first.reached_at) == (
        datetime(2016, 5, 1, 10, tzinfo=UTC), Withdrawal.DONE, "It stands.", None,
    )  # fmt: skip
    assert second.withdrawn_reason is Withdrawal.OTHER
    assert list(report.notes) == [
        "proposals.csv line 4: the date 'once' is no date, so it was taken as empty.",
        "1 proposal: open at the source, and here for as long as a new one.",
    ]


def test_residents_support_an_imported_open_proposal_beside_those_who_did_elsewhere(town: Town, tmp_path: Path) -> None:
    ask_for(town, 4)
    rows = [proposal(1), proposal(2, status="archived")]
    brought(town, folder(tmp_path / "e", proposals=rows, comments=[comment(1)]))
    opened, archived = arrived(town)
    answers = [
        town.client("anna").post(f"/contributions/{each.id}/vote", data={"value": "1"}) for each in (opened, archived)
    ]
    assert [answer.status_code for answer in answers] == [303, 403]
    opened, archived = arrived(town)
    assert (opened.agree_count, opened.elsewhere_count, opened.progress) == (4, 3, 1000)
    assert opened.reached_at == town.world.clock.now()
    assert (archived.agree_count, archived.reached_at) == (3, None)
    for each in (opened, archived):
        assert town.client().get(each.url).status_code == 200


def test_what_an_earlier_version_brought_as_something_else_is_not_brought_again(town: Town, tmp_path: Path) -> None:
    other = a_story(town)
    with town.write() as db:
        remember(db, "consul", "proposal", {"1": other})
    path = folder(tmp_path / "e", proposals=[proposal(1), proposal(2)], comments=[comment(1)])
    report = brought(town, path)
    assert (report.imported, report.unchanged) == (
        {"proposals": 1, "authors": 2, "comments": 1}, {"proposals": 1},
    )  # fmt: skip
    assert "1 proposal: already there as a thread, by an earlier import, and left as it is." in list(report.notes)
    with town.read() as db:
        assert {name: each.kind for name, each in things(db).items()} == {
            "proposal 1": "thread",
            "proposal 2": "proposal",
        }
        assert db.scalars(select(Comment.contribution_id)).all() == [other]
