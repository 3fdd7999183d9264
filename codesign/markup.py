"""People's texts: Markdown or a source's HTML in, safe HTML out. The result is stored beside the source."""

import re
from functools import cache
from html import unescape

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {"p", "br", "strong", "em", "u", "s", "ul", "ol", "li", "blockquote", "a", "h3", "h4", "code", "pre", "hr"}
ATTRIBUTES: dict[str, set[str]] = {"a": {"href"}, "ol": {"start"}, "*": set()}
SCHEMES = {"http", "https", "mailto"}
EXCERPT_LENGTH = 220
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")
_HEADING = re.compile(r"(</?)h[12]\b")


def clean(text: str) -> str:
    """The text without what no database or feed can carry: control characters, lone surrogates, CRLF."""
    return _UNSPEAKABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def render(source: str) -> Markup:
    """Markdown to safe HTML. Raw HTML in the source is shown as text, links are `nofollow`."""
    return sanitise(_markdown().render(source))


def sanitise(html: str) -> Markup:
    """Foreign HTML to safe HTML: a short list of tags, no attributes but link targets, no scripts or images."""
    lowered = _HEADING.sub(r"\1h3", html)
    kept = _sanitised(lowered)
    if (speakable := clean(kept)) != kept:
        # Character references were unspeakable. Without them an address may read otherwise, so it is looked at again.
        kept = _sanitised(speakable)
    return Markup(kept.strip())  # noqa: S704 - this is the one place where foreign HTML becomes ours


def _sanitised(html: str) -> str:
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="nofollow noopener ugc")


def plain(html: str) -> str:
    """The words of safe HTML in one line."""
    spaced = re.sub(r"</(p|li|h3|h4|blockquote|pre)>|<br>", " ", html)
    return _SPACE.sub(" ", unescape(nh3.clean(spaced, tags=set()))).strip()


def excerpt(html: str, length: int = EXCERPT_LENGTH) -> str:
    """The first words, at most `length` characters, cut between words where there is a space."""
    words = plain(html)
    if len(words) <= length:
        return words
    head = words[: length - 1]
    return (head.rsplit(" ", 1)[0] if " " in head[length // 2 :] else head).rstrip(" ,.;:") + "…"


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("js-default", {"linkify": True, "breaks": True, "typographer": False})
    return parser.disable(["image", "table"])
