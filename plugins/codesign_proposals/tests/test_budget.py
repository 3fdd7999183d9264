"""How much the pages of a proposal may ask of their database: eight questions, the same for 1, 3 and 100 things."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from codesign.core.comments import post_comment
from codesign.core.contributions import get_of_kind
from codesign.core.topics import ensure_topic
from codesign.testing import Town
from codesign_proposals.access import hold
from codesign_proposals.proposals import Draft, Proposal
from codesign_proposals.publishing import edit
from codesign_proposals.tests.making import TEXT, a_draft, propose, support
from codesign_proposals.written import Written
from tests.making import neighbours, people

MOST = 8
SIZES = (1, 3, 100)
PAGES = ["/proposals/1", "/proposals/1?order=newest", "/proposals/1/revisions", "/proposals/1/revisions?version=2"]
OWN = ["/proposals/new", "/proposals/drafts", "/proposals/drafts/{draft}", "/proposals/drafts/{draft}/edit", "/proposals/1/edit",
       "/proposals/1/withdraw"]  # fmt: skip


def grow(town: Town, size: int) -> None:
    now = town.world.clock.now()
    with town.write() as db:
        anna, boris = town.person(db, "anna"), town.person(db, "boris")
        topic = ensure_topic(db, "Markets")
        if db.get(Proposal, 1) is None:
            first = propose(db, anna, "Roof", now, topic_id=topic, tags=["Bus", "Rain"])
            support(db, first, boris, now)
        for number in range(size):
            later = now + timedelta(days=2 * (size + number))  # a version a day
            edit(db, hold(db, 1)[0], Written(f"Roof {size} {number}", TEXT), later)
            first = get_of_kind(db, Proposal, 1)
            root = post_comment(db, first, boris, "It is so.", None, "en", now)
            post_comment(db, first, boris, "It is not.", root, "en", now)
            propose(db, boris, f"Another roof {size} {number}", now, topic_id=topic)
        for number in range(min(size, 9)):
            a_draft(db, anna, now, f"A roof {size} {number}", topic_id=topic)


def asked(town: Town, name: str | None, pages: list[str]) -> dict[str, int]:
    """The number of questions for each page that is made anew."""
    client, numbers = town.client(name), {}
    client.get("/topics/")  # what the town decided is asked once after each change of it, by whatever page comes first
    with town.read() as db:
        draft = db.scalars(select(Draft.id).order_by(Draft.id)).first()
    for url in pages:
        with town.counted() as statements:
            assert client.get(url.format(draft=draft)).status_code == 200, url
        numbers[url] = len(statements)
    return numbers


@pytest.mark.parametrize(("name", "pages"), [(None, PAGES), ("chen", PAGES), ("anna", PAGES + OWN)])
def test_a_page_asks_at_most_eight_questions_and_the_same_however_much_there_is(
    alder: Town, name: str | None, pages: list[str]
) -> None:
    alder.enable("proposals")
    numbers = []
    with alder.world.again(fragments_mb=0) as plain:
        for size in SIZES:
            grow(alder, size - sum(SIZES[: SIZES.index(size)]))
            numbers.append(asked(plain.towns["alder"], name, pages))
    assert {url: count for url, count in numbers[-1].items() if count > MOST} == {}
    assert numbers == [numbers[0]] * len(SIZES)


def test_a_support_asks_the_same_however_many_there_are(alder: Town) -> None:
    alder.enable("proposals")
    names = neighbours(alder, 30)
    counts = []
    with alder.write() as db:
        propose(db, alder.person(db, "anna"), "Roof", alder.world.clock.now())
    for size in (1, 30):
        with alder.write() as db:
            for person in people(alder, db, names[:size]):
                support(db, get_of_kind(db, Proposal, 1), person, alder.world.clock.now())
        boris = alder.client("boris")
        boris.get("/topics/")
        for value in ("1", "0"):
            with alder.counted() as statements:
                assert boris.post("/contributions/1/vote", data={"value": value}).status_code == 303
            counts.append(len(statements))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 10
