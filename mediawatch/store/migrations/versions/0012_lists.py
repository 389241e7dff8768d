"""Indexes by which lists of a hundred thousand accounts are narrowed, counted and ordered"""

import sqlalchemy as sa
from alembic import op

revision = "0012_lists"
down_revision = "0011_inspections"

ON_BOARD = sa.text("removed_at IS NULL AND NOT canary")
REMOVED, HERE = sa.text("removed_at IS NOT NULL"), sa.text("removed_at IS NULL")
NARROWED = [
    *("rank", "order_at", "id", "outcome", "deadline", "search", "name", "kind", "level", "region", "unit", "sponsor"),
    *("supervisor", "state", "indicator", "reason", "rulebook", "removed_at", "canary"),
]


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":  # PostgreSQL takes no entry of that size in an index
        op.create_index("account_narrowed", "account", NARROWED, unique=False, sqlite_where=ON_BOARD)
    for name, column in (("account_newest", "newest_post_at"), ("account_looked", "looked_at")):
        op.create_index(name, "account", [column, "id"], unique=False, sqlite_where=ON_BOARD, postgresql_where=ON_BOARD)
    op.create_index("account_added", "account", ["added_at"], unique=False)
    op.create_index(
        "account_removed", "account", ["removed_at"], unique=False, sqlite_where=REMOVED, postgresql_where=REMOVED
    )
    op.create_index(
        "target_seen", "target", ["platform", "last_seen_at"], unique=False, sqlite_where=HERE, postgresql_where=HERE
    )


def downgrade() -> None:
    op.drop_index("target_seen", "target")
    for name in ("account_removed", "account_added", "account_looked", "account_newest"):
        op.drop_index(name, "account")
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("account_narrowed", "account")
