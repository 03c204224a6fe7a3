"""What finished evaluations rested on, so that it can be judged again. Functions of an open transaction."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

from sqlalchemy import Connection, select

from app.adapters.database.conversion import load_repository
from app.adapters.database.evaluations import DONE, coverage, evaluation
from app.adapters.database.inbox import delivery_table
from app.adapters.database.tables import effect_table
from app.domain.delivery import Delivery
from app.domain.repo import Repository, Subject, SubjectKind
from app.domain.verdicts import KeptVerdict

MAX_EACH = 20
"""Evaluations of one commit that are looked at."""
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


def kept_verdicts(connection: Connection, capability: str, delivery: Delivery) -> tuple[KeptVerdict, ...]:
    """What a capability decided in the newest finished evaluation of each subject that covered the delivery."""
    rows = connection.execute(
        select(evaluation)
        .join(coverage, coverage.c.evaluation_id == evaluation.c.id)
        .join(delivery_table, delivery_table.c.seq == coverage.c.delivery_seq)
        .where(
            delivery_table.c.app_key == delivery.app_key,
            delivery_table.c.guid == delivery.id,
            evaluation.c.capability == capability,
            evaluation.c.planned.is_(True),
        )
        .order_by(evaluation.c.generation)
    )
    newest = {row.subject_key: row for row in rows}
    return tuple(
        KeptVerdict(
            evaluation=row.id,
            verdict=row.verdict,
            reasons=tuple((code, text) for code, text in json.loads(row.reasons_json)),
            evidence=None if row.evidence is None else zlib.decompress(bytes(row.evidence)),
            checks=_checks(connection, row.id),
        )
        for row in newest.values()
    )


def judged_repositories(connection: Connection, capability: str) -> tuple[tuple[str, Repository], ...]:
    """The repositories of which evidence is kept, each with its App's key, as they were named last."""
    rows = connection.execute(
        select(evaluation.c.app_key, evaluation.c.repository_json)
        .where(evaluation.c.capability == capability, evaluation.c.evidence.is_not(None))
        .distinct()
    )
    found = {
        (row.app_key, repository.id): repository
        for row in rows
        for repository in [load_repository(row.repository_json)]
    }
    return tuple(
        (key, repository) for (key, _), repository in sorted(found.items(), key=lambda each: each[0])
    )


def histories(
    connection: Connection, capability: str, app_key: str, repository: Repository, limit: int
) -> tuple[tuple[bytes, ...], ...]:
    """The evidence of the evaluations of each of the newest `limit` commits, the newest first in both directions."""
    found = _evaluations(connection, capability, app_key, repository, SubjectKind.SHA)
    newest = list(found.values())[:limit]
    return tuple(_evidence_of(connection, each) for each in newest)


def release_histories(
    connection: Connection, capability: str, app_key: str, repository: Repository, limit: int
) -> tuple[tuple[int, tuple[bytes, ...]], ...]:
    """The same of each of the newest `limit` releases, by number: old ones are looked at again, and stay old."""
    found = _evaluations(connection, capability, app_key, repository, SubjectKind.RELEASE)
    by_number = sorted(((int(subject.ident), each) for subject, each in found.items()), reverse=True)
    return tuple((number, _evidence_of(connection, each)) for number, each in by_number[:limit])


def _evaluations(
    connection: Connection, capability: str, app_key: str, repository: Repository, kind: SubjectKind
) -> dict[Subject, list[str]]:
    """The evaluations of which evidence is kept, by subject, the newest first in both directions."""
    rows = connection.execute(
        select(evaluation.c.id, evaluation.c.subject_key)
        .where(
            evaluation.c.capability == capability,
            evaluation.c.app_key == app_key,
            evaluation.c.subject_key.startswith(f"{app_key}|{repository.id}|", autoescape=True),
            evaluation.c.state == DONE,
            evaluation.c.evidence.is_not(None),
        )
        .order_by(evaluation.c.finished_at.desc(), evaluation.c.generation.desc())
    )
    found: dict[Subject, list[str]] = {}
    for row in rows:
        subject = Subject.from_key(row.subject_key)
        if subject.kind is kind:
            found.setdefault(subject, []).append(row.id)
    return found


def _evidence_of(connection: Connection, identities: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(_evidence(connection, identity) for identity in identities[:MAX_EACH])


def _checks(connection: Connection, identity: str) -> tuple[str, ...]:
    """The check runs of a plan, as JSON; what was said before it (ordinals below zero) is no part of it."""
    rows = connection.execute(
        select(effect_table.c.payload_json)
        .where(
            effect_table.c.evaluation_id == identity,
            effect_table.c.kind == "publish_check_run",
            effect_table.c.ordinal >= 0,
        )
        .order_by(effect_table.c.ordinal)
    )
    return tuple(row.payload_json for row in rows)
