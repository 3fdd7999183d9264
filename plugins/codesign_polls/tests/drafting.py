"""Preparing polls in tests, through the pages, as officials do."""

import re
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import select

from codesign.testing import Town
from codesign.testing.client import Client
from codesign_polls.definition import Definition, definition_of
from codesign_polls.papers import paper_of_draft
from codesign_polls.polls import Draft, Poll
from codesign_polls.tests.making import TEXT, TITLE

DRAFT = "/polls/drafts/1"
SOON = {"closes_on": "2026-05-20", "closes_time": "20:00"}


def mark_on(client: Client, url: str) -> str:
    found = re.search(r'name="mark" value="(\w+)"', client.get(url).text)
    assert found is not None, url
    return found[1]


def send(client: Client, base: str, part: str, **fields: Any) -> Any:
    """Post a part of the preparation, meant for the paper as it is now."""
    return client.post(f"{base}{part}", data={"mark": mark_on(client, f"{base}/about"), **fields})


def begin(town: Town, name: str = "chen") -> Client:
    """An official who has begun the first draft."""
    client = town.client(name)
    answer = client.post("/polls/new", data={"title": TITLE, "text": TEXT, "topic": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, DRAFT)
    return client


def ask_trees(client: Client, base: str = DRAFT) -> None:
    answer = send(client, base, "/questions/new", title=TITLE, method="single", options="Oak\nElm\n\n  Ash  \n")
    assert answer.status_code == 303


def definition(town: Town) -> Definition:
    """What the only poll of the town asks, or its only draft."""
    with town.read() as db:
        draft = db.scalar(select(Draft))
        if draft is not None:
            return Definition(questions=paper_of_draft(draft).questions)
        return definition_of(db.scalars(select(Poll)).one().definition)


def titles(town: Town, place: int = 0) -> list[str]:
    return [option.title for option in definition(town).questions[place].options]


def picture() -> dict[str, Any]:
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "green").save(drawn, "PNG")
    return {"picture": ("oak.png", drawn.getvalue(), "image/png")}
