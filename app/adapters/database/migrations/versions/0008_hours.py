"""What is left of each installation's hourly limits at GitHub.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.adapters.database.tables import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build."""
    op.create_table(
        "budget_hour",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("reset_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", "resource"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("budget_hour")
