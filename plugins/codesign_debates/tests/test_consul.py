"""Importing from CONSUL: debates arrive whole and once. The reading itself is tested in tests/consul."""

from pathlib import Path

import pytest
from sqlalchemy import select

from codesign.core.areas import Area
from codesign.core.topics import Topic
from codesign.testing import Town
from codesign_debates.debates import Debate, phase_of
from tests.consul.exports import brought, comment, debate, folder, holdings, proposal, recount


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("debates")


@pytest.mark.slow
def test_the_debates_of_decide_madrid_arrive_with_tags_areas_and_few_topics(town: Town, shared_data: Path) -> None:
    path = shared_data / "shared-only" / "decide-madrid-debates"
    report = brought(town, path)
    assert (report.imported, report.unchanged) == ({"debates": 3140}, {})
    assert list(report.skipped) == []
    with town.read() as db:
        before = holdings(db)
        recount(db)
        first = next(iter(db.scalars(select(Debate).order_by(Debate.id))))
        assert (first.number, first.title) == ("2015-00001", "¿Qué os parece este nuevo espacio de debate?")
        assert (first.agree_count, first.disagree_count, first.comments_elsewhere) == (1331, 215, 322)
        assert 10 <= len(list(db.scalars(select(Topic)))) <= 40
        assert "Tetuán" not in set(db.scalars(select(Topic.title)))
        assert {"Chamberí", "Tetuán", "Vicálvaro"} <= set(db.scalars(select(Area.title)))
        tags, areas = zip(*((row[-2], row[-3]) for row in before["contributions"].values()), strict=True)
        assert {"Chamberí", "Tetuán", "Vicálvaro"} <= {tag for names in tags for tag in names} & set(areas)
    assert brought(town, path).unchanged == {"debates": 3140}
    with town.read() as db:
        assert holdings(db) == before


def test_an_imported_debate_is_open_and_has_its_page(town: Town, tmp_path: Path) -> None:
    report = brought(town, folder(tmp_path / "e", debates=[debate(1)]))
    assert (report.imported, list(report.notes)) == ({"debates": 1}, [])
    with town.read() as db:
        made = db.scalars(select(Debate)).one()
        assert (made.kind, made.closes_at, phase_of(made, town.world.clock.now())) == ("debate", None, "open")
    assert "Why <strong>so</strong> late?" in town.client().get(made.url).text


def test_what_no_plugin_that_is_on_takes_is_told_once_for_each_file(town: Town, tmp_path: Path) -> None:
    path = folder(tmp_path / "e", debates=[debate(1)], proposals=[proposal(1)], comments=[comment(1)])
    report = brought(town, path)
    assert (report.imported, list(report.skipped)) == ({"debates": 1}, [])
    assert list(report.notes) == [
        "comments.csv holds comments on proposals; nothing that is switched on here takes them.",
        "proposals.csv holds proposals; nothing that is switched on here takes them.",
    ]
