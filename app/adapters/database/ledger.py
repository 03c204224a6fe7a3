"""The ledger on SQL: each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from app.adapters.database import (
    admission,
    backlog,
    closing,
    evaluations,
    left_open,
    plans,
    pruning,
    receipts,
    routing,
    rows,
    slots,
    timers,
)
from app.adapters.database.connection import Database
from app.adapters.database.evaluations import evaluation
from app.adapters.database.inbox import MAX_WAITING, GroupCommit
from app.adapters.database.sharing import put
from app.adapters.database.tables import position_table
from app.domain.delivery import Acceptance, Delivery, DeliveryState
from app.domain.effects import Effect, Reservation
from app.domain.events import PullRequestChanged
from app.domain.ids import AppKey, DeliveryId, EffectId
from app.ports.clock import Clock
from app.ports.ledger import (
    DeliveryRow,
    EvaluationJob,
    LeftOpen,
    Plan,
    PlannedEffect,
    Routed,
    StartedEvaluation,
)

NEXT_DUE = (
    select(evaluation.c.not_before)
    .where(evaluation.c.state == evaluations.QUEUED, evaluation.c.not_before > bindparam("after"))
    .order_by(evaluation.c.not_before)
    .limit(1)
)


Closed = Callable[[AppKey, DeliveryState], None]


def nobody_counts(app_key: AppKey, state: DeliveryState) -> None:
    """Of a command that only looks, or a test."""


class SqlLedger:
    """`app.ports.ledger.Ledger` over SQLite or PostgreSQL; `closed` hears what each delivery came to, after the commit."""

    def __init__(
        self, database: Database, clock: Clock, max_waiting: int = MAX_WAITING, closed: Closed = nobody_counts
    ) -> None:
        self._database = database
        self._clock = clock
        self._inbox = GroupCommit(database, max_waiting)
        self._closed = closed

    async def accept(self, delivery: Delivery) -> Acceptance:
        """See the port."""
        return await self._inbox.accept(delivery)

    async def count_waiting(self) -> None:
        """Counts what nobody has parsed yet, also of other processes; from then on `accept` refuses more than may wait."""
        known = self._inbox.backlog
        known.counted(await self._database.read(lambda c: backlog.count(c, known.most)))

    async def received(self, limit: int, size_bytes: int) -> tuple[Delivery, ...]:
        """See the port."""
        return tuple(await self._database.read(lambda c: backlog.oldest(c, limit, size_bytes)))

    async def ignore(
        self,
        delivery: Delivery,
        action: str | None,
        repository: str | None,
        reason: str,
        pull: PullRequestChanged | None = None,
    ) -> None:
        """See the port."""
        values = {"error": reason, "action": action, "repository": repository}
        await self._settle(delivery, DeliveryState.IGNORED, values, pull)

    async def quarantine(self, delivery: Delivery, reason: str) -> None:
        """See the port."""
        await self._settle(delivery, DeliveryState.QUARANTINED, {"error": reason})

    async def _settle(
        self,
        delivery: Delivery,
        state: DeliveryState,
        values: Mapping[str, str | None],
        pull: PullRequestChanged | None = None,
    ) -> None:
        ended = {"state": state, **values}
        if await self._database.write(lambda c: routing.settle(c, delivery, ended, pull)):
            self._parsed(delivery, state)

    async def route(
        self,
        delivery: Delivery,
        action: str | None,
        routed: Sequence[Routed],
        now: datetime,
        pull: PullRequestChanged | None = None,
        problem: str | None = None,
        note: str | None = None,
    ) -> None:
        """See the port."""
        state = await self._database.write(
            lambda c: routing.route(c, delivery, action, routed, now, pull, problem, note)
        )
        if state is not None:
            self._parsed(delivery, state)

    def _parsed(self, delivery: Delivery, state: DeliveryState) -> None:
        self._inbox.backlog.add(-1)
        if state is not DeliveryState.RUNNING:
            self._closed(delivery.app_key, state)

    async def admit(self, now: datetime, limit: int, per_installation: int) -> tuple[EvaluationJob, ...]:
        """See the port."""
        return tuple(await self._database.write(lambda c: admission.admit(c, now, limit, per_installation)))

    async def next_due(self, after: datetime) -> datetime | None:
        """See the port."""
        due: datetime | None = await self._database.read(
            lambda c: c.execute(NEXT_DUE, {"after": after}).scalar()
        )
        return due

    async def unfinished(self) -> tuple[EvaluationJob, ...]:
        """See the port."""
        return tuple(await self._database.read(evaluations.unfinished))

    async def job(self, identity: str, attempt: int) -> EvaluationJob | None:
        """See the port."""
        return await self._database.read(lambda c: evaluations.find_job(c, identity, attempt))

    async def start(self, job: EvaluationJob, now: datetime) -> StartedEvaluation | None:
        """See the port."""
        return await self._database.write(lambda c: evaluations.start(c, job, now))

    async def commit_plan(self, job: EvaluationJob, plan: Plan) -> None:
        """See the port."""
        now = self._clock.now()
        await self._database.write(lambda c: plans.commit_plan(c, job, plan, now))

    async def commit_interim(self, job: EvaluationJob, effects: Sequence[Effect]) -> bool:
        """See the port."""
        now = self._clock.now()
        return await self._database.write(lambda c: plans.commit_interim(c, job, effects, now))

    async def pending_effects(self, job: EvaluationJob) -> tuple[PlannedEffect, ...]:
        """See the port."""
        return tuple(await self._database.read(lambda c: plans.pending(c, job)))

    async def save_cursor(self, effect: EffectId, cursor: Mapping[str, int | str]) -> None:
        """See the port."""
        now = self._clock.now()
        await self._database.write(lambda c: plans.save_cursor(c, effect, cursor, now))

    async def reserve(
        self, effect: EffectId, reservations: Sequence[Reservation], now: datetime
    ) -> str | None:
        """See the port."""
        if not reservations:
            return None
        return await self._database.write(lambda c: slots.reserve(c, effect, reservations, now))

    async def spend(self, effect: EffectId) -> bool:
        """See the port."""
        return await self._database.write(lambda c: slots.spend(c, effect))

    async def settle_effect(
        self, effect: EffectId, *, applied: bool, result: Mapping[str, int | str], reason: str | None
    ) -> None:
        """See the port."""
        now = self._clock.now()
        await self._database.write(
            lambda c: plans.settle(c, effect, applied=applied, result=result, reason=reason, now=now)
        )

    async def finish(self, job: EvaluationJob, now: datetime) -> None:
        """See the port."""
        await self._close(job, evaluations.DONE, None, now)

    async def fail(self, job: EvaluationJob, error: str, *, quarantine: bool, now: datetime) -> None:
        """See the port."""
        state = evaluations.QUARANTINED if quarantine else evaluations.FAILED
        await self._close(job, state, error, now)

    async def _close(self, job: EvaluationJob, state: str, error: str | None, now: datetime) -> None:
        def write(connection: Connection) -> list[DeliveryState]:
            problems = closing.lock_deliveries(connection, job)
            if not closing.close(connection, job, state, error, now):
                return []
            return closing.close_deliveries(connection, problems)

        for ended in await self._database.write(write):
            self._closed(job.app_key, ended)

    async def retry(self, job: EvaluationJob, error: str, at: datetime, *, lost: bool = False) -> None:
        """See the port."""
        await self._database.write(lambda c: evaluations.requeue(c, job, error, at, lost=lost))

    async def set_timer(self, key: str, app_key: AppKey, body: bytes, at: datetime) -> None:
        """See the port."""
        await self._database.write(lambda c: timers.set_timer(c, key, app_key, body, at))

    async def fire_timers(self, now: datetime, limit: int) -> int:
        """See the port."""
        fired = await self._database.write(lambda c: timers.fire(c, now, limit))
        self._inbox.backlog.add(fired)
        return fired

    async def left_open(self, app_key: AppKey, since: datetime, until: datetime) -> tuple[LeftOpen, ...]:
        """See the port."""
        return await self._database.read(lambda c: left_open.left_open(c, app_key, since, until))

    async def deliveries(
        self,
        *,
        state: str | None = None,
        event: str | None = None,
        guid: str | None = None,
        limit: int = 100,
    ) -> tuple[DeliveryRow, ...]:
        """See the port."""
        return await self._database.read(
            lambda c: rows.deliveries(c, state=state, event=event, guid=guid, limit=limit)
        )

    async def delivery(self, app_key: AppKey, guid: DeliveryId) -> Delivery | None:
        """See the port."""
        return await self._database.read(lambda c: rows.delivery(c, app_key, guid))

    async def settled(self, app_key: AppKey, guids: Sequence[DeliveryId]) -> frozenset[DeliveryId]:
        """See the port."""
        return await self._database.read(lambda c: rows.settled(c, app_key, guids))

    async def cursor(self, name: str) -> str | None:
        """See the port."""

        def read(connection: Connection) -> str | None:
            value: str | None = connection.execute(
                select(position_table.c.value).where(position_table.c.name == name)
            ).scalar()
            return value

        return await self._database.read(read)

    async def set_cursor(self, name: str, value: str) -> None:
        """See the port."""

        def write(connection: Connection) -> None:
            put(connection, position_table, {"name": name}, {"value": value})

        await self._database.write(write)

    async def prune(self, before: datetime) -> int:
        """See the port."""
        gone = 0
        while count := await self._database.write(lambda c: pruning.prune_deliveries(c, before)):
            gone += count
        while await self._database.write(lambda c: pruning.prune_evaluations(c, before)):
            pass
        while await self._database.write(lambda c: pruning.prune_pulls(c, before)):
            pass
        now = self._clock.now()
        while await self._database.write(lambda c: pruning.prune_subjects(c, now)):
            pass
        await self._database.write(lambda c: slots.forget(c, now))
        return gone

    async def prune_receipts(self, before: datetime) -> int:
        """See the port."""
        gone = 0
        while count := await self._database.write(lambda c: receipts.prune(c, before)):
            gone += count
        return gone

    async def depth(self) -> int:
        """See the port."""
        return await self._database.read(backlog.depth)

    async def ping(self) -> None:
        """See the port."""
        await self.set_cursor("ping", self._clock.now().isoformat())
