"""What logs and traces say of a hop: whose delivery, which repository, which capability; one trace from receipt to record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from app.domain.delivery import Delivery
from app.ports.ledger import StartedEvaluation
from app.telemetry import traces
from app.telemetry.logs import about

TRACE_DIGITS = 32
"""https://www.w3.org/TR/trace-context/#trace-id"""


def trace_id_of(delivery: Delivery) -> str:
    """The id of a delivery's trace, for the logs.

    While no spans are made nothing of it is stored at receipt: the delivery's id gives it, alike for every hop and process.
    """
    known = traces.trace_id(delivery.traceparent)
    if known or traces.is_on():
        return known
    return hashlib.sha256(f"{delivery.app_key}|{delivery.id}".encode()).hexdigest()[:TRACE_DIGITS]


@contextmanager
def dispatching(delivery: Delivery) -> Iterator[None]:
    """Around parse and route of one delivery."""
    facts = {"app": delivery.app_key, "delivery.id": delivery.id, "delivery.event": delivery.event}
    with (
        about(app=delivery.app_key, delivery_id=delivery.id, trace_id=trace_id_of(delivery)),
        traces.span("dispatch", facts, parent=delivery.traceparent),
    ):
        yield


@contextmanager
def evaluating(started: StartedEvaluation) -> Iterator[None]:
    """Around one attempt of an evaluation: in the trace of its oldest delivery, with links to the others it covers."""
    job, deliveries = started.job, started.deliveries
    given = deliveries[0].traceparent if deliveries else ""
    repo = job.target.repository.full_name
    facts: traces.Facts = {
        "app": job.app_key,
        "capability": job.capability,
        "repo": repo,
        "evaluation.id": job.id,
        "evaluation.attempt": job.attempt,
        "evaluation.deliveries": len(deliveries),
    }
    with (
        about(
            app=job.app_key,
            delivery_id=deliveries[0].id if deliveries else "",
            repo=repo,
            capability=job.capability,
            trace_id=trace_id_of(deliveries[0]) if deliveries else "",
        ),
        traces.span("evaluate", facts, parent=given, links=[one.traceparent for one in deliveries[1:]]),
    ):
        yield
