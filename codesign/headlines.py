"""The headline of a notice: the first line of its letter, which the inbox, the daily letter and feeds show as well."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import Environment

log = logging.getLogger("codesign")


def headline(
    templates: Environment,
    template: str,
    data: Mapping[str, Any],
    town_title: str,
    name: str = "",
    reason: str = "",
) -> str:
    """One line of plain text, in the language that is spoken just now.

    `template` is that of a letter without its ending, `data` what its event says. A letter that cannot be written, or
    whose plugin is gone, is named by the title of what it is about: one bad row spoils no list.
    """
    context = {**data, "town_title": town_title, "name": name, "reason": reason}
    line = ""
    try:
        line = _first_line(templates.get_template(f"{template}.txt").generate(context))
    except Exception:
        log.warning("the headline of %s cannot be written", template, exc_info=True)
    return " ".join((line or str(data.get("title", ""))).split())


def _first_line(pieces: Iterable[str]) -> str:
    """Nothing of the letter behind it is made."""
    text = ""
    for piece in pieces:
        text = (text + piece).lstrip()
        if "\n" in text:
            break
    return text.partition("\n")[0]
