"""What explains that a run failed although its reports are good, gate by gate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.audits import Audit, Dependency, Vulnerability
from app.domain.coverage import FileLines, LineMap
from app.domain.findings import FindingTotals
from app.domain.reports import CaseTotals, TestReport
from handlers.quality_gate.gates.ended import WAY_OUT
from handlers.quality_gate.gates.judged import GOOD, State
from handlers.quality_gate.reports.readings import Reports, ToolFindings
from tests.unit.handlers.quality_gate.gates.changed import answers, asking, of_run

LINES = LineMap({"a.py": FileLines(0b1110, 0b1110)})
GREEN = Reports(
    tests=TestReport(CaseTotals(2, 2)),
    coverage=(("cobertura", LINES.pack()),),
    findings=(ToolFindings("mypy", FindingTotals()), ToolFindings("ruff", FindingTotals())),
    audit=Audit((Dependency("flask", "1.0"),)),
    members=("dist/a.whl",),
)
LENIENT: dict[str, dict[str, object]] = {
    "tests": {"fail_on": ["failure"]},
    "coverage": {"total": ">= 1%"},
    "lint": {"findings": 9},
    "types": {"findings": 9},
    "audit": {"severity": "critical"},
    "build": {},
}
"""Gates that let what explains a failure pass, so that only the end of the run is left to judge."""
RAISED = TestReport(CaseTotals(2, 1, errors=1))


def found(tool: str, **totals: int) -> dict[str, object]:
    silent = tuple(each for each in GREEN.findings if each.tool != tool)
    return {"findings": (*silent, ToolFindings(tool, FindingTotals(sum(totals.values()), **totals)))}


LOW = Vulnerability("flask", "1.0", "GHSA-1")
CAUSES: dict[str, tuple[dict[str, object], set[str]]] = {
    "nothing": ({}, set()),
    "a test that raised an error": ({"tests": RAISED}, set(LENIENT)),
    "a lint error": (found("ruff", error=1), {"lint"}),
    "a lint warning": (found("ruff", warning=1), {"lint"}),
    "a lint note": (found("ruff", note=1), set()),
    "a lint remark": (found("ruff", none=1), set()),
    "a type error": (found("mypy", error=1), {"types"}),
    "an ignored vulnerability": (
        {"audit": Audit((Dependency("flask", "1.0"),), (replace(LOW, ignored=True),))},
        set(),
    ),
}


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("gate", LENIENT)
def test_only_tests_that_failed_and_what_the_gate_judges_explain_a_failure(gate: str, cause: str) -> None:
    change, explained = CAUSES[cause]
    run = replace(of_run(replace(GREEN, **change)), conclusion="failure")  # type: ignore[arg-type]  # fields of Reports
    states = {each.state for each in answers(asking({gate: LENIENT[gate]}), run)}
    assert (states <= GOOD) == (gate in explained)


def test_a_vulnerability_explains_the_audit_and_nothing_else() -> None:
    audit = Audit((Dependency("flask", "1.0"),), (LOW,))
    run = replace(of_run(replace(GREEN, audit=audit)), conclusion="failure")
    (judged,) = answers(asking({"audit": {}}), run)
    assert (judged.state, judged.value) == (State.FAIL, "1 of 1 audited, 1 vulnerability")
    assert {each.state for each in answers(asking({"tests": {}}), run)} == {State.PASS, State.INCONCLUSIVE}


def test_notes_explain_a_failure_to_a_gate_that_counts_them() -> None:
    run = replace(of_run(replace(GREEN, **found("ruff", note=1))), conclusion="failure")  # type: ignore[arg-type]  # fields of Reports
    counting = asking({"lint": {"findings": 9, "levels": ["error", "note"]}})
    assert {each.state for each in answers(counting, run)} == {State.PASS}


def test_the_reason_says_what_was_looked_for_and_the_remedy_how_to_get_out() -> None:
    run = replace(of_run(replace(GREEN, **found("ruff", error=1))), conclusion="failure")  # type: ignore[arg-type]  # fields of Reports
    _, doubt = answers(asking({"tests": {}}), run)
    assert (doubt.state, doubt.remedy) == (State.INCONCLUSIVE, WAY_OUT)
    assert doubt.reason == (
        "run 1 ended with failure, and no report shows a failed test: a job may have died unheard"
    )


@pytest.mark.parametrize("end", ["cancelled", "timed_out", None])
def test_a_run_that_was_broken_off_is_explained_by_nothing(end: str | None) -> None:
    run = replace(of_run(replace(GREEN, tests=RAISED)), conclusion=end)
    _, doubt = answers(asking({"tests": LENIENT["tests"]}), run)
    assert (doubt.state, doubt.remedy) == (State.INCONCLUSIVE, "run it again")
