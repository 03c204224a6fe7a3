"""The check suites of workflows whose checks the policy asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.ci import Job
from app.domain.decision import Verdict
from handlers.quality_gate.section.values import TrustLevel
from tests.unit.handlers.quality_gate.commit import CI, OPENED, AtGitHub, Run
from tests.unit.handlers.quality_gate.gates.test_checks import ACTIONS, check, lint
from tests.unit.handlers.quality_gate.judging import decided, evidence_of


async def test_the_suites_of_the_asked_workflows_are_gathered_with_their_trust(tmp_path: Path) -> None:
    config = f"""version: 1
quality_gate:
  gates:
    checks: {{require: [{{app: {ACTIONS}, name: lint, workflow: {CI}}}]}}
"""
    github = AtGitHub(tmp_path, [Run(suite=7)], config, pulls=(OPENED,), checks=(lint(),))
    evidence = await evidence_of(github)
    assert [(each.id, each.path, each.trust.level) for each in evidence.suites] == [(7, CI, TrustLevel.T1)]
    assert evidence.checks == (lint(),)


async def test_a_run_of_any_workflow_shows_which_app_is_actions(tmp_path: Path) -> None:
    config = "version: 1\nquality_gate: {gates: {checks: {require: [{app: 21, name: lint}]}}}\n"
    runs = [Run(suite=7), Run(suite=8, id=2, first_id=200), Run(id=3, first_id=300, trigger="push")]
    made = (check(name="lint", app=21, suite=9), check(name="build", app=21, number=2, suite=7))
    github = AtGitHub(tmp_path, runs, config, checks=made)
    assert (await evidence_of(github)).of_workflows == (7, 8)
    assert (await decided(github)).verdict is Verdict.INCONCLUSIVE
    github.checks = made[:1]
    assert (await decided(github)).verdict is Verdict.PASS


CHECKS = f"""version: 1
quality_gate:
  gates:
    checks: {{require: [{{app: {ACTIONS}, name: lint, workflow: {CI}}}]}}
"""


def job(name: str, conclusion: str | None = "success") -> Job:
    status = "in_progress" if conclusion is None else "completed"
    return Job(1, 1, 2, name, status, conclusion, ())


@pytest.mark.parametrize("jobs", [(job("test", None),), (job("lint", None),), (job("lint", "failure"),), ()])
async def test_a_check_of_the_attempt_before_is_no_answer_while_a_run_runs_again(
    tmp_path: Path, jobs: tuple[Job, ...]
) -> None:
    again = Run(suite=7, attempt=2, status="in_progress", jobs=jobs)
    github = AtGitHub(tmp_path, [again], CHECKS, pulls=(OPENED,), checks=(lint(),))
    assert (await decided(github)).verdict is Verdict.WAITING
    again.status = "completed"
    assert (await decided(github)).verdict is Verdict.PASS


async def test_a_check_whose_job_was_carried_over_counts_while_a_run_runs_again(tmp_path: Path) -> None:
    again = Run(suite=7, attempt=2, status="in_progress", jobs=(job("lint"), job("test", None)))
    github = AtGitHub(tmp_path, [again], CHECKS, pulls=(OPENED,), checks=(lint(),))
    assert (await decided(github)).verdict is Verdict.PASS


@pytest.mark.parametrize(("attempt", "status"), [(1, "in_progress"), (2, "completed")])
async def test_jobs_are_only_asked_for_while_a_run_runs_again(
    tmp_path: Path, attempt: int, status: str
) -> None:
    run = Run(suite=7, attempt=attempt, status=status)
    github = AtGitHub(tmp_path, [run], CHECKS, pulls=(OPENED,), checks=(lint(),))
    assert (await decided(github)).verdict is Verdict.PASS
    assert github.listings_of_jobs == 0
