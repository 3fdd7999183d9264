"""Contributions that share words with a title: what weighs how much, and that it costs no more in a large town."""

from sqlalchemy import insert

from codesign.core.contributions import Contribution
from codesign.core.likeness import ALIKE, MOST, NEWEST, likeness, sharing
from codesign.core.search import index_text
from codesign.markup import render
from codesign.testing import Town
from codesign.testing.counting import work
from tests.growing import settle
from tests.making import a_thread

MANY = 3 * NEWEST


def alike(town: Town, asked: str) -> list[tuple[str, bool]]:
    """Everything that shares a word with a title, the likest first, and whether it is worth showing."""
    with town.read() as db:
        shared = sharing(db, asked)
        titles = {id: db.get_one(Contribution, id).title for id in shared.holders}
        scores = {title: likeness(shared, id, title) for id, title in titles.items()}
    return [(title, scores[title] >= ALIKE) for title in sorted(scores, key=lambda title: -scores[title])]


def test_words_of_the_title_weigh_more_than_those_of_the_text_and_one_word_is_not_enough(alder: Town) -> None:
    with alder.write() as db:
        a_thread(alder, db, title="Benches at the river", text="To sit down at last.")
        a_thread(alder, db, title="Benches at the station", text="The river is far away from there.")
        a_thread(alder, db, title="Fishing in the river", text="It was better when I was small.")
        a_thread(alder, db, title="Noise at night", text="On the benches by the river they sing.")
    assert alike(alder, "A bench by the river") == [
        ("Benches at the river", True), ("Benches at the station", True), ("Noise at night", False), ("Fishing in the river", False),
    ]  # fmt: skip


def test_a_rare_word_weighs_more_than_a_frequent_one(alder: Town) -> None:
    with alder.write() as db:
        for number in range(9):
            a_thread(alder, db, title=f"River {number}", text="Nothing else.")
        a_thread(alder, db, title="Otters", text="Nothing else.")
    with alder.read() as db:
        weights = sharing(db, "Otters in the river").weights
    assert weights["otter"] > 2 * weights["rive"]


def test_words_that_say_nothing_and_words_that_are_nowhere_find_nothing(alder: Town) -> None:
    with alder.write() as db:
        a_thread(alder, db, title="What should be done for all of us", text="Nothing else.")
    for asked in ("What should be done for all of us", "", "!?", "zebra", "Что надо сделать для всех нас"):
        assert alike(alder, asked) == [], asked


def test_in_a_large_town_only_the_newest_holders_of_a_word_are_looked_at(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        author = alder.person(db, "anna").id
        same = {"kind": "thread", "author_id": author, "text": "", "html": render(""), "excerpt": "", "language": "en", "version": 1,
                "created_at": now, "agree_count": 0, "disagree_count": 0, "comment_count": 0, "comments_elsewhere": 0,
                "follower_count": 0, "title": "Benches at the river"}  # fmt: skip
        rows = [{"id": id, "number": str(id), "ordinal": id, **same} for id in range(1, MANY + 1)]
        db.execute(insert(Contribution.__table__), rows)  # type: ignore[arg-type]
        for row in rows:
            index_text(db, row["id"], row["title"], "")
        settle(db, "contribution")
    efforts = {}
    for asked in ("bench", "bench river"):
        with work(alder) as done, alder.read() as db:
            found = sharing(db, asked).holders
        efforts[asked] = done.effort
        assert (len(done.statements), sorted(found)) == (1, list(range(MANY - MOST + 1, MANY + 1)))
    assert efforts["bench river"] < 3 * efforts["bench"]
