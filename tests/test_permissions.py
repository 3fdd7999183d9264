"""Who may do what: action x state x cast -> yes or no, for every action there is."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from codesign.core.comments import Comment, Standing
from codesign.core.contributions import Contribution
from codesign.core.life import Situation
from codesign.core.threads import Thread
from codesign.core.users import Role, User
from codesign.permissions import Permissions
from codesign.testing import Town, World
from tests.making import a_story

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
CAST: Mapping[str, User | None] = {
    "nobody": None,
    "unconfirmed": User(id=1, name="Nino", role=Role.RESIDENT, confirmed_at=None),
    "anna": User(id=2, name="Anna", role=Role.RESIDENT, confirmed_at=NOW),
    "bystander": User(id=3, name="Olga", role=Role.RESIDENT, confirmed_at=NOW),
    "boris": User(id=4, name="Boris", role=Role.MODERATOR, confirmed_at=NOW),
    "chen": User(id=5, name="Chen", role=Role.OFFICIAL, confirmed_at=NOW),
    "maya": User(id=6, name="Maya", role=Role.ADMINISTRATOR, confirmed_at=NOW),
}
"""Anna is the author of everything below."""
SIGNED_IN = {"anna", "bystander", "boris", "chen", "maya"}
MODERATORS = {"boris", "maya"}
OFFICIALS = {"chen", "maya"}
AUTHOR = {"anna"}
NOT_OTHERS = {"anna", "boris", "chen", "maya"}

COUNTERS = {"comment_count": 0, "agree_count": 0, "disagree_count": 0}
REPLIES = {"reply_count": 0, "agree_count": 0, "disagree_count": 0}
THINGS: Mapping[str, dict[str, Any]] = {
    "fresh": {},
    "commented": {"comment_count": 1},
    "agreed": {"agree_count": 1},
    "disagreed": {"disagree_count": 1},
    "hidden": {"hidden_at": NOW},
}
COMMENTS: Mapping[str, dict[str, Any]] = {
    "fresh": {},
    "answered": {"reply_count": 1},
    "agreed": {"agree_count": 1},
    "disagreed": {"disagree_count": 1},
    "hidden": {"standing": Standing.HIDDEN},
    "removed": {"standing": Standing.REMOVED},
}


def thing(model: type[Contribution], state: str) -> Contribution:
    return model(id=7, author_id=2, **{**COUNTERS, **THINGS[state]})


def comment(state: str) -> Comment:
    return Comment(id=8, author_id=2, **{"standing": Standing.VISIBLE, **REPLIES, **COMMENTS[state]})


def everywhere(states: Mapping[str, Any], who: set[str]) -> dict[str, set[str]]:
    """The same people in every state: what is hidden or closed is kept from them by other means."""
    return dict.fromkeys(states, who)


EDITABLE = {"fresh": AUTHOR, "commented": set(), "agreed": set(), "disagreed": set(), "hidden": set()}
ON_THINGS: Mapping[str, Mapping[str, set[str]]] = {
    "contributions.vote": everywhere(THINGS, SIGNED_IN),
    "contributions.follow": everywhere(THINGS, SIGNED_IN),
    "contributions.report": everywhere(THINGS, SIGNED_IN),
    "comments.post": everywhere(THINGS, SIGNED_IN),
    "comments.vote": everywhere(THINGS, SIGNED_IN),
    "threads.edit": EDITABLE,
}
ON_COMMENTS: Mapping[str, Mapping[str, set[str]]] = {
    "comments.edit": {
        "fresh": AUTHOR, "answered": set(), "agreed": set(), "disagreed": set(), "hidden": set(), "removed": set(),
    },
    "comments.remove": {
        "fresh": AUTHOR, "answered": AUTHOR, "agreed": AUTHOR, "disagreed": AUTHOR, "hidden": set(), "removed": set(),
    },
}  # fmt: skip
ON_NOTHING: Mapping[str, set[str]] = {
    "threads.start": SIGNED_IN,
    "moderation.decide": MODERATORS,
    "residents.verify": OFFICIALS,
    "admin.enter": {"maya"},
    "admin.plugins": {"maya"},
    "admin.settings": {"maya"},
    "admin.topics": {"maya"},
    "admin.situations": {"maya"},
    "admin.areas": {"maya"},
    "admin.authorities": {"maya"},
    "admin.people": {"maya"},
    "admin.mail": {"maya"},
}
DEBATES: Mapping[str, Mapping[str, set[str]]] = {
    "debates.start": {**everywhere(THINGS, SIGNED_IN), "concluded": SIGNED_IN},
    "debates.edit": {**EDITABLE, "concluded": set()},
    "debates.close": {**everywhere(THINGS, NOT_OTHERS), "hidden": set(), "concluded": set()},
}
TABLE = {*ON_THINGS, *ON_COMMENTS, *ON_NOTHING, *DEBATES}


@pytest.fixture
def permissions(world: World) -> Permissions:
    found: Permissions = world.site.permissions
    return found


def may(permissions: Permissions, action: str, subject: Any) -> set[str]:
    return {name for name, actor in CAST.items() if permissions.allowed(actor, action, subject, NOW)}


def test_every_action_stands_in_the_table(world: World, permissions: Permissions) -> None:
    # Plugins have tables of their own, among their tests; that of debates is older and stands here.
    plugins = set(world.site.plugins.by_name) - {"debates"}
    listed = {action for action in permissions.predicates if action.partition(".")[0] not in plugins}
    assert listed - TABLE == set()
    assert {action for action in TABLE - set(permissions.predicates) if not action.startswith("debates.")} == set()


def test_who_may_do_what_with_a_contribution(permissions: Permissions) -> None:
    found = {
        action: {state: may(permissions, action, thing(Thread, state)) for state in states}
        for action, states in ON_THINGS.items()
    }
    assert found == ON_THINGS


def test_who_may_do_what_with_a_comment(permissions: Permissions) -> None:
    found = {
        action: {state: may(permissions, action, comment(state)) for state in states}
        for action, states in ON_COMMENTS.items()
    }
    assert found == ON_COMMENTS


def test_who_may_do_what_in_the_town(permissions: Permissions) -> None:
    situation = Situation(id=9, slug="work", title="Work")
    assert {action: may(permissions, action, situation) for action in ON_NOTHING} == ON_NOTHING
    assert {action: may(permissions, action, None) for action in ON_NOTHING} == ON_NOTHING


def test_who_may_do_what_with_a_debate(permissions: Permissions) -> None:
    debates = pytest.importorskip("codesign_debates.debates")
    subjects = {state: thing(debates.Debate, state) for state in THINGS}
    subjects["concluded"] = debates.Debate(id=7, author_id=2, concluded_at=NOW, **COUNTERS)
    found = {
        action: {state: may(permissions, action, subjects[state]) for state in states}
        for action, states in DEBATES.items()
    }
    assert found == DEBATES


def test_an_action_nobody_defined_is_a_mistake_in_the_code(permissions: Permissions) -> None:
    with pytest.raises(KeyError):
        permissions.allowed(None, "contributions.explode", None, NOW)


def test_two_packages_cannot_define_one_action() -> None:
    with pytest.raises(ValueError, match=r"threads\.start"):
        Permissions([{"threads.start": lambda actor, thing, now: True}] * 2)


PAGES = {
    "/moderation/": MODERATORS,
    "/residents/": OFFICIALS,
    "/admin/": {"maya"},
    "/admin/plugins": {"maya"},
    "/admin/settings": {"maya"},
    "/admin/topics": {"maya"},
    "/admin/situations": {"maya"},
    "/admin/areas": {"maya"},
    "/admin/people": {"maya"},
    "/admin/mail": {"maya"},
    "/admin/mail/stopped": {"maya"},
    "/moderation/log": {"nobody", *NOT_OTHERS},
    "/accounts/settings": NOT_OTHERS,
}


def test_pages_open_for_those_who_may_and_ask_strangers_to_sign_in(alder: Town) -> None:
    for name in ("nobody", "anna", "boris", "chen", "maya"):
        client = alder.client(None if name == "nobody" else name)
        for url, who in PAGES.items():
            otherwise = 303 if name == "nobody" else 403
            assert (url, name, client.get(url).status_code) == (url, name, 200 if name in who else otherwise)


def test_an_account_that_is_not_confirmed_can_do_nothing(alder: Town) -> None:
    with alder.write() as db:
        alder.person(db, "anna").confirmed_at = None
    id = a_story(alder, "boris")
    client = alder.client("anna")
    for url in (f"/contributions/{id}/vote", f"/contributions/{id}/follow", f"/contributions/{id}/comments"):
        assert client.post(url, data={"value": "1", "follow": "1", "text": "Hello there"}).status_code == 403
