"""Accepting deliveries by group commit: whatever queued while the last commit ran shares the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.adapters.database.connection import Database
from app.adapters.database.tables import DeliveryTable
from app.domain.delivery import Acceptance, Delivery, DeliveryState
from app.errors import TransientError

delivery_table = DeliveryTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models
Waiting = tuple[Delivery, "asyncio.Future[Acceptance]"]
BATCH = 256


class GroupCommit:
    """Accepts deliveries; each caller is answered after the commit that holds its row."""

    def __init__(self, database: Database, max_waiting: int = 5_000) -> None:
        self._database = database
        self._max_waiting = max_waiting
        self._waiting: list[Waiting] = []
        self._flusher: asyncio.Task[None] | None = None

    async def accept(self, delivery: Delivery) -> Acceptance:
        """What became of the delivery, once it is durable."""
        if len(self._waiting) >= self._max_waiting:
            raise TransientError("ledger.full", "too many deliveries wait to be stored; deliver again later")
        done: asyncio.Future[Acceptance] = asyncio.get_running_loop().create_future()
        self._waiting.append((delivery, done))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush(), name="group-commit")
        return await done

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            try:
                answers = await self._database.write(lambda c, rows=[d for d, _ in batch]: store(c, rows))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            except TransientError as exc:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(TransientError(exc.code, exc.message))
                continue
            for (_, done), answer in zip(batch, answers, strict=True):
                if not done.done():
                    done.set_result(answer)


def store(connection: Connection, deliveries: Sequence[Delivery]) -> list[Acceptance]:
    """Stores new deliveries, wakes failed ones; what became of each, in order."""
    ids = {d.id for d in deliveries}
    known = {
        (row.app_key, row.guid): row.state
        for row in connection.execute(
            select(delivery_table.c.app_key, delivery_table.c.guid, delivery_table.c.state).where(
                delivery_table.c.guid.in_(ids)
            )
        )
    }
    answers: list[Acceptance] = []
    fresh: list[dict[str, object]] = []
    resumed: list[dict[str, object]] = []
    for delivery in deliveries:
        key = (delivery.app_key, delivery.id)
        state = known.get(key)
        if state is None:
            fresh.append(as_row(delivery))
            answers.append(Acceptance.ACCEPTED)
        elif state == DeliveryState.FAILED:
            resumed.append({"k_app": delivery.app_key, "k_guid": delivery.id})
            answers.append(Acceptance.RESUMED)
        else:
            answers.append(Acceptance.DUPLICATE)
        known[key] = DeliveryState.RECEIVED
    if fresh:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(dialect.insert(delivery_table).on_conflict_do_nothing(), fresh)
    if resumed:
        connection.execute(
            update(delivery_table)
            .where(
                delivery_table.c.app_key == bindparam("k_app"), delivery_table.c.guid == bindparam("k_guid")
            )
            .values(state=DeliveryState.RECEIVED, error=None),
            resumed,
        )
    return answers


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
