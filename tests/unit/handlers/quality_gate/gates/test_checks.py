"""Checks of others, each known by who makes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import ValidationError

from app.domain.ci import CheckRun
from app.domain.ids import CommitSha
from handlers.quality_gate.evidence import GateEvidence, PolicyFacts
from handlers.quality_gate.evidence.runs import Suite, Trusted
from handlers.quality_gate.gates import every_answer
from handlers.quality_gate.gates.judged import GateVerdict, State
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.values import TrustLevel
from tests.unit.handlers.quality_gate.commit import (
    CI,
    NOW,
    REPOSITORY,
    SHA,
    SUBJECT,
)

ACTIONS, SCANNER = 15368, 99
OF_APP = {"app": SCANNER, "name": "scan"}
OF_WORKFLOW = {"app": ACTIONS, "name": "lint", "workflow": CI}
SUITE = Suite(7, CI, 1, 1, Trusted(TrustLevel.T1))
LATE = NOW + timedelta(hours=2)


def check(
    conclusion: str | None = "success",
    name: str = "scan",
    app: int = SCANNER,
    number: int = 1,
    suite: int = 7,
    sha: CommitSha = SHA,
) -> CheckRun:
    status = "in_progress" if conclusion is None else "completed"
    return CheckRun(number, name, sha, status, conclusion, app, "", suite)


def lint(conclusion: str | None = "success", number: int = 1, suite: int = 7) -> CheckRun:
    return check(conclusion, "lint", ACTIONS, number, suite)


def judged(
    wanted: dict[str, object],
    *checks: CheckRun,
    suites: tuple[Suite, ...] = (),
    late: bool = False,
    of_workflows: tuple[int, ...] = (),
    **gate: object,
) -> tuple[GateVerdict, ...]:
    section = QualityGate.model_validate({"gates": {"checks": {"require": [wanted], **gate}}})
    evidence = GateEvidence(
        repository=REPOSITORY,
        subject=SUBJECT,
        head_sha=SHA,
        now=LATE if late else NOW,
        last_activity_at=NOW,
        policy=PolicyFacts(configured=True, section=section),
        checks=checks,
        suites=suites,
        of_workflows=of_workflows,
    )
    ((_, found),) = every_answer(evidence, section)
    return found


def states(*args: object, **kwargs: object) -> list[State]:
    return [each.state for each in judged(*args, **kwargs)]  # type: ignore[arg-type]  # as `judged` takes them


def test_a_check_of_the_app_passes_by_its_success_alone() -> None:
    assert states(OF_APP, check()) == [State.PASS]
    assert states(OF_APP, check("failure")) == [State.FAIL]


@pytest.mark.parametrize("conclusion", ["neutral", "skipped", "stale", "cancelled"])
def test_what_github_lets_pass_proves_nothing(conclusion: str) -> None:
    assert states(OF_APP, check(conclusion)) == [State.INCONCLUSIVE]


@pytest.mark.parametrize(
    "other",
    [check(app=ACTIONS), check(name="scan2"), check(sha=CommitSha("f" * 40))],
    ids=["another app", "another name", "another commit"],
)
def test_another_check_is_not_the_one_that_is_asked_for(other: CheckRun) -> None:
    assert states(OF_APP, other) == [State.WAITING]
    assert states(OF_APP, other, late=True) == [State.MISSING]


@pytest.mark.parametrize("ends", [("success", "failure"), ("failure", "success")])
def test_the_worst_check_of_a_name_counts(ends: tuple[str, str]) -> None:
    first, second = ends
    assert states(OF_APP, check(first, number=1), check(second, number=2)) == [State.FAIL]
    jobs = (lint(first, number=1), lint(second, number=2))
    assert states(OF_WORKFLOW, *jobs, suites=(SUITE,)) == [State.FAIL]


def test_a_check_of_a_name_is_waited_for_though_another_succeeded() -> None:
    jobs = (lint(None, number=1), lint("success", number=2))
    assert states(OF_WORKFLOW, *jobs, suites=(SUITE,)) == [State.WAITING]


def test_a_check_that_does_not_end_is_missing_in_the_end() -> None:
    assert states(OF_APP, check(None)) == [State.WAITING]
    assert states(OF_APP, check(None), late=True) == [State.MISSING]


def test_the_policy_may_let_an_absent_check_pass_and_no_other() -> None:
    assert states(OF_APP, late=True, missing="not_applicable") == [State.NOT_APPLICABLE]
    assert states(OF_APP, check(None), late=True, missing="not_applicable") == [State.MISSING]


def test_a_check_of_actions_must_name_its_workflow() -> None:
    with pytest.raises(ValidationError, match="name the workflow"):
        judged({"app": ACTIONS, "name": "lint"})


ELSEWHERE = {"app": 21, "name": "lint"}
"""A check of GitHub Actions by the id that it has on another server."""


def test_where_actions_has_another_id_its_workflow_must_be_named_too() -> None:
    made = check(name="lint", app=21)
    (found,) = judged(ELSEWHERE, made, of_workflows=(7,))
    assert found.state is State.INCONCLUSIVE
    assert "App 21 is GitHub Actions on this server" in found.reason
    assert found.remedy == "name the workflow of lint in gates.checks.require"
    named = ELSEWHERE | {"workflow": CI}
    assert states(named, made, suites=(SUITE,), of_workflows=(7,)) == [State.PASS]


def test_a_check_that_a_workflow_puts_into_another_suite_is_known_by_the_app() -> None:
    forged, job = check(name="lint", app=21, suite=9), check(name="build", app=21, number=2)
    assert states(ELSEWHERE, forged, job, of_workflows=(7,)) == [State.INCONCLUSIVE]
    assert states(ELSEWHERE, forged, check(app=22, number=2), of_workflows=(7,)) == [State.PASS]
    assert states(ELSEWHERE, replace(forged, conclusion="failure"), job, of_workflows=(7,)) == [State.FAIL]


def test_a_check_of_another_workflow_of_actions_is_not_the_one() -> None:
    assert states(OF_WORKFLOW, lint(suite=8), suites=(SUITE,)) == [State.WAITING]
    assert states(OF_WORKFLOW, lint()) == [State.WAITING]
    assert states(OF_WORKFLOW, lint(), suites=(SUITE,)) == [State.PASS]


def test_the_newest_run_of_each_event_must_have_succeeded() -> None:
    other = replace(SUITE, id=8, run_id=2)
    checks = (lint(suite=7), lint("failure", suite=8))
    assert states(OF_WORKFLOW, *checks, suites=(SUITE, other)) == [State.PASS, State.FAIL]


def test_a_check_of_an_edited_workflow_needs_a_person() -> None:
    edited = replace(SUITE, trust=Trusted(TrustLevel.T0, "this change edits it"))
    (found,) = judged(OF_WORKFLOW, lint(), suites=(edited,))
    assert (found.state, found.only_trust, found.run_ids) == (State.INCONCLUSIVE, True, (1,))
    assert states(OF_WORKFLOW, lint(), suites=(replace(edited, accepted=True),)) == [State.PASS]


def test_the_check_of_another_app_is_no_attested_evidence() -> None:
    (verdict,) = judged(OF_APP, check(), trust="T3")
    assert verdict.state is State.INCONCLUSIVE
    assert verdict.reason == "the check of another App has trust T2, the policy asks for T3"
    assert [each.state for each in judged(OF_APP, check(), trust="T2")] == [State.PASS]
