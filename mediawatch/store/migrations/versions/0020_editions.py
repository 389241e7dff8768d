"""The editions of rulebooks that the house judged by"""

import sqlalchemy as sa
from alembic import op

revision = "0020_editions"
down_revision = "0019_answers"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "book_edition",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("book", sa.String(), nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("book_edition_of", "book_edition", ["book", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("book_edition")
