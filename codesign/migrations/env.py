"""Shared by the core and every plugin: `migrate.py` hands over the connection and whose version table it is."""

from alembic import context

from codesign.db import SafeHtml, UTCDateTime

attributes = context.config.attributes


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Migrations stand alone: they name SQLAlchemy's types, not ours, which may change."""
    if isinstance(item, SafeHtml):
        return "sa.Text()"
    return "sa.DateTime(timezone=True)" if isinstance(item, UTCDateTime) else False


context.configure(
    connection=attributes["connection"],
    target_metadata=attributes["metadata"],
    version_table=attributes["version_table"],
    include_object=attributes.get("include_object"),
    render_item=render_item,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
