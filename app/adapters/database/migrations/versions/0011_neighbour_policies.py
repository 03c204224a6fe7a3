"""The last good version of policy files that repositories share.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build."""
    op.create_table(
        "neighbour_policy",
        sa.Column("app_key", sa.String(), primary_key=True),
        sa.Column("installation_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("source_json", sa.String(), nullable=False),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("neighbour_policy")
