"""Messages are composed before they are sent; silences, and who did what; answers that flap"""

import sqlalchemy as sa
from alembic import op

revision = "0009_telling"
down_revision = "0008_register"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
OWED = sa.text("state = 'owed'")
WAITS = sa.text("state = 'owed' AND sent_in IS NULL")


def upgrade() -> None:
    op.add_column("alert", sa.Column("acknowledged_until", MOMENT, nullable=True))
    op.add_column("alert", sa.Column("tell_at", MOMENT, nullable=True))
    op.execute("UPDATE alert SET tell_at = opened_at WHERE state <> 'resolved'")
    op.create_index("alert_tell", "alert", ["tell_at"], unique=False)
    op.add_column("standing", sa.Column("history", sa.String(), nullable=False, server_default=""))

    op.drop_index("notification_owed", table_name="notification")
    for name in ("attempts", "next_try", "lease_token"):
        op.drop_column("notification", name)
    op.add_column("notification", sa.Column("unit", sa.String(), nullable=False, server_default=""))
    op.add_column("notification", sa.Column("rank", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("notification", sa.Column("order_at", MOMENT, nullable=True))
    op.execute("UPDATE notification SET order_at = due_at")
    with op.batch_alter_table("notification") as notification:
        notification.alter_column("order_at", existing_type=MOMENT, nullable=False)
    op.add_column("notification", sa.Column("sent_in", sa.String(), nullable=True))
    op.create_index(
        "notification_waits",
        "notification",
        ["receiver", "unit"],
        unique=False,
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    op.create_index("notification_of_message", "notification", ["sent_in"], unique=False)
    op.create_index("notification_of_unit", "notification", ["unit", "promised_at"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("next_try", MOMENT, nullable=False),
        sa.Column("lease_token", sa.String(), nullable=True),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(
        "message_owed", "message", ["receiver", "next_try"], unique=False, sqlite_where=OWED, postgresql_where=OWED
    )
    op.create_index("message_of_receiver", "message", ["receiver", "id"], unique=False)
    op.create_table(
        "told",
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("receiver", "unit"),
    )
    op.create_table(
        "silence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("matchers", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("every", sa.Text(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("silence_end", "silence", ["ends_at"], unique=False)
    op.create_table(
        "act",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("act_of_subject", "act", ["subject", "id"], unique=False)


def downgrade() -> None:
    for name in ("act", "silence", "told", "message"):
        op.drop_table(name)
    for name in ("notification_of_unit", "notification_of_message", "notification_waits"):
        op.drop_index(name, table_name="notification")
    for name in ("sent_in", "order_at", "rank", "unit"):
        op.drop_column("notification", name)
    op.add_column("notification", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("notification", sa.Column("next_try", MOMENT, nullable=True))
    op.execute("UPDATE notification SET next_try = due_at")
    with op.batch_alter_table("notification") as notification:
        notification.alter_column("next_try", existing_type=MOMENT, nullable=False)
    op.add_column("notification", sa.Column("lease_token", sa.String(), nullable=True))
    op.create_index(
        "notification_owed",
        "notification",
        ["receiver", "next_try"],
        unique=False,
        sqlite_where=OWED,
        postgresql_where=OWED,
    )
    op.drop_column("standing", "history")
    op.drop_index("alert_tell", table_name="alert")
    op.drop_column("alert", "tell_at")
    op.drop_column("alert", "acknowledged_until")
