"""Pruning: closed deliveries are forgotten after the retention time, which the settings keep longer than GitHub can redeliver.

Receipts of releases have a time of their own, counted in years.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.ports.clock import Clock
from app.ports.ledger import Ledger

EVERY_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Pruning:
    """Runs every hour."""

    ledger: Ledger
    clock: Clock
    retention: timedelta
    receipts: timedelta
    every_s: float = EVERY_S

    async def turn(self) -> int:
        """How many deliveries were forgotten."""
        now = self.clock.now()
        await self.ledger.prune_receipts(now - self.receipts)
        return await self.ledger.prune(now - self.retention)
