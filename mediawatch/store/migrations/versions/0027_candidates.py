"""On the board, whose fail waits for a person comes behind those who fail, and is counted apart"""

import sqlalchemy as sa
from alembic import op

revision = "0027_candidates"
down_revision = "0026_kept"

ON_BOARD = sa.text("removed_at IS NULL AND NOT canary")


def _counted_by(column: str) -> None:
    for name, first in (("account_counted", []), ("account_counted_by_region", ["region"])):
        op.drop_index(name, "account")
        columns = [*first, column, "deadline", "removed_at", "canary"]
        op.create_index(name, "account", columns, unique=False, sqlite_where=ON_BOARD, postgresql_where=ON_BOARD)


def upgrade() -> None:
    op.execute("UPDATE account SET rank = rank + 1 WHERE rank > 0")
    op.execute("""UPDATE account SET rank = 1 WHERE outcome = 'fail' AND finding LIKE '%"finality":"candidate"%'
        AND NOT EXISTS (SELECT 1 FROM alert WHERE subject = account.id AND alert.indicator = account.indicator
            AND alert.state <> 'resolved' AND alert.level = 'breach' AND alert.review <> 'waiting')""")
    _counted_by("rank")


def downgrade() -> None:
    _counted_by("outcome")
    op.execute("UPDATE account SET rank = rank - 1 WHERE rank > 0")
