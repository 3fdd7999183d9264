"""Editions: one number that grows with every change that pages show."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "edition",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("shard", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("scope", "shard", name=op.f("pk_edition")),
    )
