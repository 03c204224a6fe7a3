"""Rows of the ledger as the domain's values, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from app.domain.delivery import Delivery, Source
from app.domain.ids import AppKey, DeliveryId, EvaluationId, Sha256Hex
from app.domain.repo import Repository, Subject, Target
from app.ports.handler import Lane
from app.ports.ledger import EvaluationJob


def as_job(row: Row[Any], attempt: int) -> EvaluationJob:
    """The domain's view of a row."""
    target = Target(Subject.from_key(row.subject_key), load_repository(row.repository_json))
    return EvaluationJob(
        EvaluationId(row.id), attempt, row.capability, Lane(row.lane), target, row.generation, row.lost
    )


def as_delivery(row: Row[Any]) -> Delivery:
    """The domain's view of a row."""
    return Delivery(
        app_key=AppKey(row.app_key),
        id=DeliveryId(row.guid),
        source=Source(row.source),
        event=row.event,
        body=bytes(row.body),
        body_sha256=Sha256Hex(row.body_sha256),
        received_at=row.received_at,
        hook_id=row.hook_id,
        target_id=row.target_id,
        traceparent=row.traceparent,
    )


def dump_repository(repository: Repository) -> str:
    """A repository as JSON."""
    return json.dumps(asdict(repository), sort_keys=True)


def load_repository(text: str) -> Repository:
    """Reads what `dump_repository` wrote."""
    return Repository(**json.loads(text))
