"""Indexes over what decides the phase of a debate."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("ix_debates_debate_opens_at", "debates_debate", ["opens_at"], unique=False)
    parts = {"closes": ("closes_at", "IS NULL"), "concluded": ("concluded_at", "IS NOT NULL")}
    for name, (column, conclusion) in parts.items():
        those = sa.text(f"concluded_at {conclusion}")
        op.create_index(
            f"ix_debates_debate_{name}", "debates_debate", [column], unique=False,
            sqlite_where=those, postgresql_where=those,
        )  # fmt: skip
