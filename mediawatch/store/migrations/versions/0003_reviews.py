"""What people decide about candidates"""

import sqlalchemy as sa
from alembic import op

revision = "0003_reviews"
down_revision = "0002_profiles"

MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("alert", sa.Column("review", sa.String(), nullable=False, server_default="not_needed"))
    op.add_column("alert", sa.Column("reviewed_at", MOMENT, nullable=True))
    op.create_table(
        "review",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("since", MOMENT, nullable=True),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["alert"], ["alert.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("review_of_alert", "review", ["alert", "id"], unique=False)
    op.create_index("review_of_account", "review", ["account", "indicator", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("review")
    op.drop_column("alert", "reviewed_at")
    op.drop_column("alert", "review")
