"""People's texts: whatever they hold, what comes out is safe, and what may stay stays."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from codesign.markup import EXCERPT_LENGTH, SCHEMES, TAGS, clean, excerpt, plain, render, sanitise

ATTRIBUTES = {"href", "rel", "start", "title"}
PIECES = st.sampled_from(
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>x</a>", "<svg/onload=",
        "[x](javascript:alert(1))", "[x](https://example.org 'a\" onclick=b')", "<style>", "</p>", "<p style=color:red>",
        "![x](http://example.org/a.png)", "`code`", "> quoted", "**bold**", "\n\n", "&lt;script&gt;", "<!--", "]]>", "http://a.b",
        "data:text/html,<script>", "\x00", "\ud800", "<h1>", "<h2 id=x>", "<iframe src=//a>", "<math><mtext>", '"', "'", "<",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=12), max_size=8).map("".join)


class Tags(HTMLParser):
    """Everything in a piece of HTML that a browser would act on."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.bad: list[str] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.bad.append(tag)
        for name, value in attrs:
            scheme, colon, _rest = (value or "").partition(":")
            if name not in ATTRIBUTES or (
                name == "href" and colon and scheme.lower() not in SCHEMES and "/" not in scheme
            ):
                self.bad.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.bad.append("a comment")


@settings(deadline=None)
@given(TEXTS)
def test_nothing_in_a_rendered_text_can_run(text: str) -> None:
    html = render(clean(text))
    assert isinstance(html, Markup)
    assert Tags(html).bad == []


@settings(deadline=None)
@given(TEXTS)
def test_nothing_in_foreign_html_can_run(text: str) -> None:
    assert Tags(sanitise(clean(text))).bad == []


@settings(deadline=None)
@given(TEXTS)
def test_sanitising_twice_is_sanitising_once(text: str) -> None:
    once = sanitise(clean(text))
    assert sanitise(once) == once


@settings(deadline=None)
@given(st.text(max_size=400), st.integers(1, 300))
def test_an_excerpt_is_never_longer_than_asked(text: str, length: int) -> None:
    assert len(excerpt(render(clean(text)), length)) <= length


@settings(deadline=None)
@given(st.text())
def test_cleaned_text_can_be_stored_and_sent(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in cleaned)
    assert clean(cleaned) == cleaned


@settings(deadline=None)
@given(st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=40))
def test_words_of_every_script_stay(word: str) -> None:
    assert plain(render(word)) == word


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("**yes**", "<p><strong>yes</strong></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("<b>raw</b>", "<p>&lt;b&gt;raw&lt;/b&gt;</p>"),
        ("# Loud", "<h3>Loud</h3>"),
        (
            "https://example.org/a",
            '<p><a href="https://example.org/a" rel="nofollow noopener ugc">https://example.org/a</a></p>',
        ),
        ("[x](javascript:alert)", "<p>[x](javascript:alert)</p>"),
        ("a & b < c", "<p>a &amp; b &lt; c</p>"),
    ],
)
def test_markdown_becomes_a_short_list_of_tags(source: str, html: str) -> None:
    assert render(source) == html


def test_a_source_keeps_its_paragraphs_and_loses_its_scripts() -> None:
    html = '<h2 onclick="x()">Title</h2><p style="color:red">Text<script>x()</script></p><img src="a.png">'
    assert sanitise(html) == "<h3>Title</h3><p>Text</p>"


def test_words_of_neighbouring_paragraphs_do_not_run_together() -> None:
    assert (
        plain("<p>one</p><p>two<br>three</p><ul><li>four</li><li>five &amp; six</li></ul>")
        == "one two three four five & six"
    )


def test_an_excerpt_ends_between_words() -> None:
    text = "word " * 100
    assert excerpt(render(text)).endswith("word…")
    assert EXCERPT_LENGTH - 6 < len(excerpt(render(text))) <= EXCERPT_LENGTH
