"""Check runs that nothing will bring to an end: a webhook that was lost, a wake-up that came to nothing, a last word not taken.

Each is looked at again as a row of the ledger's, like any other event. The ledger's own records tell which they are, so that
GitHub is asked nothing for the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from app.domain.delivery import Acceptance, Source, delivery_of, own_id
from app.domain.events import LEFT_OPEN
from app.domain.ids import AppKey
from app.domain.modes import Mode, Modes
from app.domain.repo import Repository, Subject
from app.ports.clock import Clock
from app.ports.ledger import Ledger, LeftOpen

logger = logging.getLogger(__name__)
EVERY_S = 600.0
QUIET = timedelta(minutes=15)
"""So long nothing has happened: what is on its way has come by then."""
WINDOW = timedelta(days=3)
BUDGET = 20
WAKE = "hephaestus.wake"
WakeBody = Callable[[Repository, str, Subject, str], bytes]
"""What is to be woken, where, and why, as the dispatcher reads it."""


@dataclass(frozen=True, slots=True)
class OpenChecks:
    """Looks after the open check runs of one App; each subject is woken once a day (UTC) at most."""

    app_key: AppKey
    ledger: Ledger
    clock: Clock
    body: WakeBody
    woken: Callable[[], None]
    modes: Modes = field(default_factory=Modes)
    every_s: float = EVERY_S

    async def turn(self) -> int:
        """How many subjects were woken."""
        now = self.clock.now()
        count = 0
        for found in await self.ledger.left_open(self.app_key, now - WINDOW, now - QUIET):
            if count == BUDGET:
                break
            if self.modes.of(found.capability) is Mode.OFF:
                continue  # no row of today: it is looked at as soon as it is switched on
            count += await self._wake(found)
        if count:
            logger.warning("left_open", extra={"app": self.app_key, "count": count})
            self.woken()
        return count

    async def _wake(self, found: LeftOpen) -> bool:
        """Whether it is woken by this; a row of today that failed is not tried again before tomorrow."""
        now, subject = self.clock.now(), found.target.subject
        identity = own_id(Source.SWEEP, f"{found.capability}|{subject.key}|{now.date().isoformat()}")
        if await self.ledger.delivery(self.app_key, identity) is not None:
            return False
        body = self.body(found.target.repository, found.capability, subject, LEFT_OPEN)
        row = delivery_of(self.app_key, identity, Source.SWEEP, WAKE, body, now)
        return await self.ledger.accept(row) is Acceptance.ACCEPTED
