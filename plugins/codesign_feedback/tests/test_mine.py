"""My contributions: everything a person put forward or took part in, with its fate."""

import re
from urllib.parse import urlsplit

import pytest

from codesign.core.comments import post_comment
from codesign.core.contributions import Contribution
from codesign.testing import Town
from codesign_debates.tests.making import debate_id
from codesign_feedback.loop import State
from codesign_feedback.tests.making import DAY, comment, opened, take_part
from codesign_feedback.tests.test_receipts import code_of
from codesign_feedback.tests.walking import walked

MINE, TOOK_PART = "/feedback/mine", "/feedback/mine?show=took-part"
MOST = 8


def entries(html: str) -> list[str]:
    found = re.findall(r'<li class="entry">.*?</h2>.*?</ul>\s*</li>', html, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in found]


def test_everything_one_put_forward_is_there_newest_first_with_its_fate_and_receipt(alder: Town) -> None:
    debate_id(alder.enable("feedback", "debates"), "Market on Saturday?")
    alder.world.clock.advance(DAY)
    declined = walked(alder, State.DECLINED, title="No light")
    alder.world.clock.advance(DAY)
    opened(alder, author="boris", title="Of Boris")
    third = opened(alder, title="Three visits")
    assert entries(alder.client("anna").get(MINE).text) == [
        f"Story 2026-00004 Three visits An answer is owed 30 days left until the official answer "
        f"The town has confirmed that it owes an answer · 6 May 2026 Receipt {code_of(alder, third)}",
        f"Story 2026-00002 No light Declined 29 days left to appeal against the refusal "
        f"Official answer: declined · 5 May 2026 Receipt {code_of(alder, declined)}",
        "Debate 2026-00001 Market on Saturday? No answer of the town is awaited 4 May 2026",
    ]


def test_what_a_moderator_has_hidden_stays_on_the_list_of_its_author(alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    alder.client("boris").post(f"/moderation/hide/contribution:{id}", data={"reason": "spam"})
    found = entries(alder.client("anna").get(MINE).text)
    assert len(found) == 1
    assert "Three visits Hidden by a moderator" in found[0]
    take_part(alder, opened(alder, author="boris"), "anna")


def test_where_one_took_part_is_there_once_however_often_and_ones_own_is_not(alder: Town) -> None:
    alder.enable("feedback")
    voted, commented, both, untouched = (opened(alder, "boris", title) for title in ("One", "Two", "Both", "None"))
    own = opened(alder, title="Own")
    take_part(alder, voted, "anna")
    take_part(alder, both, "anna")
    for id in (commented, both, both, own):
        comment(alder, id, "anna")
    html = alder.client("anna").get(TOOK_PART).text
    titles = re.findall(r'<a href="/threads/\d+">([^<]*)</a></h2>', html)
    assert (sorted(titles), untouched > 0) == (["Both", "One", "Two"], True)


def test_an_empty_list_invites(alder: Town) -> None:
    client = alder.enable("feedback").client("anna")
    assert "You have not put anything forward yet." in client.get(MINE).text
    assert "You have not taken part in anything yet." in client.get(TOOK_PART).text


def test_only_who_is_signed_in_has_such_a_list_and_its_link(alder: Town) -> None:
    alder.enable("feedback")
    assert urlsplit(alder.client().get(MINE).headers["location"]).path == "/accounts/sign-in"
    assert f'href="{MINE}"' in alder.client("anna").get("/").text
    assert f'href="{MINE}"' not in alder.client().get("/").text


@pytest.mark.parametrize("query", ["?after=nonsense", "?after=", "?show=everything", "?show=took-part&after=WzFd"])
def test_addresses_that_make_no_sense_show_the_beginning(alder: Town, query: str) -> None:
    opened(alder.enable("feedback"))
    assert alder.client("anna").get(f"{MINE}{query}").status_code == 200


def test_pages_are_cut_by_key_and_each_thing_is_on_one_of_them(alder: Town) -> None:
    alder.enable("feedback")
    ids = [opened(alder, title=f"Story {number}") for number in range(45)]
    client, url, seen, pages = alder.client("anna"), MINE, [], 0
    while url:
        html = client.get(url).text
        seen += [int(id) for id in re.findall(r'<a href="/threads/(\d+)">Story', html)]
        following = re.search(r'rel="next" href="([^"]+)"', html)
        url, pages = following[1].replace("&amp;", "&") if following else "", pages + 1
    assert (seen, pages) == (ids[::-1], 3)


@pytest.mark.parametrize("url", [MINE, TOOK_PART])
def test_the_list_asks_at_most_eight_questions_however_long_it_is(alder: Town, url: str) -> None:
    alder.enable("feedback", "debates", "polls", "proposals")
    numbers = []
    for size in (1, 3, 40):
        with alder.write() as db:
            now, boris = alder.world.clock.now(), alder.person(db, "boris")
        for _number in range(size):
            own, other = opened(alder), opened(alder, "boris")
            with alder.write() as db:
                thing = db.get_one(Contribution, own)
                post_comment(db, thing, boris, "So it is.", None, "en", now)
            comment(alder, other, "anna")
        client = alder.client("anna")
        client.get(url)
        with alder.counted() as asked:
            assert client.get(url).status_code == 200
        numbers.append(len(asked))
    assert numbers == [numbers[0]] * 3
    assert numbers[0] <= MOST
