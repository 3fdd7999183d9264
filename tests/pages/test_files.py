"""Files at their addresses: for whoever may see what they belong to, and harmless whatever is in them."""

from typing import Any

import pytest
from sqlalchemy import update

from codesign.core.contributions import Contribution, Reason
from codesign.core.files import File, Upload, attach, get_file
from codesign.core.moderation import Action, Target, decide
from codesign.testing import Town
from tests.making import a_story
from tests.sending import DOCUMENTS, pdf, picture, shown, upload

CAST = ["anna", "boris", "chen", "maya", None]


def sent(town: Town, thing_id: int | None, what: Upload | None = None) -> dict[str, Any]:
    """A new file of Anna's: its id and its addresses."""
    with town.write() as db:
        thing = db.get_one(Contribution, thing_id) if thing_id else None
        file = attach(db, town.person(db, "anna"), what or upload("tree.png", picture()), town.world.clock.now(), thing)
        return {"id": file.id, "url": file.url, "small": file.small_url, "digest": file.digest}


def hide(town: Town, thing_id: int, action: Action = Action.HIDE) -> None:
    with town.write() as db:
        thing = db.get_one(Contribution, thing_id)
        decide(db, town.person(db, "boris"), Target(thing), action, Reason.OTHER, "", town.world.clock.now())


def seen(town: Town, url: str) -> dict[str | None, int]:
    return {who: town.client(who).get(url).status_code for who in CAST}


def test_everybody_sees_a_picture_of_what_everybody_sees(alder: Town) -> None:
    file = sent(alder, a_story(alder))
    assert seen(alder, file["url"]) == dict.fromkeys(CAST, 200)
    answer = alder.client().get(file["url"])
    assert {name: answer.headers[name] for name in ("content-type", "cache-control", "etag", "x-content-type-options")} == {
        "content-type": "image/webp", "cache-control": "public, max-age=3600", "etag": f'"{file["digest"]}"',
        "x-content-type-options": "nosniff",
    }  # fmt: skip
    assert "set-cookie" not in answer.headers
    assert shown(answer.content).size == (64, 48)


def test_the_small_picture_has_an_address_of_its_own(alder: Town) -> None:
    from PIL import Image

    file = sent(alder, a_story(alder), upload("wide.png", picture("PNG", Image.new("RGB", (1000, 500)))))
    large, small = (alder.client().get(file[name]) for name in ("url", "small"))
    assert (shown(large.content).size, shown(small.content).size) == ((1000, 500), (480, 240))
    assert large.headers["etag"] != small.headers["etag"]


def test_a_document_has_no_small_picture(alder: Town) -> None:
    file = sent(alder, a_story(alder), upload("a.pdf", pdf()))
    assert [alder.client().get(file[name]).status_code for name in ("url", "small")] == [200, 404]


def test_a_browser_that_holds_it_is_told_so_without_a_look_at_the_bytes(alder: Town) -> None:
    file = sent(alder, a_story(alder))
    for name in ("url", "small"):
        etag = alder.client().get(file[name]).headers["etag"]
        with alder.counted() as asked:
            answer = alder.client("anna").get(file[name], headers={"If-None-Match": f'W/"x", {etag}'})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
        assert [statement for statement in asked if "file.data" in statement or "file.small" in statement] == []


def test_head_says_the_same_as_get(alder: Town) -> None:
    file = sent(alder, a_story(alder))
    head, get = alder.client().head(file["url"]), alder.client().get(file["url"])
    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(get.headers)
    assert int(get.headers["content-length"]) == len(get.content)


@pytest.mark.parametrize("ending", DOCUMENTS)
def test_a_document_is_saved_and_never_shown_as_a_page(alder: Town, ending: str) -> None:
    what = upload(f'Жоспар "1" 100%.{ending}', DOCUMENTS[ending])
    answer = alder.client().get(sent(alder, a_story(alder), what)["url"])
    assert answer.content == DOCUMENTS[ending]
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="______ _1_ 100_.{ending}"; '
        f"filename*=UTF-8''%D0%96%D0%BE%D1%81%D0%BF%D0%B0%D1%80%20%221%22%20100%25.{ending}"
    )
    assert answer.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == (
        "text/plain; charset=utf-8" if ending == "txt" else answer.headers["content-type"]
    )
    assert "html" not in answer.headers["content-type"]


def test_a_file_of_a_draft_is_for_its_owner_alone(alder: Town) -> None:
    file = sent(alder, None)
    assert seen(alder, file["url"]) == {"anna": 200, "boris": 404, "chen": 404, "maya": 404, None: 404}
    assert alder.client("anna").get(file["url"]).headers["cache-control"] == "private, no-store"


def test_a_file_of_something_hidden_is_for_moderators_alone_until_it_is_shown_again(alder: Town) -> None:
    story = a_story(alder)
    file = sent(alder, story)
    assert alder.client().get(file["url"]).status_code == 200
    hide(alder, story)
    for name in ("url", "small"):
        assert seen(alder, file[name]) == {"anna": 404, "boris": 200, "chen": 404, "maya": 200, None: 404}
    assert alder.client("boris").get(file["url"]).headers["cache-control"] == "private, no-store"
    hide(alder, story, Action.RESTORE)
    assert seen(alder, file["url"]) == dict.fromkeys(CAST, 200)


def test_a_hidden_picture_does_not_answer_to_its_etag_either(alder: Town) -> None:
    story = a_story(alder)
    file = sent(alder, story)
    etag = alder.client().get(file["url"]).headers["etag"]
    hide(alder, story)
    assert alder.client().get(file["url"], headers={"If-None-Match": etag}).status_code == 404


def test_a_file_of_a_kind_that_is_off_is_not_there(alder: Town) -> None:
    story = a_story(alder)
    file = sent(alder, story)
    with alder.write() as db:
        db.execute(update(Contribution).where(Contribution.id == story).values(kind="gone"))
    assert alder.client().get(file["url"]).status_code == 404


def test_a_wrong_digest_or_number_leads_nowhere(alder: Town) -> None:
    story = a_story(alder)
    file, other = sent(alder, story), sent(alder, story, upload("a.pdf", pdf()))
    id, digest = file["id"], file["digest"]
    wrong = [f"/files/{id}/{other['digest']}/a", f"/files/{id}/x/a", f"/files/{id}/{digest[:-1]}/a", f"/files/{id}/{digest.upper()}/a",
             f"/files/{id}/{digest}", f"/files/{id}/", "/files/", f"/files/{2**63}/{digest}/a", f"/files/{id}/%00/a", f"/files/{id}/%ff/a",
             f"/files/{'9' * 5000}/{digest}/a", f"/files/{id}/{digest}/a/b", f"/files/0/{digest}/a"]  # fmt: skip
    assert {url[:60]: status for url in wrong if (status := alder.client("maya").get(url).status_code) != 404} == {}


def test_a_file_of_another_town_is_not_there(alder: Town, birch: Town) -> None:
    file = sent(alder, a_story(alder))
    for who in ("dora", "edda", None):
        assert [birch.client(who).get(file[name]).status_code for name in ("url", "small")] == [404, 404]


def test_nobody_writes_to_the_address_of_a_file(alder: Town) -> None:
    file = sent(alder, a_story(alder))
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert alder.client("anna").request(method, file["url"]).status_code == 405
    with alder.read() as db:
        assert isinstance(get_file(db, file["id"]), File)


@pytest.mark.parametrize("who", ["anna", None])
def test_a_picture_costs_the_same_few_statements_in_a_full_town(alder: Town, who: str | None) -> None:
    story = a_story(alder)
    file = sent(alder, story)
    client = alder.client(who)

    def asked() -> int:
        with alder.counted() as statements:
            assert client.get(file["url"]).status_code == 200
        return len(statements)

    asked()  # the first request of a town learns its settings too
    before = asked()
    for number in range(20):
        sent(alder, a_story(alder, title=f"Story {number}"))
    assert (asked(), before <= 4) == (before, True)
