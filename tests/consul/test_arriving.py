"""Importing from CONSUL: what exports hold arrives whole, once, and in its place."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from codesign.core.comments import Comment
from codesign.core.contributions import Contribution
from codesign.core.settings import CORE, TownSettings, save_settings
from codesign.core.users import Role, User
from codesign.testing import Town
from codesign.types import Refused
from tests.consul.exports import DEBATED, comment, debate, folder, holdings, proposal, recount, run

MIXED = ["id,commentable_id,commentable_type,body,user_id,created_at,ancestry,cached_votes_up,cached_votes_down"]
"""Comments as a database of CONSUL holds them: on things of every sort in one file."""


def test_dates_without_a_zone_are_meant_in_the_zone_of_the_town(alder: Town, tmp_path: Path) -> None:
    with alder.write() as db:
        save_settings(db, CORE, TownSettings(zone="Europe/Madrid").model_dump(mode="json"), alder.world.clock.now())
    path = folder(tmp_path / "e", proposals=[proposal(1)], comments=[comment(1)], debates=[debate(1)])
    run(alder, path)
    run(alder, path, DEBATED)
    with alder.read() as db:
        made = list(db.scalars(select(Contribution.created_at).order_by(Contribution.id)))
        assert made == [datetime(2016, 2, 28, 23, tzinfo=UTC), datetime(2015, 9, 6, 12, tzinfo=UTC)]
        assert list(db.scalars(select(Comment.created_at))) == [datetime(2016, 3, 1, 9, 20, 30, tzinfo=UTC)]


def test_one_person_in_two_files_is_one_person_and_officials_wear_a_badge(alder: Town, tmp_path: Path) -> None:
    comments = [comment(1, userId=7), comment(2, userId=7, userType="Empleados públicos"), comment(3, userType="Autor")]
    assert run(alder, folder(tmp_path / "e", proposals=[proposal(1)], comments=comments)).imported["authors"] == 2
    with alder.read() as db:
        people = {user.name: user for user in db.scalars(select(User).where(User.email.is_(None)))}
    assert {name: user.role for name, user in people.items()} == {
        "Resident 7": Role.OFFICIAL,
        "Resident 8": Role.RESIDENT,
    }
    assert {(user.password_hash, user.confirmed_at) for user in people.values()} == {(None, None)}


def test_a_later_export_adds_what_is_new_and_replies_find_what_they_reply_to(alder: Town, tmp_path: Path) -> None:
    run(alder, folder(tmp_path / "1", proposals=[proposal(1)], comments=[comment(1), comment(2, 1)]))
    report = run(alder, folder(tmp_path / "2", comments=[comment(2, 1), comment(3, 2), comment(4, 3)]))
    assert (report.imported, report.unchanged) == ({"comments": 2}, {"comments": 1})
    assert list(report.notes) == []
    with alder.read() as db:
        recount(db)
        depths = {id: row[1:4] for id, row in holdings(db)["comments"].items()}
    assert depths == {"1": (None, None, 0), "2": ("1", "1", 1), "3": ("2", "1", 2), "4": ("3", "1", 3)}


def test_replies_may_come_before_what_they_reply_to(alder: Town, tmp_path: Path) -> None:
    count = 1200
    rows = [comment(id, id - 1 if id % 100 else -1) for id in range(count, 0, -1)]
    report = run(alder, folder(tmp_path / "e", proposals=[proposal(1)], comments=rows))
    assert report.imported["comments"] == count
    with alder.read() as db:
        recount(db)
        parents = {int(id): row[1] for id, row in holdings(db)["comments"].items()}
    assert parents == {id: str(id - 1) if id % 100 and id > 1 else None for id in range(1, count + 1)}


def test_of_two_versions_the_redacted_one_is_read(alder: Town, tmp_path: Path) -> None:
    path = folder(tmp_path / "e", proposals=[proposal(1)], comments=[comment(1, text="call 600 000 000")])
    redacted = folder(tmp_path / "r", comments=[comment(1, text="call ***")]) / "comments.csv"
    redacted.rename(path / "comments.redacted.csv")
    report = run(alder, path)
    assert next(iter(report.notes)).startswith("comments.csv was left aside: comments.redacted.csv holds the same")
    with alder.read() as db:
        assert list(db.scalars(select(Comment.text))) == ["call ***"]


def test_one_file_can_be_imported_alone_and_files_are_known_by_their_columns(alder: Town, tmp_path: Path) -> None:
    path = folder(tmp_path / "e", proposals=[proposal(1)], comments=[comment(1)])
    assert run(alder, (path / "proposals.csv").rename(path / "a.csv")).imported == {"proposals": 1, "authors": 1}
    assert run(alder, (path / "comments.csv").rename(path / "b.csv")).imported == {"comments": 1, "authors": 1}


def test_a_folder_without_an_export_is_refused(alder: Town, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds nothing that CONSUL exports"):
        run(alder, folder(tmp_path / "empty"))
    with pytest.raises(Refused, match=r"b\.csv: these are no columns that the import knows"):
        run(alder, folder(tmp_path / "other", a="", b="colour,size\nred,1\n"))


def test_what_the_export_counts_otherwise_is_told_in_one_sentence(alder: Town, tmp_path: Path) -> None:
    rows = [proposal(1, numComments=9), proposal(2, numComments=1), proposal(3, numComments=2)]
    comments = [comment(1), comment(2, proposalId=2), comment(3, proposalId=3, text=" ")]
    notes = list(run(alder, folder(tmp_path / "e", proposals=rows, comments=comments)).notes)
    assert notes == [
        "comments.csv: 1 comment on proposals without a text, removed before the export.",
        "For 2 proposals the export counts more or fewer comments than it holds.",
    ]
    with alder.read() as db:
        recount(db)
        assert list(db.scalars(select(Contribution.comment_count).order_by(Contribution.id))) == [1, 1, 0]


def test_comments_on_debates_are_no_longer_elsewhere_and_those_on_other_things_are_left(
    alder: Town, tmp_path: Path
) -> None:
    lines = [*MIXED, "5,1,Debate,So it is,3,2016-01-01 10:00:00 +0200,,1,0"]
    lines += ["6,1,Debate,No,4,2016-01-02 10:00:00 UTC,5,0,0", "7,1,Poll,No,4,2016-01-02 10:00:00 UTC,,0,0"]
    lines += ["8,1,Poll,No,4,never,,0,0", "9,1,,No,4,2016-01-02 10:00:00 UTC,,0,0", "10,1,Proposal,No,4,,,0,0"]
    report = run(alder, folder(tmp_path / "e", debates=[debate(1)], comments="\n".join(lines)), DEBATED)
    assert list(report.skipped) == [
        "comments.csv line 6: it does not say what it is a comment on; the row was left out."
    ]
    assert report.passed_over == ("comments.csv holds 2 comments on polls", "comments.csv holds 1 comment on proposals")
    with alder.read() as db:
        made = db.scalars(select(Contribution)).one()
        moments = list(db.scalars(select(Comment.created_at).order_by(Comment.id)))
    assert (made.comment_count, made.comments_elsewhere) == (2, 2)
    assert moments == [datetime(2016, 1, 1, 8, tzinfo=UTC), datetime(2016, 1, 2, 10, tzinfo=UTC)]


def test_a_file_of_another_sort_is_left_to_whom_it_concerns(alder: Town, tmp_path: Path) -> None:
    path = folder(tmp_path / "e", proposals=[proposal(1)], comments=[comment(1)])
    (path / "words.xml").write_text("<a><proposal id='1' categories='a'/></a>")
    report = run(alder, path, DEBATED)
    assert (report.imported, list(report.skipped), list(report.notes)) == ({}, [], [])
    assert report.passed_over == (
        "comments.csv holds comments on proposals",
        "proposals.csv holds proposals",
        "words.xml holds words on proposals",
    )
    assert run(alder, path).passed_over == ()


def test_an_id_and_a_branch_belong_to_one_thing_also_when_the_other_is_left_to_others(
    alder: Town, tmp_path: Path
) -> None:
    lines = [*MIXED, "5,1,Proposal,So it is,3,2016-01-01 10:00:00,,1,0", "5,1,Debate,No,4,2016-01-02 10:00:00,,0,0"]
    lines += ["6,1,Debate,No,4,2016-01-02 10:00:00,5,0,0"]
    path = folder(tmp_path / "e", debates=[debate(1)], proposals=[proposal(1)], comments="\n".join(lines))
    report = run(alder, path, DEBATED)
    assert list(report.skipped) == [
        "comments.csv line 3: the id 5 was there before, in comments.csv line 2; the row was left out."
    ]
    assert (
        "comments.csv line 4: the comment replies to a comment on something else; it opens a branch of its own now."
        in (list(report.notes))
    )
    assert (run(alder, path).imported, report.imported) == (
        {"proposals": 1, "authors": 2, "comments": 1},
        {"debates": 1, "authors": 1, "comments": 1},
    )
    with alder.read() as db:
        recount(db)
        places = {id: row[:2] for id, row in holdings(db)["comments"].items()}
    assert places == {"5": ("proposal 1", None), "6": ("debate 1", None)}


def test_what_became_something_else_in_an_earlier_import_stays_that_and_is_told(alder: Town, tmp_path: Path) -> None:
    path = folder(tmp_path / "e", proposals=[proposal(1), proposal(2)], comments=[comment(1)])
    run(alder, path)
    with alder.write() as db:
        db.execute(update(Contribution.__table__).values(kind="story"))  # type: ignore[arg-type]
    report = run(alder, path)
    assert (report.imported, report.unchanged) == ({}, {"proposals": 2, "comments": 1})
    assert list(report.notes) == ["2 proposals: already there as a story, by an earlier import, and left as it is."]
