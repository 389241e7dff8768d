"""What is filed of accounts, and what changed in the register"""

import sqlalchemy as sa
from alembic import op

revision = "0008_register"
down_revision = "0007_units"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("account", sa.Column("filing", sa.Text(), nullable=False, server_default="{}"))
    op.create_table(
        "register_change",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entry", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("register_change_of", "register_change", ["account", "id"], unique=False)
    op.create_index("ix_register_change_entry", "register_change", ["entry"], unique=False)


def downgrade() -> None:
    op.drop_table("register_change")
    op.drop_column("account", "filing")
