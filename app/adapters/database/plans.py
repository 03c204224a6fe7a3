"""Plans and effects. Functions of an open transaction."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, func, insert, select, update

from app.adapters.database.evaluations import effect_table, evaluation, subject_table
from app.adapters.database.previous import left_before
from app.adapters.database.slots import give_back, give_back_of
from app.domain.effects import Effect
from app.domain.ids import AppKey, EffectId
from app.ports.ledger import EvaluationJob, Plan, PlannedEffect

EFFECT: TypeAdapter[Effect] = TypeAdapter(Effect)
EVIDENCE_CAP_BYTES = 8 * 1024 * 1024


def commit_plan(connection: Connection, job: EvaluationJob, plan: Plan, now: datetime) -> None:
    """Stores the decision once; a plan that is there already stays as it is."""
    packed = None if plan.evidence_json is None else zlib.compress(plan.evidence_json, 6)
    taken = connection.execute(
        update(evaluation)
        .where(
            evaluation.c.id == job.id,
            evaluation.c.attempt == job.attempt,
            evaluation.c.state == "running",
            evaluation.c.planned.is_(False),
        )
        .values(
            planned=True,
            verdict=plan.verdict.value,
            reasons_json=json.dumps([[r.code, r.text] for r in plan.reasons]),
            evidence=packed if packed is not None and len(packed) <= EVIDENCE_CAP_BYTES else None,
        )
    )
    if taken.rowcount != 1:
        return
    replaced = connection.execute(
        update(effect_table)
        .where(effect_table.c.evaluation_id == job.id, effect_table.c.state == "planned")
        .values(state="refused", reason="a decision takes its place")
    )
    if replaced.rowcount:
        give_back_of(connection, [job.id])
    for ordinal, effect in enumerate(plan.effects):
        insert_effect(connection, job, ordinal, effect, now)
    connection.execute(
        update(subject_table)
        .where(
            subject_table.c.capability == job.capability,
            subject_table.c.subject_key == job.target.subject.key,
        )
        .values(state_json=plan.state_json)
    )


def commit_interim(
    connection: Connection, job: EvaluationJob, effects: Sequence[Effect], now: datetime
) -> bool:
    """Stores what is said until there is a plan, once, with ordinals below zero; False where there is a plan."""
    undecided = connection.execute(
        select(evaluation.c.id)
        .where(
            evaluation.c.id == job.id,
            evaluation.c.attempt == job.attempt,
            evaluation.c.state == "running",
            evaluation.c.planned.is_(False),
        )
        .with_for_update()
    ).scalar()
    if undecided is None:
        return False
    said = connection.execute(
        select(effect_table.c.id).where(effect_table.c.evaluation_id == job.id).limit(1)
    ).scalar()
    if said is None:
        for ordinal, effect in enumerate(effects, start=-len(effects)):
            insert_effect(connection, job, ordinal, effect, now)
    return True


def insert_effect(
    connection: Connection, job: EvaluationJob, ordinal: int, effect: Effect, now: datetime
) -> None:
    """A row that is still to be performed."""
    connection.execute(
        insert(effect_table).values(
            id=f"{job.id}|{ordinal}",
            evaluation_id=job.id,
            ordinal=ordinal,
            kind=effect.kind,
            key=f"{job.target.subject.app_key}|{effect.key}",
            payload_json=EFFECT.dump_json(effect).decode(),
            state="planned",
            cursor_json="{}",
            updated_at=now,
        )
    )


def pending(connection: Connection, job: EvaluationJob) -> list[PlannedEffect]:
    """Effects of the plan still to be performed, each with the last result under its key; none for an old attempt."""
    rows = connection.execute(
        select(effect_table)
        .join(evaluation, evaluation.c.id == effect_table.c.evaluation_id)
        .where(
            effect_table.c.evaluation_id == job.id,
            effect_table.c.state == "planned",
            evaluation.c.attempt == job.attempt,
            evaluation.c.state == "running",
        )
        .order_by(effect_table.c.ordinal)
    ).all()
    return [as_planned(connection, row) for row in rows]


def as_planned(connection: Connection, row: Row[Any]) -> PlannedEffect:
    """The domain's view of a row, with what effects with the same key left before."""
    previous, abandoned = left_before(connection, row)
    return PlannedEffect(
        id=EffectId(row.id),
        effect=EFFECT.validate_json(row.payload_json),
        cursor=json.loads(row.cursor_json),
        previous=previous,
        abandoned=abandoned,
    )


def settle(
    connection: Connection,
    effect: EffectId,
    *,
    applied: bool,
    result: Mapping[str, int | str],
    reason: str | None,
    now: datetime,
) -> None:
    """Closes an effect; what it took from budgets and did not spend is free again."""
    connection.execute(
        update(effect_table)
        .where(effect_table.c.id == effect)
        .values(
            state="applied" if applied else "refused",
            result_json=json.dumps(dict(result), sort_keys=True),
            reason=reason,
            updated_at=now,
        )
    )
    give_back(connection, effect)


def save_cursor(
    connection: Connection, effect: EffectId, cursor: Mapping[str, int | str], now: datetime
) -> None:
    """Keeps how far an effect has come."""
    connection.execute(
        update(effect_table)
        .where(effect_table.c.id == effect)
        .values(cursor_json=json.dumps(dict(cursor), sort_keys=True), updated_at=now)
    )


def applied_since(connection: Connection, app_key: AppKey, key_prefix: str, since: datetime) -> int:
    """How many effects of an App under a key prefix were applied."""
    found: int = connection.execute(
        select(func.count())
        .select_from(effect_table)
        .where(
            effect_table.c.key.startswith(f"{app_key}|{key_prefix}", autoescape=True),
            effect_table.c.state == "applied",
            effect_table.c.updated_at > since,
        )
    ).scalar_one()
    return found
