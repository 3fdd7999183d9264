"""What differs from person to person on a page that is kept for all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from codesign.core.viewers import Fact

Values: TypeAlias = Mapping[str, Any]


def _as_they_are(values: Values, fact: int) -> Values:
    return values


@dataclass(frozen=True)
class Personal:
    """A template that `mine` renders: the fact it depends on, and its values for those for whom the fact holds."""

    fact: Callable[[Values], Fact]
    changed: Callable[[Values, int], Values] = _as_they_are
    query: Any = None
    """For a fact that the core does not know: a statement, built once, that takes `:user` and `:id`, the second part of
    the fact, and gives a number where the fact holds; or a function that gives this statement for some values."""
    same_for_all: bool = True
    """Everybody for whom the fact holds sees the same, so that it is rendered once for all of them."""

    def question(self, values: Values) -> Any:
        """The statement for a part with these values; None for a fact of the core."""
        return self.query(values) if callable(self.query) else self.query
