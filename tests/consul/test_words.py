"""What is imported from CONSUL keeps its words, and comes under a topic and into an area."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from codesign.core.areas import areas
from codesign.core.contributions import Contribution
from codesign.core.search import matching
from codesign.core.tags import tags_of
from codesign.core.topics import Topic
from codesign.testing import Town
from tests.consul.exports import DEBATED, debate, folder, proposal, run, table, things

RECOMMENDATIONS = """<?xml version="1.0" encoding="UTF-8"?>
<recommendations><proposals quantity="1"><proposal categories="medio ambiente,movilidad" districts="{districts}"
 id="1" topics="ruido">Proposal</proposal></proposals></recommendations>"""
GEOZONES = "id;name\n3;Tetuán\n4;Puente de Vallecas\n"


def recommended(path: Path, districts: str, **changes: object) -> Path:
    folder(path, proposals=[proposal(1, **changes)])
    (path / "recommendations.xml").write_text(RECOMMENDATIONS.format(districts=districts), encoding="utf-8")
    return path


def test_it_arrives_with_author_topic_tags_and_can_be_found(alder: Town, tmp_path: Path) -> None:
    path = recommended(tmp_path / "e", "tetuán", text="<b>Now</b>\n\nand here")
    assert run(alder, path).imported == {"proposals": 1, "authors": 1}
    with alder.read() as db:
        made = db.scalars(select(Contribution)).one()
        assert (made.number, made.kind, made.title) == ("2016-00001", "thread", "Proposal 1")
        assert made.text == "Less noise\n\n<b>Now</b>\n\nand here"
        assert "&lt;b&gt;Now&lt;/b&gt;" in made.html
        assert made.created_at == datetime(2016, 2, 29, tzinfo=UTC)
        assert (made.agree_count, made.author_name, made.language) == (3, "Resident 7", "en")
        assert made.topic is not None
        assert (made.topic.title, made.topic.contribution_count) == ("Medio ambiente", 1)
        assert tags_of(db, made.id) == ["medio ambiente", "movilidad", "ruido", "tetuán"]
        assert list(db.scalars(select(Contribution.id).where(matching(db, Contribution.id, "noise")))) == [made.id]


@pytest.mark.parametrize(
    ("districts", "area"),
    [("tetuán", "Tetuán"), ("ciudad", None), ("ciudad,tetuán", None), ("centro,tetuán", None), ("", None)],
)
def test_a_single_district_is_the_area_and_several_or_the_whole_town_are_none(
    alder: Town, tmp_path: Path, districts: str, area: str | None
) -> None:
    run(alder, recommended(tmp_path / "e", districts))
    with alder.read() as db:
        made = db.scalars(select(Contribution)).one()
        assert made.area_title == area
        assert {"centro", "tetuán"} & set(tags_of(db, made.id)) == {"centro", "tetuán"} & set(districts.split(","))


def test_the_district_of_its_own_row_counts_before_those_it_names(alder: Town, tmp_path: Path) -> None:
    rows = [debate(1, geozone_id=4), debate(2, geozone_id=77), debate(3, geozone_id=""), debate(4, geozone_id="x")]
    columns = ["id", "title", "description", "created_at", "geozone_id"]
    taggings = "tag_id,taggable_id,taggable_type\n" + "".join(f"1,{id},Debate\n" for id in range(1, 4))
    tags = "id;name;taggings_count\n1;Tetuán;3\n"
    content = table(columns, [{name: row.get(name, "") for name in columns} for row in rows])
    path = folder(tmp_path / "e", debates=content, geozones=GEOZONES, tags=tags, taggings=taggings)
    notes = list(run(alder, path, DEBATED).notes)
    assert "debates.csv line 5: the geozone 'x' is no number, so it belongs to no district." in notes
    with alder.read() as db:
        found = [thing.area_title for thing in things(db).values()]
        assert found == ["Puente de Vallecas", "Tetuán", "Tetuán", None]


def test_an_area_that_the_town_has_is_found_again_under_its_name(alder: Town, tmp_path: Path) -> None:
    id = alder.area("Tetuan")
    run(alder, recommended(tmp_path / "e", "tetuán"))
    with alder.read() as db:
        assert [(area.id, area.title) for area in areas(db)] == [(id, "Tetuan")]
        assert db.scalars(select(Contribution.area_id)).all() == [id]


def test_a_text_keeps_the_words_of_its_html_and_counts_comments_elsewhere(alder: Town, tmp_path: Path) -> None:
    html = "<h1>Why</h1>\n<p>First <strong>bold </strong>line\nsecond &lt;line&gt;</p>\n<ol><li>one</li><li>two</li></ol><script>x</script>"
    run(alder, folder(tmp_path / "e", debates=[debate(1, description=html)]), DEBATED)
    with alder.read() as db:
        made = db.scalars(select(Contribution)).one()
    assert made.text == "### Why\n\nFirst **bold** line\nsecond <line>\n\n1. one\n2. two"
    assert made.html == (
        "<h3>Why</h3>\n<p>First <strong>bold </strong>line<br>\nsecond &lt;line&gt;</p>\n<ol><li>one</li><li>two</li></ol>"
    )
    assert (made.author_id, made.comment_count, made.comments_elsewhere) == (None, 0, 4)


def test_the_most_used_common_tag_that_is_no_district_is_the_topic(alder: Town, tmp_path: Path) -> None:
    debates = [debate(id) for id in range(1, 31)]
    tags = 'id;name;taggings_count\n1;"movilidad";900\n2;TETUAN;5000\n3;rare;7000\n4;limpieza;400\n'
    rows = (
        [(2, id) for id in range(1, 31)]
        + [(4, id) for id in range(1, 31)]
        + [(1, id) for id in range(1, 21)]
        + [(3, 1)]
    )
    taggings = "tag_id,taggable_id,taggable_type\n" + "".join(f"{tag},{id},Debate\n" for tag, id in rows)
    taggings += "1,1,Proposal\n9,1,Debate\n1,77,Debate\n"
    path = folder(
        tmp_path / "e",
        debates=debates,
        tags=tags,
        taggings=taggings,
        geozones='id;name\n3;"Tetuán"\n'.encode("latin-1"),
    )
    report = run(alder, path, DEBATED)
    assert list(report.skipped) == [
        "taggings.csv line 84: there is no tag 9 in the list of tags; the row was left out."
    ]
    assert "taggings.csv: 1 row about a debate that these files do not hold." in list(report.notes)
    with alder.read() as db:
        topics = {row.title: row.contribution_count for row in db.scalars(select(Topic))}
        assert topics == {"Movilidad": 20, "Limpieza": 10}
        first = things(db)["debate 1"]
        assert tags_of(db, first.id) == ["Tetuán", "limpieza", "movilidad", "rare"]
        assert (first.area_title, [area.title for area in areas(db)]) == ("Tetuán", ["Tetuán"])
