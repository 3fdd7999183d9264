"""The HTML part of a letter, made from its text: paragraphs, links into the town, and small print."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from jinja2 import Environment

from codesign.core.settings import Accent, TownSettings
from codesign.i18n import speech

TEMPLATE = "mail/_letter.html"
ACCENTS: dict[Accent, tuple[str, str]] = {
    "blue": ("#1b5598", "#8fbefa"),
    "teal": ("#006363", "#89c8c7"),
    "green": ("#23643a", "#96c9a3"),
    "plum": ("#7f366a", "#e5a2ce"),
    "brick": ("#8d351f", "#f3a38f"),
    "ochre": ("#744c00", "#d8b484"),
}
"""As static/app.css has them, on white paper and on dark: mail programs know no oklch()."""


@dataclass(frozen=True)
class Home:
    """Where a town answers."""

    url: str
    """Without a slash at its end."""
    hosts: Collection[str]
    """All its names. Only what leads there is made a link: anybody's words may be in a letter."""


@dataclass(frozen=True)
class Said:
    """What a letter says."""

    subject: str
    body: str
    reason: str = ""
    """The line of the body that begins the small print."""
    foot: str = ""
    """Small print below the body."""

    @property
    def text(self) -> str:
        return f"{self.body}\n\n{self.foot}".strip() + "\n"


@dataclass(frozen=True)
class Line:
    text: str
    url: str = ""


@dataclass(frozen=True)
class Paragraph:
    lines: Sequence[Line]
    button: bool = False
    """It is one link and nothing else."""


def in_html(templates: Environment, town: TownSettings, home: Home, said: Said) -> str:
    light, dark = ACCENTS[town.accent]
    large, small = _parted(said)
    context = {
        "locale": speech().locale, "town_title": town.title, "home": home.url, "subject": said.subject,
        "paragraphs": list(_paragraphs(large, home)), "small": list(_paragraphs(small, home)),
        "accent": light, "accent_on_dark": dark,
    }  # fmt: skip
    return templates.get_template(TEMPLATE).render(context)


def _parted(said: Said) -> tuple[str, str]:
    """What is said, and the small print."""
    lines = said.body.split("\n")
    starts = [number for number, line in enumerate(lines) if said.reason and line.strip() == said.reason]
    start = starts[-1] if starts else len(lines)
    return "\n".join(lines[:start]), "\n".join([*lines[start:], "", *said.foot.split("\n")])


def _paragraphs(text: str, home: Home) -> Iterator[Paragraph]:
    lines: list[Line] = []
    for words in [*map(str.strip, text.split("\n")), ""]:
        if words:
            lines.append(Line(words, words if leads_home(words, home) else ""))
        elif lines:
            yield _joined(lines)
            lines = []


def _joined(lines: list[Line]) -> Paragraph:
    """A line above a link becomes the words of that link."""
    if len(lines) == 1 and lines[0].url:
        return Paragraph(lines, button=True)
    kept: list[Line] = []
    for line in lines:
        if line.url and kept and not kept[-1].url:
            kept[-1] = Line(kept[-1].text.rstrip(": ") or line.url, line.url)
        else:
            kept.append(line)
    return Paragraph(kept)


def leads_home(words: str, home: Home) -> bool:
    """Whether a line is the address of a page of the town, and nothing else."""
    if not words.startswith(("https://", "http://")) or any(c.isspace() or c in "\\<>\"'" for c in words):
        return False
    try:
        found = urlsplit(words)
        return found.hostname in home.hosts and found.username is None
    except ValueError:
        return False
