"""What is read of a target's answers, in one digest"""

import sqlalchemy as sa
from alembic import op

revision = "0022_essence"
down_revision = "0021_settled"


def upgrade() -> None:
    op.add_column("target", sa.Column("essence", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("target", "essence")
