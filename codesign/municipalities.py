"""What the command line and the demo do to municipalities: create them, switch plugins, add people, import."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.orm import Session

from codesign.core.settings import CORE, TownSettings, chosen, save_settings, switch
from codesign.core.users import Role, User, check_strength, hashed, normal_email, sign_up, user_by_email
from codesign.i18n import speaking
from codesign.migrate import upgrade_registry, upgrade_store
from codesign.stores import Store
from codesign.types import Importer, ImportJob, ImportReport, Refused
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
        if user_by_email(db, email):
            raise Refused(f"{email} has an account in {slug} already.")
        add_person(db, email, name, roles[role], hashed(password), site.now())


def add_person(db: Session, email: str, name: str, role: Role, password_hash: str, now: datetime) -> User:
    user = sign_up(db, email, name, password_hash, None, now)
    user.role, user.confirmed_at = role, now
    db.flush()
    return user


def import_from(
    site: Site, kind: str, path: Path, slug: str, progress: Callable[[str, int, int], None]
) -> ImportReport:
    """Run an importer of a plugin that is enabled in this municipality."""
    importers: dict[str, tuple[str, Importer]] = {
        importer.name: (name, importer) for name, found in site.plugins.each("importers") for importer in found
    }
    if kind not in importers:
        raise Refused(f"Nothing here reads {kind!r}. Possible: {', '.join(sorted(importers)) or 'nothing'}.")
    if not path.exists():
        raise Refused(f"There is no file or folder {path}.")
    name, importer = importers[kind]
    store = site.registry.store(slug)
    with store.read() as db:
        decided = chosen(db)
        if name not in decided.enabled:
            raise Refused(f"{name} is off in {slug}. Run `codesign plugins enable {name} --municipality {slug}` first.")
    with speaking(site.catalogues.speech(decided.town.locale, decided.town.zone)):
        return importer.run(ImportJob(store.write, path, site.now(), progress))


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
