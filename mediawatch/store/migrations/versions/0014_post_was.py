"""What a post was until a look showed it otherwise: the past is judged by what stood then"""

import sqlalchemy as sa
from alembic import op

revision = "0014_post_was"
down_revision = "0013_seals"


def upgrade() -> None:
    op.create_table(
        "post_was",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("repost", sa.Boolean(), nullable=False),
        sa.Column("original", sa.Boolean(), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("post_was_of_account", "post_was", ["account", "until"], unique=False)


def downgrade() -> None:
    op.drop_index("post_was_of_account", "post_was")
    op.drop_table("post_was")
