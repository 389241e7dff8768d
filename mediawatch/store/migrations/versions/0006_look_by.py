"""Until when a look should have been made"""

import sqlalchemy as sa
from alembic import op

revision = "0006_look_by"
down_revision = "0005_hits"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("target", sa.Column("look_by", MOMENT, nullable=True))
    op.execute("UPDATE target SET look_by = next_due")
    op.create_index("target_queue", "target", ["platform", "look_by"], unique=False)


def downgrade() -> None:
    op.drop_index("target_queue", "target")
    op.drop_column("target", "look_by")
