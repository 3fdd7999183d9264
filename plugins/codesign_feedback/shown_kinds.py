"""Which kinds of contribution are shown in a town, asked in the same query as what is shown of them."""

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import Mapper

from codesign.core.contributions import Contribution
from codesign.core.settings import Package


def switched_on() -> ColumnElement[bool]:
    """A condition on `contribution`: its kind is of the core, or of a plugin that is on here. For hooks, which do not
    know what is on; pages do."""
    return or_(*(_shown(name, mapper) for name, mapper in Contribution.__mapper__.polymorphic_map.items()))


def url_of(kind: str, id: int) -> str:
    model: type[Contribution] = Contribution.__mapper__.polymorphic_map[kind].class_
    return model.URL.format(id=id)


def _shown(name: str, mapper: Mapper[Contribution]) -> ColumnElement[bool]:
    """Tables of plugins are named `<plugin>_...`, those of the core have no such beginning."""
    table: str = mapper.local_table.name  # type: ignore[attr-defined]
    of_kind = Contribution.kind == name
    words = table.split("_")
    beginnings = ["_".join(words[:count]) for count in range(1, len(words))]
    if not beginnings:
        return of_kind
    return and_(of_kind, exists().where(Package.name.in_(beginnings), Package.enabled.is_(True)))
