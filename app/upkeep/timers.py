"""Timers: a wake-up that came due becomes a ledger row like any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.ports.clock import Clock
from app.ports.ledger import Ledger
from app.upkeep.loop import repeat

TICK_S = 1.0
BATCH = 200


@dataclass(frozen=True, slots=True)
class Timers:
    """Looks every second."""

    ledger: Ledger
    clock: Clock
    wake: Callable[[], None]
    every_s: float = TICK_S

    async def turn(self) -> None:
        """Fires what is due."""
        while await self.ledger.fire_timers(self.clock.now(), BATCH):
            self.wake()

    async def run(self) -> None:
        """Runs until it is cancelled."""
        await repeat("timers", self.turn, self.every_s)
