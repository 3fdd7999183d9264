"""Strings that broke others, written into every field of the core and read again: nothing runs, nothing is lost."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from codesign.core.comments import TEXT_LENGTH as COMMENT_LENGTH
from codesign.core.comments import Comment
from codesign.core.contributions import TITLE_LENGTHS, Contribution
from codesign.core.users import NAME_LENGTH
from codesign.markup import ATTRIBUTES, TAGS, clean, plain, render, sanitise
from codesign.testing import Town
from codesign.testing.client import Client
from tests.making import a_situation, a_story
from tests.nasty import INJECTIONS, dangers, everything, fitting, payloads, sendable, strings

WRITES = 80
"""As many as one person sends before the limit of a minute."""
ATOM = "{http://www.w3.org/2005/Atom}"


class Writers:
    """Anna, with a new session whenever one has written enough."""

    def __init__(self, town: Town) -> None:
        self.town, self.written = town, 0

    def post(self, url: str, data: dict[str, str]) -> str:
        """The place that the answer leads to."""
        if self.written % WRITES == 0:
            self.client: Client = self.town.client("anna")
        self.written += 1
        answer = self.client.post(url, data=data)
        assert answer.status_code == 303, (
            answer.status_code,
            data,
            re.findall(r"validation[^>]*>([^<]*)", answer.text),
        )
        return str(answer.headers["location"])


def test_nothing_in_a_rendered_text_can_run_and_only_known_elements_are_left(shared_data: Path) -> None:
    allowed = {name: {"href", "rel"} if name == "a" else ATTRIBUTES.get(name, set()) for name in TAGS}
    for string in everything(shared_data):
        for html in (render(clean(string)), sanitise(clean(string))):
            assert dangers(html) == [], string
            for tag, attributes in re.findall(r"<([a-z0-9]+)((?:\s+[a-z-]+=\"[^\"]*\")*)\s*/?>", html):
                assert tag in allowed, string
                assert set(re.findall(r"([a-z-]+)=\"", re.sub(r'"[^"]*"', '""', attributes))) <= allowed[tag], string


def test_rendering_twice_and_sanitising_what_is_safe_change_nothing(shared_data: Path) -> None:
    for string in everything(shared_data):
        html = render(clean(string))
        assert sanitise(html) == html, string


def test_no_words_are_lost_when_a_text_without_markup_is_rendered(shared_data: Path) -> None:
    lost = []
    for string in strings(shared_data):
        words = re.findall(r"[^\W_]+", clean(string))
        marked = re.search(r"[\[\]()*_`~\\&<>#]|://", string)
        if not marked and words != re.findall(r"[^\W_]+", plain(render(clean(string)))):
            lost.append(string)
    assert lost == []


def test_stories_hold_what_was_written_and_every_list_shows_it_safely(alder: Town, shared_data: Path) -> None:
    with alder.write() as db:
        url = f"{a_situation(db).url}/threads/new"
    written, wanted = Writers(alder), []
    known = strings(shared_data)[:: 8 if alder.world.settings.database else 2]
    for start, string in enumerate(known):
        title = fitting(string, *TITLE_LENGTHS)
        text = fitting(f"{sendable(string)}\n\n{sendable(known[-start])} and so on and on", 20, 2000)
        written.post(url, {"title": title, "text": text})
        wanted.append((clean(title).strip(), clean(text).strip()))
    with alder.read() as db:
        stored = [(thing.title, thing.text) for thing in db.query(Contribution).order_by(Contribution.id)]
    assert stored == wanted
    reader, pages, next_url = alder.client("boris"), 0, url.removesuffix("/threads/new")
    while next_url:
        html = reader.get(next_url).text
        assert dangers(html) == []
        found = re.search(r'rel="next" href="([^"]*)"', html)
        next_url, pages = found.group(1).replace("&amp;", "&") if found else "", pages + 1
    assert pages == -(-len(wanted) // 20)
    feed = ElementTree.fromstring(reader.get("/feed.atom").content)
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == [t for t, _ in wanted[:-31:-1]]
    for place in range(1, len(wanted), 25):
        assert dangers(reader.get(f"/threads/{place}").text) == []


def test_comments_hold_what_was_written_and_their_pages_show_it_safely(alder: Town, shared_data: Path) -> None:
    id, written, batches = a_story(alder), Writers(alder), [""]
    for string in map(sendable, everything(shared_data)):
        if len(batches[-1]) + len(string) > COMMENT_LENGTH - 10:
            batches.append("")
        batches[-1] += f"{string}\n\n"
    for batch in batches:
        written.post(f"/contributions/{id}/comments", {"text": batch})
    with alder.read() as db:
        assert [comment.text for comment in db.query(Comment).order_by(Comment.id)] == [
            clean(b).strip() for b in batches
        ]
    reader = alder.client("boris")
    urls = [f"/threads/{id}", f"/threads/{id}?order=newest", *(f"/comments/{n}" for n in range(1, len(batches) + 1, 5)),
            f"/moderation/hide/comment:{len(batches)}", "/comments/1/reply"]  # fmt: skip
    for url in urls:
        assert dangers(reader.get(url).text) == [], url


def test_names_hold_what_was_written_and_every_page_shows_them_safely(alder: Town, shared_data: Path) -> None:
    a_story(alder)
    written = Writers(alder)
    known = (strings(shared_data) + payloads(shared_data))[:: 8 if alder.world.settings.database else 2]
    for number, string in enumerate(known):
        name = fitting(string, 2, NAME_LENGTH)
        written.post("/accounts/settings", {"name": name, "locale": "en"})
        with alder.read() as db:
            assert alder.person(db, "anna").name == clean(name).strip()
        if number % 20 == 0:
            assert dangers(written.client.get("/threads/1").text) == [], name


@pytest.mark.parametrize("string", INJECTIONS[:8])
def test_what_administrators_and_moderators_write_is_shown_safely_too(alder: Town, string: str) -> None:
    id, maya = a_story(alder), alder.client("maya")
    title, summary = fitting(string, 2, 80), fitting(string, 2, 200)
    writes = [
        ("/admin/topics", {"title": title, "summary": summary}),
        ("/admin/situations", {"title": title, "summary": summary, "text": string, "icon": string}),
        ("/admin/settings", {"title": title, "about": summary, "accent": "blue", "locale": "en", "zone": "UTC"}),
        (f"/contributions/{id}/report", {"reason": "other", "detail": string}),
        (f"/moderation/hide/contribution:{id}", {"reason": "other", "note": string}),
    ]
    for url, data in writes:
        assert maya.post(url, data={k: sendable(v) for k, v in data.items()}).status_code == 303, url
    for url in (
        "/",
        "/topics/",
        "/situations/",
        "/admin/topics",
        "/admin/settings",
        "/moderation/log",
        "/moderation/",
        f"/threads/{id}",
    ):
        assert dangers(maya.get(url).text) == [], url
    ElementTree.fromstring(maya.get("/feed.atom").content)
    ElementTree.fromstring(maya.get("/favicon.svg").content)


def test_character_references_to_what_no_feed_can_carry_are_gone_and_make_no_address_lively() -> None:
    html = sanitise("<p>a&#1;b&#xFFFE;c</p><a href='java&#1;script:alert(1)'>d</a>")
    assert html == '<p>abc</p><a rel="nofollow noopener ugc">d</a>'
