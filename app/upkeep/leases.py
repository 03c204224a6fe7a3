"""The lease of this process: renewed every five seconds, and checked right before each write to GitHub.

An executor that is silent for 20 s is declared dead and its work is given to others (`app.upkeep.sweep`). So it may write only
within 12 s of the start of its last successful beat: 60 % of the time, the rest is for a request on its way. The clock also
counts the sleep of the machine. Measured in the project's study of the engine: only a check right before the write prevents a
second one by a process that was stopped and woke up.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from app.domain.ids import ExecutorId
from app.errors import LeaseLost
from app.ports.clock import Clock
from app.ports.executors import Executors
from app.upkeep.loop import repeat

logger = logging.getLogger(__name__)
BEAT_S = 5.0
WRITES_S = 12.0
SILENT_S = 20.0


@dataclass
class Lease:
    """One process's lease."""

    executor: ExecutorId
    executors: Executors
    clock: Clock
    beat_s: float = BEAT_S
    _renewed: float | None = field(default=None, init=False)
    _unbroken_since: float = field(default=0.0, init=False)

    async def enter(self, role: str) -> None:
        """Begins the lease; nothing may run here before."""
        asked = self.clock.monotonic()
        await self.executors.enter(self.executor, role)
        self._renewed = self._unbroken_since = asked

    async def turn(self) -> None:
        """Renews the lease. Raises LeaseLost where this executor was declared dead."""
        asked = self.clock.monotonic()
        if not await self.executors.beat(self.executor):
            raise LeaseLost
        if self._age(asked) > WRITES_S:
            self._unbroken_since = asked
        self._renewed = asked

    async def run(self) -> None:
        """Renews it until it is cancelled; raises LeaseLost at the end of the lease."""
        await repeat("lease", self.turn, self.beat_s)

    async def fence(self) -> None:
        """Returns where this process may write now, else raises LeaseLost."""
        if self._age(self.clock.monotonic()) > WRITES_S:
            logger.error("lease_too_old", extra={"executor": self.executor})
            raise LeaseLost

    def may_judge(self) -> bool:
        """Whether this process has been heard so long that the silence of another is the other's own.

        After an outage of the database every executor has been silent; each gets the time for a beat. A process that has its
        database alone does not beat at all: it must not find itself silent.
        """
        now = self.clock.monotonic()
        return self._age(now) <= WRITES_S and now - self._unbroken_since > SILENT_S - self.beat_s

    def _age(self, now: float) -> float:
        return float("inf") if self._renewed is None else now - self._renewed
