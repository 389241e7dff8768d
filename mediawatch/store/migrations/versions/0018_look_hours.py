"""Looks counted by the hour, and those that are there already"""

import sqlalchemy as sa
from alembic import op

revision = "0018_look_hours"
down_revision = "0017_fleet"

_AT = {"sqlite": "substr(o.at, 1, 13) || ':00:00.000000'", "postgresql": "date_trunc('hour', o.at, 'UTC')"}


def upgrade() -> None:
    op.create_table(
        "look_hour",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("adapter", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "platform", "adapter", "reason", "slot"),
    )
    op.create_index("look_hour_last", "look_hour", ["platform", "reason", "hour"], unique=False)
    hour = _AT[op.get_bind().dialect.name]
    op.execute(
        "INSERT INTO look_hour (platform, hour, adapter, reason, slot, looks) "
        f"SELECT o.platform, {hour}, t.adapter, coalesce(o.reason, ''), 0, count(*) "
        "FROM observation o JOIN target t ON t.id = o.target GROUP BY 1, 2, 3, 4"
    )


def downgrade() -> None:
    op.drop_table("look_hour")
