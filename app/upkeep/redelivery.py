"""Redelivery: GitHub never delivers twice by itself, so what it could not deliver is asked for again.

The App's delivery log is read back to a kept cursor, at most three days; guids without a successful attempt that the ledger
has not settled are asked for, a bounded number a turn. Source: GitHub's "Handling failed webhook deliveries".
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.ids import DeliveryId
from app.errors import PermanentError, TransientError
from app.ports.app_admin import AppAdmin, HookDelivery
from app.ports.clock import Clock
from app.ports.ledger import Ledger

logger = logging.getLogger(__name__)
WINDOW = timedelta(days=3)
OVERLAP = timedelta(minutes=10)
EVERY_S = 300.0
BUDGET = 100


@dataclass(frozen=True, slots=True)
class Redelivery:
    """The reconciler of one App."""

    name: str
    admin: AppAdmin
    ledger: Ledger
    clock: Clock

    async def turn(self) -> int:
        """Asks for what was missed since the last turn; how many."""
        now = self.clock.now()
        kept = await self.ledger.cursor(self._cursor)
        since = max(now - WINDOW, datetime.fromisoformat(kept) - OVERLAP if kept else now - WINDOW)
        attempts: list[HookDelivery] = []
        async for attempt in self.admin.hook_deliveries():
            if attempt.delivered_at < since:
                break
            attempts.append(attempt)
        failed = without_success(attempts)
        settled = await self.ledger.settled([attempt.guid for attempt in failed])
        wanted = [attempt for attempt in failed if attempt.guid not in settled]
        for attempt in wanted[:BUDGET]:
            await self.admin.redeliver(attempt.id)
        if len(wanted) <= BUDGET:
            await self.ledger.set_cursor(self._cursor, now.isoformat())
        if wanted:
            logger.info("redelivery_asked", extra={"count": min(len(wanted), BUDGET)})
        return min(len(wanted), BUDGET)

    @property
    def _cursor(self) -> str:
        return f"redelivery|{self.name}"

    async def run(self) -> None:
        """At start and every five minutes, until it is cancelled."""
        while True:
            try:
                await self.turn()
            except (TransientError, PermanentError) as exc:
                logger.warning("redelivery_waits", extra={"error": str(exc)})
            await asyncio.sleep(EVERY_S)


def without_success(attempts: Iterable[HookDelivery]) -> list[HookDelivery]:
    """The newest attempt of each guid none of whose attempts succeeded, oldest first."""
    newest: dict[DeliveryId, HookDelivery] = {}
    succeeded: set[DeliveryId] = set()
    for attempt in attempts:
        if attempt.ok:
            succeeded.add(attempt.guid)
        known = newest.get(attempt.guid)
        if known is None or known.delivered_at < attempt.delivered_at:
            newest[attempt.guid] = attempt
    left = [attempt for guid, attempt in newest.items() if guid not in succeeded]
    return sorted(left, key=lambda attempt: attempt.delivered_at)
