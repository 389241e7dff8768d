"""Raw answers by their digest, those that are there already, and tombstones of those that are pruned"""

import sqlalchemy as sa
from alembic import op

revision = "0019_answers"
down_revision = "0018_look_hours"

MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EACH = {
    "sqlite": "SELECT d.value, max(o.at), 0 FROM observation o, json_each(o.digests) d GROUP BY d.value",
    "postgresql": (
        "SELECT d.value, max(o.at), 0 FROM observation o, json_array_elements_text(o.digests::json) AS d(value) "
        "GROUP BY d.value"
    ),
}


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        sqlite_with_rowid=False,
    )
    op.create_index("answer_oldest", "answer", ["last_at"], unique=False)
    op.create_table(
        "pruning",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("before", MOMENT, nullable=True),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "tombstone",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("pruning", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["pruning"], ["pruning.id"]),
        sa.PrimaryKeyConstraint("digest", "pruning"),
        sqlite_with_rowid=False,
    )
    op.execute(f"INSERT INTO answer (digest, last_at, held) {EACH[op.get_bind().dialect.name]}")


def downgrade() -> None:
    for name in ("tombstone", "pruning", "answer"):
        op.drop_table(name)
