"""The contract of what is answerable, for the tests of any plugin that brings such a kind.

    from codesign.testing.loops import assert_loop

    def test_a_petition_is_answered_promised_delivered_and_checked(alder: Town) -> None:
        assert_loop(alder.enable("petitions"), start, owe)

`start(town, author)` puts a contribution forward and returns its id; `owe(town, id)` then lets happen what its kind names
as `Answerable.after`, as its pages or its clock would. Between the two, people comment, vote and follow. Whoever
has taken part is told of each step, with the reason, and nobody else; and only they say in the end that it is done.

What the town owes, and by when, is a plugin's business. The core names none: a plugin that answers what is answerable has
a module `contract` with a function `check(town, start, owe)`.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import pytest

from codesign.testing.towns import Town

CONTRACT = "contract"


def already(town: Town, id: int) -> None:
    """For kinds that are owed an answer as soon as they are put forward."""


def assert_loop(town: Town, start: Callable[[Town, str], int], owe: Callable[[Town, int], None] = already) -> None:
    """Run the kind through the loop of each installed plugin that has one. Switches those plugins on."""
    found = False
    for name, plugin in town.world.site.plugins.by_name.items():
        module = f"{plugin.module.__name__}.{CONTRACT}"
        if find_spec(module) is not None:
            import_module(module).check(town.enable(name), start, owe)
            found = True
    if not found:
        pytest.skip("no plugin is installed that answers what is answerable")
