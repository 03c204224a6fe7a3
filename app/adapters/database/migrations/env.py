"""Runs the migrations on the connection that `migrate` hands over."""

from __future__ import annotations

from alembic import context

from app.adapters.database import tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=tables.METADATA,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
