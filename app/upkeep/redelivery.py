"""Redelivery: GitHub never delivers twice by itself, so what it could not deliver is asked for again.

The App's delivery log is read back to a kept cursor, at most three days; guids without a successful attempt that the ledger
has not settled are asked for, a bounded number a turn. Source: GitHub's "Handling failed webhook deliveries".
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.ids import AppKey, DeliveryId
from app.errors import PermanentError
from app.ports.app_admin import AppAdmin, HookDelivery
from app.ports.clock import Clock
from app.ports.ledger import Ledger

logger = logging.getLogger(__name__)
WINDOW = timedelta(days=3)
OVERLAP = timedelta(minutes=10)
EVERY_S = 300.0
BUDGET = 100
ASKED_AT_ONCE = 500
"""Guids in one question to the ledger: databases bound the parameters of a statement, a long outage does not."""


@dataclass(frozen=True, slots=True)
class Redelivery:
    """The reconciler of one App: its own log, its own position; a delivery of another App under the same guid is not its own."""

    app_key: AppKey
    admin: AppAdmin
    ledger: Ledger
    clock: Clock
    every_s: float = EVERY_S

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
        wanted = await self._unsettled(without_success(attempts))
        asked = 0
        for attempt in wanted[:BUDGET]:
            asked += await self._ask(attempt)
        if len(wanted) <= BUDGET:
            await self.ledger.set_cursor(self._cursor, now.isoformat())
        if wanted:
            counts = {"count": asked, "left": max(0, len(wanted) - BUDGET)}
            logger.info("redelivery_asked", extra={"app": self.app_key, **counts})
        return asked

    async def _unsettled(self, failed: Sequence[HookDelivery]) -> list[HookDelivery]:
        settled: set[DeliveryId] = set()
        for start in range(0, len(failed), ASKED_AT_ONCE):
            guids = [attempt.guid for attempt in failed[start : start + ASKED_AT_ONCE]]
            settled |= await self.ledger.settled(self.app_key, guids)
        return [attempt for attempt in failed if attempt.guid not in settled]

    async def _ask(self, attempt: HookDelivery) -> bool:
        """Whether GitHub will deliver again; what it refuses for good must not keep the others waiting."""
        try:
            await self.admin.redeliver(attempt.id)
        except PermanentError as exc:
            fields = {"app": self.app_key, "delivery_id": attempt.guid, "error": str(exc)}
            logger.warning("redelivery_refused", extra=fields)
            return False
        return True

    @property
    def _cursor(self) -> str:
        return f"redelivery|{self.app_key}"


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
