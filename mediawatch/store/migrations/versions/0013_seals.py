"""The trail over people's acts, and the seals over the record"""

import sqlalchemy as sa
from alembic import op

revision = "0013_seals"
down_revision = "0012_lists"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "trail",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("of", sa.String(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("of", "first"),
    )
    op.create_table(
        "seal",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("looks", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.String(), nullable=False),
        sa.Column("link", sa.BigInteger(), nullable=False),
        sa.Column("trail", sa.String(), nullable=False),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("prev_hash"),
    )


def downgrade() -> None:
    op.drop_table("seal")
    op.drop_table("trail")
