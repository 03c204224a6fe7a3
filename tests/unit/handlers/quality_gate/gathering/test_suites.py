"""The check suites of workflows whose checks the policy asks for."""

from __future__ import annotations

from pathlib import Path

from app.domain.decision import Verdict
from handlers.quality_gate.section.values import TrustLevel
from tests.unit.handlers.quality_gate.commit import CI, OPENED, AtGitHub, Run, decided, evidence_of
from tests.unit.handlers.quality_gate.gates.test_checks import ACTIONS, check, lint


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
