"""The sweep: evaluations that nobody runs any more are queued again, as a new attempt.

Why a new attempt, and not the old workflow resumed: an attempt belongs to one executor for ever. The ledger refuses what an
older attempt says (start, plan, end), so an executor that was only thought dead cannot take part when it wakes up. Resuming
would have two processes in one attempt, which nothing could tell apart.

Safe in any number of processes at once: cancelling twice changes nothing, and the ledger queues an attempt again only once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from app.ports.clock import Clock
from app.ports.engine import Engine
from app.ports.executors import Executors
from app.ports.ledger import EvaluationJob, Ledger
from app.upkeep.leases import SILENT_S, Lease
from app.upkeep.loop import repeat

logger = logging.getLogger(__name__)
EVERY_S = 5.0
SUSPICIOUS = 5
PAUSE = timedelta(minutes=1)
"""An evaluation that lost more attempts in a row may be what ends its process: it waits, each suspect longer by this than the
one before. So whatever else ran in that process gets an attempt without the culprit."""
HOPELESS = 20
"""With so many in a row it is given up: its deliveries are quarantined, and kept for replay. Attempts that ended in an error,
as a used-up limit makes them, do not count: the runner bounds those."""


@dataclass
class Sweep:
    """Looks after the work of all executors."""

    lease: Lease
    executors: Executors
    engine: Engine
    ledger: Ledger
    clock: Clock
    woken: Callable[[], None]
    every_s: float = EVERY_S
    _suspects: frozenset[str] = field(default=frozenset(), init=False)

    async def at_start(self) -> None:
        """For a process that has the database alone: nobody else lives, so whatever is not queued is lost."""
        await self._sweep(frozenset(job.workflow_id for job in await self.ledger.unfinished()))

    async def turn(self) -> None:
        """Declares silent executors dead, and takes over what they, or a crash between ledger and engine, left."""
        if self.lease.may_judge():
            for executor in await self.executors.declare_dead(SILENT_S):
                logger.error("executor_declared_dead", extra={"executor": executor})
        self._suspects = await self._sweep(self._suspects)

    async def run(self) -> None:
        """Runs until it is cancelled."""
        await repeat("sweep", self.turn, self.every_s)

    async def _sweep(self, suspects: frozenset[str]) -> frozenset[str]:
        """Takes over what is lost; what the engine does not know may be on its way there, so it is lost the second time."""
        jobs = await self.ledger.unfinished()
        held = await self.engine.held()
        roll = await self.executors.roll()  # after `held`: who runs something has entered before
        living = {None, *roll.alive}
        stray = [identity for identity, holder in held.items() if holder not in living]
        unknown = frozenset(job.workflow_id for job in jobs if job.workflow_id not in held)
        lost = {*stray, *(unknown & suspects)}
        # Cancelled first: a crash between the two leaves an evaluation that the engine does not know, and that is found.
        await self.engine.cancel(stray)
        taken = [job for job in jobs if job.workflow_id in lost]
        one_by_one = [job for job in taken if job.lost >= SUSPICIOUS]
        for job in taken:
            await self._requeue(job, PAUSE * (one_by_one.index(job) + 1 if job in one_by_one else 0))
        for executor in roll.gone:
            await self.executors.forget(executor)
        return unknown - lost

    async def _requeue(self, job: EvaluationJob, pause: timedelta) -> None:
        now, lost = self.clock.now(), job.lost + 1
        logger.warning("evaluation_taken_over", extra={"evaluation": job.id, "attempt": job.attempt})
        if lost >= HOPELESS:
            reason = f"{lost} attempts in a row ended with their process"
            await self.ledger.fail(job, reason, quarantine=True, now=now)
            return
        await self.ledger.retry(job, "its process ended before it did", now + pause, lost=True)
        self.woken()
