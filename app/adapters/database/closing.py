"""How evaluations end, and what their deliveries come to. Functions of an open transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from app.adapters.database.evaluations import (
    CLOSED,
    DONE,
    FAILED,
    IS_BUSY,
    QUARANTINED,
    THIS_ATTEMPT,
    coverage,
    evaluation,
    this_attempt,
)
from app.adapters.database.inbox import delivery_table
from app.adapters.database.slots import give_back_of
from app.domain.delivery import DeliveryState
from app.ports.ledger import EvaluationJob, Routed

FINAL = (DONE, QUARANTINED)
"""What a redelivery does not run again: it is done, or trying again cannot help until a person replays it."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest evaluation of a subject that covers a delivery."""

    capability: str
    subject_key: str
    state: str
    error: str | None


CLOSE = update(evaluation).where(THIS_ATTEMPT, IS_BUSY)
COVERED_DELIVERIES = (
    select(delivery_table.c.seq, delivery_table.c.error)
    .where(
        delivery_table.c.seq.in_(
            select(coverage.c.delivery_seq).where(coverage.c.evaluation_id == bindparam("of_id"))
        )
    )
    .order_by(delivery_table.c.seq)
    .with_for_update()
)
CLOSE_DELIVERY = update(delivery_table).where(
    delivery_table.c.seq == bindparam("of_seq"), delivery_table.c.state == DeliveryState.RUNNING
)
COVERING = (
    select(
        coverage.c.delivery_seq,
        evaluation.c.capability,
        evaluation.c.subject_key,
        evaluation.c.state,
        evaluation.c.error,
    )
    .join(evaluation, evaluation.c.id == coverage.c.evaluation_id)
    .where(coverage.c.delivery_seq.in_(bindparam("seqs", expanding=True)))
    .order_by(evaluation.c.generation, evaluation.c.precedence, evaluation.c.id)
)


def close(connection: Connection, job: EvaluationJob, state: str, error: str | None, now: datetime) -> bool:
    """Closes the evaluation; False where this attempt has nothing to say any more."""
    ended = {"state": state, "finished_at": now, "error": error}
    closed = connection.execute(CLOSE, this_attempt(job) | ended)
    if state != DONE and closed.rowcount:
        give_back_of(connection, [job.id])
    return bool(closed.rowcount == 1)


def lock_deliveries(connection: Connection, job: EvaluationJob) -> dict[int, str | None]:
    """The numbers of the covered deliveries, locked: of two evaluations that close at once, the later sees the other's end.

    Each with its error, which is a problem of its routing while it runs.
    """
    return {row.seq: row.error for row in connection.execute(COVERED_DELIVERIES, {"of_id": job.id})}


def close_deliveries(connection: Connection, problems: Mapping[int, str | None]) -> list[DeliveryState]:
    """Settles those of the deliveries that have no open evaluation any more; what these came to."""
    if not problems:
        return []
    newest = newest_evaluations(connection, list(problems))
    closed: list[DeliveryState] = []
    for seq, problem in problems.items():
        ended = newest.get(seq, [])
        if any(each.state not in CLOSED for each in ended):
            continue
        state, error = outcome(ended, problem)
        settled = connection.execute(CLOSE_DELIVERY, {"of_seq": seq, "state": state, "error": error})
        closed += [state] * settled.rowcount
    return closed


def outcome(ended: Sequence[Newest], problem: str | None = None) -> tuple[DeliveryState, str | None]:
    """What a delivery comes to, whichever evaluation closed last: first comes what a redelivery can mend."""
    for each in ended:
        if each.state == FAILED:
            return DeliveryState.FAILED, each.error
    if problem is not None:
        return DeliveryState.QUARANTINED, problem
    for each in ended:
        if each.state == QUARANTINED:
            return DeliveryState.QUARANTINED, each.error
    return DeliveryState.DONE, None


def still_to_do(
    connection: Connection, seq: int, routed: Sequence[Routed]
) -> tuple[list[Routed], list[Newest]]:
    """The pairs that a redelivery has to run, and how the others ended."""
    concerned = {(pair.capability, pair.target.subject.key) for pair in routed}
    final = {
        (each.capability, each.subject_key): each
        for each in newest_evaluations(connection, [seq]).get(seq, [])
        if each.state in FINAL and (each.capability, each.subject_key) in concerned
    }
    left = [pair for pair in routed if (pair.capability, pair.target.subject.key) not in final]
    return left, list(final.values())


def newest_evaluations(connection: Connection, seqs: Sequence[int]) -> dict[int, list[Newest]]:
    """For each delivery, the newest evaluation of each subject that covers it; the order is always the same."""
    rows = connection.execute(COVERING, {"seqs": list(seqs)})
    newest: dict[tuple[int, str, str], Newest] = {}
    for row in rows:
        newest[row.delivery_seq, row.capability, row.subject_key] = Newest(
            row.capability, row.subject_key, row.state, row.error
        )
    result: dict[int, list[Newest]] = {}
    for (seq, _, _), each in newest.items():
        result.setdefault(seq, []).append(each)
    return result
