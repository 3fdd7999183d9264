"""Statements that are built once and asked often, on the driver's own cursor: a tenth of a session's cost.

For the few statements behind every page and every vote. Everything else goes through the session.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, class_mapper, make_transient_to_detached
from sqlalchemy.orm.util import identity_key

from codesign.editions import note_change

NOTES = "direct_notes"
OF_SESSION = "direct"
Row = TypeVar("Row", bound=DeclarativeBase)


@dataclass(frozen=True)
class Direct:
    """Rows come as the driver gives them: a moment may be text, and a sum of numbers a Decimal."""

    cursor: Any
    dialect: Dialect
    notes: Sequence[Callable[[str], None]] = ()

    def rows(self, statement: Any, **values: Any) -> list[Any]:
        """Run a statement with these values for its `bindparam`s. Returns what it selects or gives back."""
        sql, names, binds = _ready(statement, self.dialect)
        found = {}
        for name, default, process in binds:
            value = values.get(name, default)
            found[name] = process(value) if process else value
        for note in self.notes:
            note(sql)
        self.cursor.execute(sql, tuple(found[name] for name in names) if names is not None else found)
        rows: list[Any] = self.cursor.fetchall()
        return rows


def rows(db: Session, statement: Any, **values: Any) -> list[Any]:
    """The same within the transaction of a session, which notes what a change moves. Flush before, if need be."""
    if statement.is_dml:
        note_change(db, statement.table.info, new=statement.is_insert)
    direct: Direct | None = db.info.get(OF_SESSION)
    if direct is None:
        connection = db.connection()
        direct = db.info[OF_SESSION] = Direct(
            connection.connection.cursor(), connection.dialect, db.info.get(NOTES, ())
        )
    driver: Any = direct.dialect.loaded_dbapi
    try:
        return direct.rows(statement, **values)
    except driver.Error as error:
        raise _told(db.connection(), statement, error) from error


def _told(connection: Connection, statement: Any, error: Exception) -> BaseException:
    """What the session's own statements raise: error pages and tests know these errors by their class."""
    dialect: Any = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    if lost:
        connection.invalidate(error)
    driver: type[Exception] = dialect.loaded_dbapi.Error
    told: BaseException = DBAPIError.instance(
        str(statement), None, error, driver, connection_invalidated=lost, dialect=dialect
    )
    return told


def fetch_alone(db: Session, model: type[Row], id: int) -> Row | None:
    """The row with this primary key as an object of the session, without anything that is usually loaded with it."""
    known = known_row(db, model, id)
    if known is not None:
        return known
    statement, columns = _row_of(model, db.get_bind().dialect)
    found = rows(db, statement, id=id)
    return (
        adopt(
            db,
            model,
            {
                name: process(value) if process else value
                for (name, process), value in zip(columns, found[0], strict=True)
            },
        )
        if found
        else None
    )


def known_row(db: Session, model: type[Row], id: int) -> Row | None:
    """The object of this session for a row, when there is one already."""
    known: Row | None = db.identity_map.get(identity_key(model, id)) if len(db.identity_map) else None
    return known


def adopt(db: Session, model: type[Row], values: dict[str, Any]) -> Row:
    """An object for a row that was just read; what `values` leave out is loaded when it is asked for."""
    row: Row = class_mapper(model).class_manager.new_instance()
    row.__dict__.update(values)
    make_transient_to_detached(row)
    db.add(row)
    return row


@cache
def _row_of(model: type[DeclarativeBase], dialect: Dialect) -> tuple[Any, list[tuple[str, Any]]]:
    """The statement that reads one row, and for each of its columns the attribute and what the value must go through."""
    mapper = class_mapper(model)
    attributes = [(attribute.key, attribute.columns[0]) for attribute in mapper.column_attrs]
    statement = select(*(column for _name, column in attributes)).select_from(mapper.persist_selectable)
    processors = [
        (name, column.type.dialect_impl(dialect).result_processor(dialect, None)) for name, column in attributes
    ]
    return statement.where(mapper.primary_key[0] == bindparam("id")), processors


def moment(value: Any) -> datetime | None:
    """A moment from a row: SQLite keeps it as text, in UTC."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value


@lru_cache(64)
def _ready(statement: Any, dialect: Dialect) -> tuple[str, list[str] | None, list[tuple[str, Any, Any]]]:
    """The SQL of a statement, the order of its parameters (None: by name), and for each its name, the value written
    into the statement, and what values must go through."""
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    binds = [
        (name, bind.effective_value, bind.type.dialect_impl(dialect).bind_processor(dialect))
        for bind, name in compiled.bind_names.items()
    ]
    return str(compiled), compiled.positiontup if compiled.positional else None, binds
