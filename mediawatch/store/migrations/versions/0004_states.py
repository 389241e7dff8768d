"""Where an account stands in the register"""

import sqlalchemy as sa
from alembic import op

revision = "0004_states"
down_revision = "0003_reviews"


def upgrade() -> None:
    op.add_column("account", sa.Column("state", sa.String(), nullable=False, server_default="running"))
    op.add_column("account", sa.Column("state_since", sa.Date(), nullable=True))
    op.add_column("account", sa.Column("stop_announced", sa.Date(), nullable=True))
    op.add_column("account", sa.Column("stop_notice", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    for name in ("stop_notice", "stop_announced", "state_since", "state"):
        op.drop_column("account", name)
