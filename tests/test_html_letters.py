"""The HTML part of letters: what it shows, for whom it can be read, and that nobody's words do anything in it."""

import re
from html import unescape
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from codesign import builtin, clock
from codesign.core.settings import Accent, TownSettings
from codesign.html_letters import ACCENTS, Home, Said, in_html, leads_home
from codesign.i18n import Speech, speaking
from codesign.markup import clean
from codesign.plugins import Plugins, find_plugins
from codesign.testing import Town
from codesign.web.templates import environment
from tests.nasty import dangers, everything

HOME = Home("https://alder.example", {"alder.example", "www.alder.example"})
PLACES = [
    "https://alder.example.evil.example/", "https://evil.example/https://alder.example/", "javascript:alert(1)",
    "https://alder.example@evil.example/", "https://evil.example\\@alder.example/", "//alder.example/",
    "https://[alder.example/", "https://alder.example/ and more", "ftp://alder.example/", "https://ALDER.example.",
    'https://alder.example/"onclick="x', "https://alder.example/<b>",
]  # fmt: skip


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return environment(Plugins(find_plugins(), builtin), tmp_path_factory.mktemp("own"), clock.now)


def html(env: Environment, said: Said, town: TownSettings | None = None) -> str:
    return in_html(env, town or TownSettings(title="Alder"), HOME, said)


def shown(page: str) -> str:
    """The words of a page."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.partition("<body")[2].partition(">")[2])).split())


def links(page: str) -> dict[str, str]:
    found = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>([^<]*)</a>', page)
    return {unescape(words): unescape(url) for url, words in found}


def test_a_letter_has_its_subject_as_heading_its_paragraphs_a_button_and_small_print(env: Environment) -> None:
    body = (
        "Hello Anna,\n\nit was answered.\n\nhttps://alder.example/debates/1?a=1&b=2\n\nWhy you get this: You follow it."
    )
    foot = "End such letters with one click:\nhttps://alder.example/notices/unsubscribe/x"
    page = html(env, Said("Answered", body, "Why you get this: You follow it.", foot))
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page) == ["Answered"]
    assert links(page) == {
        "Alder": "https://alder.example/",
        "Open the page": "https://alder.example/debates/1?a=1&b=2",
        "End such letters with one click": "https://alder.example/notices/unsubscribe/x",
    }
    assert page.index("it was answered.") < page.index("border-top:1px") < page.index("Why you get this")
    assert Said("Answered", body, "", foot).text == f"{body}\n\n{foot}\n"


def test_the_line_above_a_link_in_a_list_becomes_its_words(env: Environment) -> None:
    page = html(env, Said("News", "A new debate\nhttps://alder.example/debates/1\n\nAnother\nhttps://alder.example/2"))
    assert links(page) == {
        "Alder": "https://alder.example/",
        "A new debate": "https://alder.example/debates/1",
        "Another": "https://alder.example/2",
    }


@pytest.mark.parametrize("place", PLACES)
def test_only_addresses_of_the_town_become_links(env: Environment, place: str) -> None:
    assert not leads_home(place, HOME)
    page = html(env, Said("News", f"Read this:\n{place}\n\n{place}"))
    assert list(links(page)) == ["Alder"]
    assert dangers(page.partition("<body")[2].replace("style=", "data-style=")) == []


def test_every_name_of_the_town_is_its_own() -> None:
    assert [leads_home(f"http://{host}:8000/x", HOME) for host in ("alder.example", "www.alder.example")] == [True] * 2


def test_nothing_that_people_write_acts_in_a_letter(env: Environment, shared_data: Path) -> None:
    for text in map(clean, everything(shared_data)):
        page = html(env, Said(text, f"Hello,\n\n{text}\n\n{text}", foot=text), TownSettings(title=f"Town {text}"[:80]))
        assert dangers(page.partition("<body")[2].replace(" style=", " data-style=")) == [], text
        assert page.count("<style>") == 1
        assert set(links(page).values()) <= {"https://alder.example/"}


@given(text=st.text())
def test_every_word_of_the_text_is_in_the_html_too(env: Environment, text: str) -> None:
    words = shown(html(env, Said("Subject", text)))
    assert [word for word in text.split() if word not in words and " ".join(word.split()) not in words] == []


def test_it_says_its_language_loads_nothing_and_fits_a_phone(env: Environment) -> None:
    with speaking(Speech("kk")):
        page = html(env, Said("Жауап келді", "Сәлем"))
    assert '<html lang="kk">' in page
    assert re.findall(r"<(img|link|script|iframe|form|input|video|object)\b", page) == []
    assert re.findall(r"url\(|@import|src=", page) == []
    assert "max-width:600px" in page
    assert 'name="viewport"' in page
    assert "prefers-color-scheme: dark" in page
    assert 'content="light dark"' in page


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("accent", get_args(Accent))
def test_the_colours_of_every_town_can_be_read_by_light_and_in_the_dark(accent: Accent) -> None:
    light, dark = ACCENTS[accent]
    assert contrast(light, "#ffffff") >= 4.5
    assert contrast(dark, "#1f2327") >= 4.5
    assert contrast("#14171a", dark) >= 4.5
    assert contrast("#5a5f66", "#ffffff") >= 4.5
    assert contrast("#bfbdb8", "#1f2327") >= 4.5


def test_the_mailbox_of_a_test_site_shows_both_parts_and_the_html_can_do_nothing(alder: Town) -> None:
    client = alder.client()
    client.post("/accounts/forgotten", data={"email": "anna@alder.example"})
    [path] = alder.send_mail()
    url = f"/-/mail/{path.stem}/html"
    assert f'href="{url}"' in client.get(f"/-/mail/{path.stem}").text
    answer = client.get(url)
    assert "Open the page" in answer.text
    policy = answer.headers["content-security-policy"].split("; ")
    assert [policy[0], policy[-1].split()[0]] == ["default-src 'none'", "sandbox"]
    assert client.get("/-/mail/nothing/html").status_code == 404
    with alder.world.again(development=False) as other:
        assert other.towns["alder"].client().get(url).status_code == 404
