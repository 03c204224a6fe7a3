"""What is waited for, how long, and when a commit is looked at again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.decision import Verdict
from app.domain.effects import CheckConclusion, CheckStatus, WakeAt
from app.domain.events import (
    CheckRunCompleted,
    CheckSuiteCompleted,
    Event,
    MergeGroupRequested,
    WokenUp,
    WorkflowRunCompleted,
)
from handlers.quality_gate.proposals import Proposal
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import (
    CI,
    DECLARED,
    DEFAULT,
    MAIN,
    NOW,
    OPENED,
    REPOSITORY,
    SHA,
    SUBJECT,
    AtGitHub,
    Run,
)
from tests.unit.handlers.quality_gate.judging import check_of, decided
from tests.unit.handlers.quality_gate.samples import GOOD, cobertura, junit

WOKEN = WokenUp(REPOSITORY, "quality_gate", SUBJECT, "reports")
FAILED = '<failure message="expected 1">assert 1 == 2</failure>'
SLOW = f"""version: 1
quality_gate:
  producers:
    unit: {{workflow: {CI}, artifact: "junit-*"}}
    slow: {{workflow: .github/workflows/slow.yml}}
  gates:
    tests: {{from: unit, trust: T2}}
    types: {{from: slow}}
"""
NAMED = "version: 1\nquality_gate:\n  gates:\n    tests: {}\n    checks: {require: [{app: 99, name: scan}]}\n"


@pytest.mark.parametrize(
    "runs", [[], [Run(status="in_progress")], [Run(), Run(status="queued", id=2, trigger="push")]]
)
async def test_while_reports_may_come_the_check_is_in_progress(github: AtGitHub, runs: list[Run]) -> None:
    github.runs = runs
    decision = await decided(github, OPENED)
    check = check_of(decision)
    (wake,) = [effect for effect in decision.effects if isinstance(effect, WakeAt)]
    assert decision.verdict is Verdict.WAITING
    assert (check.status, check.conclusion) == (CheckStatus.IN_PROGRESS, None)
    assert (wake.subject, wake.at) == (SUBJECT, NOW + timedelta(minutes=15))
    assert decision.next_state is not None
    assert replace(decision.next_state, known=()) == GateState(NOW, proposals=(Proposal(3, "main"),))


@pytest.mark.parametrize("config", [DECLARED, DEFAULT])
@pytest.mark.parametrize("runs", [[], [Run(status="in_progress")]])
async def test_after_the_deadline_what_did_not_come_is_missing(
    github: AtGitHub, runs: list[Run], config: str
) -> None:
    github.runs, github.config = runs, config
    decision = await decided(github, WOKEN, now=NOW + timedelta(hours=1), state=GateState(NOW))
    assert decision.verdict is Verdict.MISSING
    assert check_of(decision).conclusion is CheckConclusion.FAILURE
    assert not any(isinstance(effect, WakeAt) for effect in decision.effects)


async def test_a_timer_does_not_push_the_deadline_away(github: AtGitHub) -> None:
    github.runs = []
    later = NOW + timedelta(minutes=50)
    decision = await decided(github, WOKEN, now=later, state=GateState(NOW))
    (wake,) = [effect for effect in decision.effects if isinstance(effect, WakeAt)]
    assert wake.at == NOW + timedelta(minutes=60)
    assert decision.next_state == GateState(NOW)


async def test_an_event_pushes_the_deadline_away(github: AtGitHub) -> None:
    github.runs = []
    later = NOW + timedelta(minutes=50)
    decision = await decided(github, OPENED, WOKEN, now=later, state=GateState(NOW))
    assert decision.next_state == GateState(later, proposals=(Proposal(3, "main"),))


OTHER = ".github/workflows/cov.yml"
INFORMING = DECLARED.replace(f"cov: {{workflow: {CI}", f"cov: {{workflow: {OTHER}")
INFORMING += "  informational: [coverage]\n"


async def test_a_gate_that_only_informs_holds_no_verdict_back(github: AtGitHub) -> None:
    github.config = INFORMING
    decision = await decided(github, OPENED)
    check = check_of(decision)
    assert (decision.verdict, check.conclusion) == (Verdict.PASS, CheckConclusion.SUCCESS)
    assert check.title == "tests: 2 of 2 passed; informational, still awaited: coverage"
    assert "Not waited for, since it only informs: coverage." in check.summary
    assert "What is not there by 2026-11-01 13:00 UTC counts as missing" in check.summary
    assert decision.next_state is not None
    assert decision.next_state.measured is None


async def test_a_gate_that_only_informs_is_looked_for_until_the_deadline_and_missing_then(
    github: AtGitHub,
) -> None:
    github.config = INFORMING
    first = await decided(github, OPENED)
    assert [each.at for each in first.effects if isinstance(each, WakeAt)] == [NOW + timedelta(minutes=15)]
    late = await decided(github, WOKEN, now=NOW + timedelta(hours=1), state=first.next_state)
    check = check_of(late)
    assert (late.verdict, check.conclusion) == (Verdict.PASS, CheckConclusion.NEUTRAL)
    assert check.title.startswith("informational: coverage: ")
    assert "still awaited" not in check.summary
    assert not [each for each in late.effects if isinstance(each, WakeAt)]


async def test_a_gate_that_only_informs_is_told_of_when_its_report_comes(github: AtGitHub) -> None:
    github.config = INFORMING
    first = await decided(github, OPENED)
    github.runs = [Run(), Run({"coverage": GOOD["coverage"]}, path=OTHER, id=2)]
    ended = WorkflowRunCompleted(REPOSITORY, 2, 1, SHA, None, None, OTHER, "pull_request", None, None)
    second = await decided(github, ended, state=first.next_state)
    check = check_of(second)
    assert check.conclusion is CheckConclusion.SUCCESS
    assert check.title.startswith("tests: 2 of 2 passed; coverage: 90.00 %")


async def test_where_every_gate_only_informs_nothing_is_waited_for(github: AtGitHub) -> None:
    github.config = DECLARED + "  informational: [tests, coverage]\n"
    github.runs = [Run(status="in_progress")]
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.NOT_APPLICABLE
    assert check_of(decision).title == "informational, still awaited: tests and coverage"


@pytest.mark.parametrize(
    ("event", "moves"),
    [
        (CheckRunCompleted(REPOSITORY, 1, "scan", SHA, 99, "success"), True),
        (CheckRunCompleted(REPOSITORY, 1, "other", SHA, 99, "success"), False),
        (CheckRunCompleted(REPOSITORY, 1, "scan", SHA, 98, "success"), False),
        (CheckSuiteCompleted(REPOSITORY, SHA, 99, "success"), False),
        (WorkflowRunCompleted(REPOSITORY, 1, 1, SHA, None, None, CI, "push", None, None), True),
    ],
)
async def test_only_runs_and_checks_that_a_gate_names_push_the_deadline_away(
    github: AtGitHub, event: Event, *, moves: bool
) -> None:
    github.runs, github.config = [], NAMED
    later = NOW + timedelta(minutes=50)
    decision = await decided(github, event, now=later, state=GateState(NOW))
    assert decision.next_state is not None
    assert decision.next_state.last_activity_at == (later if moves else NOW)


async def test_in_a_merge_group_time_counts_from_its_request(github: AtGitHub) -> None:
    github.runs, later = [], NOW + timedelta(minutes=20)
    requested = MergeGroupRequested(REPOSITORY, SHA, MAIN, "main")
    first = await decided(github, requested, state=GateState(NOW - timedelta(minutes=5)))
    ended = WorkflowRunCompleted(REPOSITORY, 1, 1, SHA, None, None, CI, "merge_group", None, None)
    second = await decided(github, ended, now=later, state=first.next_state)
    assert second.next_state is not None
    assert second.next_state.last_activity_at == NOW


async def test_a_gate_that_waits_comes_before_what_only_needs_a_person(github: AtGitHub) -> None:
    github.config = SLOW
    decision = await decided(github, OPENED)
    assert check_of(decision).status is CheckStatus.IN_PROGRESS
    assert decision.verdict is Verdict.WAITING
    assert [effect.at for effect in decision.effects if isinstance(effect, WakeAt)] == [
        NOW + timedelta(minutes=15)
    ]


async def test_a_red_commit_of_which_a_gate_waits_is_looked_at_again(github: AtGitHub) -> None:
    github.config = SLOW.replace(", trust: T2", "")
    github.runs = [Run({"junit-py": {"r.xml": junit("", FAILED)}}, conclusion="failure")]
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.FAIL
    assert [effect.at for effect in decision.effects if isinstance(effect, WakeAt)] == [
        NOW + timedelta(minutes=15)
    ]


async def test_a_later_run_that_was_skipped_does_not_end_the_waiting_for_one(github: AtGitHub) -> None:
    github.runs = [Run(status="in_progress"), Run({}, id=2, conclusion="skipped")]
    assert (await decided(github, OPENED)).verdict is Verdict.WAITING


async def test_a_red_gate_on_trial_is_judged_again_when_it_begins_to_count(github: AtGitHub) -> None:
    github.pulls = (OPENED,)
    github.config = DECLARED + "  informational: [{gate: coverage, until: 2026-11-03}]\n"
    github.runs = [Run(GOOD | {"coverage": {"c.xml": cobertura(1, 10)}})]
    decision = await decided(github, OPENED)
    (wake,) = [effect for effect in decision.effects if isinstance(effect, WakeAt)]
    assert check_of(decision).conclusion is CheckConclusion.NEUTRAL
    assert wake.at == datetime(2026, 11, 3, tzinfo=UTC)
    assert (await decided(github, WOKEN, now=wake.at)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("more", "days"),
    [("coverage", []), ("{gate: coverage, until: 2026-12-01}", [datetime(2026, 12, 1, tzinfo=UTC)])],
)
async def test_a_trial_that_is_over_wakes_nobody(github: AtGitHub, more: str, days: list[datetime]) -> None:
    github.pulls = (OPENED,)
    github.config = DECLARED + f"  informational: [{{gate: coverage, until: 2026-10-01}}, {more}]\n"
    github.runs = [Run(GOOD | {"coverage": {"c.xml": cobertura(1, 10)}})]
    effects = (await decided(github, OPENED)).effects
    assert [effect.at for effect in effects if isinstance(effect, WakeAt)] == days
