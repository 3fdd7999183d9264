"""Languages: catalogues read from .po files, the language of the current request, dates and numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from gettext import NullTranslations
from io import BytesIO
from math import inf
from pathlib import Path
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LANGUAGES = {
    "en": "English",
    "kk": "Қазақша",
    "ru": "Русский",
    "es": "Español",
    "et": "Eesti",
    "ka": "ქართული",
    "mn": "Монгол",
}
"""Code and own name of every language codesign speaks completely."""
KEPT = 2048
"""How many formatted numbers and moments of each sort are remembered: some 500 bytes each."""
Unit: TypeAlias = Literal["week", "day", "hour", "minute", "second"]
UNITS: tuple[tuple[Unit, int], ...] = (
    ("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1),
)  # fmt: skip
MORE_THAN_ONE = 1.2
"""From so many of a unit on it is the one shown: 28 hours are hours, 29 hours are a day."""


@dataclass(frozen=True)
class Speech:
    """How to speak to the current reader."""

    locale: str = "en"
    zone: str = "UTC"
    translations: NullTranslations = field(default_factory=NullTranslations)


_current: ContextVar[Speech | None] = ContextVar("speech", default=None)


@contextmanager
def speaking(speech: Speech) -> Iterator[None]:
    """Within, `gettext` and the date functions use this language and zone."""
    token = _current.set(speech)
    try:
        yield
    finally:
        _current.reset(token)


def speech() -> Speech:
    return _current.get() or _silent()


@cache
def _silent() -> Speech:
    return Speech()


def gettext(message: str) -> str:
    return speech().translations.gettext(message)


def ngettext(one: str, many: str, number: int) -> str:
    return speech().translations.ngettext(one, many, number)


def mark(message: str) -> str:
    """Marks a sentence for the catalogues that is translated later, when the reader is known."""
    return message


class Catalogues:
    """The translations of the core and of every plugin, merged; read when a language is first spoken."""

    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders
        self._known: dict[str, NullTranslations] = {}

    def translations(self, locale: str) -> NullTranslations:
        if locale not in self._known:
            self._known[locale] = self._load(locale)
        return self._known[locale]

    def speech(self, locale: str, zone: str) -> Speech:
        return Speech(locale, zone, self.translations(locale))

    def _load(self, locale: str) -> NullTranslations:
        merged: Translations | None = None
        for file in (folder / f"{locale}.po" for folder in self._folders):
            if not file.exists():
                continue
            compiled = BytesIO()
            with file.open("rb") as source:
                write_mo(compiled, read_po(source, locale))
            compiled.seek(0)
            if merged is None:
                merged = Translations(compiled)
            else:
                merged.merge(Translations(compiled))
        return merged or NullTranslations()


def show_date(moment: datetime | date | str) -> str:
    """A day, or the day of a moment in the town's zone. A text is a day as events keep it: `2026-05-04`."""
    moment = date.fromisoformat(moment) if isinstance(moment, str) else moment
    day = moment.astimezone(_zone()).date() if isinstance(moment, datetime) else moment
    return _date(speech().locale, day)


def show_datetime(moment: datetime) -> str:
    # To the second, as it is shown: what a page full of moments asks for again and again is then found again.
    return _datetime(speech().locale, moment.astimezone(_zone()).replace(microsecond=0, tzinfo=None))


def show_ago(moment: datetime, now: datetime) -> str:
    """ "3 days ago", and after a month the date."""
    passed = moment - now
    if abs(passed) > timedelta(days=30):
        return show_date(moment)
    seconds = passed.days * 86400 + passed.seconds
    unit, length = next((each for each in UNITS if abs(seconds) >= MORE_THAN_ONE * each[1]), UNITS[-1])
    return _ago(speech().locale, unit, round(seconds / length) * length)


def show_number(number: float) -> str:
    return _number(speech().locale, number)


def show_compact(number: int) -> str:
    return numbers.format_compact_decimal(number, locale=_locale(), fraction_digits=1)


def _zone() -> ZoneInfo:
    return ZoneInfo(speech().zone)


@cache
def _parsed(code: str) -> Locale:
    # English without a country means dates as most of the world writes them: 3 November 2026.
    return Locale.parse("en_GB" if code == "en" else code)


@lru_cache(KEPT)
def _date(locale: str, day: date) -> str:
    return dates.format_date(day, format="long", locale=_parsed(locale))


@lru_cache(KEPT)
def _datetime(locale: str, local: datetime) -> str:
    return dates.format_datetime(local, format="medium", locale=_parsed(locale))


@lru_cache(KEPT)
def _ago(locale: str, unit: Unit, seconds: int) -> str:
    """Whole units, so that few different ones are asked for."""
    return dates.format_timedelta(seconds, unit, threshold=inf, add_direction=True, locale=_parsed(locale))


@lru_cache(KEPT)
def _number(locale: str, number: float) -> str:
    return numbers.format_decimal(number, locale=_parsed(locale))


def _locale() -> Locale:
    return _parsed(speech().locale)
