"""Requests that no browser of good will sends: each gets an answer that says what to do, none a 500."""

import logging
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from codesign.paging import encode
from codesign.testing import Town
from codesign.web.security import BODY_LIMIT
from codesign.web.writes import FIELDS
from tests.making import a_reply, a_story
from tests.nasty import sendable, strings

HUGE = "9" * 5000
PATHS = [
    *(f"{start}{id}" for start in ("/threads/", "/comments/", "/contributions/") for id in (0, 2**63, 2**64, HUGE, -1, "x", "1.5", "%D9%A1", "1%00", "%31")),
    *(f"{start}{slug}" for start in ("/topics/", "/situations/", "/language/", "/-/mail/", "/debates/")
      for slug in ("%00", "a%00b", "%ff%fe", "%ED%A0%80", "%0a", "'", "x" * 5000, "..%2f..%2fetc", "%F0%9F%92%A9", "{}", "%25s")),
    *(f"/static/{path}" for path in ("%00", "..%2f..%2fcodesign%2fapp.py", "....//app.css", "x" * 5000, "%ff", "")),
    "/admin/plugins/%00/settings", "/moderation/hide/comment:" + HUGE, "/moderation/hide/comment:%D9%A1", "/%00", "/%ff", "/\\evil.example",
    "/-/health/x", "/-/ready%00", "/favicon.svg/", "/feed.atom/x",
]  # fmt: skip
GARBAGE = ["x", "%00", "%ff", HUGE, "[]", "-1", "' OR 1=1", "W10", "bnVsbA", "WzFd", "%E2%80%AE", "a" * 3000,
           encode(["0001-01-01T00:00:00+14:00", 1]), encode(["9999-12-31T23:59:59-14:00", 1]), encode(["2026-05-04T09:00:00", 1]),
           encode([2**63, 1]), encode([2**64, 2**64]), encode([True, False]), encode([None, None]), encode([1.5, 1]), encode([[], {}]),
           encode(["a\0b", 1]), encode(["\ud800", 1]), encode([1]), encode([-(2**63), -(2**63)])]  # fmt: skip
LISTS = ["/", "/topics/", "/search?q=visits", "/topics/{topic}", "/situations/i-am-expecting-a-child", "/moderation/", "/moderation/log",
         "/admin/people", "/admin/mail", "/admin/mail/stopped", "/contributions/{id}/comments", "/comments/{comment}/replies", "/threads/{id}"]  # fmt: skip

ORIGINS: list[tuple[dict[str, str], bool]] = [
    ({"Sec-Fetch-Site": "cross-site"}, True),
    ({"Sec-Fetch-Site": "same-site"}, True),
    ({"Sec-Fetch-Site": "same-origin"}, False),
    ({"Sec-Fetch-Site": "none"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://alder.localhost"}, True),
    ({"Origin": "http://alder.localhost"}, False),
    ({"Origin": "http://ALDER.localhost"}, False),
    ({"Origin": "http://birch.localhost"}, True),
    ({"Origin": "http://alder.localhost:8000"}, True),
    ({"Origin": "http://alder.localhost.evil.example"}, True),
    ({"Origin": "http://evil.example/alder.localhost"}, True),
    ({"Origin": "http://alder.localhost@evil.example"}, True),
    ({"Origin": "null"}, True),
    ({"Origin": ""}, True),
    ({"Origin": "http://["}, True),
    ({}, False),
]
UNKNOWN = ["unknown.localhost", "alder.localhost.evil.example", "evil.example", "", "alder", "xn--", "alder..localhost", "-", "\xff",
           "alder.localhost:x", "alder.localhost:99999", "localhost:99999", "[::1", "a" * 5000, "m_alder.localhost", "..", "alder.localhost, birch.localhost"]  # fmt: skip
WRONG = [
    ("POST", "/"), ("DELETE", "/topics/"), ("PUT", "/accounts/sign-in"), ("GET", "/accounts/sign-out"), ("PATCH", "/threads/{id}"),
    ("GET", "/contributions/{id}/vote"), ("GET", "/comments/{comment}/vote"), ("GET", "/contributions/{id}/follow"), ("TRACE", "/"),
    ("GET", "/moderation/restore/comment:{comment}"), ("GET", "/admin/people/1/role"), ("OPTIONS", "/"), ("BREW", "/"), ("POST", "/feed.atom"),
]  # fmt: skip
HEADERS = [
    ("Origin", "http://["), ("Origin", "null"), ("Origin", "\xff"), ("Origin", "http://alder.localhost:99999999"),
    ("Referer", "http://["), ("Referer", "\xff"), ("Referer", "//"), ("User-Agent", "\xff" * 500), ("User-Agent", ""),
    ("Accept-Language", "\xff"), ("If-None-Match", "\xff"), ("If-Modified-Since", "yesterday"), ("Range", "bytes=9-1"),
    ("HX-Request", "true"), ("HX-Current-URL", "http://["), ("X-Forwarded-For", "\xff"), ("X-Forwarded-Proto", "gopher"),
    ("Content-Type", "\xff"), ("Transfer-Encoding", "x"),
]  # fmt: skip
CONTENT_TYPES = [
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x", "multipart/form-data; boundary=" + "x" * 1000,
    "multipart/form-data; boundary=x; charset=undefined", "multipart/form-data; boundary=x; charset=idna",
    "multipart/form-data; boundary=x; charset=hex", "multipart/form-data; boundary=x; charset=utf-16",
    "multipart/form-data; boundary=x; charset=unicode_escape",
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=undefined", "application/json", "text/plain", "", "x",
]  # fmt: skip
BODIES = [
    b"", b"text=%ff%fe%00&text", b"text=\xff\xfe\xed\xa0\x80", b"=&=&=", b"&" * 1000, b"text=%", b"%" * 1000, b"\0" * 100,
    b"--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\xff\xfe\\ud800 \0 xn--\xff\r\n--x--\r\n",
    b"--x\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x--\r\n", b"--x\r\n\r\n--x--", b"--x", b"--x\r\n" * 50, b'{"text": "json"}',
    b"--x\r\nContent-Disposition: form-data; name=\"text\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\na file\r\n--x--\r\n",
]  # fmt: skip


@pytest.fixture
def story(alder: Town) -> dict[str, Any]:
    from codesign.core.topics import create_topic

    with alder.write() as db:
        topic = create_topic(db, "Parks").slug
    id = a_story(alder)
    return {"id": id, "comment": a_reply(alder, id), "topic": topic}


def test_paths_that_lead_nowhere_are_plain_404s(alder: Town, caplog: pytest.LogCaptureFixture) -> None:
    client = alder.client("maya")
    wrong = {url[:80]: status for url in PATHS if (status := client.get(url).status_code) not in (404, 307)}
    assert wrong == {}
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_redirect_for_a_missing_slash_stays_on_this_site(alder: Town) -> None:
    client = alder.client()
    for url in ("/topics", "/admin", "/.//evil.example/topics", "/%2fevil.example/topics"):
        answer = client.get(f"http://alder.localhost{url}")
        assert answer.status_code in (307, 404)
        assert answer.headers.get("location", "http://alder.localhost/").startswith("http://alder.localhost/")


def test_garbage_in_a_query_is_passed_over(alder: Town, story: dict[str, Any]) -> None:
    client = alder.client("maya")
    failed = {}
    for url in (each.format(**story) for each in LISTS):
        for garbage in GARBAGE:
            every = "&".join(
                f"{name}={garbage}" for name in ("after", "order", "at", "phase", "topic", "next", "token")
            )
            answer = client.get(f"{url}{'&' if '?' in url else '?'}{every}")
            if answer.status_code != 200:
                failed[f"{url} {garbage[:40]}"] = answer.status_code
    assert failed == {}


def test_garbage_can_be_searched_for(alder: Town, story: dict[str, Any], shared_data: Path) -> None:
    client = alder.client("maya")
    words = [sendable(string) for string in strings(shared_data)]
    asked = [quote(" ".join(words[start : start + 5])) for start in range(0, len(words), 5)]
    failed = [
        q
        for start in ("/search?q=", "/admin/people?q=")
        for q in asked
        if client.get(start + q).status_code not in (200, 429)
    ]
    assert failed == []


def test_htmx_asks_with_garbage_too(alder: Town, story: dict[str, Any]) -> None:
    client = alder.client("anna")
    for garbage in GARBAGE:
        for url in (f"/contributions/{story['id']}/comments", f"/comments/{story['comment']}/replies"):
            assert client.htmx("GET", f"{url}?after={garbage}").status_code == 200


def test_garbage_in_cookies_is_passed_over(alder: Town) -> None:
    client = alder.client()
    garbage = (b"x", b"\xff\xfe", b".", b"a.b", b"YQ==.\xe9", b"=" * 2000, b'"; codesign=x', HUGE.encode(), b"\x01")
    for name in ("codesign", "__Host-codesign", "flash", "language", "shuffle"):
        for value in garbage:
            answer = client.get("/", headers={"Cookie": name.encode() + b"=" + value})
            assert answer.status_code == 200, (name, value)


def test_garbage_in_a_header_is_passed_over(alder: Town, story: dict[str, Any]) -> None:
    client, url = alder.client(), f"/contributions/{story['id']}/comments"
    del client.headers["Sec-Fetch-Site"]
    for name, value in HEADERS:
        headers = {name: value.encode("latin-1")}
        assert client.get("/", headers=headers).status_code == 200, (name, value)
        assert client.post(url, data={"text": "Hello there"}, headers=headers).status_code in (204, 303, 307, 403), (
            name,
            value,
        )


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_no_form_is_answered_like_an_empty_one_or_refused(
    alder: Town, story: dict[str, Any], body: bytes
) -> None:
    client, url = alder.client("anna"), f"/contributions/{story['id']}/comments"
    statuses = {
        kind: client.post(url, content=body, headers={"Content-Type": kind}).status_code for kind in CONTENT_TYPES
    }
    assert {kind: status for kind, status in statuses.items() if status not in (303, 400, 422)} == {}


def test_too_many_fields_or_files_are_refused_with_a_sentence(alder: Town, story: dict[str, Any]) -> None:
    client, url = alder.client("anna"), f"/contributions/{story['id']}/comments"
    fields = {f"f{number}": "x" for number in range(FIELDS + 1)}
    files = [(f"f{number}", ("a.txt", b"x", "text/plain")) for number in range(1001)]
    for answer in (client.post(url, data=fields), client.post(url, files=files)):
        assert answer.status_code == 400
        assert "could not be read" in answer.text


def test_a_file_where_text_is_expected_counts_as_nothing(alder: Town, story: dict[str, Any]) -> None:
    client, url = alder.client("anna"), f"/contributions/{story['id']}/comments"
    answer = client.post(url, files={"text": ("essay.txt", b"A whole essay", "text/plain")})
    assert answer.status_code == 422
    assert "Please fill this in." in answer.text
    assert client.post("/accounts/settings", files={"name": ("n", b"x"), "locale": ("l", b"y")}).status_code == 422


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused_in_the_look_of_the_town(
    alder: Town, story: dict[str, Any], declared: bool
) -> None:
    client, url = alder.client("anna"), f"/contributions/{story['id']}/comments"
    body = b"text=" + b"x" * BODY_LIMIT
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post(url, content=body if declared else iter([body]), headers=headers)
    assert answer.status_code == 413
    assert "This is too much at once. Send a shorter text." in answer.text
    assert "<h1" in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_a_wrong_method_is_refused_and_says_which_are_right(alder: Town, story: dict[str, Any]) -> None:
    client = alder.client("maya")
    for method, url in WRONG:
        answer = client.request(method, url.format(**story))
        assert (answer.status_code, bool(answer.headers.get("Allow"))) == (405, True), (method, url)
        assert "does not take that kind of request" in answer.text, (method, url)


def test_head_is_answered_like_get_without_a_body(alder: Town, story: dict[str, Any]) -> None:
    client = alder.client()
    for url in ("/", "/threads/{id}", "/feed.atom", "/favicon.svg", "/-/health", "/-/ready", "/static/app.css"):
        head, get = client.head(url.format(**story)), client.get(url.format(**story))
        assert (head.status_code, head.content) == (get.status_code, b"")


def test_an_unknown_host_learns_nothing(alder: Town) -> None:
    client = alder.client("maya")
    for host in UNKNOWN:
        for url in ("/", "/admin/", "/nothing", "/feed.atom"):
            answer = client.get(url, headers={"Host": host.encode("latin-1")})
            assert (answer.status_code, answer.text) == (
                404,
                "There is no site at this address. Check the spelling.\n",
            ), host
            assert "set-cookie" not in answer.headers


def test_the_root_host_lists_the_towns_and_nothing_else(alder: Town) -> None:
    client = alder.client("maya")
    for host in ("localhost", "localhost:8000", "LOCALHOST", "127.0.0.1:1", "[::1]:80", "[::1]"):
        urls = ("/", "/admin/", "/topics/", "/threads/1")
        assert [client.get(url, headers={"Host": host}).status_code for url in urls] == [200, 404, 404, 404], host


def test_every_spelling_of_a_towns_host_leads_there(alder: Town) -> None:
    for host in ("ALDER.localhost", "alder.localhost:8000", "Alder.Localhost:1", "alder.localhost:65535"):
        client = alder.client()
        assert client.get("/", headers={"Host": host}).status_code == 200
        assert client.get("/feed.atom", headers={"Host": host}).status_code == 200
        assert client.post("/contributions/1/vote", headers={"Host": host}).status_code == 404


def test_a_write_that_another_site_made_the_browser_send_is_refused(alder: Town, story: dict[str, Any]) -> None:
    client = alder.client("anna")
    del client.headers["Sec-Fetch-Site"]
    for headers, refused in ORIGINS:
        answer = client.post(f"/contributions/{story['id']}/vote", data={"value": "1"}, headers=headers)
        assert answer.status_code == (403 if refused else 303), headers
        assert ("was sent from another site" in answer.text) is refused
        assert client.get("/", headers=headers).status_code == 200


def test_who_writes_too_fast_is_asked_to_wait_and_others_are_not(alder: Town, story: dict[str, Any]) -> None:
    anna, boris = alder.client("anna"), alder.client("boris")
    url, vote = f"/contributions/{story['id']}/vote", {"value": "1"}
    answers = [anna.post(url, data=vote) for _vote in range(91)]
    last = answers[-1]
    assert {answer.status_code for answer in answers[:-1]} == {303}
    assert last.status_code == 429
    assert 1 <= int(last.headers["Retry-After"]) <= 60
    assert "That was too fast. Wait a minute, then try again." in last.text
    assert boris.post(url, data=vote).status_code == 303
    assert anna.get("/").status_code == 200


def test_another_cookie_does_not_buy_more_writes(alder: Town, story: dict[str, Any]) -> None:
    anna, url = alder.client("anna"), f"/contributions/{story['id']}/vote"
    statuses = []
    for number in range(91):
        anna.cookies.set("__Host-codesign", f"x{number}")
        statuses.append(anna.post(url, data={"value": "1"}).status_code)
    assert statuses == [303] * 90 + [429]


def test_signing_in_is_limited_by_address_whatever_is_tried(alder: Town) -> None:
    client = alder.client()
    statuses = [
        client.post("/accounts/sign-in", data={"email": f"{n}", "password": ""}, headers={"Cookie": f"codesign={n}"})
        for n in range(31)
    ]
    assert [answer.status_code for answer in statuses] == [422] * 30 + [429]
    assert int(statuses[-1].headers["Retry-After"]) >= 1
