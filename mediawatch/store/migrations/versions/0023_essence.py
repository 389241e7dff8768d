"""What is read of a target's answers, in one digest"""

import sqlalchemy as sa
from alembic import op

revision = "0023_essence"
down_revision = "0022_matters"


def upgrade() -> None:
    op.add_column("target", sa.Column("essence", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("target", "essence")
