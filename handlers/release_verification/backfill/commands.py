"""What an operator asks a backfill for, as the words of a row of the ledger."""

from __future__ import annotations

import re
from dataclasses import dataclass

INVENTORY, PLAN, APPROVE, RUN, ROLLBACK = "inventory", "plan", "approve", "run", "rollback"
NAMED = re.compile(r"(approve|rollback) ([0-9a-f]{16,64}) ([A-Za-z0-9][A-Za-z0-9_-]{0,38}) (\S{1,100})")


@dataclass(frozen=True, slots=True)
class Named:
    """An approval of a plan by its digest, or the rollback of one by its id; `said_by` is an account of the system."""

    command: str
    plan: str
    by: str
    said_by: str

    @property
    def words(self) -> str:
        """As a row has it."""
        return f"{self.command} {self.plan} {self.by} {self.said_by}"


def named(words: str) -> Named | None:
    """The command that a row has; None for any other."""
    found = NAMED.fullmatch(words)
    return Named(*found.groups()) if found else None


CONTINUE = "continue"
"""Why a step that did not end wakes the subject."""
