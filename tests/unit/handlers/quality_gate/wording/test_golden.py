"""What people read of each gate's failure, and of the verdicts that need a base, a person or a waiver: golden files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.domain.audits import Audit, Dependency, Severity, Vulnerability
from app.domain.ci import CheckRun
from app.domain.coverage import FileLines, LineMap
from app.domain.findings import Level
from app.domain.ids import CommitSha
from app.domain.reports import CaseTotals, TestReport, Tool
from app.ports.policies import ConfigError, PolicySource
from handlers.quality_gate import policy
from handlers.quality_gate.declarations import Declarations, Declared
from handlers.quality_gate.evidence import GateEvidence, PastCommit, PolicyFacts, ProposedPolicy
from handlers.quality_gate.evidence.runs import ArtifactFacts, ProducerReading, RunReading, Trusted
from handlers.quality_gate.reports.readings import ReportFile, Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.values import TrustLevel
from tests.conftest import Golden
from tests.unit.handlers.quality_gate.commit import CI, MAIN, NOW, REPOSITORY, SHA, SUBJECT
from tests.unit.handlers.quality_gate.gates.changed import base_of, change, file
from tests.unit.handlers.quality_gate.gates.found import finding, reports_of
from tests.unit.handlers.quality_gate.judging import check_of
from tests.unit.handlers.quality_gate.test_text import written

RUN = RunReading(
    run_id=7,
    attempt=2,
    path=CI,
    trigger="pull_request",
    status="completed",
    conclusion="success",
    trust=Trusted(TrustLevel.T1, "it runs the commit's own code in the base branch's workflow"),
    artifacts=(ArtifactFacts("reports", "ab" * 32, 900, 31),),
    reports=Reports(),
)
LINES = (
    "gates",
    "gates.tests",
    "gates.coverage",
    "gates.coverage.total",
    "gates.coverage.diff",
    "gates.lint",
    "waivers",
    "paths.b.py.coverage.total",
)
TESTED = TestReport(CaseTotals(3, 3))
VULNERABLE = Audit(
    (Dependency("requests", "2.0"), Dependency("idna", "2.1"), Dependency("local", "1", "not on the index")),
    (
        Vulnerability(
            "requests", "2.0", "GHSA-x84v-xcm2-53pg", ("CVE-2018-18074",), Severity.HIGH, ("2.20.0",)
        ),
        Vulnerability("idna", "2.1", "PYSEC-2024-60", (), Severity.LOW),
    ),
)


@dataclass(frozen=True)
class Case:
    """A section, what one run reported, and what else is known."""

    gates: dict[str, Any]
    reports: Reports
    more: dict[str, Any]
    evidence: dict[str, Any]
    run: dict[str, Any]


def case(
    gates: dict[str, Any],
    reports: Reports,
    *,
    more: dict[str, Any] | None = None,
    run: dict[str, Any] | None = None,
    **evidence: Any,  # noqa: ANN401 (fields of GateEvidence, each of its own type)
) -> Case:
    return Case(gates, reports, more or {}, evidence, run or {})


def made(kind: str, tool: str, version: str) -> tuple[ReportFile, ...]:
    return (ReportFile("reports", f"{kind}.json", kind, kind, (Tool(tool, version),)),)


def measured(**files: tuple[int, int]) -> LineMap:
    """The first lines of each module are covered."""
    return LineMap(
        {
            f"{name}.py": FileLines(((1 << valid) - 1) << 1, ((1 << covered) - 1) << 1)
            for name, (covered, valid) in files.items()
        }
    )


def covering(lines: LineMap) -> Reports:
    return Reports(files=made("coverage", "coverage.py", "7.6.1"), coverage=(("cobertura", lines.pack()),))


def findings(*, times: int = 1, tool: str = "ruff") -> Reports:
    found = [finding(line=number, message=f"`x{number}` unused", tool=tool) for number in range(1, times + 1)]
    return replace(
        reports_of(*found, finding(path=None, line=None, tool=tool), tools=(tool,)),
        files=made("findings", tool, "1.2"),
    )


TESTS = Reports(files=made("tests", "pytest", "8.3.3"), tests=TESTED)
CHECK = CheckRun(5, "deploy", SHA, "completed", "failure", 99, "", None)
STRICTER = ProposedPolicy(
    ".github/hephaestus.yml",
    "d" * 40,
    QualityGate.model_validate(
        {"gates": {"tests": {"min_tests": 10}, "lint": {"findings": 0, "when": "always"}}}
    ),
    producers=(ProducerReading(None, (replace(RUN, reports=TESTS),)),),
    past=(
        PastCommit(CommitSha("1" * 40), (11, 12), "pass", "fail", passed=True, passes=False),
        PastCommit(CommitSha("2" * 40), (10,), "fail", "pass", passed=False, passes=True),
        PastCommit(CommitSha("3" * 40), (9,), "pass", "pass", passed=True, passes=True),
        PastCommit(CommitSha("4" * 40), (8,), "pass", None, passed=True, passes=False),
    ),
    unreadable=1,
)
LONGER_TRIAL = ProposedPolicy(
    ".github/hephaestus.yml",
    "d" * 40,
    QualityGate.model_validate(
        {
            "gates": {"tests": {}, "lint": {"findings": 0}},
            "informational": [{"gate": "lint", "until": "2027-06-01"}],
        }
    ),
    producers=(ProducerReading(None, (replace(RUN, reports=replace(findings(times=2), tests=TESTED)),)),),
)
BROKEN = ProposedPolicy(
    ".github/hephaestus.yml", "d" * 40, errors=(ConfigError(4, 9, "quality_gate.gates.tests", "unknown key"),)
)
CASES = {
    "lint": case({"lint": {"findings": 0}}, findings(times=2)),
    "types": case({"types": {"findings": 0}}, findings(tool="mypy")),
    "audit": case({"audit": {}}, Reports(files=made("audit", "pip-audit", "2.10.1"), audit=VULNERABLE)),
    "build": case(
        {"build": {"artifact": "dist", "expect": ["*.whl"]}}, Reports(members=("dist/tool-1.0.tar.gz",))
    ),
    "drift": case(
        {"drift": {}}, TESTS, declared=Declarations((Declared("pytest", "==7.4.0", "pyproject.toml", 31),))
    ),
    "checks": case(
        {"tests": {}, "checks": {"require": [{"app": 99, "name": "deploy"}]}}, TESTS, checks=(CHECK,)
    ),
    "coverage_of_a_change": case(
        {"coverage": {"total": ">= 80%", "diff": ">= 90%", "drop": "<= 0.10pt"}},
        covering(measured(a=(40, 50), b=(49, 50))),
        changes=(
            change(file("a.py", (39, 46)), baseline=base_of(measured(a=(45, 45), b=(45, 50)), distance=2)),
            change(file("a.py", (1, 4)), number=4),
        ),
        more={"paths": {"b.py": {"coverage": {"total": ">= 99%"}}}},
    ),
    "evidence_to_accept": case(
        {"tests": {}},
        TESTS,
        run={"trust": Trusted(TrustLevel.T0, f"this change edits {CI}")},
        changes=(change(file("a.py", (1, 4))),),
    ),
    "waived": case(
        {"tests": {}, "lint": {"findings": 0}},
        replace(findings(times=2), tests=TESTED),
        more={
            "waivers": [
                {
                    "gate": "lint",
                    "until": "2026-12-01",
                    "by": "@octo/lint",
                    "why": "the rule is new, see #12",
                },
                {"gate": "tests", "until": "2026-10-25", "by": "octo", "why": "the simulator was down"},
            ]
        },
    ),
    "on_trial": case(
        {"tests": {}, "lint": {"findings": 0}, "types": {"findings": 0}},
        replace(findings(times=2), tests=TESTED),
        more={"informational": ["types", {"gate": "lint", "until": "2027-01-01"}]},
    ),
    "simulation_of_a_longer_trial": case(
        {"tests": {}, "lint": {"findings": 0}},
        replace(findings(times=2), tests=TESTED),
        more={"informational": [{"gate": "lint", "until": "2027-01-01"}]},
        proposed=LONGER_TRIAL,
    ),
    "simulation": case({"tests": {}}, TESTS, proposed=STRICTER),
    "simulation_of_an_invalid_file": case({"tests": {}}, TESTS, proposed=BROKEN),
    "not_applicable": case(
        {"tests": {}, "lint": {"findings": 0}, "audit": {}},
        Reports(),
        more={"paths": {"docs/**": {"all": "not_applicable"}}},
        changes=(change(file("docs/a.md", (1, 4))),),
    ),
    "more_than_fits_beside_the_code": case({"lint": {"findings": 0}}, findings(times=420)),
}


def evidence_of(told: Case) -> GateEvidence:
    section = QualityGate.model_validate({"gates": told.gates, **told.more})
    source = PolicySource(".github/hephaestus.yml", "main", MAIN, "c0ffee" * 6 + "c0ff")
    lines = tuple((f"quality_gate.{each}", number) for number, each in enumerate(LINES, start=3))
    run = replace(RUN, reports=told.reports, **told.run)
    return GateEvidence(
        repository=REPOSITORY,
        subject=SUBJECT,
        head_sha=SHA,
        now=NOW,
        last_activity_at=NOW,
        policy=PolicyFacts(configured=True, section=section, source=source, lines=lines),
        producers=(ProducerReading(None, (run,)),),
        **told.evidence,
    )


@pytest.mark.parametrize("name", CASES)
def test_the_check_run_reads_as_agreed(name: str, golden: Golden) -> None:
    golden.check(f"quality_gate/{name}.md", written(check_of(policy.decide(evidence_of(CASES[name])))))


@pytest.mark.parametrize("name", CASES)
def test_the_same_evidence_gives_the_same_bytes(name: str) -> None:
    assert policy.decide(evidence_of(CASES[name])) == policy.decide(evidence_of(CASES[name]))


def test_twenty_thousand_findings_leave_a_text_that_is_small() -> None:
    reports = findings(times=20_000)
    check = check_of(
        policy.decide(evidence_of(case({"lint": {"findings": 0, "levels": [Level.ERROR]}}, reports)))
    )
    assert len(check.annotations) == 300
    assert len(check.summary) + len(check.text) < 40_000
