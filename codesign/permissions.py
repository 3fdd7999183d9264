"""What each action needs: named predicates, collected from the core and the installed plugins."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from codesign.core.users import MODERATING, OFFICIALS, STAFF, Role, User
from codesign.types import Predicate


def anybody_signed_in(actor: User | None, thing: Any, now: datetime) -> bool:
    return actor is not None and actor.confirmed_at is not None


def moderators(actor: User | None, thing: Any, now: datetime) -> bool:
    return actor is not None and actor.role in MODERATING


def officials(actor: User | None, thing: Any, now: datetime) -> bool:
    """Who speaks and acts for the municipality."""
    return actor is not None and actor.role in OFFICIALS


def staff(actor: User | None, thing: Any, now: datetime) -> bool:
    return actor is not None and actor.role in STAFF


def administrators(actor: User | None, thing: Any, now: datetime) -> bool:
    return actor is not None and actor.role is Role.ADMINISTRATOR


class Permissions:
    """Action name -> predicate. An unknown action is a mistake in the code and raises KeyError."""

    def __init__(self, parts: Iterable[Mapping[str, Predicate]]) -> None:
        self.predicates: dict[str, Predicate] = {}
        for part in parts:
            doubled = self.predicates.keys() & part.keys()
            if doubled:
                raise ValueError(f"Two packages define the permission {', '.join(sorted(doubled))}.")
            self.predicates.update(part)

    def allowed(self, actor: User | None, action: str, thing: Any, now: datetime) -> bool:
        return self.predicates[action](actor, thing, now)
