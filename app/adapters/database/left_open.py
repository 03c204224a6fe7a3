"""Check runs that we left in progress and that nothing will bring to an end. Functions of an open transaction."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, select

from app.adapters.database import timers
from app.adapters.database.conversion import load_repository
from app.adapters.database.evaluations import CLOSED, evaluation
from app.adapters.database.previous import APPLIED
from app.adapters.database.tables import effect_table
from app.domain.effects import CheckStatus
from app.domain.ids import AppKey
from app.domain.repo import Subject, Target
from app.ports.ledger import LeftOpen

IS_OPEN = f'%"status": "{CheckStatus.IN_PROGRESS}"%'
"""In the result of an effect as `plans.settle` writes it."""
is_working = evaluation.alias("is_working")
SAID = (
    select(
        evaluation.c.capability, evaluation.c.subject_key, evaluation.c.repository_json, effect_table.c.key
    )
    .join(effect_table, effect_table.c.evaluation_id == evaluation.c.id)
    .where(
        evaluation.c.finished_at > bindparam("since"),
        evaluation.c.finished_at <= bindparam("until"),
        evaluation.c.app_key == bindparam("of_app"),
        effect_table.c.kind == "publish_check_run",
        effect_table.c.state == "applied",
        effect_table.c.result_json.like(IS_OPEN),
        ~select(is_working.c.id)
        .where(
            is_working.c.capability == evaluation.c.capability,
            is_working.c.subject_key == evaluation.c.subject_key,
            and_(*(is_working.c.state != state for state in CLOSED)),
        )
        .exists(),
    )
    .order_by(evaluation.c.finished_at)
)
"""What was said so and by whom, where nobody works on the subject; much of it was followed by a verdict."""


def left_open(
    connection: Connection, app_key: AppKey, since: datetime, until: datetime
) -> tuple[LeftOpen, ...]:
    """The subjects whose last evaluation ended between the times, whose check run is open, and that no timer will wake."""
    said = connection.execute(SAID, {"of_app": app_key, "since": since, "until": until}).all()
    found = {
        (row.capability, row.subject_key): row.repository_json for row in said if is_open(connection, row.key)
    }
    lost = found.keys() - timers.woken(connection, found.keys())
    return tuple(
        LeftOpen(capability, Target(Subject.from_key(key), load_repository(text)))
        for (capability, key), text in found.items()
        if (capability, key) in lost
    )


def is_open(connection: Connection, key: str) -> bool:
    """Whether the last effect with this key that came true left its check run in progress."""
    last = connection.execute(APPLIED, {"key": key}).one()
    return bool(json.loads(last.result_json).get("status") == CheckStatus.IN_PROGRESS)
