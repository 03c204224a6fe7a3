"""Accepting deliveries by group commit: whatever queued while the last commit ran shares the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from sqlalchemy import Connection, LargeBinary, bindparam, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from app.adapters.database.connection import Database
from app.adapters.database.tables import DeliveryTable, packed
from app.adapters.database.unparsed import Unparsed
from app.domain.delivery import Acceptance, Delivery, DeliveryState
from app.errors import TransientError

delivery_table = DeliveryTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models
PACKED = bindparam("packed", type_=LargeBinary)
"""The body is packed by whoever accepts: the thread that writes lets go of the interpreter as seldom as it can."""
INSERT_EACH = delivery_table.insert().values(body=PACKED)
INSERT = INSERT_EACH.returning(delivery_table.c.seq)
"""Asking for the numbers makes it one statement for all rows; SQLite then copies each body once more."""
SMALL_BYTES = 16 * 1024
BATCH = 256
MAX_WAITING = 50_000
MAX_WAITING_BYTES = 256 * 1024 * 1024
Row = Mapping[str, object]
Waiting = tuple[Row, "asyncio.Future[Acceptance]"]
Accepted = list[Acceptance]
"""What became of each delivery, in their order."""


class GroupCommit:
    """Accepts deliveries; each caller is answered after the commit that holds its row.

    No more than `max_waiting` may wait for it, nor for being parsed after it: one more is refused, so that GitHub notes it as
    failed and can deliver it again.
    """

    def __init__(
        self,
        database: Database,
        max_waiting: int = MAX_WAITING,
        max_waiting_bytes: int = MAX_WAITING_BYTES,
    ) -> None:
        self._database = database
        self.backlog = Unparsed(max_waiting)
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
            self._waiting.append((as_row(delivery), done))
            if not self._busy:
                self._busy = True
                loop.call_soon(self._commit)  # after all that this turn of the loop has received
            return await done
        finally:
            self._unanswered -= 1
            self._unanswered_bytes -= len(delivery.body)

    def _enter(self, size_bytes: int) -> None:
        full = self._unanswered >= self.backlog.most or self.backlog.is_full
        if full or (self._unanswered and self._unanswered_bytes + size_bytes > self._max_waiting_bytes):
            raise TransientError("ledger.full", "too many deliveries wait; deliver again later")
        self._unanswered += 1
        self._unanswered_bytes += size_bytes

    def _commit(self) -> None:
        batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        self._run(batch, insert_new)

    def _run(self, batch: Sequence[Waiting], how: Callable[[Connection, Sequence[Row]], Accepted]) -> None:
        rows = [row for row, _ in batch]
        work = self._database.submit(lambda connection: how(connection, rows))
        work.add_done_callback(lambda done: self._settle(batch, done))

    def _settle(self, batch: Sequence[Waiting], work: asyncio.Future[Accepted]) -> None:
        error = work.exception()
        if isinstance(error, KnownDelivery):
            self._run(batch, store)
            return
        if self._waiting:
            self._commit()
        else:
            self._busy = False
        if error is None:
            answers = work.result()
            self.backlog.add(len(answers) - answers.count(Acceptance.DUPLICATE))
        for position, (_, done) in enumerate(batch):
            if done.done():
                continue
            if error is None:
                done.set_result(work.result()[position])
            else:
                done.set_exception(unavailable(error))


class KnownDelivery(Exception):
    """At least one of the rows exists already."""


def insert_new(connection: Connection, rows: Sequence[Row]) -> Accepted:
    """Stores deliveries that are all new, as they are as a rule; else raises KnownDelivery, to be rolled back."""
    try:
        is_small = all(len(cast("bytes", row["packed"])) <= SMALL_BYTES for row in rows)
        connection.execute(INSERT if is_small else INSERT_EACH, rows)
    except IntegrityError as exc:
        raise KnownDelivery from exc
    return [Acceptance.ACCEPTED] * len(rows)


def unavailable(error: BaseException) -> TransientError:
    """An error of its own for each caller: one that several raise would gather all their tracebacks."""
    if isinstance(error, TransientError):
        return TransientError(error.code, error.message)
    return TransientError("ledger.unavailable", f"the delivery could not be stored: {type(error).__name__}")


def store(connection: Connection, rows: Sequence[Row]) -> Accepted:
    """Stores new deliveries, wakes failed ones; what became of each, in order, also beside other processes."""
    if not rows:
        return []
    first = {(row["app_key"], row["guid"]): row for row in reversed(rows)}
    columns = delivery_table.c.app_key, delivery_table.c.guid
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    new = dialect.insert(delivery_table).values(body=PACKED).on_conflict_do_nothing().returning(*columns)
    outcome = {tuple(row): Acceptance.ACCEPTED for row in connection.execute(new, [*first.values()])}
    if known := [key for key in first if key not in outcome]:
        failed = (tuple_(*columns).in_(known), delivery_table.c.state == DeliveryState.FAILED)
        wake = update(delivery_table).where(*failed).values(state=DeliveryState.RECEIVED, error=None)
        resumed = connection.execute(wake.returning(*columns))
        outcome.update({tuple(row): Acceptance.RESUMED for row in resumed})
    return [outcome.pop((row["app_key"], row["guid"]), Acceptance.DUPLICATE) for row in rows]


def as_row(delivery: Delivery) -> Row:
    """The columns of a new delivery, its body as it is stored."""
    return {
        "app_key": delivery.app_key,
        "guid": delivery.id,
        "source": delivery.source.value,
        "event": delivery.event,
        "hook_id": delivery.hook_id,
        "target_id": delivery.target_id,
        "traceparent": delivery.traceparent,
        "packed": packed(delivery.body),
        "body_sha256": delivery.body_sha256,
        "received_at": delivery.received_at,
        "state": DeliveryState.RECEIVED.value,
        "attempts": 0,
    }
