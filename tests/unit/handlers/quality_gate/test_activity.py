"""What is told again does not push the deadline away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.effects import CheckStatus
from app.domain.events import (
    CheckRunCompleted,
    Event,
    MergeGroupRequested,
    WorkflowRunCompleted,
    WorkflowRunRestarted,
)
from handlers.quality_gate.activity import REMEMBERED, last_activity, told_after
from handlers.quality_gate.proposals import Proposal
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import CI, MAIN, NOW, OPENED, REPOSITORY, SHA, AtGitHub
from tests.unit.handlers.quality_gate.judging import check_of, decided

NAMED = "version: 1\nquality_gate:\n  gates:\n    tests: {}\n    checks: {require: [{app: 99, name: scan}]}\n"
ENDED = WorkflowRunCompleted(REPOSITORY, 1, 1, SHA, None, None, CI, "push", None, None)
RESTARTED = WorkflowRunRestarted(REPOSITORY, 1, 2, SHA)
SCANNED = CheckRunCompleted(REPOSITORY, 1, "scan", SHA, 99, "success")
REQUESTED = MergeGroupRequested(REPOSITORY, SHA, MAIN, "main")
LATER = NOW + timedelta(minutes=50)


@pytest.mark.parametrize("event", [OPENED, ENDED, RESTARTED, SCANNED, REQUESTED])
async def test_the_same_event_again_changes_neither_the_deadline_nor_the_check_run(
    github: AtGitHub, event: Event
) -> None:
    github.runs, github.config = [], NAMED
    first = await decided(github, event)
    again = await decided(github, event, now=NOW + timedelta(minutes=7), state=first.next_state)
    assert check_of(first).status is CheckStatus.IN_PROGRESS
    assert again.next_state == first.next_state
    assert check_of(again) == check_of(first)


@pytest.mark.parametrize(
    "event",
    [
        replace(OPENED, action="reopened"),
        replace(OPENED, number=4),
        replace(OPENED, base_ref="lax"),
        replace(ENDED, attempt=2),
        RESTARTED,
        replace(SCANNED, check_run_id=2),
        replace(SCANNED, conclusion="failure"),
    ],
)
async def test_what_is_told_for_the_first_time_pushes_the_deadline_away(
    github: AtGitHub, event: Event
) -> None:
    github.runs, github.config = [], NAMED
    first = await decided(github, OPENED, ENDED, SCANNED)
    second = await decided(github, event, now=LATER, state=first.next_state)
    assert second.next_state is not None
    assert second.next_state.last_activity_at == LATER


def test_of_a_commit_without_a_state_everything_is_news() -> None:
    assert last_activity((), None, None, NOW) == NOW


def test_a_bounded_number_of_ends_is_remembered_the_newest_last() -> None:
    many = [replace(ENDED, run_id=number) for number in range(REMEMBERED)]
    told = told_after([*many, SCANNED, OPENED], ("run 5.1", "older"))
    assert (len(told), told[0], told[-1]) == (REMEMBERED, "run 1.1", "check 1 success")
    state = GateState(NOW, proposals=(Proposal(3, "main"),), told=told)
    assert last_activity([many[5], SCANNED, OPENED], state, None, LATER) == NOW
