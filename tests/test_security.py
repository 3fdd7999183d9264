"""What keeps browsers strict and secrets secret."""

import hashlib
import logging
import re
from pathlib import Path

import pytest
from sqlalchemy import select, text

from codesign.core.sessions import SignIn, Token
from codesign.core.users import User, hashed, password_matches
from codesign.testing import Town
from codesign.testing.client import Client
from codesign.testing.towns import PASSWORD
from codesign.web.headers import CONTENT_SECURITY_POLICY, HEADERS, STRICT_TRANSPORT
from tests.making import a_story

ANSWERS = {
    "/": 200, "/threads/{id}": 200, "/feed.atom": 200, "/favicon.svg": 200, "/static/app.js": 200, "/static/nothing": 404,
    "/nothing": 404, "/threads/0": 404, "/admin/": 303, "/-/health": 200, "/-/ready": 200, "/topics": 307,
}  # fmt: skip


def https(town: Town) -> Client:
    client = Client(town.world.app, f"https://{town.slug}.localhost")
    town.clients.append(client)
    return client


def sign_in(client: Client, password: str = PASSWORD) -> str:
    """The Set-Cookie lines of the answer, joined."""
    answer = client.post("/accounts/sign-in", data={"email": "anna@alder.example", "password": password})
    return "\n".join(answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_answer_carries_the_headers_that_keep_browsers_strict(alder: Town, scheme: str) -> None:
    id = a_story(alder)
    client = https(alder) if scheme == "https" else alder.client()
    answers = [client.get(url.format(id=id)) for url in ANSWERS]
    assert [answer.status_code for answer in answers] == list(ANSWERS.values())
    answers += [client.delete("/"), client.get("/", headers={"Host": "unknown.example"}), client.post("/admin/topics"),
                client.post("/", headers={"Sec-Fetch-Site": "cross-site"}), client.get("/", headers={"Host": "localhost"})]  # fmt: skip
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, answer.url
        strict = STRICT_TRANSPORT if scheme == "https" else None
        assert answer.headers.get("Strict-Transport-Security") == strict, answer.url
        assert "server" not in answer.headers


def test_the_page_about_our_own_mistakes_carries_them_too_and_shows_no_trace(
    alder: Town, caplog: pytest.LogCaptureFixture
) -> None:
    broken = alder.world.settings.data / "templates" / "topics" / "index.html"
    broken.parent.mkdir(parents=True)
    broken.write_text("{{ nobody.knows }}")
    answer = alder.client().get("/topics/")
    assert answer.status_code == 500
    assert "Something went wrong on our side." in answer.text
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert [word for word in ("Traceback", "jinja2", "UndefinedError", "nobody") if word in answer.text] == []
    assert "UndefinedError" in caplog.text


def test_the_policy_allows_nothing_inline_and_nothing_foreign() -> None:
    directives = dict(part.strip().split(" ", 1) for part in CONTENT_SECURITY_POLICY.split(";"))
    assert directives == {
        "default-src": "'self'", "img-src": "'self' data:", "object-src": "'none'", "base-uri": "'none'",
        "form-action": "'self'", "frame-ancestors": "'none'",
    }  # fmt: skip


def test_the_cookie_of_a_session_is_out_of_reach_for_scripts_and_other_sites(alder: Town) -> None:
    plain = sign_in(alder.client())
    assert re.search(r"^codesign=[\w-]{43}; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax$", plain, re.MULTILINE)
    secure = sign_in(https(alder))
    assert re.search(
        r"^__Host-codesign=[\w-]{43}; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax; Secure$", secure, re.MULTILINE
    )
    assert "Domain" not in plain + secure


def test_every_cookie_is_httponly_and_lax_and_secure_behind_tls(alder: Town) -> None:
    client = https(alder)
    lines = sign_in(client).splitlines()
    lines += client.get("/language/en").headers.get_list("set-cookie")
    lines += client.post("/accounts/sign-out").headers.get_list("set-cookie")
    assert len(lines) >= 4
    for line in lines:
        deleted = "Max-Age=0" in line
        assert deleted or {"HttpOnly", "Secure", "SameSite=lax"} <= set(line.split("; ")), line


def test_a_session_made_over_tls_is_not_taken_from_the_plain_cookie(alder: Town) -> None:
    signed_in = alder.client("anna")
    token = signed_in.cookies["codesign"]
    client = https(alder)
    client.cookies.set("codesign", token)
    assert client.get("/accounts/settings").status_code == 303
    client.cookies.set("__Host-codesign", token)
    assert client.get("/accounts/settings").status_code == 200


def test_the_database_holds_no_token_only_its_hash(alder: Town) -> None:
    client = alder.client()
    sign_in(client)
    token = client.cookies["codesign"]
    client.post("/accounts/forgotten", data={"email": "anna@alder.example"})
    alder.send_mail()
    with alder.read() as db:
        rows = [
            str(row) for table in ("sign_in", "token", "message") for row in db.execute(text(f"SELECT * FROM {table}"))
        ]
        hashes = {*db.scalars(select(SignIn.token_hash)), *db.scalars(select(Token.token_hash))}
    assert [row for row in rows if token in row] == []
    assert hashlib.sha256(token.encode()).hexdigest() in hashes
    [letter] = [path for path in alder.send_mail() if "reset" in path.read_text()]
    sent = re.search(r"token=3D([\w=\-]+)|token=([\w-]{43})", letter.read_text().replace("=\n", ""))
    assert sent is not None
    assert [row for row in rows if (sent.group(1) or sent.group(2)) in row] == []


def test_passwords_are_argon2id_with_costs_that_hurt_a_thief(alder: Town) -> None:
    first, second = hashed(PASSWORD), hashed(PASSWORD)
    assert first != second
    kind, version, costs = first.split("$")[1:4]
    memory, time, _lanes = (int(cost.split("=")[1]) for cost in costs.split(","))
    assert (kind, version) == ("argon2id", "v=19")
    assert memory >= 19 * 1024
    assert time >= 2
    with alder.read() as db:
        anna = alder.person(db, "anna")
        assert password_matches(anna, PASSWORD)
        assert not password_matches(anna, PASSWORD + "!")
        assert not password_matches(None, PASSWORD)
        assert not password_matches(User(password_hash=None), PASSWORD)
        assert not password_matches(User(password_hash="not a hash"), PASSWORD)


def test_no_secret_is_logged(alder: Town, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    client = alder.client()
    sign_in(client)
    sign_in(client, "a wrong but private word")
    client.post("/accounts/sign-up", data={"name": "Nora", "email": "nora@x.example", "password": "green tea and rain"})
    client.post("/accounts/settings?token=very-secret", data={"name": "A" * 500})
    client.get("/accounts/reset?token=very-secret")
    alder.send_mail()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("http", "asyncio"))]
    seen = "".join([*ours, *capsys.readouterr()])
    secrets = [PASSWORD, "a wrong but private word", "green tea and rain", "very-secret", client.cookies["codesign"],
               alder.world.settings.secret.decode()]  # fmt: skip
    assert [secret for secret in secrets if secret in seen] == []


def test_a_sentence_in_the_flash_cookie_cannot_be_forged_or_carried_to_another_town(alder: Town, birch: Town) -> None:
    client = alder.client("anna")
    client.post("/accounts/settings", data={"name": "Anna", "locale": "en"})
    flash = client.cookies["flash"]
    assert "Your changes are saved." in alder.client().get("/", headers={"Cookie": f"flash={flash}"}).text
    payload, signature = flash.strip('"').rsplit(".", 1)
    for forged in (
        f"{payload}.",
        f"{payload}.{signature[:-1]}0",
        f"RXZlIHNhaWQgc28=.{signature}",
        payload,
        f".{signature}",
    ):
        page = alder.client().get("/", headers={"Cookie": f"flash={forged}"}).text
        assert "saved." not in page
        assert "Eve said so" not in page
    assert "saved." not in birch.client().get("/", headers={"Cookie": f"flash={flash}"}).text


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "\\evil", "/\tevil", "javascript:alert(1)",
             "///evil.example", "/a\nLocation: http://evil.example", " //evil.example", "http:evil.example", "evil"]
)  # fmt: skip
def test_signing_in_leads_nowhere_but_to_this_site(alder: Town, back: str) -> None:
    client = alder.client()
    data = {"email": "anna@alder.example", "password": PASSWORD, "next": back}
    answer = client.post("/accounts/sign-in", data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/language/en", params={"next": back}).headers["location"] == "/"


def test_static_files_are_kept_for_ever_only_under_their_hash(alder: Town) -> None:
    client = alder.client()
    page = client.get("/").text
    [url] = re.findall(r'src="(/static/app\.js\?v=[0-9a-f]{12})"', page)
    assert client.get(url).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/app.js").headers["Cache-Control"] == "public, max-age=3600"
    assert "set-cookie" not in client.get(url).headers


def test_no_page_is_kept_where_another_person_could_be_shown_it(alder: Town) -> None:
    id = a_story(alder)
    anna, stranger = alder.client("anna"), alder.client()
    for url in ("/", f"/threads/{id}", "/topics/"):
        for _time in range(3):
            own, shared = anna.get(url).headers, stranger.get(url).headers
            assert (own["Cache-Control"], shared["Cache-Control"]) == ("private, no-cache", "no-cache")
            assert own["Vary"] == "Cookie, HX-Request, HX-Request-Type"
            assert shared["Vary"] == "Accept-Encoding, Cookie, HX-Request, HX-Request-Type"
            assert ("ETag" in own, "ETag" in shared) == (False, True)
    for url in ("/accounts/sign-in", "/nothing/here"):
        assert stranger.get(url).headers["Cache-Control"] == "private, no-cache"


def test_no_file_outside_the_static_folder_is_served(alder: Town) -> None:
    client = alder.client()
    for path in ("../pyproject.toml", "..%2fpyproject.toml", "%2e%2e/pyproject.toml", "//etc/passwd", "vendor", "vendor/",
                 str(Path(__file__))):  # fmt: skip
        assert client.get(f"/static/{path}").status_code == 404, path
