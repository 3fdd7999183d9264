"""Files of contributions: there exactly when what they belong to is, in order, and never more than fit."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, inspect, select

from codesign.core.contributions import Contribution
from codesign.core.files import (
    MOST_DOCUMENTS,
    MOST_LOOSE,
    Attached,
    Content,
    File,
    Upload,
    attach,
    bytes_of,
    claim_for,
    clean_name,
    files_of,
    find_file,
    first_pictures,
    get_file,
    remove,
)
from codesign.core.viewers import editions_of
from codesign.editions import Editions
from codesign.testing import Town
from codesign.types import Invalid, NotFound
from tests.making import a_story
from tests.sending import pdf, picture, upload

PICTURE = upload("Яблоня.PNG", picture())
PDF = upload("minutes.pdf", pdf())


def kept(town: Town, thing_id: int | None, sent: Upload = PICTURE, who: str = "anna", position: int = 0) -> int:
    """The id of a file, committed."""
    with town.write() as db:
        thing = db.get_one(Contribution, thing_id) if thing_id else None
        now = town.world.clock.now()
        return attach(db, town.person(db, who), sent, now, thing, " A tree\0 ", position).id


def version(town: Town, thing_id: int) -> int:
    with town.read() as db:
        return db.scalars(select(Contribution.version).where(Contribution.id == thing_id)).one()


def test_a_file_is_listed_with_its_contribution_and_without_its_bytes(alder: Town) -> None:
    story = a_story(alder)
    ids = [kept(alder, story, PICTURE, position=1), kept(alder, story, PDF), kept(alder, story, PICTURE)]
    with alder.read() as db:
        with alder.counted() as asked:
            files = files_of(db, story)
        assert [file.id for file in files] == [ids[1], ids[2], ids[0]]
        assert (len(asked), "data" in asked[0], "small" in asked[0]) == (1, False, False)
        document, shown = files[:2]
        assert (document.name, document.media_type, document.is_picture) == ("minutes.pdf", "application/pdf", False)
        assert (shown.name, shown.media_type, shown.width, shown.height, shown.alt) == (
            "Яблоня.webp",
            "image/webp",
            64,
            48,
            "A tree",
        )
        assert PICTURE.content is not None
        assert (bytes_of(db, shown.id), bytes_of(db, shown.id, small=True)) == (
            PICTURE.content.data,
            PICTURE.content.small,
        )
        assert shown.size == len(PICTURE.content.data)


def test_a_row_never_loads_its_bytes_by_itself(alder: Town) -> None:
    id = kept(alder, a_story(alder))
    with alder.read() as db:
        assert inspect(get_file(db, id)).unloaded >= {"data", "small"}
        with pytest.raises(NotFound):
            get_file(db, id + 1)


def test_what_cannot_be_taken_is_refused_with_its_sentence(alder: Town) -> None:
    with pytest.raises(Invalid, match="It is damaged"):
        kept(alder, None, Upload("a.png", None, "It is damaged."))


def test_each_change_of_its_files_is_a_new_version_of_the_contribution(alder: Town) -> None:
    story = a_story(alder)
    before, editions = version(alder, story), editions_of(alder.store)
    id = kept(alder, story)
    assert version(alder, story) == before + 1
    with alder.write() as db:
        remove(db, get_file(db, id))
    assert version(alder, story) == before + 2
    assert editions_of(alder.store) == Editions(editions.town, editions.contributions + 2)
    with alder.read() as db:
        assert (files_of(db, story), db.scalar(select(func.count()).select_from(File))) == ([], 0)


def test_a_rolled_back_contribution_leaves_no_file(alder: Town) -> None:
    with pytest.raises(RuntimeError), alder.write() as db:
        attach(db, alder.person(db, "anna"), PICTURE, alder.world.clock.now())
        raise RuntimeError
    with alder.read() as db:
        assert db.scalar(select(func.count()).select_from(File)) == 0


def test_drafts_become_published_in_the_order_their_author_gives(alder: Town) -> None:
    story = a_story(alder)
    one, two = kept(alder, None), kept(alder, None, PDF)
    foreign, taken = kept(alder, None, who="boris"), kept(alder, a_story(alder, title="Another one"))
    with alder.write() as db:
        assert claim_for(db, [two, one, one, foreign, taken, 10**9], db.get_one(Contribution, story)) == 2
    with alder.read() as db:
        assert [file.id for file in files_of(db, story)] == [two, one]
        assert get_file(db, foreign).contribution_id is None
    assert version(alder, story) == 2


def test_a_contribution_has_at_most_three_documents_and_pictures_do_not_count(alder: Town) -> None:
    story = a_story(alder)
    for sent in [PDF] * MOST_DOCUMENTS + [PICTURE] * 4:
        kept(alder, story, sent)
    with pytest.raises(Invalid, match="At most 3 documents"):
        kept(alder, story, PDF)
    loose = kept(alder, None, PDF)
    with pytest.raises(Invalid, match="At most 3 documents"), alder.write() as db:
        claim_for(db, [loose], db.get_one(Contribution, story))
    with alder.read() as db:
        assert get_file(db, loose).contribution_id is None


def test_two_who_add_the_last_document_at_the_same_moment_do_not_both_succeed(alder: Town) -> None:
    story = a_story(alder)
    for _document in range(MOST_DOCUMENTS - 1):
        kept(alder, story, PDF)

    def add(_number: int) -> bool:
        try:
            return bool(kept(alder, story, PDF))
        except Invalid:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == [False, False, False, True]


def test_nobody_fills_the_store_with_files_that_belong_to_nothing(alder: Town) -> None:
    with alder.write() as db:
        anna, now = alder.person(db, "anna"), alder.world.clock.now()
        for _file in range(MOST_LOOSE):
            attach(db, anna, PDF, now)
        with pytest.raises(Invalid, match="many files that are not published"):
            attach(db, anna, PDF, now)
        attach(db, alder.person(db, "boris"), PDF, now)


def test_cards_get_the_first_picture_of_each_with_one_query(alder: Town) -> None:
    stories = [a_story(alder, title=f"Story {number}") for number in range(4)]
    kept(alder, stories[0], PDF)
    first = [kept(alder, story, position=1) for story in stories[1:]]
    for story in stories[1:]:
        kept(alder, story, position=2)
    with alder.read() as db, alder.counted() as asked:
        found = first_pictures(db, stories)
    assert ({id: file.id for id, file in found.items()}, len(asked)) == (dict(zip(stories[1:], first, strict=True)), 1)
    with alder.read() as db:
        assert first_pictures(db, []) == {}


def test_a_file_is_found_by_its_number_and_its_digest_only(alder: Town) -> None:
    story = a_story(alder)
    id = kept(alder, story)
    with alder.read() as db:
        [file] = files_of(db, story)
        found = find_file(db, id, file.digest)
        assert found is not None
        assert (found.file, found.kind, found.hidden) == (file, "thread", False)
        assert [find_file(db, *address) for address in ((id + 1, file.digest), (id, "0" * 64), (id, ""))] == [None] * 3


def named(name: str) -> str:
    return Attached(7, "d" * 64, "", name, 1, None, None, "", 1, None).url


def test_addresses_hold_any_name() -> None:
    assert named("Дом 100%?#.pdf") == f"/files/7/{'d' * 64}/%D0%94%D0%BE%D0%BC%20100%25%3F%23.pdf"


NAMES = {
    "C:\\Users\\Anna\\plan.pdf": "plan.pdf",
    "../../etc/passwd": "passwd",
    "a\u202egnp.exe": "a gnp.exe",
    " .hidden. ": "hidden",
    "..": "",
    "a\r\nSet-Cookie: x.pdf": "a Set-Cookie: x.pdf",
    "план  города.pdf": "план города.pdf",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_cleaned(name: str) -> None:
    assert clean_name(name) == NAMES[name]


@given(st.text(max_size=300))
def test_a_kept_name_is_one_short_part_of_a_path_and_ends_as_its_content_does(name: str) -> None:
    from codesign.core.files import _named

    kept_name = _named(name, "pdf")
    assert (kept_name.endswith(".pdf"), len(kept_name) <= 84, kept_name[0] != ".") == (True, True, True)
    assert not set(kept_name) & set("/\\\0\r\n\u202e")
    assert Content("", "pdf", b"").width is None
