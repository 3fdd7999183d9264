"""Feedback: loops with their clocks, answers, commitments, and what the people concerned say."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = "state IN ('acknowledged', 'assigned', 'disputed', 'lapsed', 'reopened', 'transferred', 'under_review')"


def upgrade() -> None:
    op.create_table(
        "feedback_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_feedback_day")),
    )
    op.create_table(
        "feedback_round",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_round")),
    )
    op.create_table(
        "feedback_alarm",
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("target", "event", name=op.f("pk_feedback_alarm")),
    )
    op.create_table(
        "feedback_loop",
        sa.Column("contribution_id", NUMBER, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("authority_id", NUMBER, nullable=True),
        sa.Column("owner_id", NUMBER, nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(32), nullable=True),
        sa.Column("refusal", sa.String(32), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", NUMBER, nullable=True),
        sa.Column("answer_days", NUMBER, nullable=True),
        sa.Column("in_time", sa.Boolean(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("round", NUMBER, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_count", NUMBER, nullable=False),
        sa.Column("solved_count", NUMBER, nullable=False),
        sa.Column("unsolved_count", NUMBER, nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_count", NUMBER, nullable=False),
        sa.Column("appealing", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user.id"], name=op.f("fk_feedback_loop_answered_by_id")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_feedback_loop_authority_id")),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_feedback_loop_contribution_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_feedback_loop_owner_id")),
        sa.PrimaryKeyConstraint("contribution_id", name=op.f("pk_feedback_loop")),
    )
    op.create_index("ix_feedback_loop_authority", "feedback_loop", ["authority_id", "state", "due_at"])
    op.create_index(
        "ix_feedback_loop_due",
        "feedback_loop",
        ["due_at", "contribution_id"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_feedback_loop_overdue",
        "feedback_loop",
        ["overdue_at", "contribution_id"],
        sqlite_where=sa.text("overdue_at IS NOT NULL"),
        postgresql_where=sa.text("overdue_at IS NOT NULL"),
    )
    op.create_index(
        "ix_feedback_loop_verified",
        "feedback_loop",
        ["verified_at"],
        sqlite_where=sa.text("verified_at IS NOT NULL"),
        postgresql_where=sa.text("verified_at IS NOT NULL"),
    )
    op.create_index(
        "ix_feedback_loop_waiting",
        "feedback_loop",
        ["opened_at", "contribution_id"],
        sqlite_where=sa.text(WAITING),
        postgresql_where=sa.text(WAITING),
    )
    op.create_index("ix_feedback_loop_owner", "feedback_loop", ["owner_id", "state", "due_at"])
    op.create_index("ix_feedback_loop_inbox", "feedback_loop", ["state", "due_at", "contribution_id"])
    op.create_index("ix_feedback_loop_state", "feedback_loop", ["state", "state_at", "contribution_id"])

    op.create_table(
        "feedback_answer",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("contribution_id", NUMBER, nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("refusal", sa.String(32), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("authority_id", NUMBER, nullable=False),
        sa.Column("author_id", NUMBER, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_feedback_answer_author_id")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_feedback_answer_authority_id")),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["feedback_loop.contribution_id"], name=op.f("fk_feedback_answer_contribution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_answer")),
    )
    op.create_index("ix_feedback_answer_contribution", "feedback_answer", ["contribution_id", "id"])

    op.create_table(
        "feedback_appeal",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("contribution_id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", NUMBER, nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["feedback_loop.contribution_id"], name=op.f("fk_feedback_appeal_contribution_id")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_feedback_appeal_decided_by_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_feedback_appeal_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_appeal")),
    )
    op.create_index("ix_feedback_appeal_contribution", "feedback_appeal", ["contribution_id", "id"])

    op.create_table(
        "feedback_clock",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("contribution_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung", NUMBER, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["feedback_loop.contribution_id"], name=op.f("fk_feedback_clock_contribution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_clock")),
    )
    op.create_index("ix_feedback_clock_contribution", "feedback_clock", ["contribution_id", "stopped_at"])
    op.create_index(
        "ix_feedback_clock_next",
        "feedback_clock",
        ["next_at", "id"],
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )

    op.create_table(
        "feedback_commitment",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("contribution_id", NUMBER, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("deliverable", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("evidence_html", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("picture_id", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["feedback_loop.contribution_id"], name=op.f("fk_feedback_commitment_contribution_id")
        ),
        sa.ForeignKeyConstraint(["picture_id"], ["file.id"], name=op.f("fk_feedback_commitment_picture_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_commitment")),
    )
    op.create_index("ix_feedback_commitment_contribution", "feedback_commitment", ["contribution_id", "id"])

    op.create_table(
        "feedback_draft",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("contribution_id", NUMBER, nullable=False),
        sa.Column("author_id", NUMBER, nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_feedback_draft_author_id")),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["feedback_loop.contribution_id"], name=op.f("fk_feedback_draft_contribution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_draft")),
        sa.UniqueConstraint("contribution_id", "author_id", name=op.f("uq_feedback_draft_contribution_id_author_id")),
    )
    op.create_index(op.f("ix_feedback_draft_author_id"), "feedback_draft", ["author_id"])

    op.create_table(
        "feedback_note",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("contribution_id", NUMBER, nullable=False),
        sa.Column("author_id", NUMBER, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_feedback_note_author_id")),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["feedback_loop.contribution_id"], name=op.f("fk_feedback_note_contribution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_note")),
    )
    op.create_index("ix_feedback_note_contribution", "feedback_note", ["contribution_id", "id"])

    op.create_table(
        "feedback_receipt",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("contribution_id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=True),
        sa.Column("helper_id", NUMBER, nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["feedback_loop.contribution_id"], name=op.f("fk_feedback_receipt_contribution_id")
        ),
        sa.ForeignKeyConstraint(["helper_id"], ["user.id"], name=op.f("fk_feedback_receipt_helper_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_feedback_receipt_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_receipt")),
        sa.UniqueConstraint("code", name=op.f("uq_feedback_receipt_code")),
        sa.UniqueConstraint("contribution_id", "user_id", name=op.f("uq_feedback_receipt_contribution_id_user_id")),
    )
    op.create_table(
        "feedback_wish",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("contribution_id", NUMBER, nullable=False),
        sa.Column("time", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["feedback_loop.contribution_id"], name=op.f("fk_feedback_wish_contribution_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_feedback_wish_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_wish")),
        sa.UniqueConstraint(
            "contribution_id", "time", "user_id", name=op.f("uq_feedback_wish_contribution_id_time_user_id")
        ),
    )
    op.create_table(
        "feedback_reply",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("contribution_id", NUMBER, nullable=False),
        sa.Column("round", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=True),
        sa.Column("receipt_id", NUMBER, nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(user_id IS NULL) <> (receipt_id IS NULL)", name=op.f("ck_feedback_reply_voice")),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["feedback_loop.contribution_id"], name=op.f("fk_feedback_reply_contribution_id")
        ),
        sa.ForeignKeyConstraint(["receipt_id"], ["feedback_receipt.id"], name=op.f("fk_feedback_reply_receipt_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_feedback_reply_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_reply")),
        sa.UniqueConstraint(
            "contribution_id", "round", "receipt_id", name=op.f("uq_feedback_reply_contribution_id_round_receipt_id")
        ),
        sa.UniqueConstraint(
            "contribution_id", "round", "user_id", name=op.f("uq_feedback_reply_contribution_id_round_user_id")
        ),
    )
