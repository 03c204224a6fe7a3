"""Receipts of verified releases.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build."""
    op.create_table(
        "receipt",
        *release_key(),
        sa.Column("asset_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("sha256", sa.String(), primary_key=True),
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("signer", sa.String(), nullable=True),
        sa.Column("verdict_sha256", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_receipt_repository", "receipt", ["repository", "tag"])
    op.create_index("ix_receipt_confirmed_at", "receipt", ["confirmed_at"])
    op.create_table(
        "receipt_bundle",
        *release_key(),
        sa.Column("sha256", sa.String(), primary_key=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )


def release_key() -> list[sa.Column[object]]:
    """What names a release."""
    return [
        sa.Column("app_key", sa.String(), primary_key=True),
        sa.Column("repository_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("release_id", sa.BigInteger(), primary_key=True, autoincrement=False),
    ]


def downgrade() -> None:
    """Undo."""
    op.drop_table("receipt_bundle")
    op.drop_table("receipt")
