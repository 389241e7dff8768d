"""What the register says of accounts beside others, from when to when"""

import sqlalchemy as sa
from alembic import op

revision = "0022_matters"
down_revision = "0021_settled"

MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "register_matter",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("others", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("register_matter_of", "register_matter", ["account", "id"], unique=False)
    open_ = sa.text("until IS NULL")
    op.create_index(
        "register_matter_open", "register_matter", ["id"], unique=False, sqlite_where=open_, postgresql_where=open_
    )


def downgrade() -> None:
    op.drop_table("register_matter")
