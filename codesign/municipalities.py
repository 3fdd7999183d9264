"""What the command line and the demo do to municipalities: create them, switch plugins, add people, import."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.orm import Session

from codesign.core.settings import CORE, TownSettings, chosen, save_settings, switch
from codesign.core.users import Role, User, check_strength, hashed, normal_email, sign_up, user_by_email
from codesign.i18n import speaking
from codesign.migrate import upgrade_registry, upgrade_store
from codesign.stores import Store
from codesign.types import ImportJob, ImportReport, Refused, Sentences
from codesign.web.site import Site


def create(
    site: Site,
    slug: str,
    title: str,
    locale: str,
    plugins: Sequence[str],
    hosts: tuple[str, ...] = (),
    zone: str = "UTC",
) -> Store:
    """Enter a municipality, make its store, and switch plugins on. Raises Refused before anything is made."""
    town = _town(title, locale, zone)
    for name in plugins:
        _installed(site, name)
    upgrade_registry(site.registry)
    store = site.registry.create(slug, title, site.now(), hosts)
    upgrade_store(store, site.plugins)
    with store.write() as db:
        save_settings(db, CORE, town.model_dump(mode="json"), site.now())
    for name in plugins:
        switch_plugin(site, slug, name, True)
    return store


def _town(title: str, locale: str, zone: str) -> TownSettings:
    try:
        return TownSettings.model_validate({"title": title, "locale": locale, "zone": zone})
    except ValidationError as error:
        wrong = ", ".join(str(problem["loc"][0]) for problem in error.errors())
        raise Refused(
            f"This {wrong} cannot be used. Languages are en, kk, ru, es, et, ka and mn; a zone is like Europe/Madrid."
        ) from error


def switch_plugin(site: Site, slug: str, name: str, on: bool) -> None:
    _installed(site, name)
    store = site.registry.store(slug)
    if on:
        site.prepare(store, site.plugins.by_name[name])
    with store.write() as db:
        switch(db, name, on, site.now())


def create_person(site: Site, slug: str, email: str, name: str, role: str, password: str) -> None:
    """A confirmed account. Raises Refused or Invalid with a sentence."""
    roles = {role.value: role for role in Role}
    if role not in roles:
        raise Refused(f"There is no role {role!r}. Roles are {', '.join(roles)}.")
    email = normal_email(email)
    check_strength(password, email, name)
    with site.registry.store(slug).write() as db:
        known = user_by_email(db, email)
        if known is not None and known.is_account:
            raise Refused(f"{email} has an account in {slug} already.")
        add_person(db, email, name, roles[role], hashed(password), site.now())


def add_person(db: Session, email: str, name: str, role: Role, password_hash: str, now: datetime) -> User:
    user = sign_up(db, email, name, password_hash, None, now)
    if not user.is_account:  # who followed by e-mail only keeps what they follow
        user.name, user.password_hash = name.strip(), password_hash
    user.role, user.confirmed_at = role, now
    db.flush()
    return user


def import_from(
    site: Site, kind: str, path: Path, slug: str, progress: Callable[[str, int, int], None]
) -> ImportReport:
    """Run the importers of that name of the plugins that are enabled in this municipality, one after the other."""
    found = [(name, importer) for name, importers in site.plugins.each("importers") for importer in importers]
    meant = [(name, importer) for name, importer in found if importer.name == kind]
    if not meant:
        possible = ", ".join(sorted({importer.name for _name, importer in found}))
        raise Refused(f"Nothing here reads {kind!r}. Possible: {possible or 'nothing'}.")
    if not path.exists():
        raise Refused(f"There is no file or folder {path}.")
    store = site.registry.store(slug)
    with store.read() as db:
        decided = chosen(db)
    on = [importer for name, importer in meant if name in decided.enabled]
    if not on:
        names = " or ".join(name for name, _importer in meant)
        raise Refused(f"{names} is off in {slug}. Run `codesign plugins enable NAME --municipality {slug}` first.")
    with speaking(site.catalogues.speech(decided.town.locale, decided.town.zone)):
        return merged([importer.run(ImportJob(store.write, path, site.now(), progress)) for importer in on])


class Together:
    """The sentences of several reports on the same files, each told once."""

    def __init__(self, parts: Iterable[Sentences]) -> None:
        self._parts = [part for part in parts if len(part)]

    def __len__(self) -> int:
        return sum(1 for _sentence in self) if len(self._parts) > 1 else sum(map(len, self._parts))

    def __iter__(self) -> Iterator[str]:
        told = set[int]()
        for place, part in enumerate(self._parts):
            for sentence in part:
                # Numbers instead of sentences, and none of the last part: there may be more of them than memory holds.
                if (sign := hash(sentence)) not in told:
                    yield sentence
                if place < len(self._parts) - 1:
                    told.add(sign)


def merged(reports: Sequence[ImportReport]) -> ImportReport:
    """One report of importers that read the same files: what several of them tell, and what none of them took, once."""
    left = [what for what in reports[0].passed_over if all(what in report.passed_over for report in reports)]
    untaken = [f"{what}; nothing that is switched on here takes them." for what in left]
    return ImportReport(
        imported=sum((Counter(report.imported) for report in reports), Counter()),
        unchanged=sum((Counter(report.unchanged) for report in reports), Counter()),
        skipped=Together(report.skipped for report in reports),
        notes=Together([*(report.notes for report in reports), untaken]),
    )


def report_lines(report: ImportReport) -> Iterator[str]:
    """The closing report: what came in, what was there already, and every row left out with its reason."""
    for title, numbers in (("imported", report.imported), ("already there", report.unchanged)):
        told = ", ".join(f"{number} {noun}" for noun, number in numbers.items() if number) or "nothing"
        yield f"{title}: {told}"
    yield f"skipped: {len(report.skipped) or 'nothing'}"
    yield from (f"  {sentence}" for sentence in report.skipped)
    if len(report.notes):
        yield "notes:"
        yield from (f"  {sentence}" for sentence in report.notes)


def _installed(site: Site, name: str) -> None:
    if name not in site.plugins.by_name:
        known = ", ".join(site.plugins.by_name) or "none"
        raise Refused(f"There is no plugin called {name!r}. Installed: {known}.")
