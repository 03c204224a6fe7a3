"""Forgetting what is closed and old, a batch a transaction: the writer must not be held for minutes after a long downtime."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, select, tuple_, update

from app.adapters.database import timers
from app.adapters.database.evaluations import coverage, evaluation, subject_table
from app.adapters.database.inbox import delivery_table
from app.adapters.database.pulls import pull_table
from app.adapters.database.slots import disown
from app.adapters.database.tables import effect_table
from app.domain.delivery import DeliveryState

BATCH = 500
AFTER_THE_ENGINE = timedelta(days=1)
"""The engine forgets its workflows at the same age, but later in the hour. A subject without a state begins with generation 1
again: the engine must not know that workflow any more, or the first attempt waits until the sweep makes it a second one."""
SHOWN = timedelta(days=400)
"""GitHub archives check runs after so long. Until then what we said of a subject may have to be taken back.
https://docs.github.com/en/rest/checks/runs"""
CLOSED = (DeliveryState.DONE, DeliveryState.IGNORED, DeliveryState.QUARANTINED, DeliveryState.FAILED)
SubjectRow = tuple[str, str]
SUBJECT = (subject_table.c.capability, subject_table.c.subject_key)
HAS_EVALUATION = (
    select(evaluation.c.id)
    .where(
        evaluation.c.capability == subject_table.c.capability,
        evaluation.c.subject_key == subject_table.c.subject_key,
    )
    .exists()
)
COVERS = select(coverage.c.evaluation_id).where(coverage.c.evaluation_id == evaluation.c.id).exists()
OLD = (
    select(evaluation.c.id, evaluation.c.capability, evaluation.c.subject_key)
    .where(evaluation.c.finished_at < bindparam("before"), ~COVERS)
    .limit(BATCH)
)


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
    """Deletes up to a batch of evaluations that ended earlier and cover nothing any more, with all that is theirs; how many.

    A subject without a state goes with its last evaluation. Of a state, what only saves work goes.
    """
    old = connection.execute(OLD, {"before": before - AFTER_THE_ENGINE}).all()
    if old:
        idle = lock_idle_subjects(connection, {(row.capability, row.subject_key) for row in old})
        ids = [row.id for row in old]
        disown(connection, ids)
        connection.execute(delete(effect_table).where(effect_table.c.evaluation_id.in_(ids)))
        connection.execute(delete(evaluation).where(evaluation.c.id.in_(ids)))
        left = idle - timers.woken(connection, idle)
        forget_subjects(connection, left)
        forget_what_saves_work(connection, left)
    return len(old)


def prune_subjects(connection: Connection, now: datetime) -> int:
    """Deletes up to a batch of subjects that have no evaluation left and started none for so long; how many."""
    old = connection.execute(
        select(*SUBJECT).where(subject_table.c.last_started_at < now - SHOWN, ~HAS_EVALUATION).limit(BATCH)
    ).all()
    idle = lock_idle_subjects(connection, {(row.capability, row.subject_key) for row in old})
    gone = idle - timers.woken(connection, idle)
    return connection.execute(delete(subject_table).where(is_left(gone))).rowcount


def lock_idle_subjects(connection: Connection, subjects: AbstractSet[SubjectRow]) -> set[SubjectRow]:
    """Those that no other transaction works on; until the commit nobody queues an evaluation of them."""
    rows = connection.execute(
        select(*SUBJECT).where(tuple_(*SUBJECT).in_(sorted(subjects))).with_for_update(skip_locked=True)
    )
    return {(row.capability, row.subject_key) for row in rows}


def is_left(subjects: AbstractSet[SubjectRow]) -> ColumnElement[bool]:
    """One of these, and it has no evaluation left. The subjects are locked, so none can come meanwhile."""
    return and_(tuple_(*SUBJECT).in_(sorted(subjects)), ~HAS_EVALUATION)


def forget_subjects(connection: Connection, subjects: AbstractSet[SubjectRow]) -> None:
    """Deletes those of these locked subjects that have neither an evaluation nor a state left."""
    connection.execute(delete(subject_table).where(is_left(subjects), subject_table.c.state_json.is_(None)))


def forget_what_saves_work(connection: Connection, subjects: AbstractSet[SubjectRow]) -> None:
    """Leaves of the states of these locked subjects what lasts, where they have no evaluation left."""
    connection.execute(
        update(subject_table)
        .where(is_left(subjects), subject_table.c.lasting_json.is_not(None))
        .values(state_json=subject_table.c.lasting_json, lasting_json=None)
    )


def prune_pulls(connection: Connection, before: datetime) -> int:
    """Forgets up to a batch of pull requests of which no event told since; how many."""
    old = pull_table.c.received_at < before
    key = tuple_(*pull_table.primary_key.columns)
    some = select(*pull_table.primary_key.columns).where(old).limit(BATCH)
    return connection.execute(delete(pull_table).where(key.in_(some), old)).rowcount
