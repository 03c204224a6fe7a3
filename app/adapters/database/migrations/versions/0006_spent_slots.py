"""Which slots of budgets are spent. Whether those of before wrote nobody knows, so they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("reservation", sa.Column("spent", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("reservation", schema=None) as batch_op:
        batch_op.drop_column("spent")
