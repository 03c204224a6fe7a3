"""Reading the ledger for people. Functions of an open transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, select

from app.adapters.database.conversion import as_delivery
from app.adapters.database.evaluations import coverage, evaluation
from app.adapters.database.inbox import delivery_table
from app.adapters.database.tables import effect_table
from app.domain.decision import Reason
from app.domain.delivery import Delivery, DeliveryState, Source
from app.domain.ids import AppKey, DeliveryId
from app.ports.ledger import DeliveryRow, EffectRow, HandlerRow


def deliveries(
    connection: Connection, *, state: str | None, event: str | None, guid: str | None, limit: int
) -> tuple[DeliveryRow, ...]:
    """Deliveries with what every capability made of them, newest first."""
    columns = [column for column in delivery_table.c if column.name != "body"]
    query = select(*columns).order_by(delivery_table.c.seq.desc()).limit(limit)
    for column, value in (("state", state), ("event", event), ("guid", guid)):
        if value is not None:
            query = query.where(delivery_table.c[column] == value)
    rows = connection.execute(query).all()
    handlers = handler_rows(connection, [row.seq for row in rows])
    return tuple(
        DeliveryRow(
            app_key=AppKey(row.app_key),
            id=DeliveryId(row.guid),
            source=Source(row.source),
            event=row.event,
            action=row.action,
            repository=row.repository,
            state=DeliveryState(row.state),
            attempts=row.attempts,
            received_at=row.received_at,
            handlers=tuple(handlers.get(row.seq, ())),
            error=row.error,
            note=row.note,
        )
        for row in rows
    )


def delivery(connection: Connection, app_key: AppKey, guid: DeliveryId) -> Delivery | None:
    """One stored delivery with its body."""
    row = connection.execute(
        select(delivery_table).where(delivery_table.c.app_key == app_key, delivery_table.c.guid == guid)
    ).one_or_none()
    return None if row is None else as_delivery(row)


def settled(connection: Connection, app_key: AppKey, guids: Sequence[DeliveryId]) -> frozenset[DeliveryId]:
    """Those of the guids that are here and have not failed."""
    found = connection.execute(
        select(delivery_table.c.guid).where(
            delivery_table.c.app_key == app_key,
            delivery_table.c.guid.in_(guids),
            delivery_table.c.state != DeliveryState.FAILED,
        )
    )
    return frozenset(DeliveryId(row.guid) for row in found)


def handler_rows(connection: Connection, seqs: Sequence[int]) -> dict[int, list[HandlerRow]]:
    """For each delivery, the evaluations that cover it with their effects."""
    if not seqs:
        return {}
    rows = connection.execute(
        select(
            coverage.c.delivery_seq,
            evaluation.c.id,
            evaluation.c.capability,
            evaluation.c.verdict,
            evaluation.c.state,
            evaluation.c.reasons_json,
        )
        .join(evaluation, evaluation.c.id == coverage.c.evaluation_id)
        .where(coverage.c.delivery_seq.in_(seqs))
        .order_by(evaluation.c.precedence, evaluation.c.id)
    ).all()
    effects: dict[str, list[EffectRow]] = {}
    for row in connection.execute(
        select(effect_table.c.evaluation_id, effect_table.c.kind, effect_table.c.state, effect_table.c.reason)
        .where(effect_table.c.evaluation_id.in_({row.id for row in rows}))
        .order_by(effect_table.c.ordinal)
    ):
        effects.setdefault(row.evaluation_id, []).append(EffectRow(row.kind, row.state, row.reason))
    found: dict[int, list[HandlerRow]] = {}
    for row in rows:
        reasons = tuple(Reason(code, text) for code, text in json.loads(row.reasons_json))
        found.setdefault(row.delivery_seq, []).append(
            HandlerRow(row.capability, row.verdict, row.state, reasons, tuple(effects.get(row.id, ())))
        )
    return found
