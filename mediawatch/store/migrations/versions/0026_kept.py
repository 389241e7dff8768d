"""Until when the answers of an account need not be judged again, and by what they were judged; lists by day from an
index alone"""

import sqlalchemy as sa
from alembic import op

revision = "0026_kept"
down_revision = "0025_setup"

ON_BOARD = sa.text("removed_at IS NULL AND NOT canary")


def _by_day(*more: str) -> None:
    for name, column in (("account_newest", "newest_post_at"), ("account_looked", "looked_at")):
        op.drop_index(name, "account")
        columns = [column, "id", *more]
        op.create_index(name, "account", columns, unique=False, sqlite_where=ON_BOARD, postgresql_where=ON_BOARD)


def upgrade() -> None:
    op.add_column("account", sa.Column("keeps_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("kept_by", sa.Text(), nullable=False, server_default=""))
    _by_day("removed_at", "canary")


def downgrade() -> None:
    _by_day()
    op.drop_column("account", "kept_by")
    op.drop_column("account", "keeps_until")
