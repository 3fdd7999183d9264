"""One worker for all towns: what is wrong in one of them is that town's affair."""

import json

from sqlalchemy import text

from codesign.testing import Town
from codesign.worker import work


def test_a_town_whose_settings_cannot_be_read_does_not_stop_the_letters_of_another(alder: Town, birch: Town) -> None:
    with alder.write() as db:
        broken = json.dumps({"locale": "tlh"})
        db.execute(text("UPDATE package SET settings = :broken WHERE name = 'core'"), {"broken": broken})
    birch.client().post("/accounts/forgotten", data={"email": "dora@birch.example"})
    assert work(alder.world.site, "alder") is False
    assert len(birch.send_mail()) == 1
