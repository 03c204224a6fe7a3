"""What effects with the same key left before. Functions of an open transaction.

Several subjects may share a key: two failed runs propose one branch. The decisions on one subject are numbered, and made one
after the other; between subjects only time tells. So a clock that goes back, or differs from another worker's, confuses nothing
on one subject.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, not_, or_, select

from app.adapters.database.evaluations import effect_table, evaluation

Left = Mapping[str, int | str]


def left_before(connection: Connection, effect: Row[Any]) -> tuple[Left | None, Left | None]:
    """The result of the effect with this key that was applied last, and how far a later one came that never ended."""
    same_key = effect_table.c.key == effect.key
    last = newest(connection, same_key, effect_table.c.state == "applied")
    begun = [
        same_key,
        effect_table.c.id != effect.id,
        effect_table.c.state != "applied",
        effect_table.c.cursor_json != "{}",
    ]
    abandoned = newest(connection, *begun, *([] if last is None else [later_than(last)]))
    return (
        None if last is None else json.loads(last.result_json),
        None if abandoned is None else json.loads(abandoned.cursor_json),
    )


def newest(connection: Connection, *which: ColumnElement[bool]) -> Row[Any] | None:
    """Of these effects, the one that was decided last."""
    place = func.row_number().over(
        partition_by=(evaluation.c.capability, evaluation.c.subject_key),
        order_by=(evaluation.c.generation.desc(), effect_table.c.ordinal.desc()),
    )
    ranked = (
        select(
            effect_table.c.ordinal,
            effect_table.c.result_json,
            effect_table.c.cursor_json,
            effect_table.c.updated_at,
            evaluation.c.capability,
            evaluation.c.subject_key,
            evaluation.c.generation,
            place.label("place"),
        )
        .join(evaluation, evaluation.c.id == effect_table.c.evaluation_id)
        .where(*which)
        .subquery()
    )
    return connection.execute(
        select(ranked)
        .where(ranked.c.place == 1)
        .order_by(ranked.c.updated_at.desc(), ranked.c.generation.desc())
        .limit(1)
    ).one_or_none()


def later_than(last: Row[Any]) -> ColumnElement[bool]:
    """Whether an effect was decided after this one."""
    same_subject = and_(
        evaluation.c.capability == last.capability, evaluation.c.subject_key == last.subject_key
    )
    same_decision = evaluation.c.generation == last.generation
    return or_(
        and_(same_subject, evaluation.c.generation > last.generation),
        and_(same_subject, same_decision, effect_table.c.ordinal > last.ordinal),
        and_(not_(same_subject), effect_table.c.updated_at > last.updated_at),
    )
