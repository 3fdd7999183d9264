"""What I hear of, and how: the table, and leaving with one click from a letter."""

import re

import pytest
from sqlalchemy import func, select

from codesign.core.notices import DIGEST_HOUR, Channel, Ground, Preference
from codesign.core.preferences import Choice, digest_hour, refused_by, set_digest_hour
from codesign.core.users import get_user
from codesign.testing import Town
from codesign.testing.client import Client
from codesign.web.addresses import unsubscribe_url
from tests.test_digests import HOUR, news_for, text_of

PATH = "/accounts/notices"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def chosen(town: Town, name: str = "anna") -> set[Choice]:
    with town.read() as db:
        return refused_by(db, town.person(db, name).id)


def hour_of(town: Town, name: str = "anna") -> int:
    with town.read() as db:
        return digest_hour(db, town.person(db, name).id)


def boxes(html: str) -> dict[str, bool]:
    return {name: "checked" in rest for name, rest in re.findall(r'type="checkbox" name="([^"]+)"([^>]*)>', html)}


def everything(*without: str, duty: bool = False) -> dict[str, str]:
    grounds = [ground for ground in Ground if duty or ground is not Ground.DUTY]
    names = [f"{ground}-{channel}" for ground in grounds for channel in Channel]
    return {name: "1" for name in names if name not in without}


def link(town: Town, ground: Ground | None, name: str = "anna", slug: str = "") -> str:
    with town.read() as db:
        url = unsubscribe_url(town.world.site, slug or town.slug, town.person(db, name).id, ground)
    return url.removeprefix(f"http://{slug or town.slug}.localhost")


def stranger(town: Town) -> Client:
    """A mail program: no cookie, no origin."""
    client = town.client()
    del client.headers["Sec-Fetch-Site"]
    return client


def test_without_a_choice_everything_is_wanted_at_five_in_the_afternoon(alder: Town) -> None:
    page = alder.client("anna").get(PATH).text
    assert boxes(page) == dict.fromkeys(everything(), True)
    assert re.findall(r'<option selected value="(\d+)">', page) == [str(DIGEST_HOUR)]


def test_the_row_about_work_for_the_town_is_there_for_those_who_work_for_it(alder: Town) -> None:
    for name in ("boris", "chen", "maya"):
        assert boxes(alder.client(name).get(PATH).text) == dict.fromkeys(everything(duty=True), True)


def test_what_is_not_ticked_is_not_wanted_until_it_is_ticked_again(alder: Town) -> None:
    anna = alder.client("anna")
    data = {**everything("item-digest", "author-inbox"), "hour": "6"}
    assert anna.post(PATH, data=data).headers["location"] == PATH
    assert chosen(alder) == {(Ground.ITEM, Channel.DIGEST), (Ground.AUTHOR, Channel.INBOX)}
    assert hour_of(alder) == 6
    page = anna.get(PATH).text
    assert {name for name, ticked in boxes(page).items() if not ticked} == {"item-digest", "author-inbox"}
    assert "Your choices are saved." in page
    anna.post(PATH, data={**everything(), "hour": "17"})
    assert (chosen(alder), hour_of(alder)) == (set(), 17)


def test_nobody_else_is_touched(alder: Town) -> None:
    alder.client("boris").post(PATH, data={"hour": "3"})
    alder.client("anna").post(PATH, data={**everything("place-inbox"), "hour": "4"})
    assert chosen(alder, "boris") == {(ground, channel) for ground in Ground for channel in Channel}
    assert (hour_of(alder, "boris"), hour_of(alder, "chen")) == (3, DIGEST_HOUR)


@pytest.mark.parametrize("hour", ["24", "-1", "five", "", "1" * 400, "\0", "٣"])
def test_an_hour_that_is_none_keeps_what_was_ticked_and_says_so(alder: Town, hour: str) -> None:
    answer = alder.client("anna").post(PATH, data={**everything("place-digest"), "hour": hour})
    assert answer.status_code == 422
    assert {name for name, ticked in boxes(answer.text).items() if not ticked} == {"place-digest"}
    assert "Please choose one of these." in answer.text
    assert (chosen(alder), hour_of(alder)) == (set(), DIGEST_HOUR)


def test_a_resident_cannot_choose_about_work_nor_about_what_does_not_exist(alder: Town) -> None:
    data = {**everything(), "duty-inbox": "1", "nothing-inbox": "1", "author-pigeon": "1", "hour": "17"}
    assert alder.client("anna").post(PATH, data=data).status_code == 303
    assert chosen(alder) == set()


def test_a_stranger_is_asked_to_sign_in(alder: Town) -> None:
    for answer in (alder.client().get(PATH), alder.client().post(PATH, data={"hour": "1"})):
        assert (answer.status_code in (303, 307), "/accounts/sign-in" in answer.headers["location"]) == (True, True)


def test_the_settings_of_the_account_lead_there(alder: Town) -> None:
    assert f'href="{PATH}"' in alder.client("anna").get("/accounts/settings").text


def test_the_page_costs_few_queries(alder: Town) -> None:
    anna = alder.client("anna")
    anna.get(PATH)
    with alder.counted() as asked:
        anna.get(PATH)
    assert len(asked) <= 4


def test_a_letter_is_left_with_one_click_and_no_cookie(alder: Town) -> None:
    answer = stranger(alder).post(link(alder, Ground.ITEM), data=ONE_CLICK)
    assert answer.status_code == 200
    assert chosen(alder) == {(Ground.ITEM, Channel.DIGEST), (Ground.ITEM, Channel.AT_ONCE)}


@pytest.mark.parametrize(
    "sent",
    [{}, {"data": {}}, {"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}, {"content": b"\xff"}],
)
def test_whatever_the_mail_program_sends_as_a_body_it_is_left(alder: Town, sent: dict[str, object]) -> None:
    assert stranger(alder).post(link(alder, None), **sent).status_code == 200
    assert chosen(alder) == {(ground, Channel.DIGEST) for ground in Ground}


def test_looking_at_the_link_changes_nothing(alder: Town) -> None:
    for ground in (None, *Ground):
        path = link(alder, ground)
        page = stranger(alder).get(path)
        assert (page.status_code, f'action="{path}"' in page.text) == (200, True)
        stranger(alder).head(path)
    assert chosen(alder) == set()


def test_the_mail_programs_of_many_people_come_from_one_address(alder: Town) -> None:
    client, path = stranger(alder), link(alder, Ground.ITEM)
    assert {client.post(path, data=ONE_CLICK).status_code for _time in range(100)} == {200}


def test_leaving_twice_is_leaving_once_and_it_can_be_taken_back(alder: Town) -> None:
    client, path = stranger(alder), link(alder, Ground.PLACE)
    client.post(path, data=ONE_CLICK)
    page = client.post(path, data=ONE_CLICK)
    assert page.status_code == 200
    assert chosen(alder) == {(Ground.PLACE, Channel.DIGEST), (Ground.PLACE, Channel.AT_ONCE)}
    again = re.findall(r'name="again" value="([^"]+)"', page.text)
    assert client.post(path, data={"again": again}).status_code == 200
    assert chosen(alder) == set()


def test_taking_back_restores_no_more_than_the_click_took(alder: Town) -> None:
    client, path = stranger(alder), link(alder, None)
    alder.client("anna").post(PATH, data={**everything("item-digest", "author-at_once"), "hour": "17"})
    page = client.post(path, data=ONE_CLICK)
    again = re.findall(r'name="again" value="([^"]+)"', page.text)
    client.post(path, data={"again": [*again, "author-at_once", "no-such"]})
    assert chosen(alder) == {(Ground.ITEM, Channel.DIGEST), (Ground.AUTHOR, Channel.AT_ONCE)}


def test_what_waits_does_not_come_after_leaving_but_stays_in_the_inbox(alder: Town) -> None:
    news_for(alder, "anna")
    stranger(alder).post(link(alder, Ground.PLACE), data=ONE_CLICK)
    alder.world.clock.advance(8 * HOUR)
    assert alder.send_mail() == []


def test_a_daily_letter_holds_the_link_for_all_of_them_and_with_one_thing_only_the_one_for_its_reason(
    alder: Town,
) -> None:
    news_for(alder, "anna")
    news_for(alder, "anna", title="Four visits")
    alder.world.clock.advance(8 * HOUR)
    [several] = alder.send_mail()
    news_for(alder, "anna", title="Five visits")
    alder.send_mail()
    alder.world.clock.advance(24 * HOUR)
    [_several, one] = alder.send_mail()
    for letter, ground in ((several, None), (one, Ground.PLACE)):
        assert f"http://alder.localhost{link(alder, ground)}" in text_of(letter)
        assert f"http://alder.localhost{PATH}" in text_of(letter)


def test_a_link_that_is_not_ours_leads_nowhere(alder: Town) -> None:
    right = link(alder, Ground.ITEM)
    person, ground, signed = right.rpartition("/")[2].split(".")
    wrong = [
        "x", "1.item", f"{person}.author.{signed}", f"{int(person) + 1}.{ground}.{signed}", f"{person}.{ground}.",
        f"{person}.{ground}.{'0' * len(signed)}", f"{person}.nothing.{signed}", f"-1.{ground}.{signed}",
        f"٣.{ground}.{signed}", f"{'9' * 400}.{ground}.{signed}", f"{person}.{ground}.{signed}é", "%00.%ff.%0a",
        f"{person}.{ground}.{signed}.{signed}", f"0{person}.{ground}.{signed}",
    ]  # fmt: skip
    for token in wrong:
        for method in ("GET", "POST"):
            answer = stranger(alder).request(method, f"/notices/unsubscribe/{token}")
            assert answer.status_code == 404, token
    assert chosen(alder) == set()


def test_a_link_of_one_town_is_none_in_another(alder: Town, birch: Town) -> None:
    assert stranger(birch).post(link(alder, Ground.ITEM)).status_code == 404
    assert stranger(birch).get(link(alder, None)).status_code == 404
    assert stranger(alder).post(link(alder, Ground.ITEM, slug="birch")).status_code == 404
    for town in (alder, birch):
        with town.read() as db:
            assert db.scalar(select(func.count()).select_from(Preference)) == 0


def test_the_link_of_somebody_who_is_gone_leads_nowhere(alder: Town) -> None:
    path = link(alder, Ground.ITEM)
    with alder.write() as db:
        user = get_user(db, alder.person(db, "anna").id)
        user.erased_at = alder.world.clock.now()
    assert stranger(alder).post(path).status_code == 404


def test_another_site_cannot_leave_for_somebody_without_the_link(alder: Town) -> None:
    anna = alder.client("anna")
    anna.headers["Sec-Fetch-Site"] = "cross-site"
    assert anna.post(PATH, data={"hour": "1"}).status_code == 403
    assert (chosen(alder), hour_of(alder)) == (set(), DIGEST_HOUR)


def test_choosing_an_hour_twice_keeps_one_row(alder: Town) -> None:
    with alder.write() as db:
        id = alder.person(db, "anna").id
        for hour in (3, 4):
            set_digest_hour(db, id, hour)
    assert hour_of(alder) == 4
