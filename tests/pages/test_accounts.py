"""Accounts from the first form to the last device: what people do, and what strangers cannot find out."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from codesign.core.sessions import SESSION_LIFE
from codesign.core.users import User
from codesign.mail import Letter, read_message
from codesign.testing import Town
from codesign.testing.client import Client
from codesign.testing.towns import PASSWORD

NINO = {"name": "Nino", "email": "nino@alder.example", "password": "seven quiet otters"}


def letters(town: Town) -> list[Letter]:
    return [read_message(path.parent, path.stem) for path in town.send_mail()]


def path_of(link: str) -> str:
    return link.removeprefix("http://alder.localhost")


def signed_in(client: Client) -> bool:
    return bool(client.get("/accounts/settings").status_code == 200)


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    return found.group(1) if found else ""


def follow_link(town: Town, client: Client, link: str, **form: str) -> str:
    """Open the link of a letter and press the button of its page. Returns where that leads."""
    opened = client.get(path_of(link))
    assert opened.status_code == 200
    sent = {"token": hidden(opened.text, "token"), "next": hidden(opened.text, "next"), **form}
    answer = client.post(path_of(link).partition("?")[0], data=sent)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_from_signing_up_by_letter_to_being_signed_in(alder: Town) -> None:
    client = alder.client()
    assert client.post("/accounts/sign-up", data={**NINO, "next": "/topics/"}).status_code == 200
    assert not signed_in(client)
    (letter,) = letters(alder)
    assert (letter.to, len(letter.links)) == ("nino@alder.example", 1)
    client.get(path_of(letter.links[0]))
    assert not signed_in(client)  # mail programs open links by themselves: only the button confirms
    assert follow_link(alder, client, letter.links[0]) == "/topics/"
    assert ["Welcome, Nino" in client.get("/topics/").text for _time in range(2)] == [True, False]
    assert signed_in(client)


def test_another_browser_confirms_with_the_password_that_was_chosen(alder: Town) -> None:
    alder.client().post("/accounts/sign-up", data=NINO)
    (letter,) = letters(alder)
    phone = alder.client()
    asked = phone.get(path_of(letter.links[0]))
    assert 'name="password"' in asked.text
    sent = {"token": hidden(asked.text, "token"), "next": ""}
    refused = phone.post("/accounts/confirm", data={**sent, "password": "somebody else's words"})
    assert (refused.status_code, signed_in(phone)) == (422, False)
    assert phone.post("/accounts/confirm", data={**sent, "password": NINO["password"]}).status_code == 303
    assert signed_in(phone)


def test_a_stranger_who_signs_up_with_an_address_gains_nothing_from_its_owner_confirming(alder: Town) -> None:
    owner = alder.client()
    owner.post("/accounts/sign-up", data=NINO)
    alder.client().post("/accounts/sign-up", data={**NINO, "password": "a stranger's own words"})
    link = letters(alder)[-1].links[0]
    assert 'name="password"' in owner.get(path_of(link)).text
    sent = {"token": hidden(owner.get(path_of(link)).text, "token"), "next": "", "password": NINO["password"]}
    assert owner.post("/accounts/confirm", data=sent).status_code == 422


def test_the_link_of_a_letter_works_once_and_for_three_days(alder: Town) -> None:
    client = alder.client()
    client.post("/accounts/sign-up", data=NINO)
    (letter,) = letters(alder)
    token = letter.links[0].partition("token=")[2]
    alder.world.clock.advance(timedelta(days=3))
    assert client.post("/accounts/confirm", data={"token": token}).status_code == 422
    alder.world.clock.advance(-timedelta(seconds=1))
    assert client.post("/accounts/confirm", data={"token": token}).status_code == 303
    assert alder.client().post("/accounts/confirm", data={"token": token}).status_code == 422


def test_signing_in_before_confirming_sends_the_letter_again(alder: Town) -> None:
    client = alder.client()
    client.post("/accounts/sign-up", data=NINO)
    assert client.post("/accounts/sign-in", data=NINO).status_code == 200
    assert not signed_in(client)
    first, second = letters(alder)
    assert client.post("/accounts/confirm", data={"token": first.links[0].partition("token=")[2]}).status_code == 422
    follow_link(alder, client, second.links[0])
    assert signed_in(client)


def without_address(html: str, email: str) -> str:
    return html.replace(email, "ADDRESS")


@pytest.mark.parametrize("path", ["/accounts/sign-up", "/accounts/forgotten"])
def test_the_answer_is_the_same_for_known_and_unknown_addresses(alder: Town, path: str) -> None:
    answers = []
    for email in ("anna@alder.example", "nobody@alder.example"):
        answer = alder.client().post(path, data={**NINO, "email": email})
        answers.append((answer.status_code, without_address(answer.text, email), "set-cookie" in answer.headers))
    assert answers[0] == answers[1]
    assert answers[0][0] == 200


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(alder: Town) -> None:
    answers = []
    for email in ("anna@alder.example", "nobody@alder.example"):
        answer = alder.client().post("/accounts/sign-in", data={"email": email, "password": "quite wrong words"})
        answers.append((answer.status_code, without_address(answer.text, email), "set-cookie" in answer.headers))
    assert answers[0] == answers[1]
    assert (answers[0][0], answers[0][2]) == (422, False)


def test_signing_up_with_a_known_address_changes_nothing_and_tells_its_owner(alder: Town) -> None:
    alder.client().post("/accounts/sign-up", data={**NINO, "email": "Anna@alder.example", "name": "Mallory"})
    (letter,) = letters(alder)
    assert (letter.to, path_of(letter.links[0])) == ("anna@alder.example", "/accounts/sign-in")
    with alder.read() as db:
        assert alder.person(db, "anna").name == "Anna"
    assert (
        alder.client().post("/accounts/sign-in", data={"email": "anna@alder.example", **_only(NINO)}).status_code == 422
    )


def _only(form: dict[str, str]) -> dict[str, str]:
    return {"password": form["password"]}


def test_signing_in_and_out(alder: Town) -> None:
    client = alder.client()
    form = {"email": " ANNA@alder.example ", "password": PASSWORD, "next": "/situations/"}
    answer = client.post("/accounts/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/situations/")
    assert "httponly; " in answer.headers["set-cookie"].lower().replace(";", "; ").replace("  ", " ") + "; "
    kept = client.cookies["codesign"]
    assert signed_in(client)
    client.post("/accounts/sign-out")
    assert not signed_in(client)
    thief = alder.client()
    thief.cookies.set("codesign", kept)
    assert not signed_in(thief)


def test_nobody_is_led_away_after_signing_in(alder: Town) -> None:
    for to in ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "evil"]:
        form = {"email": "anna@alder.example", "password": PASSWORD, "next": to}
        assert alder.client().post("/accounts/sign-in", data=form).headers["location"] == "/"


def test_signing_out_everywhere_keeps_this_device(alder: Town) -> None:
    here, phone, boris = alder.client("anna"), alder.client("anna"), alder.client("boris")
    assert here.post("/accounts/sign-out-everywhere").status_code == 303
    assert [signed_in(client) for client in (here, phone, boris)] == [True, False, True]


def test_a_forgotten_password_is_set_anew_and_ends_every_session(alder: Town) -> None:
    old, thief = alder.client("anna"), alder.client("anna")
    client = alder.client()
    client.post("/accounts/forgotten", data={"email": "anna@alder.example"})
    (letter,) = letters(alder)
    assert letter.to == "anna@alder.example"
    assert [signed_in(one) for one in (old, thief)] == [True, True]
    follow_link(alder, client, letter.links[0], password="nine patient herons")
    assert [signed_in(one) for one in (old, thief, client)] == [False, False, True]
    form = {"email": "anna@alder.example"}
    assert alder.client().post("/accounts/sign-in", data={**form, "password": PASSWORD}).status_code == 422
    assert alder.client().post("/accounts/sign-in", data={**form, "password": "nine patient herons"}).status_code == 303


def test_nobody_gets_a_letter_who_has_no_account(alder: Town) -> None:
    alder.client().post("/accounts/forgotten", data={"email": "nobody@alder.example"})
    assert alder.send_mail() == []


def test_a_weak_new_password_keeps_the_link_alive(alder: Town) -> None:
    client = alder.client()
    client.post("/accounts/forgotten", data={"email": "anna@alder.example"})
    token = letters(alder)[0].links[0].partition("token=")[2]
    refused = client.post("/accounts/reset", data={"token": token, "password": "short"})
    assert (refused.status_code, hidden(refused.text, "token")) == (422, token)
    assert client.post("/accounts/reset", data={"token": token, "password": "nine patient herons"}).status_code == 303


def test_what_is_wrong_is_said_and_nothing_typed_is_lost_but_the_password(alder: Town) -> None:
    for field, typed, sentence in [
        ("name", "", "Please fill this in."),
        ("name", "x" * 81, "at most 80"),
        ("email", "nino", "not an e-mail address"),
        ("password", "short", "Use between 10 and 200 characters"),
        ("password", "nino@alder.example", "easy to guess"),
    ]:
        answer = alder.client().post("/accounts/sign-up", data={**NINO, field: typed})
        assert (answer.status_code, sentence in answer.text) == (422, True)
        assert NINO["password"] not in answer.text
        kept = {name for name in ("name", "email") if name != field}
        assert all(f'value="{NINO[name]}"' in answer.text for name in kept)
        with alder.read() as db:
            assert db.scalar(select(func.count()).where(User.email == NINO["email"])) == 0


def test_a_session_ends_by_itself_after_thirty_days(alder: Town) -> None:
    client = alder.client("anna")
    alder.world.clock.advance(SESSION_LIFE)
    assert not signed_in(client)


def test_the_own_page_shows_devices_and_what_one_wrote_and_saves_the_name(alder: Town) -> None:
    client = alder.client("anna")
    assert client.get("/accounts/").headers["location"] == "/accounts/settings"
    assert client.post("/accounts/settings", data={"name": "Anna Maria", "locale": "en"}).status_code == 303
    assert "Anna Maria" in client.get("/accounts/settings").text
    assert client.post("/accounts/settings", data={"name": "A", "locale": "en"}).status_code == 422
    assert client.post("/accounts/settings", data={"name": "Anna", "locale": "xx"}).status_code == 422


def test_a_new_password_ends_the_other_sessions(alder: Town) -> None:
    here, phone = alder.client("anna"), alder.client("anna")
    assert (
        here.post("/accounts/password", data={"current": PASSWORD, "password": "nine patient herons"}).status_code
        == 303
    )
    assert [signed_in(client) for client in (here, phone)] == [True, False]


def test_letters_can_be_read_in_the_browser_while_developing(alder: Town) -> None:
    alder.client().post("/accounts/forgotten", data={"email": "anna@alder.example"})
    (path,) = alder.send_mail()
    client = alder.client()
    assert f"/-/mail/{path.stem}" in client.get("/-/mail").text
    assert "/accounts/reset?token=" in client.get(f"/-/mail/{path.stem}").text
    assert client.get("/-/mail/..%2f..%2fcodesign").status_code == 404


def test_a_form_of_another_site_is_not_carried_out(alder: Town) -> None:
    client = alder.client("anna")
    client.headers["Sec-Fetch-Site"] = "cross-site"
    assert client.post("/accounts/sign-out").status_code == 403
    client.headers["Sec-Fetch-Site"] = "same-origin"
    assert signed_in(client)
