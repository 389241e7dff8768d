"""Run by Alembic: the migrations, on the connection and inside the transaction of whoever called `migrate`."""

from __future__ import annotations

from alembic import context

from mediawatch.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite cannot alter a table in place
)
with context.begin_transaction():
    context.run_migrations()
