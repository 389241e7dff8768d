"""Until when the answers of an account need not be judged again, and by what they were judged"""

import sqlalchemy as sa
from alembic import op

revision = "0026_kept"
down_revision = "0025_setup"


def upgrade() -> None:
    op.add_column("account", sa.Column("keeps_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("kept_by", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("account", "kept_by")
    op.drop_column("account", "keeps_until")
