"""What every page must be: one h1, a language, a title, labels on fields, unique ids, nothing inline."""

from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}


class Reader(HTMLParser):
    """Collects problems while reading; knows whether it reads a page or a part of one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.labels: set[str] = set()
        self.fields: list[tuple[str, dict[str, str | None]]] = []
        self.counts = {"h1": 0, "title": 0, "main": 0}
        self.lang = ""
        self.whole = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._look(tag, values)
        if tag in self.counts and "svg" not in self.open:
            self.counts[tag] += 1
        if tag == "html":
            self.whole, self.lang = True, values.get("lang") or ""
        if tag == "label" and values.get("for"):
            self.labels.add(values["for"] or "")
        if tag in ("input", "select", "textarea") and values.get("type") not in UNLABELLED:
            self.fields.append((tag, {**values, "inside": str("label" in self.open)}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if tag not in self.open:
            self.found.append(f"</{tag}> closes nothing")
            return
        while self.open and self.open.pop() != tag:
            pass

    def _look(self, tag: str, values: dict[str, str | None]) -> None:
        if "style" in values or any(name.startswith("on") for name in values):
            self.found.append(f"<{tag}> has an inline style or handler")
        if tag == "style" or (tag == "script" and not values.get("src")):
            self.found.append(f"<{tag}> is inline")
        if tag == "img" and "alt" not in values:
            self.found.append("an image without alt")
        if tag == "form" and values.get("method") == "post" and values.get("action") == "":
            self.found.append("a form with an empty action")
        id = values.get("id")
        if id in self.ids:
            self.found.append(f"the id {id!r} is there twice")
        if id:
            self.ids.add(id)

    def verdict(self) -> list[str]:
        for tag, values in self.fields:
            named = values.get("id") in self.labels or values.get("aria-label") or values.get("aria-labelledby")
            if not named and values["inside"] == "False":
                self.found.append(f"<{tag} name={values.get('name')!r}> has no label")
        if self.whole:
            self.found += [f"{count} × <{tag}>" for tag, count in self.counts.items() if count != 1]
            if not self.lang:
                self.found.append("the page does not say its language")
        return self.found


def unmarked(html: str) -> str:
    """A page without the marks around what was searched for."""
    return html.replace("<mark>", "").replace("</mark>", "")


def problems(html: str) -> list[str]:
    """Sentences about what is wrong with a page, or a part of one; empty when nothing is."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.verdict()
