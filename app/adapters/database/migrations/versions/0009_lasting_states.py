"""What lasts of a subject's state when its evaluations are forgotten, and which subjects are old.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build."""
    op.add_column("subject", sa.Column("lasting_json", sa.LargeBinary(), nullable=True))
    op.create_index("ix_subject_last_started_at", "subject", ["last_started_at"])


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_subject_last_started_at", "subject")
    op.drop_column("subject", "lasting_json")
