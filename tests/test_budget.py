"""How much a page may ask of its database: at most eight questions, the same for 1, 3 and 100 things."""

import pytest

from codesign.core.comments import post_comment
from codesign.core.contributions import get_of_kind
from codesign.core.threads import Thread
from codesign.core.topics import create_topic, ensure_topic, topics
from codesign.core.votes import vote_on_comment, vote_on_contribution
from codesign.testing import Town
from tests.making import a_thread

MOST = 8
SIZES = (1, 3, 100)
PAGES = ["/", "/topics/", "/topics/parks", "/situations/", "/situations/i-am-expecting-a-child", "/threads/1", "/threads/1?order=newest",
         "/threads/1?order=agreed", "/contributions/1/comments", "/comments/1", "/comments/1/replies", "/search?q=visits", "/feed.atom",
         "/topics/parks/feed.atom", "/situations/i-am-expecting-a-child/feed.atom", "/contributions/1/feed.atom", "/authorities/",
         "/moderation/log"]  # fmt: skip


def grow(town: Town, size: int) -> None:
    """So many topics, stories, comments and replies, with votes."""
    now = town.world.clock.now()
    with town.write() as db:
        boris = town.person(db, "boris")
        topic = ensure_topic(db, "Parks")
        start = len(topics(db))
        for number in range(start, start + size - 1):
            create_topic(db, f"Topic {number}")
        threads = [a_thread(town, db, title=f"Three visits {number}") for number in range(size)]
        first = get_of_kind(db, Thread, 1)
        for thread in threads:
            thread.topic_id = topic
            vote_on_contribution(db, boris, thread, 1)
        for _number in range(size):
            root = post_comment(db, first, boris, "It is so.", None, "en", now)
            reply = post_comment(db, first, boris, "It is not.", root, "en", now)
            post_comment(db, first, boris, "Yes, it is.", reply, "en", now)
            vote_on_comment(db, boris, root, 1)


def asked(town: Town, name: str | None) -> dict[str, int]:
    """The number of questions for each page that is made anew."""
    client = town.client(name)
    numbers = {}
    for url in PAGES:
        with town.counted() as statements:
            assert client.get(url).status_code == 200, url
        numbers[url] = len(statements)
    return numbers


@pytest.mark.parametrize("name", [None, "anna"])
def test_a_page_asks_at_most_eight_questions_and_the_same_however_much_there_is(alder: Town, name: str | None) -> None:
    numbers = []
    with alder.world.again(fragments_mb=0) as plain:
        for size in SIZES:
            grow(alder, size - sum(SIZES[: SIZES.index(size)]))
            numbers.append(asked(plain.towns["alder"], name))
    assert {url: count for url, count in numbers[0].items() if count > MOST} == {}
    assert numbers == [numbers[0]] * len(SIZES)


def test_a_static_file_and_the_question_for_life_ask_nothing(alder: Town) -> None:
    client = alder.client("anna")
    with alder.counted() as statements:
        for url in ("/static/app.js", "/-/health"):
            assert client.get(url).status_code == 200
    assert statements == []
