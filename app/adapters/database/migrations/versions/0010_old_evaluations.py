"""Old evaluations, and the timers of a subject, are found without reading all of them.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build; SQLite's text is in the order of its bytes anyway."""
    op.create_index("ix_evaluation_finished_at", "evaluation", ["finished_at"])
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("timer", "key", type_=sa.String(collation="C"))


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_evaluation_finished_at", "evaluation")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("timer", "key", type_=sa.String(collation="default"))
