"""The looks at which a platform said that an account is gone are found by platform and time"""

import sqlalchemy as sa
from alembic import op

revision = "0023_gone_together"
down_revision = "0022_matters"

_GONE = sa.text("reason IN ('gone', 'blocked_account', 'moved')")


def upgrade() -> None:
    op.create_index(
        "observation_of_gone", "observation", ["platform", "at"], sqlite_where=_GONE, postgresql_where=_GONE
    )


def downgrade() -> None:
    op.drop_index("observation_of_gone", table_name="observation")
