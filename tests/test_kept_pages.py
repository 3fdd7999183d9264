"""Kept pages as HTTP sees them: ETags, packing, languages, and what visitors bring along."""

import pytest

from codesign.core.settings import CORE, save_settings
from codesign.testing import Town, World
from tests.making import a_reply, a_story

STATE = "X-Codesign-Fragment"


def test_a_browser_that_holds_the_page_is_told_so_in_a_few_bytes(alder: Town) -> None:
    id = a_story(alder)
    client = alder.client()
    first = client.get(f"/threads/{id}")
    etag = first.headers["ETag"]
    for known in (etag, f'"other", {etag}', "*", etag.removeprefix("W/")):
        answer = client.get(f"/threads/{id}", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
        assert (answer.headers["Vary"], "Content-Type" in answer.headers) == (first.headers["Vary"], False)
    for unknown in ('"other"', "W/", "", "junk \xe9"):
        assert client.get(f"/threads/{id}", headers={"If-None-Match": unknown.encode("latin-1")}).status_code == 200
    a_reply(alder, id)
    assert client.get(f"/threads/{id}", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip", True), ("br, GZIP;q=0.5", True), ("*", True), ("gzip;q=0", False), ("identity", False), ("", False)],
)
def test_a_page_is_packed_for_those_who_can_unpack_it(alder: Town, accepted: str, packed: bool) -> None:
    client = alder.client()
    plain = client.get("/topics/", headers={"Accept-Encoding": "identity"})
    answer = client.get("/topics/", headers={"Accept-Encoding": accepted})
    assert (answer.headers.get("Content-Encoding") == "gzip", answer.text) == (packed, plain.text)
    assert (int(answer.headers["Content-Length"]) < len(plain.content)) == packed
    assert answer.headers["ETag"] == plain.headers["ETag"]


def test_head_gives_the_headers_of_the_page_and_nothing_else(alder: Town) -> None:
    client = alder.client()
    for _time in range(2):
        assert client.head("/topics/").content == b""
        page = client.get("/topics/")
        head = client.head("/topics/")
        assert (head.content, head.headers["ETag"]) == (b"", page.headers["ETag"])
        assert "<main" in page.text


def test_each_language_has_its_own_page(alder: Town) -> None:
    with alder.write() as db:
        save_settings(
            db, CORE, {"title": "Alder", "locale": "en", "other_locales": ["es", "et"]}, alder.world.clock.now()
        )
    for _time in range(3):
        for code in ("en", "es", "et", "xx", "kk"):
            for name in (None, "anna"):
                client = alder.client(name)
                client.cookies.set("language", code)
                said = client.get("/topics/").text.partition("<html lang=")[2][:4]
                assert said == f'"{code if code in ("es", "et") else "en"}"', (code, name)


def test_a_request_that_names_two_hosts_puts_nothing_into_the_pages_of_either(alder: Town, birch: Town) -> None:
    assert (a_story(alder, "anna", "Alder speaks"), a_story(birch, "dora", "Birch speaks")) == (1, 1)
    for first, second in (("alder", "birch"), ("birch", "alder")):
        twice = [("Host", f"{first}.localhost"), ("Host", f"{second}.localhost")]
        for _time in range(3):
            alder.client().get("/threads/1", headers=twice)
    for town, foreign in ((alder, "Birch"), (birch, "Alder")):
        for _time in range(2):
            assert f"{foreign} speaks" not in town.client().get("/threads/1").text


def test_what_a_stranger_brings_along_changes_nothing_for_others(alder: Town) -> None:
    url = f"/threads/{a_story(alder)}"
    expected = alder.client().get(url)
    odd = alder.client()
    odd.cookies.set("visits", "quokka")
    headers = {
        "User-Agent": "quokka",
        "Referer": "https://quokka.example/",
        "Accept-Language": "es",
        "X-Forwarded-Host": "quokka.example",
    }
    for _time in range(2):
        for address in (url, f"{url}?order=newest"):
            assert "quokka" not in odd.get(address, headers=headers).text
    assert odd.get(url, headers=headers).text == expected.text
    assert alder.client().get(url).text == expected.text


def test_without_memory_for_them_no_page_is_kept(world: World, alder: Town) -> None:
    with world.again(fragments_mb=0) as plain:
        client = plain.towns["alder"].client()
        for _time in range(3):
            headers = client.get("/topics/").headers
            assert ("ETag" in headers, STATE in headers) == (False, False)


def test_only_an_application_in_development_says_how_a_page_came_about(world: World, alder: Town) -> None:
    with world.again(development=False) as town:
        for name in (None, "anna"):
            client = town.towns["alder"].client(name)
            assert [STATE in client.get("/topics/").headers for _time in range(4)] == [False] * 4
