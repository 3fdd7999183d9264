"""Who may do what with polls: action x phase x cast, as predicates and on the pages."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from codesign.core.users import Role, User
from codesign.testing import Town
from codesign_polls.permissions import PERMISSIONS
from codesign_polls.polls import Poll
from codesign_polls.tests.making import TEXT, TITLE, poll_id

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
DAY = timedelta(days=1)
CAST: Mapping[str, User | None] = {
    "nobody": None,
    "unconfirmed": User(id=1, name="Nino", role=Role.RESIDENT, confirmed_at=None),
    "anna": User(id=2, name="Anna", role=Role.RESIDENT, confirmed_at=NOW),
    "boris": User(id=4, name="Boris", role=Role.MODERATOR, confirmed_at=NOW),
    "chen": User(id=5, name="Chen", role=Role.OFFICIAL, confirmed_at=NOW),
    "maya": User(id=6, name="Maya", role=Role.ADMINISTRATOR, confirmed_at=NOW),
}
EVERYBODY, SIGNED_IN, OFFICIALS = set(CAST), {"anna", "boris", "chen", "maya"}, {"chen", "maya"}
DATES = {
    "upcoming": (NOW + DAY, NOW + 2 * DAY),
    "at its opening": (NOW, NOW + DAY),
    "open": (NOW - DAY, NOW + DAY),
    "live": (NOW - DAY, NOW + DAY),
    "secret and live": (NOW - DAY, NOW + DAY),
    "at its close": (NOW - DAY, NOW),
    "closed": (NOW - 2 * DAY, NOW - DAY),
    "hidden": (NOW + DAY, NOW + 2 * DAY),
    "hidden and closed": (NOW - 2 * DAY, NOW - DAY),
    "imported": (NOW - 2 * DAY, NOW - DAY),
    "without codes": (NOW + DAY, NOW + 2 * DAY),
}
TABLE: Mapping[str, Mapping[str, set[str]]] = {
    "polls.prepare": dict.fromkeys(DATES, OFFICIALS),
    "polls.change": {"upcoming": OFFICIALS, "without codes": OFFICIALS},
    "polls.vote": dict.fromkeys(DATES, SIGNED_IN),
    "polls.codes": dict.fromkeys(set(DATES) - {"hidden", "hidden and closed", "imported", "without codes"}, OFFICIALS),
    "polls.results": dict.fromkeys(("live", "at its close", "closed", "imported", "without codes"), EVERYBODY)
    | {"without codes": set()},
}
"""Whether somebody may vote is asked of their residence beside this, see `codesign_polls.eligibility`."""


def a_poll(state: str) -> Poll:
    opens_at, closes_at = DATES[state]
    return Poll(
        id=7,
        opens_at=opens_at,
        closes_at=closes_at,
        secret=state != "live",
        live="live" in state,
        by_code=state != "without codes",
        hidden_at=NOW if "hidden" in state else None,
        imported_from="elsewhere" if state == "imported" else "",
    )


def test_the_table_names_every_action_there_is() -> None:
    assert set(TABLE) == set(PERMISSIONS)


@pytest.mark.parametrize("action", sorted(TABLE))
@pytest.mark.parametrize("state", sorted(DATES))
def test_everybody_may_do_what_the_table_says_and_nothing_else(action: str, state: str) -> None:
    may = {name for name, actor in CAST.items() if PERMISSIONS[action](actor, a_poll(state), NOW)}
    assert may == TABLE[action].get(state, set())


PAGES = ["/polls/new", "/polls/drafts", "/polls/drafts/1", "/polls/drafts/1/about", "/polls/drafts/1/questions/new",
         "/polls/drafts/1/when", "/polls/drafts/1/who", "/polls/drafts/1/how", "/polls/drafts/1/discard"]  # fmt: skip
CHANGES = ["", "/about", "/questions/new", "/questions/0", "/questions/0/options/0", "/when", "/who", "/how"]


def test_only_officials_and_administrators_see_the_pages_of_preparation(alder: Town) -> None:
    alder.enable("polls")
    now = alder.world.clock.now()
    assert alder.client("chen").post("/polls/new", data={"title": TITLE, "text": TEXT}).status_code == 303
    urls = [*PAGES]
    for opens_in in (1, 0, -1):
        id = poll_id(alder, opens_at=now + opens_in * DAY, closes_at=now + 2 * DAY)
        urls += [f"/polls/{id}/change{part}" for part in CHANGES] if opens_in == 1 else []
    refused = [f"/polls/{id}/change{part}" for id in (2, 3) for part in CHANGES]
    for name, status in {"anna": 403, "boris": 403, None: 303, "chen": 200, "maya": 200}.items():
        client = alder.client(name)
        assert {url: client.get(url).status_code for url in urls} == dict.fromkeys(urls, status), name
        shut = 403 if status == 200 else status
        assert {url: client.get(url).status_code for url in refused} == dict.fromkeys(refused, shut), name
        if status != 200:
            posts = [url for url in urls if url not in ("/polls/drafts", "/polls/drafts/1", "/polls/1/change")]
            assert {url: client.post(url).status_code for url in posts} == dict.fromkeys(posts, status), name


def test_a_draft_and_a_poll_of_another_town_are_not_there(alder: Town, birch: Town) -> None:
    for town in (alder, birch):
        town.enable("polls")
    poll_id(alder)
    assert alder.client("chen").post("/polls/new", data={"title": TITLE, "text": TEXT}).status_code == 303
    edda = birch.client("edda")
    assert [edda.get(url).status_code for url in ("/polls/drafts/1", "/polls/1", "/polls/1/change")] == [404] * 3
