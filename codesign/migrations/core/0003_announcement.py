"""Announcements: events whose audience is told step by step; the indexes that give audiences in order."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("part", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("after", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_announcement_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_announcement")),
    )
    op.create_index("ix_comment_commenters", "comment", ["contribution_id", "author_id"], unique=False)
    op.create_index("ix_contribution_vote_voters", "contribution_vote", ["contribution_id", "user_id"], unique=False)
    op.drop_index("ix_contribution_vote_contribution_id", "contribution_vote")
    personal = sa.text("event_id IS NULL")
    op.create_index(
        "ix_message_personal", "message", ["state", "due_at", "id"], unique=False,
        sqlite_where=personal, postgresql_where=personal,
    )  # fmt: skip
