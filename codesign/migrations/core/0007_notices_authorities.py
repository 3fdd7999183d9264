"""Notices, the choices people make about them, and the authorities that answer."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNREAD = sa.text("read_at IS NULL AND shown")
WAITING = sa.text("mail = 'waiting'")
PERSONAL = sa.text("event_id IS NULL AND day IS NULL")
PLACES = ("topic", "situation", "authority")


def upgrade() -> None:
    op.add_column("event", sa.Column("origin", sa.String(32), nullable=False, server_default="clock"))
    op.add_column("file", sa.Column("purpose", sa.Text(), nullable=False, server_default=""))
    _authorities()
    _places()
    _notices()
    _subscriptions()


def _authorities() -> None:
    op.create_table(
        "authority",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("head_id", NUMBER, nullable=True),
        sa.Column("position", NUMBER, nullable=False),
        sa.Column("follower_count", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["head_id"], ["user.id"], name=op.f("fk_authority_head_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority")),
        sa.UniqueConstraint("slug", name=op.f("uq_authority_slug")),
    )
    op.create_table(
        "member",
        sa.Column("authority_id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_member_authority_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_member_user_id")),
        sa.PrimaryKeyConstraint("authority_id", "user_id", name=op.f("pk_member")),
    )
    op.create_index(op.f("ix_member_user_id"), "member", ["user_id"])
    op.create_table(
        "remit",
        sa.Column("topic_id", NUMBER, nullable=False),
        sa.Column("authority_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_remit_authority_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_remit_topic_id")),
        sa.PrimaryKeyConstraint("topic_id", name=op.f("pk_remit")),
    )
    op.create_index(op.f("ix_remit_authority_id"), "remit", ["authority_id"])


def _places() -> None:
    """SQLite adds a reference only together with its column, and copies the whole table for anything else."""
    inline = op.get_bind().dialect.name == "sqlite"
    for place in PLACES:
        reference = sa.ForeignKey(f"{place}.id", name=op.f(f"fk_event_{place}_id"))
        column = sa.Column(f"{place}_id", NUMBER, reference, nullable=True)
        op.add_column("event", column, inline_references=inline)
        known = sa.text(f"{place}_id IS NOT NULL")
        op.create_index(f"ix_event_{place}", "event", [f"{place}_id", "id"], sqlite_where=known, postgresql_where=known)
    whole = {"sqlite_where": sa.text("comment_id IS NULL"), "postgresql_where": sa.text("comment_id IS NULL")}
    op.create_index("ix_event_timeline", "event", ["contribution_id", "id"], **whole)


def _subscriptions() -> None:
    op.create_table(
        "subscription",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_subscription")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_subscription_token_hash")),
    )
    op.create_index(op.f("ix_subscription_sent_at"), "subscription", ["sent_at"])
    op.add_column("token", sa.Column("signing_up", sa.JSON(), nullable=True))


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("event_id", NUMBER, nullable=False),
        sa.Column("ground", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("mail", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_notice_event_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_notice_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("event_id", "user_id", name=op.f("uq_notice_event_id_user_id")),
    )
    op.create_index("ix_notice_inbox", "notice", ["user_id", "id"])
    op.create_index("ix_notice_unread", "notice", ["user_id"], sqlite_where=UNREAD, postgresql_where=UNREAD)
    op.create_index("ix_notice_waiting", "notice", ["user_id"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_table(
        "preference",
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("ground", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_preference_user_id")),
        sa.PrimaryKeyConstraint("user_id", "ground", "channel", name=op.f("pk_preference")),
    )
    op.create_table(
        "mailbox",
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("digest_hour", NUMBER, nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mailbox_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mailbox")),
    )
    op.create_table(
        "round",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("done_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("doing_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_round")),
    )
    op.add_column("message", sa.Column("day", sa.Date(), nullable=True))
    op.create_index("uq_message_day", "message", ["user_id", "day"], unique=True)
    op.drop_index("ix_message_personal", "message")
    op.create_index(
        "ix_message_personal", "message", ["state", "due_at", "id"], sqlite_where=PERSONAL, postgresql_where=PERSONAL
    )
