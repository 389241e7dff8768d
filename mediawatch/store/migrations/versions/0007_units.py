"""The units that answer for accounts"""

import sqlalchemy as sa
from alembic import op

revision = "0007_units"
down_revision = "0006_look_by"


def upgrade() -> None:
    op.create_table(
        "unit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("uscc", sa.String(), nullable=False),
        sa.Column("contacts", sa.Text(), nullable=False),
        sa.Column("receivers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("account", sa.Column("unit", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_account_unit", "account", ["unit"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_account_unit", table_name="account")
    op.drop_column("account", "unit")
    op.drop_table("unit")
