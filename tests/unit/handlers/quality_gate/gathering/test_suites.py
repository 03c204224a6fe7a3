"""The check suites of workflows whose checks the policy asks for."""

from __future__ import annotations

from pathlib import Path

from handlers.quality_gate.section.values import TrustLevel
from tests.unit.handlers.quality_gate.commit import CI, OPENED, AtGitHub, Run, evidence_of
from tests.unit.handlers.quality_gate.gates.test_checks import ACTIONS, lint


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
