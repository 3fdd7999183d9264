"""The proposals of the example towns: something in every state, in the town's own places."""

import random
import tomllib
from collections import Counter

import pytest
from sqlalchemy import select

from codesign.core.areas import ensure_area
from codesign.core.topics import ensure_topic
from codesign.core.users import User
from codesign.kit import Garden
from codesign.paths import PACKAGE
from codesign.testing import Town
from codesign_proposals.planting import SUPPORTERS, TEXTS, plant
from codesign_proposals.proposals import Proposal, State, progress


@pytest.mark.parametrize("locale", ["en", "es", "kk"])
def test_an_example_town_has_proposals_in_every_state_and_their_pages_can_be_read(alder: Town, locale: str) -> None:
    now = alder.world.clock.now()
    with alder.enable("proposals").write() as db:
        town = tomllib.loads((PACKAGE / "examples" / f"{locale}.toml").read_text())
        people = [User(name=name, created_at=now) for name in town["names"]]
        db.add_all(people)
        staff = {"anna": alder.person(db, "anna"), "chen": alder.person(db, "chen")}
        topics = {row["title"]: ensure_topic(db, row["title"]) for row in town["topics"]}
        areas = {title: ensure_area(db, title) for title in town["areas"]}
        plant(Garden(db, locale, people, staff, topics, areas, now, random.Random(locale)))
    told = tomllib.loads((TEXTS / f"{locale}.toml").read_text())["proposals"]
    assert {one.get("topic") for one in told} <= set(topics)
    assert {one["area"] for one in told if "area" in one} <= set(areas)
    with alder.read() as db:
        found = db.scalars(select(Proposal)).all()
        assert sorted(one.title for one in found) == sorted(one["title"] for one in told)
        states = Counter(proposal.state_at(now) for proposal in found)
        assert set(states) == set(State)
        for one in found:
            assert (one.threshold, one.progress) == (SUPPORTERS, progress(one.agree_count, SUPPORTERS))
            assert (one.agree_count >= SUPPORTERS) == (one.reached_at is not None)
        assert sorted(one.revision for one in found)[-2:] == [1, 3]
        ids = [one.id for one in found]
    client = alder.client("anna")
    assert {client.get(f"/proposals/{id}").status_code for id in ids} == {200}
