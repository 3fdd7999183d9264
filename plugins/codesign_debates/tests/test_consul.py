"""Importing from CONSUL: what exports hold arrives whole, once, and in its place."""

import csv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from codesign.core.comments import Comment, Standing
from codesign.core.contributions import Contribution
from codesign.core.search import matching
from codesign.core.settings import CORE, TownSettings, save_settings
from codesign.core.tags import tags_of
from codesign.core.topics import Topic
from codesign.core.users import Role, User
from codesign.testing import Town
from codesign.types import Refused
from codesign_debates.debates import Debate, phase_of
from codesign_debates.tests.exports import comment, debate, folder, holdings, proposal, recount, run

RECOMMENDATIONS = """<?xml version="1.0" encoding="UTF-8"?>
<recommendations><proposals quantity="1"><proposal categories="medio ambiente,movilidad" districts="ciudad,tetuán"
 id="1" topics="ruido">Proposal</proposal></proposals></recommendations>"""


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("debates")


@pytest.mark.slow
def test_the_threads_of_decide_madrid_arrive_whole(town: Town, shared_data: Path) -> None:
    path = shared_data / "redistributable" / "decide-madrid-threads"
    report = run(town, path)
    assert (report.imported, report.unchanged) == ({"debates": 80, "authors": 2272, "comments": 5633}, {})
    assert list(report.skipped) == []
    with (path / "comments.redacted.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with town.read() as db:
        before = holdings(db)
        recount(db)
        standings = Counter(db.scalars(select(Comment.standing)))
        assert standings == {Standing.VISIBLE: 5571, Standing.REMOVED: 62}
        assert db.scalar(select(func.count()).where(Comment.parent_lost)) == 268
        assert sum(db.scalars(select(Contribution.agree_count))) == 228_140
        assert db.scalar(select(func.sum(Comment.agree_count))) == sum(int(row["numPositiveVotes"]) for row in rows)
        closed = [phase_of(debate, town.world.clock.now()) for debate in db.scalars(select(Debate))]
        assert Counter(closed) == {"closed": 75, "open": 5}
    assert {id: row[6] for id, row in before["comments"].items()} == {row["id"]: row["text"].strip() for row in rows}
    again = run(town, path)
    assert (again.imported, again.unchanged) == ({}, {"debates": 80, "comments": 5633})
    assert (list(again.skipped), list(again.notes)) == ([], list(report.notes))
    with town.read() as db:
        assert holdings(db) == before


@pytest.mark.slow
def test_the_debates_of_decide_madrid_arrive_with_tags_and_few_topics(town: Town, shared_data: Path) -> None:
    path = shared_data / "shared-only" / "decide-madrid-debates"
    report = run(town, path)
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
        assert {"Chamberí", "Tetuán", "Vicálvaro"} <= {tag for row in before["debates"].values() for tag in row[-1]}
    assert run(town, path).unchanged == {"debates": 3140}
    with town.read() as db:
        assert holdings(db) == before


def test_a_proposal_becomes_a_debate_with_author_topic_tags_and_term(town: Town, tmp_path: Path) -> None:
    path = folder(tmp_path / "e", proposals=[proposal(1, status="archived", text="<b>Now</b>\n\nand here")])
    (path / "recommendations.xml").write_text(RECOMMENDATIONS, encoding="utf-8")
    assert run(town, path).imported == {"debates": 1, "authors": 1}
    with town.read() as db:
        made = db.scalars(select(Debate)).one()
        assert (made.number, made.kind, made.title) == ("2016-00001", "debate", "Proposal 1")
        assert made.text == "Less noise\n\n<b>Now</b>\n\nand here"
        assert "&lt;b&gt;Now&lt;/b&gt;" in made.html
        assert (made.created_at, made.closes_at) == (
            datetime(2016, 2, 29, tzinfo=UTC),
            datetime(2017, 2, 28, tzinfo=UTC),
        )
        assert (made.agree_count, made.author_name, made.language) == (3, "Resident 7", "en")
        assert made.topic is not None
        assert (made.topic.title, made.topic.contribution_count) == ("Medio ambiente", 1)
        assert tags_of(db, made.id) == ["medio ambiente", "movilidad", "ruido", "tetuán"]
        assert list(db.scalars(select(Debate.id).where(matching(db, Debate.id, "noise")))) == [made.id]
    assert town.client().get(f"/debates/{made.id}").status_code == 200


def test_dates_without_a_zone_are_meant_in_the_zone_of_the_town(town: Town, tmp_path: Path) -> None:
    with town.write() as db:
        save_settings(db, CORE, TownSettings(zone="Europe/Madrid").model_dump(mode="json"), town.world.clock.now())
    run(town, folder(tmp_path / "e", proposals=[proposal(1)], comments=[comment(1)], debates=[debate(1)]))
    with town.read() as db:
        moments = [*db.scalars(select(Debate.created_at).order_by(Debate.id)), *db.scalars(select(Comment.created_at))]
    assert moments == [
        datetime(2016, 2, 28, 23, tzinfo=UTC),
        datetime(2015, 9, 6, 12, tzinfo=UTC),
        datetime(2016, 3, 1, 9, 20, 30, tzinfo=UTC),
    ]


def test_a_debate_keeps_the_words_of_its_html_and_counts_comments_elsewhere(town: Town, tmp_path: Path) -> None:
    html = "<h1>Why</h1>\n<p>First <strong>bold </strong>line\nsecond &lt;line&gt;</p>\n<ol><li>one</li><li>two</li></ol><script>x</script>"
    run(town, folder(tmp_path / "e", debates=[debate(1, description=html)]))
    with town.read() as db:
        made = db.scalars(select(Debate)).one()
    assert made.text == "### Why\n\nFirst **bold** line\nsecond <line>\n\n1. one\n2. two"
    assert made.html == (
        "<h3>Why</h3>\n<p>First <strong>bold </strong>line<br>\nsecond &lt;line&gt;</p>\n<ol><li>one</li><li>two</li></ol>"
    )
    assert (made.author_id, made.comment_count, made.comments_elsewhere) == (None, 0, 4)


def test_the_most_used_common_tag_that_is_no_district_is_the_topic(town: Town, tmp_path: Path) -> None:
    debates = [debate(id) for id in range(1, 31)]
    tags = 'id;name;taggings_count\n1;"movilidad";900\n2;TETUAN;5000\n3;rare;7000\n4;limpieza;400\n'
    rows = (
        [(2, id) for id in range(1, 31)]
        + [(4, id) for id in range(1, 31)]
        + [(1, id) for id in range(1, 21)]
        + [(3, 1)]
    )
    taggings = "tag_id,taggable_id,taggable_type\n" + "".join(f"{tag},{id},Debate\n" for tag, id in rows)
    taggings += "1,1,Proposal\n9,1,Debate\n"
    path = folder(
        tmp_path / "e",
        debates=debates,
        tags=tags,
        taggings=taggings,
        geozones='id;name\n3;"Tetuán"\n'.encode("latin-1"),
    )
    report = run(town, path)
    assert list(report.skipped) == [
        "taggings.csv line 84: there is no tag 9 in the list of tags; the row was left out."
    ]
    assert "taggings.csv: 1 row about a proposal that these files do not hold." in list(report.notes)
    with town.read() as db:
        topics = {row.title: row.contribution_count for row in db.scalars(select(Topic))}
        assert topics == {"Movilidad": 20, "Limpieza": 10}
        first = db.scalars(select(Debate.id).order_by(Debate.id)).first()
        assert tags_of(db, first or 0) == ["Tetuán", "limpieza", "movilidad", "rare"]


def test_one_person_in_two_files_is_one_person_and_officials_wear_a_badge(town: Town, tmp_path: Path) -> None:
    comments = [comment(1, userId=7), comment(2, userId=7, userType="Empleados públicos"), comment(3, userType="Autor")]
    assert run(town, folder(tmp_path / "e", proposals=[proposal(1)], comments=comments)).imported["authors"] == 2
    with town.read() as db:
        people = {user.name: user for user in db.scalars(select(User).where(User.email.is_(None)))}
    assert {name: user.role for name, user in people.items()} == {
        "Resident 7": Role.OFFICIAL,
        "Resident 8": Role.RESIDENT,
    }
    assert {(user.password_hash, user.confirmed_at) for user in people.values()} == {(None, None)}


def test_a_later_export_adds_what_is_new_and_replies_find_what_they_reply_to(town: Town, tmp_path: Path) -> None:
    run(town, folder(tmp_path / "1", proposals=[proposal(1)], comments=[comment(1), comment(2, 1)]))
    report = run(town, folder(tmp_path / "2", comments=[comment(2, 1), comment(3, 2), comment(4, 3)]))
    assert (report.imported, report.unchanged) == ({"comments": 2}, {"comments": 1})
    assert list(report.notes) == []
    with town.read() as db:
        recount(db)
        depths = {id: row[1:4] for id, row in holdings(db)["comments"].items()}
    assert depths == {"1": (None, None, 0), "2": ("1", "1", 1), "3": ("2", "1", 2), "4": ("3", "1", 3)}


def test_replies_may_come_before_what_they_reply_to(town: Town, tmp_path: Path) -> None:
    count = 1200
    rows = [comment(id, id - 1 if id % 100 else -1) for id in range(count, 0, -1)]
    report = run(town, folder(tmp_path / "e", proposals=[proposal(1)], comments=rows))
    assert report.imported["comments"] == count
    with town.read() as db:
        recount(db)
        parents = {int(id): row[1] for id, row in holdings(db)["comments"].items()}
    assert parents == {id: str(id - 1) if id % 100 and id > 1 else None for id in range(1, count + 1)}


def test_comments_on_debates_are_no_longer_elsewhere(town: Town, tmp_path: Path) -> None:
    lines = ["id,commentable_id,commentable_type,body,user_id,created_at,ancestry,cached_votes_up,cached_votes_down"]
    lines += ["5,1,Debate,So it is,3,2016-01-01 10:00:00 +0200,,1,0", "6,1,Debate,No,4,2016-01-02 10:00:00 UTC,5,0,0"]
    lines += ["7,1,Poll,No,4,2016-01-02 10:00:00 UTC,,0,0"]
    report = run(town, folder(tmp_path / "e", debates=[debate(1)], comments="\n".join(lines)))
    assert [sentence.split(":")[0] for sentence in report.skipped] == ["comments.csv line 4"]
    with town.read() as db:
        made = db.scalars(select(Debate)).one()
        moments = list(db.scalars(select(Comment.created_at).order_by(Comment.id)))
    assert (made.comment_count, made.comments_elsewhere) == (2, 2)
    assert moments == [datetime(2016, 1, 1, 8, tzinfo=UTC), datetime(2016, 1, 2, 10, tzinfo=UTC)]


def test_of_two_versions_the_redacted_one_is_read(town: Town, tmp_path: Path) -> None:
    path = folder(tmp_path / "e", proposals=[proposal(1)], comments=[comment(1, text="call 600 000 000")])
    redacted = folder(tmp_path / "r", comments=[comment(1, text="call ***")]) / "comments.csv"
    redacted.rename(path / "comments.redacted.csv")
    report = run(town, path)
    assert next(iter(report.notes)).startswith("comments.csv was left aside: comments.redacted.csv holds the same")
    with town.read() as db:
        assert list(db.scalars(select(Comment.text))) == ["call ***"]


def test_one_file_can_be_imported_alone_and_files_are_known_by_their_columns(town: Town, tmp_path: Path) -> None:
    path = folder(tmp_path / "e", proposals=[proposal(1)], comments=[comment(1)])
    assert run(town, (path / "proposals.csv").rename(path / "a.csv")).imported == {"debates": 1, "authors": 1}
    assert run(town, (path / "comments.csv").rename(path / "b.csv")).imported == {"comments": 1, "authors": 1}


def test_a_folder_without_an_export_is_refused(town: Town, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds nothing that CONSUL exports"):
        run(town, folder(tmp_path / "empty"))
    with pytest.raises(Refused, match=r"b\.csv: these are no columns that the import knows"):
        run(town, folder(tmp_path / "other", a="", b="colour,size\nred,1\n"))


def test_what_the_export_counts_otherwise_is_told_in_one_sentence(town: Town, tmp_path: Path) -> None:
    rows = [proposal(1, numComments=9), proposal(2, numComments=1), proposal(3, numComments=2)]
    comments = [comment(1), comment(2, proposalId=2), comment(3, proposalId=3, text=" ")]
    notes = list(run(town, folder(tmp_path / "e", proposals=rows, comments=comments)).notes)
    assert notes == [
        "comments.csv: 1 comment without a text, removed before the export.",
        "For 2 debates the export counts more or fewer comments than it holds.",
    ]
    with town.read() as db:
        recount(db)
        assert list(db.scalars(select(Contribution.comment_count).order_by(Contribution.id))) == [1, 1, 0]
