"""Moulds: a page made once for all residents, open where it differs from person to person.

A page is rendered for a *typical resident*, who wrote nothing, voted on nothing and follows nothing. What may differ
for a real one stands in templates as `{{ mine("a/_part.html", name=value) }}`; a mould keeps these parts apart, with
the fact that each depends on. For a reader only the parts are rendered for which such a fact holds.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup

from codesign.core.users import Role, User
from codesign.core.viewers import Fact, Questions
from codesign.web.finished import OVERHEAD, Headers
from codesign.web.freshness import Made
from codesign.web.personal import Personal, Values
from codesign.web.site import Visit

PART_OVERHEAD = 300
ROOM_FOR_OTHERS = 3
"""A part may be kept as it is for those who agreed, who disagreed, and who did neither."""


@dataclass(frozen=True)
class Part:
    place: int
    template: str
    values: Values
    personal: Personal


class Moulding:
    """A page while it is rendered for the typical resident: collects its open parts."""

    def __init__(self, personal: Mapping[str, Personal], locale: str, now: datetime) -> None:
        self.personal = personal
        self.sign = secrets.token_hex(12)
        name, email = f"resident-{self.sign}", f"{self.sign}@invalid"
        self.resident = User(
            id=0, name=name, email=email, role=Role.RESIDENT, locale=locale or None, confirmed_at=now, created_at=now
        )
        self.parts: list[tuple[str, Values, str]] = []
        self.inside = False

    def open(self, template: str, values: Values, render: Callable[[], str]) -> Markup:
        """A part as the typical resident sees it, or the sign that stands for it."""
        if self.inside:
            return Markup(render())  # noqa: S704 - a rendered template
        self.inside = True
        html = render()
        self.inside = False
        self.parts.append((template, values, html))
        return Markup(f"[{self.sign}]")  # noqa: S704

    def cast(self, headers: Headers, body: bytes, made: Made, visit: Visit) -> "Mould | None":
        """None when the page holds something of the typical resident's own outside of its open parts."""
        pieces = body.split(f"[{self.sign}]".encode())
        whole = len(pieces) == len(self.parts) + 1
        if not whole or any(self.sign.encode() in piece for piece in pieces):
            return None
        page: list[bytes] = [pieces[0]]
        parts = []
        for piece, (template, values, html) in zip(pieces[1:], self.parts, strict=True):
            parts.append(Part(len(page), template, values, self.personal[template]))
            page += [b"" if self.sign in html else html.encode(), piece]
        return Mould(headers, page, parts, made, visit)


@dataclass
class Mould:
    headers: Headers
    page: list[bytes]
    """Closed and open pieces in turn; the open ones as the typical resident sees them."""
    parts: list[Part]
    made: Made
    visit: Visit
    """Of the typical resident: what is switched on, in which language."""
    size: int = field(init=False)
    questions: Questions = field(init=False)

    def __post_init__(self) -> None:
        self._by_fact: dict[Fact, list[Part]] = defaultdict(list)
        for part in self.parts:
            self._by_fact[part.personal.fact(part.values)].append(part)
        self._known: dict[tuple[int, int], bytes] = {}
        asked = {fact: parts[0].personal.question(parts[0].values) for fact, parts in self._by_fact.items()}
        more = {fact: statement for fact, statement in asked.items() if statement is not None}
        self.questions = _questions(list(self._by_fact), tuple(more.items()))
        open_bytes = sum(len(self.page[part.place]) for part in self.parts)
        self.size = (
            OVERHEAD + sum(map(len, self.page)) + ROOM_FOR_OTHERS * (open_bytes + PART_OVERHEAD * len(self.parts))
        )

    def fill(self, facts: Mapping[Fact, int], render: Callable[[str, Values], str]) -> bytes:
        """The page for one person. `render` makes a part for them, from its template and values."""
        page = self.page.copy()
        for fact, value in facts.items():
            for part in self._by_fact.get(fact, ()):
                page[part.place] = self._piece(part, value, render)
        return b"".join(page)

    def _piece(self, part: Part, value: int, render: Callable[[str, Values], str]) -> bytes:
        known = self._known.get((part.place, value))
        if known is not None:
            return known
        html = render(part.template, part.personal.changed(part.values, value)).encode()
        if part.personal.same_for_all:
            self._known[part.place, value] = html
        return html


def _questions(facts: list[Fact], more: tuple[tuple[Fact, Any], ...]) -> Questions:
    comments = [fact[1] for fact in facts if fact[0] == "comment vote"]
    return Questions(
        vote=next((fact[1] for fact in facts if fact[0] == "vote"), 0),
        follow=next(((fact[1], fact[2]) for fact in facts if fact[0] == "follow"), ("", 0)),
        comments=(min(comments, default=0), max(comments, default=0)),
        more=more,
    )
