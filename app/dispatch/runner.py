"""Record: one evaluation from start to end; whatever happens, the ledger says how it went."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from app.dispatch import hops, plan
from app.dispatch.apply import Applier
from app.dispatch.aside import aside
from app.dispatch.payloads import parse
from app.domain.decision import Reason
from app.domain.delivery import Delivery
from app.domain.effects import Effect
from app.domain.events import Event, Ignored
from app.domain.modes import Mode
from app.errors import HephaestusError, InvalidInput, LeaseLost, PermanentError, TransientError
from app.ports.clock import Clock
from app.ports.handler import AnyCapability, Reading
from app.ports.ledger import EvaluationJob, Ledger, StartedEvaluation
from app.ports.policies import UNJUDGED
from app.telemetry import traces
from app.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 8
PATIENCE = timedelta(hours=6)
"""An outage of GitHub or a used-up limit is waited out so long after the receipt, however many attempts that takes."""
BUG, TOO_SLOW = "internal.error", "capability.timeout"
OUR_OWN = frozenset({BUG, TOO_SLOW, UNJUDGED})
"""Codes of what nobody else will mend."""
APPLY_LIMIT = timedelta(minutes=10)
"""For all effects of a plan. What GitHub paces gives its place back long before. Before that `gather`, `decide` and the making of
the plan have the capability's own limit, each."""
LONG_WAIT = timedelta(seconds=30)
"""An attempt and the wait after it, together: shorter ones change no check run, so that a hiccup is no flicker."""
FIRST_BACKOFF_S = 2.0
LONGEST_BACKOFF_S = 900.0
LONGEST_PACED_S = 60.0
"""Where the other side names a time, little is added to it: pacing gives a place to each in turn."""
Readings = Callable[[EvaluationJob, tuple[Event, ...], object, datetime], Reading[object]]
Woken = Callable[[], None]
OptedIn = Callable[[EvaluationJob], Awaitable[bool]]
"""Whether the repository asked for the capability, as far as is known without GitHub."""
T = TypeVar("T")


@dataclass(frozen=True)
class Runner:
    """Runs evaluations; `run` is the body that the engine calls, and may be called again after a crash."""

    ledger: Ledger
    capabilities: Mapping[str, AnyCapability]
    readings: Readings
    applier: Applier
    clock: Clock
    metrics: Metrics
    woken: Woken
    opted_in: OptedIn

    async def run(self, identity: str, attempt: int) -> str:
        """The word for how it ended: done, retry, failed or skipped."""
        job = await self.ledger.job(identity, attempt)
        started = await self.ledger.start(job, self.clock.now()) if job else None
        if job is None or started is None:
            return "skipped"
        with hops.evaluating(started):
            return await self._run(started)

    async def _run(self, started: StartedEvaluation) -> str:
        job, began_at = started.job, self.clock.now()
        begin = time.perf_counter()
        self.metrics.started(job.app_key, (self.clock.now() - started.oldest_received_at).total_seconds())
        try:
            verdict = await self._evaluate(started)
        except LeaseLost:
            raise
        except HephaestusError as exc:
            verdict = await self._settle(started, exc, began_at)
        except Exception as exc:
            logger.exception("evaluation_crashed", extra={"capability": job.capability, "evaluation": job.id})
            bug = TransientError(BUG, f"{type(exc).__name__} in {job.capability}")
            verdict = await self._settle(started, bug, began_at)
        finally:
            self.woken()
        self.metrics.handled(job.app_key, job.capability, verdict, time.perf_counter() - begin)
        logger.info(
            "evaluated",
            extra={
                "capability": job.capability,
                "repo": job.target.repository.full_name,
                "verdict": verdict,
                "attempt": job.attempt,
                "deliveries": [d.id for d in started.deliveries],
            },
        )
        traces.note({"verdict": verdict})
        return verdict

    async def _evaluate(self, started: StartedEvaluation) -> str:
        job, verdict = started.job, "planned"
        modes = self.applier.modes
        if not started.planned and modes.of(job.capability) is Mode.OFF:
            off = Reason("mode.off", f"switched off: {modes.why(job.capability)}")
            made = plan.switched_off(self.capabilities[job.capability], started.state_json, off)
            await plan.commit(self.ledger, job, made)
            verdict = made.verdict.value
        elif not started.planned:
            capability, events = self.capabilities[job.capability], events_of(started.deliveries)
            await self._open_again(started, events)
            state = plan.read_state(capability, started.state_json)
            reading = self.readings(job, events, state, self.clock.now())
            with traces.span("gather"):
                evidence = await within(capability.time_limit, capability.gather(reading))
            logger.info("gathered")
            with traces.span("decide"):
                # Pure, and for a large change some seconds of work: heartbeats and deliveries must not wait for it.
                decision = await within(capability.time_limit, aside(capability.decide, evidence))
            verdict = decision.verdict.value
            logger.info("decided", extra={"verdict": verdict})
            with traces.span("plan", {"effects": len(decision.effects)}):
                made = await within(
                    capability.time_limit,
                    aside(plan.make, capability, evidence, decision, started.failures),
                )
                await plan.commit(self.ledger, job, made)
            logger.info("planned", extra={"verdict": verdict, "effects": len(decision.effects)})
        with traces.span("apply"):
            await self._apply(job)
        with traces.span("record"):
            await self.ledger.finish(job, self.clock.now())
        return verdict

    async def _apply(self, job: EvaluationJob) -> None:
        """Who is cut off begins where it was, as after a crash."""
        await within(APPLY_LIMIT, self.applier.apply(job))

    async def _settle(self, started: StartedEvaluation, exc: HephaestusError, began_at: datetime) -> str:
        """Transient errors wait and try again, for a bounded time; everything else is recorded at once."""
        job, now = started.job, self.clock.now()
        if isinstance(exc, TransientError) and may_retry(exc, job.attempt, now - started.oldest_received_at):
            at = retry_time(exc, job.attempt, now)
            if at - began_at >= LONG_WAIT:
                await self._say_that_it_is_tried_again(started, exc, at)
            await self.ledger.retry(job, str(exc), at)
            return "retry"
        await self._give_up(started, exc)
        quarantine = isinstance(exc, TransientError) or not isinstance(exc, PermanentError)
        await self.ledger.fail(job, str(exc), quarantine=quarantine, now=now)
        logger.error(
            "evaluation_failed",
            extra={"capability": job.capability, "evaluation": job.id, "error": str(exc)},
        )
        return "failed"

    async def _say_that_it_is_tried_again(
        self, started: StartedEvaluation, exc: HephaestusError, at: datetime
    ) -> None:
        """An earlier verdict must not be believed meanwhile (design.md 5); where GitHub is down too, the next wait says it."""
        job = started.job

        async def said() -> tuple[Effect, ...]:
            if not await self._is_told(started):
                return ()
            capability = self.capabilities[job.capability]
            return plan.while_retrying(capability, job, started.state_json, reason_of(exc), at)

        await self._say_meanwhile(started, said)

    async def _open_again(self, started: StartedEvaluation, events: tuple[Event, ...]) -> None:
        """What an old verdict must not say of something new, before anything is gathered."""

        async def said() -> tuple[Effect, ...]:
            if started.state_json is None:
                return ()
            capability = self.capabilities[started.job.capability]
            return plan.before_gathering(capability, started.job, started.state_json, events)

        await self._say_meanwhile(started, said)

    async def _is_told(self, started: StartedEvaluation) -> bool:
        """Whether a failure of our own concerns anybody: where there is a verdict, or the repository asked for one."""
        return started.state_json is not None or await self.opted_in(started.job)

    async def _say_meanwhile(
        self, started: StartedEvaluation, effects: Callable[[], Awaitable[tuple[Effect, ...]]]
    ) -> None:
        """What holds until there is a plan, said once; trouble in saying it must not keep the evaluation from going on."""
        job = started.job
        if started.planned:
            return
        try:
            said = await effects()
            if said and await self.ledger.commit_interim(job, said):
                await self._apply(job)
        except LeaseLost:
            raise
        except HephaestusError as trouble:
            logger.warning("interim_not_published", extra={"evaluation": job.id, "error": str(trouble)})
        except Exception:
            logger.exception("interim_not_published", extra={"evaluation": job.id})

    async def _give_up(self, started: StartedEvaluation, exc: HephaestusError) -> None:
        """An earlier verdict on the subject must not stand as if nothing had happened; if that fails too, it is in the log."""
        job = started.job
        if started.planned:
            return
        try:
            if not await self._is_told(started):
                return
            capability = self.capabilities[job.capability]
            said = plan.without_decision(capability, job, started.state_json, reason_of(exc))
            await plan.commit(self.ledger, job, said)
            await self._apply(job)
        except LeaseLost:
            raise
        except Exception:  # whatever it is, the failure itself must still be recorded
            logger.exception("failure_not_published", extra={"evaluation": job.id})


def reason_of(exc: HephaestusError) -> Reason:
    """A failure of our own in words for people."""
    return Reason(exc.code if isinstance(exc, TransientError | PermanentError) else BUG, str(exc))


def may_retry(exc: TransientError, attempt: int, age: timedelta) -> bool:
    """Our own faults are tried a few times; what others will mend, as long as somebody may still wait for it."""
    return attempt < MAX_ATTEMPTS or (exc.code not in OUR_OWN and age < PATIENCE)


def retry_time(exc: TransientError, attempt: int, now: datetime) -> datetime:
    """Exponential with jitter, never before the time that the other side named."""
    longest = LONGEST_BACKOFF_S if exc.retry_at is None else LONGEST_PACED_S
    pause = min(longest, FIRST_BACKOFF_S * 2 ** min(attempt - 1, 16))
    waited = now + timedelta(seconds=pause * random.uniform(0.5, 1.0))  # noqa: S311 (jitter, not a secret)
    return max(waited, exc.retry_at) if exc.retry_at else waited


def events_of(deliveries: tuple[Delivery, ...]) -> tuple[Event, ...]:
    """The typed events that an evaluation covers, oldest first; they are hints, so an unreadable one is left out."""
    events: list[Event] = []
    for delivery in deliveries:
        try:
            event = parse(delivery).event
        except InvalidInput as exc:  # read when it was routed, but by another version of this program
            logger.warning("event_unreadable", extra={"delivery_id": delivery.id, "error": str(exc)})
            continue
        if not isinstance(event, Ignored):
            events.append(event)
    return tuple(events)


async def within(limit: timedelta, work: Awaitable[T]) -> T:
    """The result of `work`; a capability that takes too long is tried again later."""
    try:
        async with asyncio.timeout(limit.total_seconds()):
            return await work
    except TimeoutError as exc:
        raise TransientError(TOO_SLOW, f"no answer within {limit}") from exc
