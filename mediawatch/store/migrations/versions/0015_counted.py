"""Indexes from which a hundred thousand accounts are counted, and the newest changes are found"""

import sqlalchemy as sa
from alembic import op

revision = "0015_counted"
down_revision = "0014_post_was"

ON_BOARD = sa.text("removed_at IS NULL AND NOT canary")
COUNTED = ["outcome", "deadline", "removed_at", "canary"]
CHANGED = ["opened", "confirmed", "acknowledged"]


def upgrade() -> None:
    for name, columns in (("account_counted", COUNTED), ("account_counted_by_region", ["region", *COUNTED])):
        op.create_index(name, "account", columns, unique=False, sqlite_where=ON_BOARD, postgresql_where=ON_BOARD)
    for name in CHANGED:
        op.create_index(f"alert_{name}", "alert", [f"{name}_at"], unique=False)


def downgrade() -> None:
    for name in CHANGED:
        op.drop_index(f"alert_{name}", "alert")
    op.drop_index("account_counted_by_region", "account")
    op.drop_index("account_counted", "account")
