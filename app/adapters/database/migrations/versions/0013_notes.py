"""What is worth knowing of a delivery besides its error.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build."""
    op.add_column("delivery", sa.Column("note", sa.String(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("delivery", "note")
