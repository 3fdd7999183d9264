"""The registry is asked for the host of each request; it may be away."""

from sqlalchemy import text

from codesign.registry import REMEMBER_SECONDS
from codesign.testing import Town


def _rename(town: Town, old: str, new: str) -> None:
    registry = town.world.site.registry
    with registry.own.write() as db:
        db.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
    registry._entries = (-REMEMBER_SECONDS, {})


def test_a_town_whose_registry_is_away_answers_503_with_a_page_and_recovers_by_itself(alder: Town) -> None:
    if alder.store.schema is not None:  # there a missing table is our mistake, not an absent database
        return
    client = alder.client()
    _rename(alder, "municipality", "away")
    gone = client.get("/topics/")
    assert (gone.status_code, gone.headers["retry-after"], "<h1>" in gone.text) == (503, "5", True)
    _rename(alder, "away", "municipality")
    assert client.get("/topics/").status_code == 200
