"""Every link and every button of the pages of polls leads somewhere, for everybody who sees it."""

import re
from datetime import timedelta

import pytest

from codesign.testing import Town
from codesign_polls.tests.drafting import DRAFT, SOON, ask_trees, begin, send
from codesign_polls.tests.making import poll_id

DAY = timedelta(days=1)
ELSEWHERE = ("/static/", "/files/", "mailto:", "#", "http", "/-/", "/feed", "/favicon", "/language/")


def furnish(town: Town) -> None:
    """A draft, and a poll in every phase: with codes, live, upcoming and over."""
    chen = begin(town)
    ask_trees(chen)
    send(chen, DRAFT, "/questions/new", title="Shall it have a bench?", method="yes_no")
    send(chen, DRAFT, "/when", **SOON)
    now = town.world.clock.now()
    dates = {"opens_at": now + DAY, "closes_at": now + 2 * DAY}
    for more in (
        {"by_code": True},
        {"secret": False, "live": True},
        {**dates, "by_code": True},
        {"opens_at": now - 2 * DAY, "closes_at": now - DAY},
    ):
        poll_id(town, **more)
    town.tick()


@pytest.mark.parametrize("name", [None, "anna", "boris", "chen", "maya"])
def test_every_link_leads_to_a_page_and_every_form_to_an_address_that_takes_it(alder: Town, name: str | None) -> None:
    furnish(alder.enable("polls"))
    client, waiting, answers = alder.client(name), ["/", "/polls/"], dict[str, int]()
    while waiting:
        url = waiting.pop()
        if url in answers:
            continue
        answer = client.get(url)
        answers[url] = answer.status_code
        if url != "/" and not url.startswith("/polls/"):
            continue
        found = re.findall(r'(?:href|src)="([^"]+)"', answer.text)
        waiting += [link.replace("&amp;", "&").partition("#")[0] for link in found if not link.startswith(ELSEWHERE)]
        for action in re.findall(r'<form[^>]*method="post"[^>]*action="(/polls/[^"]+)"', answer.text):
            answers[f"POST {action}"] = client.post(action).status_code
    assert {url: status for url, status in answers.items() if status in (404, 405) or status >= 500} == {}
    assert len([url for url in answers if url.startswith("/polls/")]) > (30 if name in ("chen", "maya") else 15)
