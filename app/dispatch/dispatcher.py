"""The loop of dispatch: new rows are parsed and routed, due evaluations are admitted to the engine.

It sleeps until somebody wakes it (a commit, the end of an evaluation), the next evaluation is due, or `idle_s` is over: other
processes cannot wake it. An evaluation that was admitted but never reached the engine is found by the sweep.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime

from app.dispatch import hops
from app.dispatch.payloads import parse
from app.dispatch.router import Routing, route
from app.domain.delivery import Delivery
from app.domain.events import Ignored, PullRequestChanged
from app.domain.modes import Modes
from app.errors import LeaseLost, PermanentError, TransientError
from app.ports.clock import Clock
from app.ports.engine import Engine
from app.ports.handler import AnyCapability
from app.ports.ledger import EvaluationJob, Ledger
from app.telemetry import traces
from app.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)
BATCH = 100
BATCH_BYTES = 32 * 1024 * 1024
"""Of bodies that are in memory at once; the last one may go beyond."""
PER_INSTALLATION = 4
AT_ONCE = 32
IDLE_S = 1.0
ERROR_PAUSE_S = 1.0


class Dispatcher:
    """Moves rows on; everything it does is safe to repeat."""

    def __init__(
        self,
        ledger: Ledger,
        engine: Engine,
        capabilities: Mapping[str, AnyCapability],
        clock: Clock,
        metrics: Metrics,
        *,
        modes: Modes,
        idle_s: float = IDLE_S,
    ) -> None:
        self._ledger = ledger
        self._engine = engine
        self._capabilities = capabilities
        self._clock = clock
        self._metrics = metrics
        self._modes = modes
        self._idle_s = idle_s
        self._awake = asyncio.Event()

    def wake(self) -> None:
        """There is something to do."""
        self._awake.set()

    async def run(self) -> None:
        """Runs until it is cancelled; trouble is waited out: without this loop nothing would happen any more."""
        while True:
            self._awake.clear()
            try:
                pause = await self._pause(await self.turn())
            except TransientError as exc:
                logger.warning("dispatch_waits", extra={"error": str(exc)})
                pause = ERROR_PAUSE_S
            except Exception:
                logger.exception("dispatch_failed")
                pause = ERROR_PAUSE_S
            try:
                async with asyncio.timeout(pause):
                    await self._awake.wait()
            except TimeoutError:
                continue

    async def turn(self) -> datetime:
        """Parses and routes what was received and admits what is due; when it last looked for what is due.

        Admission follows every batch, so that a storm of one tenant does not keep the others waiting until it is parsed.
        """
        while True:
            batch = await self._ledger.received(BATCH, BATCH_BYTES)
            for delivery in batch:
                await self.dispatch(delivery)
            looked_at = self._clock.now()
            await self.admit()
            if len(batch) < BATCH and sum(len(each.body) for each in batch) < BATCH_BYTES:
                return looked_at

    async def dispatch(self, delivery: Delivery) -> None:
        """Closes one received row, or points it to its evaluations; none can hold up those behind it for ever."""
        with hops.dispatching(delivery):
            try:
                result = await self._dispatch(delivery)
            except (TransientError, LeaseLost):
                raise
            except PermanentError as exc:
                result = await self._quarantine(delivery, str(exc))
            except Exception as exc:
                logger.exception("delivery_crashed", extra={"github_event": delivery.event})
                reason = f"{type(exc).__name__} in dispatch [internal.error]"
                result = await self._quarantine(delivery, reason)
            logger.info("dispatched", extra={"github_event": delivery.event, "result": result})
            traces.note({"result": result})

    async def _dispatch(self, delivery: Delivery) -> str:
        """What became of it: ignored or routed."""
        parsed = parse(delivery)
        if isinstance(parsed.event, Ignored):
            await self._ledger.ignore(delivery, parsed.action, parsed.repository, parsed.event.reason)
            return "ignored"
        pull = parsed.event if isinstance(parsed.event, PullRequestChanged) else None
        routing = route(delivery.app_key, parsed.event, self._capabilities, self._modes)
        self._tell(delivery, routing)
        if not routing.pairs and routing.problem is not None:
            return await self._quarantine(delivery, routing.problem)
        if not routing.pairs:
            reason = routing.note or f"no capability concerns itself with this {delivery.event}"
            await self._ledger.ignore(delivery, parsed.action, parsed.repository, reason, pull)
            return "ignored"
        now = self._clock.now()
        await self._ledger.route(
            delivery, parsed.action, routing.pairs, now, pull, routing.problem, routing.note
        )
        for one in routing.pairs:
            fields = {"repo": one.target.repository.full_name, "capability": one.capability}
            logger.info("routed", extra={**fields, "lane": one.lane.value})
        return "routed"

    def _tell(self, delivery: Delivery, routing: Routing) -> None:
        """A capability with a fault stops no other, but a person must hear of it."""
        for each in routing.unasked:
            fields = {"capability": each.capability, "github_event": delivery.event}
            logger.error("capability_not_asked", extra=fields, exc_info=each.error)
            self._metrics.unasked(delivery.app_key, each.capability)

    async def _quarantine(self, delivery: Delivery, reason: str) -> str:
        await self._ledger.quarantine(delivery, reason)
        return "quarantined"

    async def admit(self) -> None:
        """Gives due evaluations to the engine."""
        for job in await self._ledger.admit(self._clock.now(), AT_ONCE, PER_INSTALLATION):
            await self._enqueue(job)

    async def _enqueue(self, job: EvaluationJob) -> None:
        await self._engine.enqueue(job.workflow_id, job.lane, partition(job), job.id, job.attempt)

    async def _pause(self, looked_at: datetime) -> float:
        """Until the next evaluation is due; one that was due already is held back until another ends, which wakes us."""
        due = await self._ledger.next_due(looked_at)
        if due is None:
            return self._idle_s
        return min(self._idle_s, max(0.01, (due - self._clock.now()).total_seconds()))


def partition(job: EvaluationJob) -> str:
    """One workflow at a time per capability and subject."""
    return f"{job.capability}|{job.target.subject.key}"
