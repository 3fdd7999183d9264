"""Proposals, their drafts, revisions, merges, updates, milestones, signatures and thresholds."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "proposals_draft",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("author_id", NUMBER, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("topic_id", NUMBER, nullable=True),
        sa.Column("area_id", NUMBER, nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("file_ids", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_proposals_draft_area_id")),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_proposals_draft_author_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_proposals_draft_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals_draft")),
    )
    op.create_index(op.f("ix_proposals_draft_author_id"), "proposals_draft", ["author_id"])

    op.create_table(
        "proposals_threshold",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("topic_id", NUMBER, nullable=True),
        sa.Column("area_id", NUMBER, nullable=True),
        sa.Column("supporters", NUMBER, nullable=True),
        sa.Column("share", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_proposals_threshold_area_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_proposals_threshold_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals_threshold")),
        sa.UniqueConstraint("area_id", name=op.f("uq_proposals_threshold_area_id")),
        sa.UniqueConstraint("topic_id", name=op.f("uq_proposals_threshold_topic_id")),
    )
    op.create_table(
        "proposals_merge",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("from_id", NUMBER, nullable=False),
        sa.Column("into_id", NUMBER, nullable=False),
        sa.Column("asked_by_id", NUMBER, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_consent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("into_consent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("support_count", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_proposals_merge_asked_by_id")),
        sa.ForeignKeyConstraint(["from_id"], ["contribution.id"], name=op.f("fk_proposals_merge_from_id")),
        sa.ForeignKeyConstraint(["into_id"], ["contribution.id"], name=op.f("fk_proposals_merge_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals_merge")),
        sa.UniqueConstraint("from_id", "into_id", name=op.f("uq_proposals_merge_from_id_into_id")),
    )
    op.create_index(op.f("ix_proposals_merge_into_id"), "proposals_merge", ["into_id"])

    op.create_table(
        "proposals_milestone",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("proposal_id", NUMBER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("author_id", NUMBER, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_proposals_milestone_author_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["contribution.id"], name=op.f("fk_proposals_milestone_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals_milestone")),
    )
    op.create_index("ix_proposals_milestone_day", "proposals_milestone", ["proposal_id", "day"])

    op.create_table(
        "proposals_proposal",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("threshold", NUMBER, nullable=False),
        sa.Column("archives_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "withdrawn_reason",
            sa.Enum(
                "duplicated", "started", "unfeasible", "done", "other", name="withdrawal", native_enum=False, length=32
            ),
            nullable=True,
        ),
        sa.Column("withdrawn_text", sa.Text(), nullable=False),
        sa.Column("merged_into_id", NUMBER, nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("paper_count", NUMBER, nullable=False),
        sa.Column("elsewhere_count", NUMBER, nullable=False),
        sa.Column("progress", NUMBER, nullable=False),
        sa.Column("place", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["id"], ["contribution.id"], name=op.f("fk_proposals_proposal_id")),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["contribution.id"], name=op.f("fk_proposals_proposal_merged_into_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals_proposal")),
    )
    op.create_index("ix_proposals_proposal_archives", "proposals_proposal", ["archives_at"])
    op.create_index(op.f("ix_proposals_proposal_merged_into_id"), "proposals_proposal", ["merged_into_id"])
    untold = "archived_told_at IS NULL AND reached_at IS NULL AND withdrawn_at IS NULL AND merged_at IS NULL"
    parts = {
        "untold": (["archives_at"], untold),
        "progress": (["progress", "place"], untold),
        "reached": (["reached_at"], "reached_at IS NOT NULL"),
        "withdrawn": (["withdrawn_at"], "withdrawn_at IS NOT NULL"),
        "merged": (["merged_at"], "merged_at IS NOT NULL"),
    }
    for name, (columns, those) in parts.items():
        op.create_index(
            f"ix_proposals_proposal_{name}", "proposals_proposal", columns,
            sqlite_where=sa.text(those), postgresql_where=sa.text(those),
        )  # fmt: skip

    op.create_table(
        "proposals_revision",
        sa.Column("proposal_id", NUMBER, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("shown_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("support_count", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["contribution.id"], name=op.f("fk_proposals_revision_proposal_id")),
        sa.PrimaryKeyConstraint("proposal_id", "number", name=op.f("pk_proposals_revision")),
    )
    op.create_table(
        "proposals_sheet",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("proposal_id", NUMBER, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("entered_by_id", NUMBER, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted", NUMBER, nullable=False),
        sa.Column("doubled", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user.id"], name=op.f("fk_proposals_sheet_entered_by_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["contribution.id"], name=op.f("fk_proposals_sheet_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals_sheet")),
    )
    op.create_index(op.f("ix_proposals_sheet_proposal_id"), "proposals_sheet", ["proposal_id"])

    op.create_table(
        "proposals_update",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("proposal_id", NUMBER, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["contribution.id"], name=op.f("fk_proposals_update_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals_update")),
    )
    op.create_index("ix_proposals_update_newest", "proposals_update", ["proposal_id", "created_at"])

    op.create_table(
        "proposals_signature",
        sa.Column("proposal_id", NUMBER, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sheet_id", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["proposal_id"], ["contribution.id"], name=op.f("fk_proposals_signature_proposal_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["proposals_sheet.id"], name=op.f("fk_proposals_signature_sheet_id")),
        sa.PrimaryKeyConstraint("proposal_id", "digest", name=op.f("pk_proposals_signature")),
    )
    op.create_index(op.f("ix_proposals_signature_sheet_id"), "proposals_signature", ["sheet_id"])
