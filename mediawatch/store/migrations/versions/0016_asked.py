"""What was asked in a look, and how it was answered: method, address, status and a few headers"""

import sqlalchemy as sa
from alembic import op

revision = "0016_asked"
down_revision = "0015_counted"


def upgrade() -> None:
    op.add_column("observation", sa.Column("asked", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("observation", "asked")
