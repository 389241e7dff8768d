"""What the screens find in new posts"""

import sqlalchemy as sa
from alembic import op

revision = "0005_hits"
down_revision = "0004_states"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "hit",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("hit_of_account", "hit", ["account", "at"], unique=False)


def downgrade() -> None:
    op.drop_table("hit")
