"""GitHub's ids in 64 bits; SQLite's integers have as many already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
IDS = (("evaluation", "installation_id"), ("policy", "repository_id"))


def upgrade() -> None:
    """Apply."""
    set_type(sa.BigInteger())


def downgrade() -> None:
    """Undo."""
    set_type(sa.Integer())


def set_type(kind: sa.Integer) -> None:
    """Of each column with an id of GitHub's."""
    if op.get_bind().dialect.name == "postgresql":
        for table, column in IDS:
            op.alter_column(table, column, type_=kind)
