"""Indexes of lists: each in the whole order of a list, so that every page of it is found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ORDERS = {
    "latest": ["created_at"],
    "newest": ["kind", "created_at"],
    "voted": ["kind", "agree_count"],
    "discussed": ["kind", "comment_count"],
    "topic": ["topic_id", "created_at"],
    "topic_voted": ["topic_id", "agree_count"],
    "topic_discussed": ["topic_id", "comment_count"],
    "situation": ["situation_id", "created_at"],
}


def upgrade() -> None:
    for name in ("newest", "voted", "discussed", "topic", "situation"):
        op.drop_index(f"ix_contribution_{name}", "contribution")
    for name, columns in ORDERS.items():
        op.create_index(f"ix_contribution_{name}", "contribution", [*columns, "number"], unique=False)
    roots = sa.text("root_id IS NULL")
    for name, column in (("oldest", "created_at"), ("agreed", "agree_count")):
        op.drop_index(f"ix_comment_{name}", "comment")
        op.create_index(
            f"ix_comment_root_{name}", "comment", ["contribution_id", column, "path"], unique=False,
            sqlite_where=roots, postgresql_where=roots,
        )  # fmt: skip
