"""Redelivery: GitHub never delivers twice by itself, so what it could not deliver is asked for again.

The App's delivery log is read back to a kept position, at most three days; guids without a successful attempt that the ledger
has not settled are asked for, a bounded number a turn and each ever more rarely (`app.upkeep.missed`). Source: GitHub's
"Handling failed webhook deliveries".
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.ids import AppKey, DeliveryId
from app.errors import PermanentError
from app.ports.app_admin import AppAdmin
from app.ports.clock import Clock
from app.ports.ledger import Ledger
from app.upkeep.missed import MOST_ATTEMPTS, Missed, Reading, dump, given_up, load

logger = logging.getLogger(__name__)
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
        """Asks for what was missed and is due; how many. Where GitHub is in trouble the position stays as it was."""
        log = Reading(load(await self.ledger.cursor(self._cursor)))
        async for attempt in self.admin.hook_deliveries():
            if not log.add(attempt):
                break
        missed = await self._unsettled(log.missed())
        now = self.clock.now()
        due = [each for each in missed if each.is_due(now)]
        hopeless = [each for each in due if len(each.attempts) >= MOST_ATTEMPTS]
        asked, refused = await self._ask_for([each for each in due if each not in hopeless][:BUDGET])
        for each in hopeless:
            fields = {"app": self.app_key, "delivery_id": each.guid, "attempts": len(each.attempts)}
            logger.error("redelivery_given_up", extra=fields)
        missed = given_up(missed, {*refused, *(each.guid for each in hopeless)})
        await self.ledger.set_cursor(self._cursor, dump(log.position(missed)))
        if due:
            left = max(0, len(due) - len(hopeless) - BUDGET)
            logger.info("redelivery_asked", extra={"app": self.app_key, "count": asked, "left": left})
        return asked

    async def _unsettled(self, missed: Sequence[Missed]) -> list[Missed]:
        settled: set[DeliveryId] = set()
        for start in range(0, len(missed), ASKED_AT_ONCE):
            guids = [each.guid for each in missed[start : start + ASKED_AT_ONCE]]
            settled |= await self.ledger.settled(self.app_key, guids)
        return [each for each in missed if each.guid not in settled]

    async def _ask_for(self, missed: Sequence[Missed]) -> tuple[int, set[DeliveryId]]:
        """How many GitHub will deliver again, and those that it will not."""
        refused = {each.guid for each in missed if not await self._ask(each)}
        return len(missed) - len(refused), refused

    async def _ask(self, missed: Missed) -> bool:
        """Whether GitHub will deliver again; what it refuses for good must not keep the others waiting."""
        try:
            await self.admin.redeliver(missed.newest)
        except PermanentError as exc:
            fields = {"app": self.app_key, "delivery_id": missed.guid, "error": str(exc)}
            logger.warning("redelivery_refused", extra=fields)
            return False
        return True

    @property
    def _cursor(self) -> str:
        return f"redelivery|{self.app_key}"
