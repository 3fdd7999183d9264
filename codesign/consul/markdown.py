"""HTML of an editor as Markdown, so that the text can be edited later. No word is lost."""

import re
from html.parser import HTMLParser

from codesign.kit import sanitise

BLOCKS = {"p", "ul", "ol", "blockquote", "pre", "h3", "h4", "hr"}
MARKS = {"strong": "**", "em": "*", "s": "~~", "code": "`"}


def markdown_of(html: str) -> str:
    """`html` as `sanitise` gives it."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    lines = (line.rstrip() for line in "".join(writer.parts).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def with_breaks(html: str) -> str:
    """Safe HTML where line ends between words are line breaks: the exports lost the `<br>` but kept the line ends."""
    safe = sanitise(html.replace("\r\n", "\n"))
    return safe if "<br" in safe or "<pre" in safe else re.sub(r"(?<=[^\s>])[ ]*\n(?=[^\s<])", "<br>\n", safe)


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._lists: list[int | None] = []
        """For each open list the number of its next item; None without numbers."""
        self._links: list[str] = []
        self._marks: list[int] = []
        """For each open mark the place where its words begin."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS and not (self._lists and tag == "p"):
            self.parts.append("\n" if self._lists else "\n\n")
        if tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            self._item()
        elif tag == "a":
            self._links.append(dict(attrs).get("href") or "")
            self._marks.append(len(self.parts))
        elif tag in MARKS:
            self._marks.append(len(self.parts))
        else:
            self.parts.append(
                {"br": "\n", "hr": "---\n\n", "h3": "### ", "h4": "#### ", "blockquote": "> "}.get(tag, "")
            )

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "a" and self._links:
            target = self._links.pop()
            self._wrap("[", f"]({target})") if target else self._marks.pop()
        elif tag in MARKS and self._marks:
            self._wrap(MARKS[tag], MARKS[tag])
        if tag in BLOCKS and not self._lists:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        after_break = bool(self.parts) and self.parts[-1] == "\n"
        self.parts.append(data.lstrip() if after_break else data)

    def _item(self) -> None:
        number = self._lists[-1] if self._lists else None
        mark = "-" if number is None else f"{number}."
        if number is not None:
            self._lists[-1] = number + 1
        self.parts.append("\n" + "   " * (len(self._lists) - 1) + mark + " ")

    def _wrap(self, before: str, after: str) -> None:
        """Marks stand close to the words: `**so**`, never `** so **`."""
        start = self._marks.pop()
        words = "".join(self.parts[start:])
        core = words.strip()
        if core:
            lead, tail = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
            self.parts[start:] = [lead, before + core + after, tail]
