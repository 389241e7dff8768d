"""What is read of a target's answers, in one digest"""

import sqlalchemy as sa
from alembic import op

revision = "0024_essence"
down_revision = "0023_gone_together"


def upgrade() -> None:
    op.add_column("target", sa.Column("essence", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("target", "essence")
