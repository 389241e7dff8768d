"""From where a look was made, who need not look next, and the workers of a fleet"""

import sqlalchemy as sa
from alembic import op

revision = "0017_fleet"
down_revision = "0016_asked"


def _empty(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False, server_default="")


def upgrade() -> None:
    op.add_column("observation", _empty("site"))
    op.add_column("observation", _empty("exit"))
    op.add_column("target", _empty("elsewhere"))
    op.create_table(
        "worker",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("exit", sa.String(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("platforms", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    op.drop_table("worker")
    op.drop_column("target", "elsewhere")
    op.drop_column("observation", "exit")
    op.drop_column("observation", "site")
