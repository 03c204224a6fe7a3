"""Evaluations: queued, started, tried again. Functions of an open transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, and_, bindparam, insert, or_, select, update

from app.adapters.database.conversion import as_delivery, as_job, dump_repository
from app.adapters.database.inbox import delivery_table
from app.adapters.database.sharing import insert_if_absent
from app.adapters.database.slots import give_back_of
from app.adapters.database.tables import CoverageTable, EvaluationTable, SubjectTable, effect_table
from app.domain.decision import Verdict
from app.domain.effects import PublishCheckRun
from app.ports.handler import Lane
from app.ports.ledger import EvaluationJob, Routed, StartedEvaluation

evaluation = EvaluationTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models
subject_table = SubjectTable.__table__  # type: ignore[attr-defined]  # likewise
coverage = CoverageTable.__table__  # type: ignore[attr-defined]  # likewise

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
TRIED_LATELY = timedelta(minutes=1)
"""News make a waiting evaluation try again sooner, but not sooner after its last attempt: GitHub may have asked for the pause."""


IS_BUSY = or_(*(evaluation.c.state == state for state in BUSY))
"""Written out: an IN of several values is expanded each time it is run."""
THIS_SUBJECT = and_(
    subject_table.c.capability == bindparam("of_capability"),
    subject_table.c.subject_key == bindparam("of_subject"),
)
THIS_ATTEMPT = and_(evaluation.c.id == bindparam("of_id"), evaluation.c.attempt == bindparam("of_attempt"))

# The statements of each event's way are made once: making one takes longer than running it.
SUBJECT = (
    select(subject_table.c.generation, subject_table.c.last_started_at, subject_table.c.state_json)
    .where(THIS_SUBJECT)
    .with_for_update()
)
NEW_SUBJECT = insert_if_absent(subject_table)
SET_SUBJECT = update(subject_table).where(THIS_SUBJECT)
WAITING = (
    select(evaluation.c.id, evaluation.c.not_before, evaluation.c.started_at, evaluation.c.lost)
    .where(
        evaluation.c.capability == bindparam("of_capability"),
        evaluation.c.subject_key == bindparam("of_subject"),
        evaluation.c.state == QUEUED,
        evaluation.c.planned.is_(False),
    )
    .order_by(evaluation.c.generation.desc())
    .limit(1)
    .with_for_update()
)
NEW_EVALUATION = insert(evaluation)
BRING_FORWARD = update(evaluation).where(evaluation.c.id == bindparam("of_id"))
COVER = insert_if_absent(coverage)
START = update(evaluation).where(THIS_ATTEMPT, IS_BUSY).returning(evaluation.c.planned)
OLDER = select(evaluation.c.id).where(
    evaluation.c.capability == bindparam("of_capability"),
    evaluation.c.subject_key == bindparam("of_subject"),
    evaluation.c.generation < bindparam("of_generation"),
    evaluation.c.state == QUEUED,
)
CHECK_RUN = TypeAdapter(PublishCheckRun)
SAID = (
    select(effect_table.c.key, effect_table.c.ordinal, effect_table.c.payload_json, evaluation.c.verdict)
    .join(evaluation, evaluation.c.id == effect_table.c.evaluation_id)
    .where(
        evaluation.c.capability == bindparam("of_capability"),
        evaluation.c.subject_key == bindparam("of_subject"),
        effect_table.c.kind == "publish_check_run",
        effect_table.c.state == "applied",
    )
    .order_by(evaluation.c.generation, effect_table.c.ordinal)
)
COVERED = (
    select(delivery_table)
    .join(coverage, coverage.c.delivery_seq == delivery_table.c.seq)
    .where(coverage.c.evaluation_id == bindparam("of_id"))
    .order_by(delivery_table.c.seq)
)
REQUEUE = update(evaluation).where(THIS_ATTEMPT, IS_BUSY)
JOB = select(evaluation).where(evaluation.c.id == bindparam("of_id"))


def this_subject(capability: str, key: str) -> dict[str, str]:
    """The parameters of `THIS_SUBJECT`."""
    return {"of_capability": capability, "of_subject": key}


def this_attempt(job: EvaluationJob) -> dict[str, object]:
    """The parameters of `THIS_ATTEMPT`."""
    return {"of_id": job.id, "of_attempt": job.attempt}


def queue(connection: Connection, delivery_seq: int, routed: Routed, now: datetime) -> str:
    """The id of the queued evaluation that will cover the delivery, made where none is queued and undecided."""
    key = routed.target.subject.key
    known = lock_subject(connection, routed.capability, key)
    waiting = connection.execute(WAITING, this_subject(routed.capability, key)).one_or_none()
    if waiting is None:
        identity = insert_evaluation(connection, routed, known, now)
    else:
        identity = str(waiting.id)
        bring_forward(connection, waiting, now)
    cover = COVER[connection.dialect.name]
    connection.execute(cover, {"delivery_seq": delivery_seq, "evaluation_id": identity})
    return identity


def bring_forward(connection: Connection, waiting: Row[Any], now: datetime) -> None:
    """Something happened to a subject whose evaluation waits for another attempt: what it waited for may be over.

    Not one whose process ended: it waits so that it runs apart from the others (ADR 0006).
    """
    if waiting.lost:
        return
    due = now + TRAILING
    if waiting.started_at is not None:
        due = max(due, waiting.started_at + TRIED_LATELY)
    if due < waiting.not_before:
        connection.execute(BRING_FORWARD, {"of_id": waiting.id, "not_before": due})


def lock_subject(connection: Connection, capability: str, key: str) -> Row[Any]:
    """The subject's row, made where it is missing; until the commit nobody else queues or starts its evaluations.

    Every transaction takes its locks in this order: deliveries, subject, evaluations.
    """
    which = this_subject(capability, key)
    known = connection.execute(SUBJECT, which).one_or_none()
    if known is None:
        new = {"capability": capability, "subject_key": key, "generation": 0}
        connection.execute(NEW_SUBJECT[connection.dialect.name], new)
        known = connection.execute(SUBJECT, which).one()
    return known


def insert_evaluation(connection: Connection, routed: Routed, known: Row[Any], now: datetime) -> str:
    """A new generation: at once when the subject was quiet, else with a delay that gathers the burst."""
    subject = routed.target.subject
    generation = known.generation + 1
    connection.execute(SET_SUBJECT, this_subject(routed.capability, subject.key) | {"generation": generation})
    busy = known.last_started_at is not None and now - known.last_started_at < QUIET
    identity = f"{routed.capability}|{subject.key}|{generation}"
    connection.execute(
        NEW_EVALUATION,
        {
            "id": identity,
            "capability": routed.capability,
            "app_key": subject.app_key,
            "subject_key": subject.key,
            "generation": generation,
            "lane": routed.lane.value,
            "precedence": PRECEDENCE[routed.lane],
            "installation_id": routed.target.repository.installation_id,
            "repository_json": dump_repository(routed.target.repository),
            "state": QUEUED,
            "attempt": 0,
            "lost": 0,
            "planned": False,
            "not_before": now + TRAILING if busy else now,
            "created_at": now,
            "reasons_json": "[]",
        },
    )
    return identity


def start(connection: Connection, job: EvaluationJob, now: datetime) -> StartedEvaluation | None:
    """Marks it running by compare-and-set, and takes over what an older, waiting evaluation of the subject covered."""
    which = this_subject(job.capability, job.target.subject.key)
    known = lock_subject(connection, job.capability, job.target.subject.key)
    taken = connection.execute(START, this_attempt(job) | {"state": RUNNING, "started_at": now})
    planned = taken.scalar_one_or_none()
    if planned is None:
        return None
    supersede(connection, job, now)
    connection.execute(SET_SUBJECT, which | {"last_started_at": now})
    rows = connection.execute(COVERED, {"of_id": job.id}).all()
    deliveries = tuple(as_delivery(row) for row in rows)
    oldest = min((d.received_at for d in deliveries), default=now)
    began_before = job.generation > 1 or job.attempt > 1
    told = failures_told(connection, which) if known.state_json is None and began_before else ()
    return StartedEvaluation(job, deliveries, known.state_json, planned, oldest, told)


def failures_told(connection: Connection, subject: Mapping[str, str]) -> tuple[PublishCheckRun, ...]:
    """The check runs whose last word was of a failure of our own: said until there is a plan, or in place of one."""
    last: dict[str, PublishCheckRun | None] = {}
    for row in connection.execute(SAID, subject):
        is_failure = row.ordinal < 0 or row.verdict == Verdict.ERROR
        last[row.key] = CHECK_RUN.validate_json(row.payload_json) if is_failure else None
    return tuple(effect for effect in last.values() if effect is not None)


def supersede(connection: Connection, job: EvaluationJob, now: datetime) -> None:
    """An older generation that waits for a retry has nothing to say any more: this one covers its deliveries."""
    which = this_subject(job.capability, job.target.subject.key) | {"of_generation": job.generation}
    older = [row.id for row in connection.execute(OLDER, which)]
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
    counted = REQUEUE.values(lost=evaluation.c.lost + 1 if lost else 0)
    connection.execute(counted, this_attempt(job) | {"state": QUEUED, "not_before": at, "error": error})


def unfinished(connection: Connection) -> list[EvaluationJob]:
    """Admitted and running evaluations."""
    rows = connection.execute(select(evaluation).where(IS_BUSY)).all()
    return [as_job(row, row.attempt) for row in rows]


def find_job(connection: Connection, identity: str, attempt: int) -> EvaluationJob | None:
    """The job of an id that came back from the engine."""
    row = connection.execute(JOB, {"of_id": identity}).one_or_none()
    return None if row is None else as_job(row, attempt)
