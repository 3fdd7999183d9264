"""Who may vote: confirmed or verified, where they live, how old they are on the last day, or with a code only."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from codesign.core.residents import Residence, age_on
from codesign.core.settings import CORE, TownSettings, save_settings
from codesign.core.users import User
from codesign.kit import Base
from codesign.testing import Town
from codesign_polls.eligibility import born_by, eligible_count, requirements, why_not
from codesign_polls.polls import Poll
from codesign_polls.tests.making import poll_id

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
LAST = date(2026, 6, 30)
AREAS = (1, 2, 3)
AGES = st.integers(0, 130)
DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))


@given(st.dates(date(1880, 1, 1), date(2200, 12, 31)), DAYS, AGES)
@example(date(2008, 2, 29), date(2028, 2, 29), 20)
@example(date(2008, 2, 29), date(2026, 2, 28), 18)
@example(date(2008, 2, 29), date(2026, 3, 1), 18)
@example(date(2010, 2, 28), date(2028, 2, 29), 18)
@example(date(2010, 3, 1), date(2028, 2, 29), 18)
def test_born_by_is_the_last_day_of_those_who_are_old_enough(born: date, day: date, age: int) -> None:
    assert (born <= born_by(day, age)) == (age_on(born, day) >= age)


def a_town() -> Session:
    engine = create_engine("sqlite://")
    tables = [Base.metadata.tables[name] for name in ("user", "area", "residence", "package")]
    Base.metadata.create_all(engine, tables=tables)
    return Session(engine)


people = st.builds(
    dict,
    confirmed=st.booleans(),
    erased=st.booleans(),
    verified=st.booleans(),
    area=st.sampled_from((None, *AREAS)),
    born=st.none() | st.dates(date(1930, 1, 1), date(2026, 1, 1)),
)
polls = st.builds(
    Poll,
    closes_at=st.datetimes(datetime(2026, 5, 5), datetime(2028, 3, 2), timezones=st.just(UTC)),
    by_account=st.booleans(),
    by_code=st.booleans(),
    min_level=st.integers(1, 2),
    area_ids=st.lists(st.sampled_from(AREAS), unique=True),
    min_age=st.none() | st.integers(0, 100),
    max_age=st.none() | st.integers(0, 100),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(people, max_size=12), polls)
def test_as_many_are_counted_as_are_let_in(residents: list[dict[str, Any]], poll: Poll) -> None:
    with a_town() as db:
        for one in residents:
            user = User(
                name="One",
                created_at=NOW,
                confirmed_at=NOW if one["confirmed"] else None,
                erased_at=NOW if one["erased"] else None,
            )
            db.add(user)
            db.flush()
            if one["verified"]:
                db.add(Residence(user_id=user.id, area_id=one["area"], born_on=one["born"], verified_at=NOW))
        db.flush()
        let_in = [user.id for user in db.query(User) if not why_not(db, poll, user)]
        assert eligible_count(db, poll) == len(let_in)


def allowed(town: Town, id: int, name: str = "anna") -> str:
    """Why not, "" when this person may vote."""
    with town.read() as db:
        return why_not(db, db.get_one(Poll, id), town.person(db, name))


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


def closing(day: date, hour: int = 18) -> dict[str, Any]:
    return {"closes_at": datetime(day.year, day.month, day.day, hour, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("born", "may"),
    [(date(2010, 6, 30), True), (date(2010, 7, 1), False), (date(2010, 6, 29), True), (None, False)],
)
def test_age_is_that_of_the_last_day(town: Town, born: date | None, may: bool) -> None:
    id = poll_id(town, min_age=16, **closing(LAST))
    town.verify("anna", None, born)
    assert (allowed(town, id) == "") is may
    with town.read() as db:
        assert eligible_count(db, db.get_one(Poll, id)) == int(may)


@pytest.mark.parametrize(("born", "may"), [(date(1999, 7, 1), True), (date(1999, 6, 30), False)])
def test_the_highest_age_lasts_until_the_next_birthday(town: Town, born: date, may: bool) -> None:
    id = poll_id(town, max_age=26, **closing(LAST))
    town.verify("anna", None, born)
    assert (allowed(town, id) == "") is may


@pytest.mark.parametrize(("zone", "may"), [("UTC", False), ("Asia/Almaty", True), ("America/Bogota", False)])
def test_the_last_day_is_that_of_the_town(town: Town, zone: str, may: bool) -> None:
    """At 20:00 in Greenwich it is the next day in Almaty: the birthday of somebody."""
    with town.write() as db:
        save_settings(db, CORE, TownSettings(title="Alder", zone=zone).model_dump(mode="json"), town.world.clock.now())
    id = poll_id(town, min_age=16, **closing(LAST, 20))
    town.verify("anna", None, date(2010, 7, 1))
    assert (allowed(town, id) == "") is may


def test_only_those_vote_who_live_in_the_areas(town: Town) -> None:
    north, south, west = (town.area(title) for title in ("North", "South", "West"))
    id = poll_id(town, area_ids=(north, west))
    assert allowed(town, id).startswith("Only verified residents vote here.")
    town.verify("anna", south)
    assert allowed(town, id) == "This vote is for those who live in: North, West. The town has another area for you."
    town.verify("anna", None)
    assert allowed(town, id).startswith("This vote is for those who live in: North, West.")
    town.verify("anna", west)
    assert allowed(town, id) == ""


def test_a_vote_of_verified_residents_is_closed_to_all_others_whatever_they_send(town: Town) -> None:
    id = poll_id(town, min_level=2)
    client = town.client("anna")
    for answer in (
        client.get(f"/polls/{id}/ballot"),
        client.post(f"/polls/{id}/ballot", data={"q0": "1", "step": "check"}),
        client.post(f"/polls/{id}/ballot", data={"q0": "1", "step": "cast"}),
    ):
        assert "Only verified residents vote here." in answer.text
    town.verify("anna")
    assert client.post(f"/polls/{id}/ballot", data={"q0": "1", "step": "cast"}).status_code == 200


def test_where_one_votes_with_codes_only_no_account_helps(town: Town) -> None:
    id = poll_id(town, by_account=False, by_code=True)
    assert allowed(town, id, "maya") == "This vote is for people with a one-time code."
    with town.read() as db:
        poll = db.get_one(Poll, id)
        assert (eligible_count(db, poll), requirements(db, poll)) == (
            0, ["Everybody to whom the town gave a one-time code."]
        )  # fmt: skip
    answer = town.client("anna").post(f"/polls/{id}/ballot", data={"q0": "1", "step": "cast"})
    assert (answer.status_code, "Write the code that stands on your paper." in answer.text) == (422, True)


def test_who_may_vote_is_said_in_sentences(town: Town) -> None:
    north = town.area("North")
    id = poll_id(town, min_level=2, area_ids=(north,), min_age=16, max_age=26, by_code=True)
    with town.read() as db:
        assert requirements(db, db.get_one(Poll, id)) == [
            "Residents with an account here whose residence the town has verified.",
            "They live in: North.",
            "They are at least 16 years old on the last day.",
            "They are at most 26 years old on the last day.",
            "Everybody to whom the town gave a one-time code.",
        ]
