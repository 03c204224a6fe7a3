"""Forgetting what is closed and old, a batch a transaction: the writer must not be held for minutes after a long downtime."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_

from app.adapters.database.evaluations import coverage, effect_table, evaluation
from app.adapters.database.inbox import delivery_table
from app.adapters.database.pulls import pull_table
from app.domain.delivery import DeliveryState

BATCH = 500
CLOSED = (DeliveryState.DONE, DeliveryState.IGNORED, DeliveryState.QUARANTINED, DeliveryState.FAILED)


def prune_deliveries(connection: Connection, before: datetime) -> int:
    """Deletes up to a batch of closed deliveries received earlier; how many. A failed one can no longer be redelivered then."""
    seqs = [
        row.seq
        for row in connection.execute(
            select(delivery_table.c.seq)
            .where(delivery_table.c.received_at < before, delivery_table.c.state.in_(CLOSED))
            .limit(BATCH)
        )
    ]
    if seqs:
        connection.execute(delete(coverage).where(coverage.c.delivery_seq.in_(seqs)))
        connection.execute(delete(delivery_table).where(delivery_table.c.seq.in_(seqs)))
    return len(seqs)


def prune_evaluations(connection: Connection, before: datetime) -> int:
    """Deletes up to a batch of evaluations that ended earlier and cover nothing any more, with their effects; how many."""
    covers = select(coverage.c.evaluation_id).where(coverage.c.evaluation_id == evaluation.c.id).exists()
    ids = [
        row.id
        for row in connection.execute(
            select(evaluation.c.id).where(evaluation.c.finished_at < before, ~covers).limit(BATCH)
        )
    ]
    if ids:
        connection.execute(delete(effect_table).where(effect_table.c.evaluation_id.in_(ids)))
        connection.execute(delete(evaluation).where(evaluation.c.id.in_(ids)))
    return len(ids)


def prune_pulls(connection: Connection, before: datetime) -> int:
    """Forgets up to a batch of pull requests of which no event told since; how many."""
    old = pull_table.c.received_at < before
    key = tuple_(*pull_table.primary_key.columns)
    some = select(*pull_table.primary_key.columns).where(old).limit(BATCH)
    return connection.execute(delete(pull_table).where(key.in_(some), old)).rowcount
