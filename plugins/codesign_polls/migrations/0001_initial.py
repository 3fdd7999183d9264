"""Polls: what is asked, the roll, the ballot box, open ballots and one-time codes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "polls_draft",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("author_id", NUMBER, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("file_ids", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_polls_draft_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls_draft")),
    )
    op.create_index(op.f("ix_polls_draft_author_id"), "polls_draft", ["author_id"])

    op.create_table(
        "polls_ballot",
        sa.Column("poll_id", NUMBER, nullable=False),
        sa.Column("voter", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["contribution.id"], name=op.f("fk_polls_ballot_poll_id")),
        sa.PrimaryKeyConstraint("poll_id", "voter", name=op.f("pk_polls_ballot")),
    )
    op.create_table(
        "polls_box",
        sa.Column("poll_id", NUMBER, nullable=False),
        sa.Column("question", NUMBER, nullable=False),
        sa.Column("bucket", NUMBER, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["contribution.id"], name=op.f("fk_polls_box_poll_id")),
        sa.PrimaryKeyConstraint("poll_id", "question", "bucket", name=op.f("pk_polls_box")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "polls_code_sheet",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("poll_id", NUMBER, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("made_by_id", NUMBER, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", NUMBER, nullable=False),
        sa.Column("area_id", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_polls_code_sheet_area_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_polls_code_sheet_made_by_id")),
        sa.ForeignKeyConstraint(["poll_id"], ["contribution.id"], name=op.f("fk_polls_code_sheet_poll_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls_code_sheet")),
    )
    op.create_index(op.f("ix_polls_code_sheet_poll_id"), "polls_code_sheet", ["poll_id"])

    op.create_table(
        "polls_poll",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("quorum", NUMBER, nullable=True),
        sa.Column("quorum_share", NUMBER, nullable=True),
        sa.Column("by_account", sa.Boolean(), nullable=False),
        sa.Column("by_code", sa.Boolean(), nullable=False),
        sa.Column("min_level", NUMBER, nullable=False),
        sa.Column("min_age", NUMBER, nullable=True),
        sa.Column("max_age", NUMBER, nullable=True),
        sa.Column("area_ids", sa.JSON(), nullable=False),
        sa.Column("code_salt", sa.Text(), nullable=False),
        sa.Column("voter_count", NUMBER, nullable=False),
        sa.Column("opened_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=True),
        sa.Column("imported_from", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["contribution.id"], name=op.f("fk_polls_poll_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls_poll")),
    )
    op.create_index("ix_polls_poll_closes", "polls_poll", ["closes_at"])
    op.create_index("ix_polls_poll_opens", "polls_poll", ["opens_at"])

    op.create_table(
        "polls_roll",
        sa.Column("poll_id", NUMBER, nullable=False),
        sa.Column("voter", sa.Text(), nullable=False),
        sa.Column("user_id", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["poll_id"], ["contribution.id"], name=op.f("fk_polls_roll_poll_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_polls_roll_user_id")),
        sa.PrimaryKeyConstraint("poll_id", "voter", name=op.f("pk_polls_roll")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "polls_published",
        sa.Column("poll_id", NUMBER, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["contribution.id"], name=op.f("fk_polls_published_poll_id")),
        sa.PrimaryKeyConstraint("poll_id", name=op.f("pk_polls_published")),
    )
    op.create_table(
        "polls_code",
        sa.Column("poll_id", NUMBER, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sheet_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["contribution.id"], name=op.f("fk_polls_code_poll_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["polls_code_sheet.id"], name=op.f("fk_polls_code_sheet_id")),
        sa.PrimaryKeyConstraint("poll_id", "digest", name=op.f("pk_polls_code")),
        sqlite_with_rowid=False,
    )
