"""A delivery: the row that everything that happens becomes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.ids import AppKey, DeliveryId, Sha256Hex


class Source(StrEnum):
    """Where a ledger row came from."""

    GITHUB = "github"
    TIMER = "timer"
    SWEEP = "sweep"
    OPERATOR = "operator"


OWN_IDS = tuple(f"{source}:" for source in Source if source is not Source.GITHUB)
"""How the ids of rows of our own making begin; the receiver refuses them from outside."""


class DeliveryState(StrEnum):
    """The life of a ledger row; `done`, `ignored` and `quarantined` are final until a person replays it."""

    RECEIVED = "received"
    IGNORED = "ignored"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A verified delivery as accepted: the exact bytes and the headers that matter.

    `traceparent` is the W3C trace context of the receipt, so that one trace follows the delivery across processes.
    """

    app_key: AppKey
    id: DeliveryId
    source: Source
    event: str
    body: bytes
    body_sha256: Sha256Hex
    received_at: datetime
    hook_id: str = ""
    target_id: str = ""
    traceparent: str = ""


def own_id(source: Source, name: str) -> DeliveryId:
    """The id of a row of our own making, which no delivery of GitHub's can have; `source` is not GitHub."""
    return DeliveryId(f"{source}:{name}")


def delivery_of(
    app_key: AppKey, guid: DeliveryId, source: Source, event: str, body: bytes, received_at: datetime
) -> Delivery:
    """A delivery of our own making: a timer's, a sweep's or an operator's."""
    digest = Sha256Hex(hashlib.sha256(body).hexdigest())
    return Delivery(app_key, guid, source, event, body, digest, received_at)


class Acceptance(StrEnum):
    """What `accept` did with a delivery; the word is in the answer's body."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    RESUMED = "resumed"
