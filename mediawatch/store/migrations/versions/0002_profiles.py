"""What platforms tell of accounts, over time"""

import sqlalchemy as sa
from alembic import op

revision = "0002_profiles"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "profile",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["target"], ["target.id"]),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
        sa.PrimaryKeyConstraint("target", "at"),
    )
    op.create_index("profile_of_account", "profile", ["account", "at"], unique=False)
    op.create_table(
        "profile_day",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("followers", sa.BigInteger(), nullable=True),
        sa.Column("posts", sa.BigInteger(), nullable=True),
        sa.Column("following", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["target"], ["target.id"]),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
        sa.PrimaryKeyConstraint("target", "day"),
    )
    op.create_index("profile_day_of_account", "profile_day", ["account", "day"], unique=False)


def downgrade() -> None:
    for name in ("profile_day", "profile"):
        op.drop_table(name)
