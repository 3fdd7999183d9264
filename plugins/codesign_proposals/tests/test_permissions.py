"""Who may do what with a proposal: action x state x cast -> yes or no, for every action of this plugin."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from codesign.core.contributions import Reason
from codesign.core.users import Role, User
from codesign.permissions import Permissions
from codesign.testing import Town, World
from codesign_proposals.proposals import Proposal
from codesign_proposals.tests.making import proposal_id

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
DAY = timedelta(days=1)
CAST: Mapping[str, User | None] = {
    "nobody": None,
    "unconfirmed": User(id=1, name="Nino", role=Role.RESIDENT, confirmed_at=None),
    "anna": User(id=2, name="Anna", role=Role.RESIDENT, confirmed_at=NOW),
    "bystander": User(id=3, name="Olga", role=Role.RESIDENT, confirmed_at=NOW),
    "boris": User(id=4, name="Boris", role=Role.MODERATOR, confirmed_at=NOW),
    "chen": User(id=5, name="Chen", role=Role.OFFICIAL, confirmed_at=NOW),
    "maya": User(id=6, name="Maya", role=Role.ADMINISTRATOR, confirmed_at=NOW),
}
"""Anna wrote the proposal."""
STATES: Mapping[str, dict[str, Any]] = {
    "gathering": {"archives_at": NOW + DAY},
    "endless": {"archives_at": None},
    "supported": {"archives_at": NOW + DAY, "agree_count": 5},
    "reached": {"archives_at": NOW + DAY, "reached_at": NOW - DAY},
    "reached, term over": {"archives_at": NOW, "reached_at": NOW - DAY},
    "archived": {"archives_at": NOW},
    "withdrawn": {"archives_at": NOW + DAY, "withdrawn_at": NOW},
    "merged": {"archives_at": NOW + DAY, "merged_at": NOW},
    "hidden": {"archives_at": NOW + DAY, "hidden_at": NOW},
}
UNDER_WAY = {"gathering", "endless", "supported", "reached", "reached, term over"}
SIGNED_IN = {"anna", "bystander", "boris", "chen", "maya"}
AUTHOR, INVOLVED, OFFICIALS = {"anna"}, {"anna", "boris", "chen", "maya"}, {"chen", "maya"}


def in_states(states: set[str], who: set[str]) -> dict[str, set[str]]:
    return {state: who if state in states else set() for state in STATES}


SEEN = set(STATES) - {"hidden"}
TABLE: Mapping[str, Mapping[str, set[str]]] = {
    "proposals.write": in_states(set(STATES), SIGNED_IN),
    "proposals.edit": in_states(UNDER_WAY, AUTHOR),
    "proposals.withdraw": in_states(UNDER_WAY, AUTHOR),
    "proposals.update": in_states({*UNDER_WAY, "archived"}, AUTHOR),
    "proposals.milestone": in_states(SEEN, INVOLVED),
    "proposals.merge": in_states(UNDER_WAY, INVOLVED),
    "proposals.consent": in_states(SEEN, AUTHOR),
    "proposals.sign_paper": in_states(SEEN, OFFICIALS),
    "proposals.thresholds": in_states(set(STATES), {"maya"}),
}


def proposal(state: str) -> Proposal:
    return Proposal(id=7, author_id=2, **{"agree_count": 0, "comment_count": 0, **STATES[state]})


@pytest.fixture
def permissions(world: World) -> Permissions:
    found: Permissions = world.site.permissions
    return found


def test_every_action_of_proposals_stands_in_the_table_and_no_other(permissions: Permissions) -> None:
    assert {action for action in permissions.predicates if action.startswith("proposals.")} == set(TABLE)


def test_who_may_do_what_with_a_proposal(permissions: Permissions) -> None:
    found = {
        action: {
            state: {name for name, actor in CAST.items() if permissions.allowed(actor, action, proposal(state), NOW)}
            for state in STATES
        }
        for action in TABLE
    }
    assert found == TABLE


PAGES = {
    "/proposals/new": SIGNED_IN,
    "/proposals/drafts": SIGNED_IN,
    "/proposals/{id}/edit": AUTHOR,
    "/proposals/{id}/withdraw": AUTHOR,
    "/proposals/{id}/merge": INVOLVED,
    "/proposals/{id}/milestones": INVOLVED,
    "/proposals/{id}/signatures": OFFICIALS,
    "/proposals/thresholds": {"maya"},
    "/proposals/{id}": {"nobody", *SIGNED_IN},
    "/proposals/{id}/revisions": {"nobody", *SIGNED_IN},
}


def test_pages_open_for_those_who_may_and_ask_strangers_to_sign_in(alder: Town) -> None:
    id = proposal_id(alder.enable("proposals"))
    for name in ("nobody", "anna", "boris", "chen", "maya"):
        client = alder.client(None if name == "nobody" else name)
        for url, who in PAGES.items():
            otherwise = 303 if name == "nobody" else 403
            status = client.get(url.format(id=id)).status_code
            assert (url, name, status) == (url, name, 200 if name in who else otherwise)


def test_a_hidden_proposal_is_not_there_for_anybody_but_as_a_word_of_the_moderators(alder: Town) -> None:
    id = proposal_id(alder.enable("proposals"), hidden_at=NOW, hidden_reason=Reason.SPAM)
    for name in (None, "anna", "chen", "maya"):
        client = alder.client(name)
        assert [
            client.get(f"/proposals/{id}{page}").status_code for page in ("", "/revisions", "/edit", "/withdraw")
        ] == [404] * 4
