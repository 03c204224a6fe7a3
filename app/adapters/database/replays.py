"""What a replay needs of the ledger. Functions of an open transaction."""

from __future__ import annotations

import zlib

from sqlalchemy import Connection, delete, select

from app.adapters.database.evaluations import coverage, evaluation
from app.adapters.database.inbox import delivery_table
from app.domain.delivery import Delivery, DeliveryState
from app.domain.ids import EvaluationId
from app.ports.replay import StoredEvaluation


def stored_evaluations(connection: Connection, delivery: Delivery) -> tuple[StoredEvaluation, ...]:
    """The newest evaluation of each subject that covered the delivery."""
    rows = connection.execute(
        select(evaluation)
        .join(coverage, coverage.c.evaluation_id == evaluation.c.id)
        .join(delivery_table, delivery_table.c.seq == coverage.c.delivery_seq)
        .where(delivery_table.c.app_key == delivery.app_key, delivery_table.c.guid == delivery.id)
        .order_by(evaluation.c.generation)
    )
    newest = {
        (row.capability, row.subject_key): StoredEvaluation(
            EvaluationId(row.id),
            row.capability,
            row.subject_key,
            row.verdict,
            None if row.evidence is None else zlib.decompress(row.evidence),
        )
        for row in rows
    }
    return tuple(newest.values())


def withdraw(connection: Connection, delivery: Delivery) -> bool:
    """Takes a row back that nobody has begun to work on; whether it was so."""
    taken = connection.execute(
        delete(delivery_table).where(
            delivery_table.c.app_key == delivery.app_key,
            delivery_table.c.guid == delivery.id,
            delivery_table.c.state == DeliveryState.RECEIVED,
        )
    )
    return taken.rowcount == 1
