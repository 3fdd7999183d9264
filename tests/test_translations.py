"""Seven languages, complete: every sentence of the core and of the plugins, with the placeholders of the original."""

import re
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from codesign.i18n import LANGUAGES, Catalogues, gettext, ngettext, show_date, speaking
from codesign.testing import Clock
from tools.messages import collect, missing, packages, updated

OTHERS = [code for code in LANGUAGES if code != "en"]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")
PACKAGES = packages()


@pytest.fixture(scope="module", params=sorted(PACKAGES), ids=lambda folder: folder.parent.name)
def package(request: pytest.FixtureRequest) -> tuple[Path, Catalog]:
    return request.param, collect(PACKAGES[request.param])


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated(package: tuple[Path, Catalog], language: str) -> None:
    folder, template = package
    assert missing(updated(folder / f"{language}.po", template, language)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_keep_the_placeholders(package: tuple[Path, Catalog], language: str) -> None:
    folder, _template = package
    with (folder / f"{language}.po").open("rb") as file:
        messages = [message for message in read_po(file, language) if message.id]
    for message in messages:
        ids, strings = (value if isinstance(value, tuple) else (value,) for value in (message.id, message.string))
        wanted = set(PLACEHOLDER.findall(ids[-1]))
        for string in strings:
            found = set(PLACEHOLDER.findall(string))
            assert found == wanted or found == set(PLACEHOLDER.findall(ids[0])), (language, message.id, string)


@pytest.mark.parametrize("language", OTHERS)
def test_numbers_take_their_form_and_dates_their_words(language: str) -> None:
    speech = Catalogues(list(PACKAGES)).speech(language, "UTC")
    with speaking(speech):
        told = [ngettext("%(num)s comment", "%(num)s comments", number) for number in (1, 2, 5, 21)]
        assert all("%(num)s" in sentence and "comment" not in sentence for sentence in told[1:])
        assert gettext("Reply") != "Reply"
        assert "2026" in show_date(Clock().now())
        assert "May" not in show_date(Clock().now())


def test_russian_knows_its_three_plural_forms() -> None:
    with speaking(Catalogues(list(PACKAGES)).speech("ru", "UTC")):
        assert len({ngettext("%(num)s comment", "%(num)s comments", number) for number in (1, 2, 5)}) == 3


@pytest.mark.parametrize("language", OTHERS)
def test_a_sentence_of_several_packages_means_one_thing(language: str) -> None:
    """Their catalogues become one when the site speaks: of two meanings one would be shown for both."""
    found: dict[str, set[str]] = {}
    for folder in PACKAGES:
        with (folder / f"{language}.po").open("rb") as file:
            for message in read_po(file, language):
                if message.id:
                    found.setdefault(str(message.id), set()).add(str(message.string))
    assert {sentence: told for sentence, told in found.items() if len(told) > 1} == {}
