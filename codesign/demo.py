"""The demonstration: three example towns with people, topics, life situations and whatever the plugins plant."""

import random
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from codesign.core.areas import ensure_area
from codesign.core.authorities import Authority, change_authority, create_authority, set_members, set_remit
from codesign.core.life import create_situation
from codesign.core.residents import verify
from codesign.core.settings import CORE, TownSettings, save_settings, switch
from codesign.core.threads import start_thread
from codesign.core.topics import create_topic
from codesign.core.users import Role, User, hashed
from codesign.municipalities import add_person, create
from codesign.paths import PACKAGE
from codesign.planting import Garden
from codesign.settings import Settings
from codesign.web.site import Site

TEXTS = PACKAGE / "examples"


@dataclass(frozen=True)
class Example:
    slug: str
    locale: str
    plugins: bool
    """Whether the installed plugins stay on; the last town shows what switching them on brings back."""


TOWNS = (Example("larkford", "en", True), Example("samalkol", "kk", True), Example("monteluz", "es", False))
STAFF = {"anna": Role.RESIDENT, "boris": Role.MODERATOR, "chen": Role.OFFICIAL, "admin": Role.ADMINISTRATOR}


def build(settings: Settings) -> str:
    """Make the towns that are not there yet. Returns the password of the demonstration accounts."""
    password = _password(settings)
    from codesign.app import make_site
    from codesign.migrate import upgrade_all

    site = make_site(settings)
    upgrade_all(site.registry, site.plugins)
    made = set(site.registry.slugs())
    password_hash = hashed(password) if any(town.slug not in made for town in TOWNS) else ""
    for town in TOWNS:
        if town.slug not in made:
            _build_town(site, town, password_hash)
    site.registry.close()
    return password


def greeting(settings: Settings, port: int, password: str) -> str:
    """What is printed at the start: where the towns are, and how to sign in."""
    lines = ["", f"  codesign is at http://{settings.host}:{port}", ""]
    lines += [f"  http://{town.slug}.{settings.host}:{port}" for town in TOWNS]
    people = ", ".join(f"{name}@" for name in STAFF)
    lines += ["", f"  Sign in as {people} and the town, for example anna@{TOWNS[0].slug}.example"]
    lines += [f"  Password: {password}", "", "  Letters the towns send: /-/mail on each town. Stop with Ctrl-C.", ""]
    return "\n".join(lines)


def _password(settings: Settings) -> str:
    """One password for all demonstration accounts, made at the first start and kept beside the data."""
    path = settings.data / "demo-password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("-".join(secrets.token_hex(2) for _part in range(3)))
    return path.read_text().strip()


def _build_town(site: Site, town: Example, password_hash: str) -> None:
    texts = tomllib.loads((TEXTS / f"{town.locale}.toml").read_text())
    plugins = list(site.plugins.by_name)
    store = create(site, town.slug, texts["town"]["title"], town.locale, plugins)
    with store.write() as db:
        chosen = TownSettings.model_validate({**texts["town"], "locale": town.locale})
        save_settings(db, CORE, chosen.model_dump(mode="json"), site.now())
        garden = _garden(site, db, town, texts, password_hash)
        _plant_threads(garden, texts)
        site.plugins.hooks(frozenset(plugins)).examples(garden=garden)
        for name in [] if town.plugins else plugins:
            switch(db, name, False, site.now())


def _garden(site: Site, db: Session, town: Example, texts: dict[str, Any], password_hash: str) -> Garden:
    now = site.now()
    names = {"anna": 0, "boris": 1, "chen": 2, "admin": 3}
    staff = {
        short: add_person(db, f"{short}@{town.slug}.example", texts["staff"][place], STAFF[short], password_hash, now)
        for short, place in names.items()
    }
    people = [User(name=name, created_at=now, confirmed_at=now) for name in texts["names"]]
    db.add_all(people)
    db.flush()
    topics = {row["title"]: create_topic(db, row["title"], row["summary"]).id for row in texts["topics"]}
    areas = {title: ensure_area(db, title) for title in texts["areas"]}
    _verify(db, [staff["anna"], *people], list(areas.values()), staff["chen"], now)
    authorities = {row["title"]: _plant_authority(db, row, topics, staff).id for row in texts["authorities"]}
    chance = random.Random(town.slug)  # noqa: S311 - the same town at every build, nothing secret
    return Garden(db, town.locale, people, staff, topics, areas, now, chance, authorities)


def _plant_authority(
    db: Session, row: Mapping[str, Any], topics: Mapping[str, int], staff: Mapping[str, User]
) -> Authority:
    """An authority with its topics, who works there and who heads it."""
    authority = create_authority(db, row["title"], row["summary"])
    head = staff[row["head"]].id if "head" in row else None
    change_authority(db, authority, row["title"], row["summary"], head)
    set_members(db, authority, {staff[name].id for name in row.get("members", ())})
    set_remit(db, authority, {topics[title] for title in row["topics"]})
    return authority


def _verify(db: Session, people: list[User], areas: list[int], official: User, now: datetime) -> None:
    """Two of three residents have shown their document; they are of all ages and live in all areas."""
    for place, person in enumerate(people):
        if place % 3 != 2:
            born_on = date(now.year - 17 - place * 5 % 70, 1 + place % 12, 1 + place * 7 % 28)
            verify(db, person, official, now, areas[place % len(areas)], born_on)


def _plant_threads(garden: Garden, texts: dict[str, Any]) -> None:
    db = garden.db
    made = [
        create_situation(db, *(row[key] for key in ("title", "summary", "text", "icon"))) for row in texts["situations"]
    ]
    for place, situation in enumerate(made):
        situation.position = place
    for told in texts.get("threads", ()):
        moment = garden.ago(told["days_ago"])
        author = garden.person(told["author"])
        situation = made[told["situation"]]
        thread = start_thread(db, situation, author, told["title"], told["text"].strip(), garden.locale, moment)
        garden.vote(thread, told.get("agree", 0), told.get("disagree", 0))
        garden.comment(thread, told.get("comments", ()), told["days_ago"])
