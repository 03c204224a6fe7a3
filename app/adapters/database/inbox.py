"""Accepting deliveries by group commit: whatever queued while the last commit ran shares the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import Connection, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from app.adapters.database.connection import Database
from app.adapters.database.tables import DeliveryTable
from app.domain.delivery import Acceptance, Delivery, DeliveryState
from app.errors import TransientError

delivery_table = DeliveryTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models
INSERT = delivery_table.insert()
BATCH = 256
MAX_WAITING = 5_000
MAX_WAITING_BYTES = 256 * 1024 * 1024
Waiting = tuple[Delivery, "asyncio.Future[Acceptance]"]


class GroupCommit:
    """Accepts deliveries; each caller is answered after the commit that holds its row."""

    def __init__(
        self,
        database: Database,
        max_waiting: int = MAX_WAITING,
        max_waiting_bytes: int = MAX_WAITING_BYTES,
    ) -> None:
        self._database = database
        self._max_waiting = max_waiting
        self._max_waiting_bytes = max_waiting_bytes
        self._waiting: list[Waiting] = []
        self._unanswered = 0
        self._unanswered_bytes = 0
        self._busy = False

    async def accept(self, delivery: Delivery) -> Acceptance:
        """What became of the delivery, once it is durable."""
        self._enter(len(delivery.body))
        try:
            loop = asyncio.get_running_loop()
            done: asyncio.Future[Acceptance] = loop.create_future()
            self._waiting.append((delivery, done))
            if not self._busy:
                self._busy = True
                loop.call_soon(self._commit)  # after all that this turn of the loop has received
            return await done
        finally:
            self._unanswered -= 1
            self._unanswered_bytes -= len(delivery.body)

    def _enter(self, size_bytes: int) -> None:
        full = self._unanswered >= self._max_waiting
        if full or (self._unanswered and self._unanswered_bytes + size_bytes > self._max_waiting_bytes):
            raise TransientError("ledger.full", "too many deliveries wait to be stored; deliver again later")
        self._unanswered += 1
        self._unanswered_bytes += size_bytes

    def _commit(self) -> None:
        batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        deliveries = [delivery for delivery, _ in batch]
        work = self._database.submit(lambda connection: accept_all(connection, deliveries))
        work.add_done_callback(lambda done: self._settle(batch, done))

    def _settle(self, batch: Sequence[Waiting], work: asyncio.Future[list[Acceptance]]) -> None:
        if self._waiting:
            self._commit()
        else:
            self._busy = False
        error = work.exception()
        for position, (_, done) in enumerate(batch):
            if done.done():
                continue
            if error is None:
                done.set_result(work.result()[position])
            else:
                done.set_exception(unavailable(error))


class KnownDelivery(Exception):
    """At least one of the rows exists already."""


def accept_all(connection: Connection, deliveries: Sequence[Delivery]) -> list[Acceptance]:
    """What became of each: as a rule all are new, and one statement stores them; else each is looked up first."""
    try:
        with connection.begin_nested():
            insert_new(connection, deliveries)
    except KnownDelivery:
        return store(connection, deliveries)
    return [Acceptance.ACCEPTED] * len(deliveries)


def insert_new(connection: Connection, deliveries: Sequence[Delivery]) -> None:
    """Stores deliveries that are all new, or raises KnownDelivery."""
    try:
        connection.execute(INSERT, [as_row(delivery) for delivery in deliveries])
    except IntegrityError as exc:
        raise KnownDelivery from exc


def unavailable(error: BaseException) -> TransientError:
    """An error of its own for each caller: one that several raise would gather all their tracebacks."""
    if isinstance(error, TransientError):
        return TransientError(error.code, error.message)
    return TransientError("ledger.unavailable", f"the delivery could not be stored: {type(error).__name__}")


def store(connection: Connection, deliveries: Sequence[Delivery]) -> list[Acceptance]:
    """Stores new deliveries, wakes failed ones; what became of each, in order, also beside other processes."""
    if not deliveries:
        return []
    rows = {(delivery.app_key, delivery.id): as_row(delivery) for delivery in reversed(deliveries)}
    columns = delivery_table.c.app_key, delivery_table.c.guid
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    new = dialect.insert(delivery_table).on_conflict_do_nothing().returning(*columns)
    outcome = {tuple(row): Acceptance.ACCEPTED for row in connection.execute(new, [*rows.values()])}
    if known := [key for key in rows if key not in outcome]:
        failed = (tuple_(*columns).in_(known), delivery_table.c.state == DeliveryState.FAILED)
        wake = update(delivery_table).where(*failed).values(state=DeliveryState.RECEIVED, error=None)
        resumed = connection.execute(wake.returning(*columns))
        outcome.update({tuple(row): Acceptance.RESUMED for row in resumed})
    return [outcome.pop((delivery.app_key, delivery.id), Acceptance.DUPLICATE) for delivery in deliveries]


def as_row(delivery: Delivery) -> dict[str, object]:
    """The columns of a new delivery."""
    return {
        "app_key": delivery.app_key,
        "guid": delivery.id,
        "source": delivery.source.value,
        "event": delivery.event,
        "hook_id": delivery.hook_id,
        "target_id": delivery.target_id,
        "traceparent": delivery.traceparent,
        "body": delivery.body,
        "body_sha256": delivery.body_sha256,
        "received_at": delivery.received_at,
        "state": DeliveryState.RECEIVED.value,
        "attempts": 0,
    }
