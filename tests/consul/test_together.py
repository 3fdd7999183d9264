"""One export of CONSUL, read by every plugin that takes something out of it."""

from pathlib import Path

import pytest

from codesign.testing import Town
from tests.consul.exports import brought, comment, debate, folder, proposal, recount, things

LINES = """id,commentable_id,commentable_type,body,user_id,created_at
1,1,Proposal,Soon,3,2016-01-01
2,1,Debate,Later,3,2016-01-01
3,1,Poll,Never,3,2016-01-01
4,1
"""


@pytest.fixture
def town(alder: Town) -> Town:
    """With every plugin on that reads exports of CONSUL."""
    offered = alder.world.site.plugins.each("importers")
    names = [name for name, importers in offered if any(importer.name == "consul" for importer in importers)]
    return alder.enable(*names) if names else pytest.skip("no plugin here reads exports of CONSUL")


def test_one_folder_serves_all_and_what_concerns_several_is_told_once(town: Town, tmp_path: Path) -> None:
    path = folder(tmp_path / "e", proposals=[proposal(1)], debates=[debate(1)], comments=LINES)
    report = brought(town, path)
    notes = list(report.notes)
    with town.read() as db:
        recount(db)
        found = things(db)
        for noun in ("proposal", "debate"):
            left = f"{noun}s.csv holds {noun}s; nothing that is switched on here takes them."
            assert notes.count(left) == (f"{noun} 1" not in found)
            assert report.imported.get(f"{noun}s", 0) == (f"{noun} 1" in found)
    assert report.imported["comments"] == len(found)
    assert notes.count("comments.csv holds 1 comment on polls; nothing that is switched on here takes them.") == 1
    assert list(report.skipped) == [
        "comments.csv line 5: the row has 2 cells where the first line has 6; it was left out."
    ]
    again = brought(town, path)
    assert (again.imported, again.unchanged["comments"]) == ({}, len(found))


def test_one_person_who_wrote_here_and_there_is_one_person(town: Town, tmp_path: Path) -> None:
    path = folder(tmp_path / "e", proposals=[proposal(1, userId=3)], debates=[debate(1)], comments=LINES)
    assert brought(town, path).imported["authors"] == 1


def test_reading_together_leaves_no_comment_behind(town: Town, tmp_path: Path) -> None:
    path = folder(tmp_path / "e", proposals=[proposal(1)], comments=[comment(id, id - 1) for id in range(1, 40)])
    report = brought(town, path)
    told = any("comments on proposals" in note for note in report.notes)
    assert report.imported.get("comments", 0) == (0 if told else 39)
