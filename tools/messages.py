"""Collect the sentences of the core and of every plugin into their catalogues, `locale/<language>.po`.

make messages                 # new sentences in, sentences no longer used out
python tools/messages.py --missing kk     # what is still to be translated
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from codesign.i18n import LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
KEYWORDS = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
METHODS += [("**.html", "jinja2"), ("**.txt", "jinja2")]
OPTIONS = {name: {"trimmed": "true", "silent": "false"} for name, method in METHODS if method == "jinja2"}
ONE_AND_OTHER = ("kk", "mn", "ka")
"""Babel knows no gettext rule for these (and one form for Georgian); the rule is CLDR's: one, other."""


def packages() -> dict[Path, list[Path]]:
    """Where each package keeps its catalogues, and the folders its sentences are in."""
    found = {ROOT / "codesign" / "locale": [ROOT / "codesign", ROOT / "templates"]}
    for folder in sorted((ROOT / "plugins").glob("codesign_*")):
        found[folder / "locale"] = [folder]
    return found


def collect(folders: list[Path]) -> Catalog:
    """Every sentence below these folders."""
    found = Catalog(charset="utf-8")
    for folder in folders:
        messages = extract_from_dir(folder, METHODS, OPTIONS, KEYWORDS, directory_filter=_wanted)
        for file, _line, message, _comments, _context in messages:
            found.add(message, locations=[(str((folder / file).relative_to(ROOT)), None)])
    return found


def _wanted(folder: str) -> bool:
    return Path(folder).name not in ("tests", "migrations", "vendor", "locale", "examples", "__pycache__", "testing")


def updated(path: Path, template: Catalog, language: str) -> Catalog:
    """The catalogue of a language with the sentences of today; what was translated stays."""
    known = Catalog()
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, language)
    fresh = Catalog(locale=language, project="codesign", fuzzy=False, header_comment="# codesign", charset="utf-8")
    if language in ONE_AND_OTHER:
        fresh._num_plurals, fresh._plural_expr = 2, "(n != 1)"
    fresh.creation_date = fresh.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    for message in template:
        if message.id:
            before = known.get(message.id[0] if isinstance(message.id, tuple) else message.id)
            string = before.string if before else None
            fresh.add(message.id, string, locations=message.locations, flags=message.flags & {"python-format"})
    return fresh


def write(path: Path, catalogue: Catalog) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, sort_output=True, include_lineno=False)


def missing(catalogue: Catalog) -> list[str]:
    """The sentences without a translation."""
    rows = [message for message in catalogue if message.id]
    empty = [m for m in rows if not (all(m.string) if isinstance(m.string, tuple) else m.string)]
    return [str(message.id) for message in empty]


def main(arguments: list[str]) -> None:
    languages = [code for code in LANGUAGES if code != "en"]
    for folder, sources in packages().items():
        template = collect(sources)
        for language in languages:
            path = folder / f"{language}.po"
            catalogue = updated(path, template, language)
            if arguments[:1] == ["--missing"]:
                if arguments[1] == language:
                    print("\n".join(missing(catalogue)))
            else:
                write(path, catalogue)
                print(f"{path.relative_to(ROOT)}: {len(missing(catalogue))} of {len(catalogue)} to translate")


if __name__ == "__main__":
    main(sys.argv[1:])
