from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from app.dispatch.replay import Rehearsal, rehearse
from app.domain.delivery import Delivery, DeliveryState, Source, delivery_of
from app.domain.ids import DeliveryId, EvaluationId
from app.domain.repo import Subject, SubjectKind
from app.ports.handler import AnyCapability
from app.ports.replay import StoredEvaluation
from tests.unit.app.dispatch.world import KEY, REPOSITORY, SHA, Opinion, payload

SUBJECT = Subject(KEY, REPOSITORY.id, SubjectKind.SHA, SHA).key
NOW = datetime(2026, 11, 23, tzinfo=UTC)
GOOD = b'{"names": ["ci"], "before": 2}'


def delivered() -> Delivery:
    body = {"action": "completed", "check_run": {"id": 1, "name": "ci", "head_sha": SHA}} | payload()
    return delivery_of(KEY, DeliveryId("g"), Source.GITHUB, "check_run", json.dumps(body).encode(), NOW)


def rehearsed(**evidence: bytes | None) -> Rehearsal:
    """The delivery before capabilities of these names, each of which left this evidence."""
    table: dict[str, AnyCapability] = {name: Opinion(name=name) for name in evidence}
    stored = [
        StoredEvaluation(EvaluationId(name), name, SUBJECT, "pass", kept) for name, kept in evidence.items()
    ]
    return rehearse(delivered(), stored, table)


def test_a_decision_is_made_again_from_the_evidence_that_was_kept() -> None:
    told = rehearsed(gate=GOOD)
    (handler,) = told.handlers
    assert (told.state, told.error, handler.verdict) == (DeliveryState.DONE, None, "pass")


def test_without_evidence_nothing_is_decided_and_it_is_said_so() -> None:
    told = rehearsed(gate=None)
    assert (told.state, told.handlers[0].verdict) == (DeliveryState.RUNNING, None)
    assert told.error == "gate: no evidence was kept; only a real replay can tell"


@pytest.mark.parametrize("of_another_version", [b'{"names": ["ci"]}', b'{"names": 1, "before": "x"}', b"[1]"])
def test_evidence_of_another_shape_decides_nothing_and_stops_no_other_capability(
    of_another_version: bytes,
) -> None:
    told = rehearsed(gate=of_another_version, other=GOOD)
    assert [(one.handler, one.verdict, one.verdict_then) for one in told.handlers] == [
        ("gate", None, "pass"),
        ("other", "pass", "pass"),
    ]
    assert told.state is DeliveryState.RUNNING
    assert told.error is not None
    assert told.error.startswith("gate: its evidence is of another version and cannot be read by this one (")
    assert told.error.endswith("; only a real replay can tell")


def test_what_does_not_fit_is_named_without_what_is_in_it() -> None:
    told = rehearsed(gate=b'{"names": "a secret", "before": 1}')
    assert told.error is not None
    assert "(names: " in told.error
    assert "a secret" not in told.error
