"""No evidence is never a pass: every gate against every way in which evidence can be absent or void."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.audits import Audit, Dependency
from app.domain.ci import CheckRun
from app.domain.coverage import FileLines, LineMap
from app.domain.findings import FindingTotals
from app.domain.reports import CaseTotals, TestReport, Tool
from handlers.quality_gate.declarations import Declarations, Declared
from handlers.quality_gate.evidence import GateEvidence, PolicyFacts
from handlers.quality_gate.evidence.runs import ProducerReading, RunReading, Suite, Trusted
from handlers.quality_gate.gates import judge
from handlers.quality_gate.gates.judged import GOOD, GateVerdict
from handlers.quality_gate.reports.readings import Problem, ReportFile, Reports, ToolFindings
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.values import TrustLevel
from tests.unit.handlers.quality_gate.commit import CI, NOW, REPOSITORY, SHA, SUBJECT

GATES: dict[str, object] = {
    "tests": {},
    "coverage": {},
    "lint": {},
    "types": {},
    "audit": {},
    "build": {},
    "drift": {},
    "checks": {"require": [{"app": 15368, "name": "lint", "workflow": CI}]},
}
REPORTED = {"tests", "coverage", "lint", "types", "audit"}
KINDS = {"tests": "tests", "coverage": "coverage", "lint": "findings", "types": "findings", "audit": "audit"}
TRUSTED = Trusted(TrustLevel.T1)
CHECK = CheckRun(1, "lint", SHA, "completed", "success", 15368, "", 7)
LINES = LineMap(files={"a.py": FileLines(0b1110, 0b1110)})
FULL = Reports(
    files=tuple(
        ReportFile("a", kind, kind, kind, (Tool("ruff", "0.14.1"),))
        for kind in ("tests", "coverage", "findings", "audit")
    ),
    tests=TestReport(CaseTotals(1, 1)),
    coverage=(("cobertura", LINES.pack()),),
    findings=(ToolFindings("mypy", FindingTotals()), ToolFindings("ruff", FindingTotals())),
    audit=Audit((Dependency("flask", "1.0"),)),
    members=("dist/a.whl",),
)
GOOD_RUN = RunReading(1, 1, CI, "push", "completed", "success", TRUSTED, reports=FULL)
GOOD_SUITE = Suite(7, CI, 1, 1, TRUSTED)


def evidence_of(
    name: str,
    run: RunReading | None,
    check: CheckRun | None = CHECK,
    suites: tuple[Suite, ...] = (GOOD_SUITE,),
    **gate: object,
) -> GateEvidence:
    of_gate = GATES[name]
    assert isinstance(of_gate, dict)
    section = QualityGate.model_validate({"gates": {name: {**of_gate, **gate}}})
    return GateEvidence(
        repository=REPOSITORY,
        subject=SUBJECT,
        head_sha=SHA,
        now=NOW,
        last_activity_at=NOW,
        policy=PolicyFacts(configured=True, section=section),
        producers=(ProducerReading(None, () if run is None else (run,)),),
        checks=() if check is None else (check,),
        suites=suites,
        declared=Declarations((Declared("ruff", "==0.14.1", "uv.lock", 3),)),
    )


def verdict(evidence: GateEvidence) -> GateVerdict:
    (found,) = judge(evidence)
    return found


def with_reports(change: Callable[[str], Reports]) -> Callable[[str], GateEvidence]:
    return lambda name: evidence_of(name, replace(GOOD_RUN, reports=change(name)))


def without(name: str) -> Reports:
    """Reports of all other gates: the one that is asked for is not there."""
    absent: dict[str, dict[str, object]] = {
        "tests": {"tests": None},
        "coverage": {"coverage": ()},
        "lint": {"findings": (ToolFindings("mypy", FindingTotals()),)},
        "types": {"findings": (ToolFindings("ruff", FindingTotals()),)},
        "audit": {"audit": None},
        "build": {"members": ("coverage/a.xml",)},
        "drift": {"files": ()},
        "checks": {},
    }
    return replace(FULL, **absent[name])  # type: ignore[arg-type]  # fields of Reports


def hollow(name: str) -> Reports:
    """Reports that were read and prove nothing."""
    void: dict[str, dict[str, object]] = {
        "tests": {"tests": TestReport(CaseTotals(3, skipped=3))},
        "coverage": {"coverage": (("cobertura", LineMap().pack()),)},
        "audit": {"audit": Audit((Dependency("flask", "1.0", "no index"),))},
    }
    vacuous = (Problem(KINDS.get(name, ""), "it looked at nothing"),)
    return replace(FULL, vacuous=vacuous, **void.get(name, {}))  # type: ignore[arg-type]  # fields of Reports


def problem(kind: str) -> Callable[[str], Reports]:
    return lambda name: replace(
        FULL, problems=(Problem(KINDS.get(name, "") if kind == "own" else kind, "broken"),)
    )


def of_run(**changed: object) -> Callable[[str], GateEvidence]:
    return lambda name: evidence_of(name, replace(GOOD_RUN, **changed))  # type: ignore[arg-type]  # fields of RunReading


VOID: dict[str, Callable[[str], GateEvidence]] = {
    "no run": lambda name: evidence_of(name, None, None, ()),
    "absent": with_reports(without),
    "vacuous": with_reports(hollow),
    "contradictory or unreadable report": with_reports(problem("own")),
    "unreadable or expired artifact": with_reports(problem("")),
    "empty artifact": with_reports(lambda _: Reports()),
    "run that goes on": of_run(status="in_progress", conclusion=None, reports=None),
    "cancelled run": of_run(conclusion="cancelled"),
    "failed run": of_run(conclusion="failure"),
    "timed out run": of_run(conclusion="timed_out"),
    "run without a conclusion": of_run(conclusion=None),
    "cancelled run without reports": of_run(conclusion="cancelled", reports=Reports()),
    "edited workflow": lambda name: evidence_of(
        name,
        replace(GOOD_RUN, trust=Trusted(TrustLevel.T0)),
        suites=(replace(GOOD_SUITE, trust=Trusted(TrustLevel.T0)),),
    ),
}
CHECKS_ONLY: dict[str, Callable[[str], GateEvidence]] = {
    "check of another run": lambda name: evidence_of(name, GOOD_RUN, replace(CHECK, check_suite_id=8)),
    "check that goes on": lambda name: evidence_of(
        name, GOOD_RUN, replace(CHECK, status="queued", conclusion=None)
    ),
    "skipped check": lambda name: evidence_of(name, GOOD_RUN, replace(CHECK, conclusion="skipped")),
    "cancelled check": lambda name: evidence_of(name, GOOD_RUN, replace(CHECK, conclusion="cancelled")),
    "failed check": lambda name: evidence_of(name, GOOD_RUN, replace(CHECK, conclusion="failure")),
    "no check": lambda name: evidence_of(name, GOOD_RUN, None),
}
CASES = [
    (name, how)
    for name in GATES
    for how in ((*CHECKS_ONLY, "no run", "edited workflow") if name == "checks" else VOID)
    # What a scanner did not look at says nothing of a build, nor of the versions of tools.
    if not (name not in REPORTED and how == "vacuous")
]


@pytest.mark.parametrize("name", GATES)
def test_good_evidence_passes(name: str) -> None:
    assert verdict(evidence_of(name, GOOD_RUN)).state in GOOD


@pytest.mark.parametrize(("name", "how"), CASES)
def test_no_evidence_is_never_a_pass(name: str, how: str) -> None:
    found = verdict((VOID | CHECKS_ONLY)[how](name))
    assert found.state not in GOOD, found


@pytest.mark.parametrize("name", [name for name in GATES if name != "checks"])
@pytest.mark.parametrize("how", ["cancelled run without reports", "contradictory or unreadable report"])
def test_what_a_policy_lets_be_absent_must_not_be_broken(name: str, how: str) -> None:
    of_gate = GATES[name]
    assert isinstance(of_gate, dict)
    lenient = QualityGate.model_validate(
        {
            "producers": {"ci": {"workflow": CI}},
            "gates": {name: {**of_gate, "missing": "not_applicable", "from": "ci"}},
        }
    )
    evidence = VOID[how](name)
    (reading,) = evidence.producers
    late = replace(
        evidence,
        now=NOW + timedelta(hours=2),
        policy=PolicyFacts(configured=True, section=lenient),
        producers=(replace(reading, name="ci"),),
    )
    assert verdict(late).state not in GOOD
