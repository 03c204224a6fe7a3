"""Admission: which due evaluations the engine gets now. A function of an open transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, or_, select, update

from app.adapters.database.conversion import as_job
from app.adapters.database.evaluations import ADMITTED, BUSY, IS_BUSY, QUEUED, evaluation
from app.adapters.database.sharing import ADMISSION, take_turns
from app.adapters.database.tables import effect_table
from app.ports.ledger import EvaluationJob

LOAD = select(
    evaluation.c.capability,
    evaluation.c.subject_key,
    evaluation.c.app_key,
    evaluation.c.installation_id,
).where(IS_BUSY)
FREE = select(evaluation.c.id).where(evaluation.c.id == bindparam("of_id"), evaluation.c.state == QUEUED)
TAKE = update(evaluation).where(evaluation.c.id == FREE.with_for_update(skip_locked=True).scalar_subquery())
"""Never waits: another transaction that has the row may wait for one that was taken here. Who routes, admits after it."""


def first_of_each_installation() -> Select[Any]:
    """The due evaluations that may run, the first of each installation first: a storm of one tenant hides nobody."""
    rank = func.row_number().over(
        partition_by=(evaluation.c.app_key, evaluation.c.installation_id),
        order_by=(evaluation.c.precedence, evaluation.c.created_at, evaluation.c.generation),
    )
    busy = evaluation.alias("busy")
    free = ~(
        select(busy.c.id)
        .where(
            busy.c.capability == evaluation.c.capability,
            busy.c.subject_key == evaluation.c.subject_key,
            or_(*(busy.c.state == state for state in BUSY)),
        )
        .exists()
    )
    older = evaluation.alias("older")
    # What it began at GitHub nobody else could find again: it ends before a newer one takes its place.
    nothing_begun = ~(
        select(older.c.id)
        .join(effect_table, effect_table.c.evaluation_id == older.c.id)
        .where(
            older.c.capability == evaluation.c.capability,
            older.c.subject_key == evaluation.c.subject_key,
            older.c.generation < evaluation.c.generation,
            older.c.state == QUEUED,
            effect_table.c.state == "planned",
            effect_table.c.cursor_json != "{}",
            effect_table.c.ordinal
            >= 0,  # of a plan; what is said until there is one is found again as `abandoned`
        )
        .exists()
    )
    ranked = (
        select(evaluation, rank.label("rank"))
        .where(evaluation.c.state == QUEUED, evaluation.c.not_before <= bindparam("now"), free, nothing_begun)
        .subquery()
    )
    return (
        select(ranked)
        .where(ranked.c.rank <= bindparam("per_installation"))
        .order_by(ranked.c.precedence, ranked.c.rank, ranked.c.created_at)
    )


CANDIDATES = first_of_each_installation()
"""Made once: that takes longer than to run it."""


def admit(connection: Connection, now: datetime, limit: int, per_installation: int) -> list[EvaluationJob]:
    """Takes due evaluations: no more than so many of an installation at once, one of a subject, lanes in order."""
    take_turns(connection, ADMISSION)
    running = connection.execute(LOAD).all()
    room = limit - len(running)
    if room <= 0:
        return []
    load: dict[tuple[str, int], int] = {}
    for row in running:
        load[row.app_key, row.installation_id] = load.get((row.app_key, row.installation_id), 0) + 1
    subjects = {(row.capability, row.subject_key) for row in running}
    jobs: list[EvaluationJob] = []
    for row in connection.execute(CANDIDATES, {"now": now, "per_installation": per_installation}).all():
        tenant = (row.app_key, row.installation_id)
        if load.get(tenant, 0) >= per_installation or (row.capability, row.subject_key) in subjects:
            continue
        admitted = {"of_id": row.id, "state": ADMITTED, "attempt": row.attempt + 1}
        taken = connection.execute(TAKE, admitted)
        if taken.rowcount != 1:
            continue
        load[tenant] = load.get(tenant, 0) + 1
        subjects.add((row.capability, row.subject_key))
        jobs.append(as_job(row, row.attempt + 1))
        if len(jobs) >= room:
            break
    return jobs
