"""With what looks are made: program, books, settings, this run of the machine"""

import sqlalchemy as sa
from alembic import op

revision = "0025_setup"
down_revision = "0024_essence"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "setup",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("program", "books", "settings", "boot")),
        sa.Column("uptime", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("observation", sa.Column("setup", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("observation", "setup")
    op.drop_table("setup")
