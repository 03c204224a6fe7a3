"""What an operator asks a backfill for, as the words of a row of the ledger."""

from __future__ import annotations

INVENTORY, PLAN = "inventory", "plan"
CONTINUE = "continue"
"""Why a step that did not end wakes the subject."""
