"""Evaluations: queued, started, tried again. Functions of an open transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select, update

from app.adapters.database.conversion import as_delivery, as_job, dump_repository
from app.adapters.database.inbox import delivery_table
from app.adapters.database.sharing import upsert
from app.adapters.database.slots import give_back_of
from app.adapters.database.tables import CoverageTable, EffectTable, EvaluationTable, SubjectTable
from app.ports.handler import Lane
from app.ports.ledger import EvaluationJob, Routed, StartedEvaluation

evaluation = EvaluationTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models
subject_table = SubjectTable.__table__  # type: ignore[attr-defined]  # likewise
coverage = CoverageTable.__table__  # type: ignore[attr-defined]  # likewise
effect_table = EffectTable.__table__  # type: ignore[attr-defined]  # likewise

QUEUED, ADMITTED, RUNNING, DONE, FAILED, QUARANTINED, SUPERSEDED = (
    "queued",
    "admitted",
    "running",
    "done",
    "failed",
    "quarantined",
    "superseded",
)
BUSY = (ADMITTED, RUNNING)
CLOSED = (DONE, FAILED, QUARANTINED, SUPERSEDED)
PRECEDENCE = {lane: position for position, lane in enumerate(Lane)}
QUIET = timedelta(seconds=10)
TRAILING = timedelta(seconds=2)


def queue(connection: Connection, delivery_seq: int, routed: Routed, now: datetime) -> str:
    """The id of the queued evaluation that will cover the delivery, made where none is queued and undecided."""
    key = routed.target.subject.key
    known = lock_subject(connection, routed.capability, key)
    same = and_(evaluation.c.capability == routed.capability, evaluation.c.subject_key == key)
    waiting = connection.execute(
        select(evaluation.c.id)
        .where(same, evaluation.c.state == QUEUED, evaluation.c.planned.is_(False))
        .order_by(evaluation.c.generation.desc())
        .limit(1)
        .with_for_update()
    ).scalar()
    if waiting is None:
        waiting = insert_evaluation(connection, routed, known, now)
    already = connection.execute(
        select(coverage.c.evaluation_id).where(
            coverage.c.delivery_seq == delivery_seq, coverage.c.evaluation_id == waiting
        )
    ).scalar()
    if already is None:
        connection.execute(insert(coverage).values(delivery_seq=delivery_seq, evaluation_id=waiting))
    return str(waiting)


def lock_subject(connection: Connection, capability: str, key: str) -> Row[Any]:
    """The subject's row, made where it is missing; until the commit nobody else queues or starts its evaluations.

    Every transaction takes its locks in this order: deliveries, subject, evaluations.
    """
    where = and_(subject_table.c.capability == capability, subject_table.c.subject_key == key)
    found = select(subject_table.c.generation, subject_table.c.last_started_at).where(where).with_for_update()
    known = connection.execute(found).one_or_none()
    if known is None:
        new = {"capability": capability, "subject_key": key, "generation": 0}
        connection.execute(upsert(connection, subject_table).values(new).on_conflict_do_nothing())
        known = connection.execute(found).one()
    return known


def insert_evaluation(connection: Connection, routed: Routed, known: Row[Any], now: datetime) -> str:
    """A new generation: at once when the subject was quiet, else with a delay that gathers the burst."""
    subject = routed.target.subject
    where = and_(subject_table.c.capability == routed.capability, subject_table.c.subject_key == subject.key)
    generation = known.generation + 1
    connection.execute(update(subject_table).where(where).values(generation=generation))
    busy = known.last_started_at is not None and now - known.last_started_at < QUIET
    identity = f"{routed.capability}|{subject.key}|{generation}"
    connection.execute(
        insert(evaluation).values(
            id=identity,
            capability=routed.capability,
            app_key=subject.app_key,
            subject_key=subject.key,
            generation=generation,
            lane=routed.lane.value,
            precedence=PRECEDENCE[routed.lane],
            installation_id=routed.target.repository.installation_id,
            repository_json=dump_repository(routed.target.repository),
            state=QUEUED,
            attempt=0,
            lost=0,
            planned=False,
            not_before=now + TRAILING if busy else now,
            created_at=now,
            reasons_json="[]",
        )
    )
    return identity


def start(connection: Connection, job: EvaluationJob, now: datetime) -> StartedEvaluation | None:
    """Marks it running by compare-and-set, and takes over what an older, waiting evaluation of the subject covered."""
    lock_subject(connection, job.capability, job.target.subject.key)
    taken = connection.execute(
        update(evaluation)
        .where(evaluation.c.id == job.id, evaluation.c.attempt == job.attempt, evaluation.c.state.in_(BUSY))
        .values(state=RUNNING, started_at=now)
    )
    if taken.rowcount != 1:
        return None
    supersede(connection, job, now)
    connection.execute(
        update(subject_table)
        .where(
            subject_table.c.capability == job.capability,
            subject_table.c.subject_key == job.target.subject.key,
        )
        .values(last_started_at=now)
    )
    rows = connection.execute(
        select(delivery_table)
        .join(coverage, coverage.c.delivery_seq == delivery_table.c.seq)
        .where(coverage.c.evaluation_id == job.id)
        .order_by(delivery_table.c.seq)
    ).all()
    state = connection.execute(
        select(subject_table.c.state_json).where(
            subject_table.c.capability == job.capability,
            subject_table.c.subject_key == job.target.subject.key,
        )
    ).scalar()
    planned = connection.execute(select(evaluation.c.planned).where(evaluation.c.id == job.id)).scalar_one()
    deliveries = tuple(as_delivery(row) for row in rows)
    oldest = min((d.received_at for d in deliveries), default=now)
    return StartedEvaluation(job, deliveries, state, bool(planned), oldest)


def supersede(connection: Connection, job: EvaluationJob, now: datetime) -> None:
    """An older generation that waits for a retry has nothing to say any more: this one covers its deliveries."""
    older = [
        row.id
        for row in connection.execute(
            select(evaluation.c.id).where(
                evaluation.c.capability == job.capability,
                evaluation.c.subject_key == job.target.subject.key,
                evaluation.c.generation < job.generation,
                evaluation.c.state == QUEUED,
            )
        )
    ]
    if not older:
        return
    covered = select(coverage.c.delivery_seq).where(coverage.c.evaluation_id == job.id)
    connection.execute(
        update(coverage)
        .where(coverage.c.evaluation_id.in_(older), coverage.c.delivery_seq.not_in(covered))
        .values(evaluation_id=job.id)
    )
    connection.execute(
        update(effect_table)
        .where(effect_table.c.evaluation_id.in_(older), effect_table.c.state == "planned")
        .values(state="refused", reason=f"superseded by generation {job.generation}", updated_at=now)
    )
    give_back_of(connection, older)
    connection.execute(
        update(evaluation).where(evaluation.c.id.in_(older)).values(state=SUPERSEDED, finished_at=now)
    )


def requeue(connection: Connection, job: EvaluationJob, error: str, at: datetime, *, lost: bool) -> None:
    """Waits for another attempt; `lost` where this one's process ended before it did."""
    connection.execute(
        update(evaluation)
        .where(evaluation.c.id == job.id, evaluation.c.attempt == job.attempt, evaluation.c.state.in_(BUSY))
        .values(state=QUEUED, not_before=at, error=error, lost=evaluation.c.lost + 1 if lost else 0)
    )


def unfinished(connection: Connection) -> list[EvaluationJob]:
    """Admitted and running evaluations."""
    rows = connection.execute(
        select(evaluation).where(or_(*(evaluation.c.state == state for state in BUSY)))
    ).all()
    return [as_job(row, row.attempt) for row in rows]


def find_job(connection: Connection, identity: str, attempt: int) -> EvaluationJob | None:
    """The job of an id that came back from the engine."""
    row = connection.execute(select(evaluation).where(evaluation.c.id == identity)).one_or_none()
    return None if row is None else as_job(row, attempt)
