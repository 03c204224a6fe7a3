"""What effects with the same key left before. Functions of an open transaction.

Several subjects may share a key: two failed runs propose one branch. The decisions on one subject are numbered, and made one
after the other; between subjects only time tells. So a clock that goes back, or differs from another worker's, confuses nothing
on one subject.

The statements are made once: that takes longer than to run them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, not_, or_, select

from app.adapters.database.evaluations import evaluation
from app.adapters.database.tables import effect_table

Left = Mapping[str, int | str]


def newest(*which: ColumnElement[bool]) -> Select[Any]:
    """Of the effects with the key `key`, the one of these that was decided last."""
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
        .where(effect_table.c.key == bindparam("key"), *which)
        .subquery()
    )
    return (
        select(ranked)
        .where(ranked.c.place == 1)
        .order_by(ranked.c.updated_at.desc(), ranked.c.generation.desc())
        .limit(1)
    )


def decided_later() -> ColumnElement[bool]:
    """Whether an effect was decided after the one that the parameters tell of."""
    same_subject = and_(
        evaluation.c.capability == bindparam("capability"),
        evaluation.c.subject_key == bindparam("subject_key"),
    )
    same_decision = evaluation.c.generation == bindparam("generation")
    return or_(
        and_(same_subject, evaluation.c.generation > bindparam("generation")),
        and_(same_subject, same_decision, effect_table.c.ordinal > bindparam("ordinal")),
        and_(not_(same_subject), effect_table.c.updated_at > bindparam("updated_at")),
    )


UNENDED = (
    effect_table.c.id != bindparam("id"),
    effect_table.c.state != "applied",
    effect_table.c.cursor_json != "{}",
)
APPLIED = newest(effect_table.c.state == "applied")
BEGUN = newest(*UNENDED)
BEGUN_SINCE = newest(*UNENDED, decided_later())
SINCE = ("capability", "subject_key", "generation", "ordinal", "updated_at")


def left_before(connection: Connection, effect: Row[Any]) -> tuple[Left | None, Left | None]:
    """The result of the effect with this key that was applied last, and how far a later one came that never ended."""
    last = connection.execute(APPLIED, {"key": effect.key}).one_or_none()
    which = {"key": effect.key, "id": effect.id}
    if last is None:
        begun = connection.execute(BEGUN, which).one_or_none()
    else:
        since = {name: getattr(last, name) for name in SINCE}
        begun = connection.execute(BEGUN_SINCE, which | since).one_or_none()
    return (
        None if last is None else json.loads(last.result_json),
        None if begun is None else json.loads(begun.cursor_json),
    )
