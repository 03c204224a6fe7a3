"""Pull requests by their head commit. Those of before are known again from their next event."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.adapters.database.tables import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "pull",
        sa.Column("app_key", sa.String(), nullable=False),
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("head_sha", sa.String(), nullable=False),
        sa.Column("event_json", sa.String(), nullable=False),
        sa.Column("delivery_seq", sa.Integer(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("app_key", "repository_id", "number"),
    )
    op.create_index("ix_pull_head", "pull", ["app_key", "repository_id", "head_sha"])
    op.create_index("ix_pull_received_at", "pull", ["received_at"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("pull")
