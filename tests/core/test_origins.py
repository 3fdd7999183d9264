"""Where imported rows came from: nothing is imported twice."""

import pytest
from sqlalchemy.exc import IntegrityError

from codesign.core.origins import known, remember
from codesign.testing import Town


def test_what_was_remembered_is_known_by_source_and_noun(alder: Town) -> None:
    with alder.write() as db:
        remember(db, "consul", "debate", {"1": 10, "2": 20})
        remember(db, "consul", "comment", {"1": 11})
        remember(db, "decidim", "debate", {"1": 12})
        remember(db, "consul", "debate", {})
        assert known(db, "consul", "debate", ["1", "2", "3", "1"]) == {"1": 10, "2": 20}
        assert known(db, "decidim", "debate", ["2"]) == {}
        assert known(db, "consul", "debate", []) == {}


def test_thousands_of_rows_are_looked_up_in_parts(alder: Town) -> None:
    targets = {str(number): number for number in range(1203)}
    with alder.write() as db:
        remember(db, "consul", "comment", targets)
        assert known(db, "consul", "comment", [*targets, "unknown"]) == targets


def test_a_row_cannot_be_imported_twice(alder: Town) -> None:
    with pytest.raises(IntegrityError), alder.write() as db:
        remember(db, "consul", "debate", {"1": 10})
        db.expunge_all()
        remember(db, "consul", "debate", {"1": 99})
    with alder.read() as db:
        assert known(db, "consul", "debate", ["1"]) == {}
