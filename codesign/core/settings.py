"""What a municipality decided for itself: which plugins are on, and the settings of the core and of each plugin."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, ValidationError, field_validator
from sqlalchemy import JSON, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.db import Base, insert
from codesign.i18n import mark as _

CORE = "core"
Model = TypeVar("Model", bound=BaseModel)
Accent = Literal["blue", "teal", "green", "plum", "brick", "ochre"]
Language = Literal["en", "kk", "ru", "es", "et", "ka", "mn"]


ACCENT_NAMES = (_("blue"), _("teal"), _("green"), _("plum"), _("brick"), _("ochre"))
"""Here for the catalogues; forms translate the choices of a setting one by one."""


class Package(Base):
    """The core or a plugin in this town. A plugin without a row was never switched on."""

    __tablename__ = "package"
    name: Mapped[str] = mapped_column(primary_key=True)
    enabled: Mapped[bool]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changed_at: Mapped[datetime]


class TownSettings(BaseModel):
    """Settings of the municipality itself. Title and description are what the form shows, so they are translated."""

    title: str = Field("Our town", min_length=2, max_length=80, title=_("Name of the site"))
    about: str = Field("", max_length=200, title=_("One sentence below the name"))
    accent: Accent = Field("blue", title=_("Colour"))
    locale: Language = Field("en", title=_("Main language"))
    other_locales: list[Language] = Field(default_factory=list, title=_("Other languages offered"))
    zone: str = Field("UTC", max_length=60, title=_("Time zone"), description=_("For example Europe/Madrid."))

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            return ZoneInfo(zone).key
        except (ZoneInfoNotFoundError, OSError) as error:
            raise ValueError("not a time zone of the IANA database") from error


@dataclass(frozen=True)
class Chosen:
    """All that was decided, read with one query."""

    town: TownSettings
    enabled: frozenset[str]
    settings: dict[str, dict[str, Any]]


def chosen(db: Session) -> Chosen:
    rows = db.execute(select(Package.name, Package.enabled, Package.settings)).all()
    settings = {name: values for name, _enabled, values in rows}
    enabled = frozenset(name for name, on, _settings in rows if on and name != CORE)
    return Chosen(accepted(TownSettings, settings.get(CORE, {})), enabled, settings)


def save_settings(db: Session, name: str, values: dict[str, Any], now: datetime) -> None:
    row = {"name": name, "enabled": name == CORE, "settings": values, "changed_at": now}
    changed = {"settings": values, "changed_at": now}
    db.execute(insert(db, Package).values(row).on_conflict_do_update(index_elements=["name"], set_=changed))


def switch(db: Session, name: str, enabled: bool, now: datetime) -> None:
    """Switch a plugin on or off in this town. Its data and settings stay."""
    row = {"name": name, "enabled": enabled, "settings": {}, "changed_at": now}
    changed = {"enabled": enabled, "changed_at": now}
    db.execute(insert(db, Package).values(row).on_conflict_do_update(index_elements=["name"], set_=changed))


def settings_of(db: Session, name: str, model: type[Model]) -> Model:
    """What was chosen for one plugin; its model fills in the rest."""
    return accepted(model, db.scalar(select(Package.settings).where(Package.name == name)) or {})


def accepted(model: type[Model], values: dict[str, Any]) -> Model:
    """Stored settings as their model has them. What a newer version no longer accepts is its default again:
    one outdated value must not take a town down."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        refused = {problem["loc"][0] for problem in error.errors() if problem["loc"]}
        return model.model_validate({name: value for name, value in values.items() if name not in refused})
