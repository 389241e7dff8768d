"""What a look would have to change before an account is judged again, and what a target's last list showed"""

import sqlalchemy as sa
from alembic import op

revision = "0021_settled"
down_revision = "0020_editions"


def upgrade() -> None:
    op.add_column("account", sa.Column("settled", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("target", sa.Column("shown", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("target", "shown")
    op.drop_column("account", "settled_at")
    op.drop_column("account", "settled")
