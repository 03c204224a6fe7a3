"""Pruning: closed deliveries are forgotten after the retention time, which is longer than GitHub can redeliver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.ports.clock import Clock
from app.ports.ledger import Ledger
from app.upkeep.loop import repeat

EVERY_S = 3_600.0
LEAST = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Pruning:
    """Runs every hour."""

    ledger: Ledger
    clock: Clock
    retention: timedelta
    every_s: float = EVERY_S

    async def turn(self) -> int:
        """How many deliveries were forgotten."""
        return await self.ledger.prune(self.clock.now() - max(self.retention, LEAST))

    async def run(self) -> None:
        """Runs until it is cancelled."""
        await repeat("pruning", self.turn, self.every_s)
