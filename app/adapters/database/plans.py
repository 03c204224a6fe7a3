"""Plans and effects. Functions of an open transaction."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, and_, bindparam, func, insert, select, update

from app.adapters.database import receipts
from app.adapters.database.evaluations import (
    SET_SUBJECT,
    THIS_ATTEMPT,
    evaluation,
    this_attempt,
    this_subject,
)
from app.adapters.database.previous import left_before
from app.adapters.database.slots import give_back, give_back_of
from app.adapters.database.tables import effect_table
from app.domain.effects import Effect
from app.domain.ids import AppKey, EffectId
from app.domain.repo import Subject
from app.ports.ledger import EvaluationJob, Plan, PlannedEffect
from app.ports.records import EffectOutcome

EFFECT: TypeAdapter[Effect] = TypeAdapter(Effect)
EVIDENCE_CAP_BYTES = 8 * 1024 * 1024


UNDECIDED = and_(THIS_ATTEMPT, evaluation.c.state == "running", evaluation.c.planned.is_(False))
DECIDE = update(evaluation).where(UNDECIDED)
STILL_UNDECIDED = select(evaluation.c.id).where(UNDECIDED).with_for_update()
REPLACE = update(effect_table).where(
    effect_table.c.evaluation_id == bindparam("of_id"), effect_table.c.state == "planned"
)
NEW_EFFECTS = insert(effect_table)
PENDING = (
    select(effect_table)
    .join(evaluation, evaluation.c.id == effect_table.c.evaluation_id)
    .where(THIS_ATTEMPT, effect_table.c.state == "planned", evaluation.c.state == "running")
    .order_by(effect_table.c.ordinal)
)
SET_EFFECT = update(effect_table).where(
    effect_table.c.id == bindparam("of_effect"), effect_table.c.state == "planned"
)
APPLIED = and_(effect_table.c.key == bindparam("key"), effect_table.c.state == "applied")
APPLIED_SINCE = (
    select(func.count())
    .select_from(effect_table)
    .where(APPLIED, effect_table.c.updated_at > bindparam("since"))
)
APPLIED_OF = (
    select(effect_table.c.id)
    .join(evaluation, evaluation.c.id == effect_table.c.evaluation_id)
    .where(APPLIED, evaluation.c.subject_key == bindparam("of_subject"))
    .limit(1)
)

OUTCOME_OF = (
    select(effect_table.c.state, effect_table.c.reason, effect_table.c.result_json)
    .join(evaluation, evaluation.c.id == effect_table.c.evaluation_id)
    .where(
        effect_table.c.key == bindparam("key"),
        effect_table.c.state.in_(("applied", "refused")),
        evaluation.c.subject_key == bindparam("of_subject"),
    )
    .order_by(effect_table.c.updated_at.desc())
    .limit(1)
)


def commit_plan(connection: Connection, job: EvaluationJob, plan: Plan, now: datetime) -> None:
    """Stores the decision once; a plan that is there already stays as it is."""
    packed = None if plan.evidence_json is None else zlib.compress(plan.evidence_json, 6)
    decided = {
        "planned": True,
        "verdict": plan.verdict.value,
        "reasons_json": json.dumps([[r.code, r.text] for r in plan.reasons]),
        "evidence": packed if packed is not None and len(packed) <= EVIDENCE_CAP_BYTES else None,
    }
    if connection.execute(DECIDE, this_attempt(job) | decided).rowcount != 1:
        return
    gone = {"of_id": job.id, "state": "refused", "reason": "a decision takes its place"}
    if connection.execute(REPLACE, gone).rowcount:
        give_back_of(connection, [job.id])
    insert_effects(connection, job, plan.effects, 0, now)
    which = this_subject(job.capability, job.target.subject.key)
    state = {"state_json": plan.state_json, "lasting_json": plan.lasting_json}
    connection.execute(SET_SUBJECT, which | state)
    receipts.store(connection, job, plan.receipts, now)


def commit_interim(
    connection: Connection, job: EvaluationJob, effects: Sequence[Effect], now: datetime
) -> bool:
    """Stores what is said until there is a plan, once, with ordinals below zero; False where there is a plan."""
    if connection.execute(STILL_UNDECIDED, this_attempt(job)).scalar() is None:
        return False
    said = connection.execute(
        select(effect_table.c.id).where(effect_table.c.evaluation_id == job.id).limit(1)
    ).scalar()
    if said is None:
        insert_effects(connection, job, effects, -len(effects), now)
    return True


def insert_effects(
    connection: Connection, job: EvaluationJob, effects: Sequence[Effect], first: int, now: datetime
) -> None:
    """Rows that are still to be performed, numbered from `first`."""
    rows = [
        {
            "id": f"{job.id}|{ordinal}",
            "evaluation_id": job.id,
            "ordinal": ordinal,
            "kind": effect.kind,
            "key": f"{job.target.subject.app_key}|{effect.key}",
            "payload_json": EFFECT.dump_json(effect).decode(),
            "state": "planned",
            "cursor_json": "{}",
            "updated_at": now,
        }
        for ordinal, effect in enumerate(effects, start=first)
    ]
    if rows:
        connection.execute(NEW_EFFECTS, rows)


def pending(connection: Connection, job: EvaluationJob) -> list[PlannedEffect]:
    """Effects of the plan still to be performed, each with the last result under its key; none for an old attempt."""
    rows = connection.execute(PENDING, this_attempt(job)).all()
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
    """Closes an effect, unless it is closed; what it took from budgets and did not spend is free again."""
    settled = {
        "state": "applied" if applied else "refused",
        "result_json": json.dumps(dict(result), sort_keys=True),
        "reason": reason,
        "updated_at": now,
    }
    connection.execute(SET_EFFECT, {"of_effect": effect} | settled)
    give_back(connection, effect)


def save_cursor(
    connection: Connection, effect: EffectId, cursor: Mapping[str, int | str], now: datetime
) -> None:
    """Keeps how far an effect has come."""
    reached = {"cursor_json": json.dumps(dict(cursor), sort_keys=True), "updated_at": now}
    connection.execute(SET_EFFECT, {"of_effect": effect} | reached)


def applied_since(connection: Connection, app_key: AppKey, key: str, since: datetime) -> int:
    """How many effects of an App with this key were applied."""
    asked = {"key": f"{app_key}|{key}", "since": since}
    found: int = connection.execute(APPLIED_SINCE, asked).scalar_one()
    return found


def was_applied(connection: Connection, subject: Subject, key: str) -> bool:
    """Whether an effect with this key was applied for the subject."""
    asked = {"key": f"{subject.app_key}|{key}", "of_subject": subject.key}
    return connection.execute(APPLIED_OF, asked).scalar() is not None


def outcome_of(connection: Connection, subject: Subject, key: str) -> EffectOutcome | None:
    """What became of the newest settled effect with this key of the subject."""
    asked = {"key": f"{subject.app_key}|{key}", "of_subject": subject.key}
    row = connection.execute(OUTCOME_OF, asked).first()
    if row is None:
        return None
    return EffectOutcome(row.state == "applied", row.reason or "", json.loads(row.result_json or "{}"))
