"""Areas; the area that a contribution is about; verified residents."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "area",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("position", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("slug", name=op.f("uq_area_slug")),
    )
    # SQLite adds a reference only together with its column, and copies the whole table for anything else.
    reference = sa.ForeignKey("area.id", name=op.f("fk_contribution_area_id"))
    inline = op.get_bind().dialect.name == "sqlite"
    op.add_column("contribution", sa.Column("area_id", NUMBER, reference, nullable=True), inline_references=inline)
    for name, column in (("area", "created_at"), ("area_voted", "agree_count")):
        op.create_index(f"ix_contribution_{name}", "contribution", ["area_id", column, "number"], unique=False)
    op.create_table(
        "residence",
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("area_id", NUMBER, nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("document_digest", sa.Text(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_by_id", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_residence_area_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_residence_user_id")),
        sa.ForeignKeyConstraint(["verified_by_id"], ["user.id"], name=op.f("fk_residence_verified_by_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_residence")),
        sa.UniqueConstraint("document_digest", name=op.f("uq_residence_document_digest")),
    )
    op.create_index(op.f("ix_residence_area_id"), "residence", ["area_id"], unique=False)
