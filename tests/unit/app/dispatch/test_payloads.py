from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dispatch.payloads import HANDLED_EVENTS, READERS, parse, wake_body
from app.domain.delivery import Delivery, Source, delivery_of
from app.domain.events import Ignored, WokenUp, WorkflowRunCompleted
from app.domain.ids import AppKey, DeliveryId, InstallationId, RepositoryId
from app.domain.repo import Repository, Subject, SubjectKind
from app.errors import InvalidInput

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEY = AppKey("api.github.com/1")
REPOSITORY = Repository(RepositoryId(7), "forge", "anvil", InstallationId(3))
RUN = {
    "action": "completed",
    "repository": {"id": 7, "name": "anvil", "owner": {"id": 1, "login": "forge"}},
    "installation": {"id": 3},
    "workflow_run": {
        "id": 5,
        "run_attempt": 2,
        "head_sha": "a" * 40,
        "head_branch": None,
        "head_repository": None,
        "path": ".github/workflows/ci.yml@refs/heads/main",
        "event": "push",
        "conclusion": "a_word_of_next_year",
        "actor": None,
        "triggering_actor": {"id": 9, "login": "x[bot]", "type": "Bot"},
    },
}


def delivery(event: str, body: bytes, source: Source = Source.GITHUB) -> Delivery:
    return delivery_of(KEY, DeliveryId("guid"), source, event, body, NOW)


def test_nulls_and_unknown_words_of_a_run_are_kept() -> None:
    event = parse(delivery("workflow_run", json.dumps(RUN).encode())).event
    assert isinstance(event, WorkflowRunCompleted)
    assert (event.path, event.conclusion) == (".github/workflows/ci.yml", "a_word_of_next_year")
    assert event.head_repository_id is None
    assert event.actor is not None
    assert event.actor.is_bot


def test_a_body_that_does_not_fit_its_event_leads_to_nothing() -> None:
    body = json.dumps({**RUN, "workflow_run": None}).encode()
    assert isinstance(parse(delivery("workflow_run", body)).event, Ignored)
    with pytest.raises(InvalidInput):
        parse(delivery("workflow_run", json.dumps({**RUN, "workflow_run": [1]}).encode()))


def test_a_hook_without_installation_is_ignored_with_its_reason() -> None:
    body = json.dumps({k: v for k, v in RUN.items() if k != "installation"}).encode()
    event = parse(delivery("workflow_run", body)).event
    assert event == Ignored("no installation: the hook is not the App's own")


@given(st.sampled_from(sorted(HANDLED_EVENTS)), st.binary())
def test_any_bytes_are_an_event_or_ignored_or_refused(event: str, body: bytes) -> None:
    try:
        parsed = parse(delivery(event, body))
    except InvalidInput:
        return
    assert isinstance(parsed.event, Ignored)


def test_a_list_as_action_is_not_an_error() -> None:
    assert isinstance(parse(delivery("check_run", b'{"action": ["completed"]}')).event, Ignored)


def test_a_wake_up_survives_its_bytes() -> None:
    subject = Subject(KEY, RepositoryId(7), SubjectKind.RUN, "5")
    body = wake_body(REPOSITORY, "remediation", subject, "deadline")
    event = parse(delivery("hephaestus.wake", body, Source.TIMER)).event
    assert event == WokenUp(REPOSITORY, "remediation", subject, "deadline")


def test_github_cannot_send_a_wake_up() -> None:
    subject = Subject(KEY, RepositoryId(7), SubjectKind.RUN, "5")
    with pytest.raises(InvalidInput):
        parse(delivery("hephaestus.wake", wake_body(REPOSITORY, "x", subject, "y")))


@pytest.mark.corpus
def test_every_real_payload_is_an_event_or_ignored(corpus: Path) -> None:
    folder, understood = corpus / "webhooks", 0
    for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        body = (folder / entry["file"]).read_bytes()
        parsed = parse(delivery(entry["event"], body))
        assert parsed.action == entry["action"] or (entry["event"], parsed.action) not in READERS
        understood += not isinstance(parsed.event, Ignored)
    assert understood > 0
