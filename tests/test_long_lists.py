"""Long lists of the core: the front page, the feed and the pages of a situation cost the same however much there is."""

from codesign.core.contributions import NEWEST, PAGE, Contribution
from codesign.paging import encode
from codesign.testing import Town
from codesign.testing.counting import Work, work
from tests.growing import grow_stories
from tests.making import a_situation

LONG, SHORT = 20_000, 1_000


def cost(town: Town, url: str) -> Work:
    client = town.client()
    client.get("/moderation/log")  # what a process asks and loads only once
    with work(town) as done:
        assert client.get(url).status_code == 200
    return done


def test_twenty_times_as_many_stories_cost_the_front_page_the_feed_and_every_page_of_a_list_nothing(
    alder: Town,
) -> None:
    pages = ["/", "/feed.atom", "/situations/i-am-expecting-a-child"]
    with alder.write() as db:
        situation = a_situation(db)
        grow_stories(alder, db, SHORT, situation_id=situation.id)
    few = {url: cost(alder, url) for url in pages}
    with alder.write() as db:
        grow_stories(alder, db, LONG - SHORT, situation_id=situation.id)
    with alder.read() as db:
        middle = db.get_one(Contribution, LONG // 2)
        after = encode([getattr(middle, key.column.key) for key in NEWEST])
    for url in pages:
        many = cost(alder, url)
        assert len(many.statements) == len(few[url].statements)
        assert many.effort <= 1.2 * few[url].effort + 50, (url, many.effort, few[url].effort)
    far = cost(alder, f"{pages[-1]}?after={after}")
    assert far.effort <= 1.2 * few[pages[-1]].effort + 5 * PAGE
