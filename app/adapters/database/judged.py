"""What finished evaluations rested on, so that it can be judged again. Functions of an open transaction."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from sqlalchemy import Connection, select

from app.adapters.database.evaluations import DONE, evaluation

AT_A_TIME = 100
"""Subjects asked about in one question: databases limit the parameters of one."""


def newest_evidence(
    connection: Connection, capability: str, subject_keys: Sequence[str], limit: int
) -> tuple[bytes, ...]:
    """The evidence of the newest finished evaluation of each subject that has any, in the order of the subjects."""
    found: list[bytes] = []
    for start in range(0, len(subject_keys), AT_A_TIME):
        keys = subject_keys[start : start + AT_A_TIME]
        newest: dict[str, str] = {}
        rows = connection.execute(
            select(evaluation.c.id, evaluation.c.subject_key)
            .where(
                evaluation.c.capability == capability,
                evaluation.c.subject_key.in_(keys),
                evaluation.c.state == DONE,
                evaluation.c.evidence.is_not(None),
            )
            .order_by(evaluation.c.generation)
        )
        for row in rows:
            newest[row.subject_key] = row.id
        for key in keys:
            if key in newest and len(found) < limit:
                found.append(_evidence(connection, newest[key]))
        if len(found) == limit:
            break
    return tuple(found)


def _evidence(connection: Connection, identity: str) -> bytes:
    """One at a time: some are megabytes."""
    packed = connection.execute(select(evaluation.c.evidence).where(evaluation.c.id == identity)).scalar_one()
    return zlib.decompress(bytes(packed))
