"""What `hephaestus deliveries replay` needs: a rehearsal from the ledger alone, or a row that the running service takes up."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.plans import EFFECT
from app.adapters.database.replays import stored_evaluations, withdraw
from app.bootstrap.operating import opened_database
from app.dispatch.replay import Rehearsal, rehearse
from app.domain.delivery import Delivery, DeliveryState, Source, delivery_of, own_id
from app.domain.effects import Effect
from app.errors import HephaestusError, InvalidInput, NotFound
from app.ports.ledger import DeliveryRow
from app.settings import Settings
from handlers.builtin import CAPABILITIES

TAKEN_UP_WITHIN_S = 10.0
FOLLOWED_FOR_S = 300.0
LOOK_EVERY_S = 0.25
OPEN = (DeliveryState.RECEIVED, DeliveryState.RUNNING)


class NoService(HephaestusError):
    """Nobody works on this ledger."""


async def rehearse_delivery(
    settings: Settings, guid: str, app: str | None = None
) -> tuple[DeliveryRow, Rehearsal]:
    """A delivery (of the App of that key) as the ledger has it, and what this version would make of it. Raises as `found`."""
    async with opened_database(settings) as database:
        row, delivery = await found(database, guid, app)
        stored = await database.read(lambda connection: stored_evaluations(connection, delivery))
        return row, rehearse(delivery, stored, CAPABILITIES)


async def replay_delivery(
    settings: Settings, guid: str, app: str | None = None, *, taken_up_within_s: float = TAKEN_UP_WITHIN_S
) -> DeliveryRow:
    """The operator's row that repeats a delivery, when the service has closed it, or as far as it is after five minutes.

    Raises:
        NotFound, InvalidInput: as `found`.
        NoService: nobody took the row up; it was taken back.
    """
    async with opened_database(settings) as database:
        _, delivery = await found(database, guid, app)
        again = repetition(delivery)
        where = "start hephaestus serve on this ledger, or use --dry-run"
        return await followed(database, again, where, taken_up_within_s=taken_up_within_s)


async def followed(
    database: Database, row: Delivery, way_out: str, *, taken_up_within_s: float = TAKEN_UP_WITHIN_S
) -> DeliveryRow:
    """A row of the operator's, put into the ledger, when the service has closed it, or as far as it is after five minutes.

    Raises:
        NoService: nobody took the row up; it was taken back. `way_out` says what to do.
    """
    ledger = SqlLedger(database, SystemClock())
    await ledger.accept(row)
    begin = time.monotonic()
    while True:
        (now,) = await ledger.deliveries(guid=row.id)
        waited = time.monotonic() - begin
        if now.state not in OPEN or waited > FOLLOWED_FOR_S:
            return now
        overdue = now.state is DeliveryState.RECEIVED and waited > taken_up_within_s
        if overdue and await database.write(lambda connection: withdraw(connection, row)):
            raise NoService(
                f"no running service took it up within {taken_up_within_s:g} s, so nothing was changed: {way_out}"
            )
        await asyncio.sleep(LOOK_EVERY_S)


def effect_object(effect: Effect) -> dict[str, Any]:
    """An effect as JSON."""
    content: dict[str, Any] = EFFECT.dump_python(effect, mode="json")
    return content


async def found(database: Database, guid: str, app: str | None) -> tuple[DeliveryRow, Delivery]:
    """The stored delivery and its row, of the App of that key where one is named.

    Raises:
        NotFound: the ledger has no such delivery.
        InvalidInput: several Apps have one of this id, and none was named.
    """
    ledger = SqlLedger(database, SystemClock())
    rows = [row for row in await ledger.deliveries(guid=guid) if app in {None, row.app_key}]
    if len(rows) > 1:
        keys = ", ".join(sorted(row.app_key for row in rows))
        raise InvalidInput(
            "delivery.ambiguous", f"several Apps have a delivery {guid}: name one of {keys} with --app"
        )
    delivery = await ledger.delivery(rows[0].app_key, rows[0].id) if rows else None
    if delivery is None:
        raise NotFound("delivery.not_found", f"no delivery {guid} in this ledger")
    return rows[0], delivery


def repetition(delivery: Delivery) -> Delivery:
    """The same event and bytes as a row of an operator's, with an id of its own."""
    guid = own_id(Source.OPERATOR, f"{delivery.id}:{uuid.uuid4().hex[:8]}")
    now = SystemClock().now()
    return delivery_of(delivery.app_key, guid, Source.OPERATOR, delivery.event, delivery.body, now)
