"""Where numbers come from: links that lead to this repository, and places in the policy's file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.ids import AppKey
from app.domain.reports import CaseTotals, TestReport
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.runs import ArtifactFacts, ProducerReading
from handlers.quality_gate.gates import judge
from handlers.quality_gate.gates.judged import GateVerdict, State
from handlers.quality_gate.reports.readings import ReportFile, Reports
from handlers.quality_gate.wording.places import rule_place
from handlers.quality_gate.wording.sources import sources
from tests.unit.handlers.quality_gate.wording.test_golden import CASES, RUN, evidence_of

TESTED = CASES["evidence_to_accept"]


def told(evidence: GateEvidence) -> str:
    return "\n".join(sources(evidence, judge(evidence)))


def at(host: str, name: str = "tool") -> GateEvidence:
    evidence = evidence_of(TESTED)
    subject = replace(evidence.subject, app_key=AppKey(f"{host}/7"))
    return replace(evidence, subject=subject, repository=replace(evidence.repository, name=name))


@pytest.mark.parametrize(
    ("host", "web"),
    [
        ("api.github.com", "https://github.com/octo/tool/actions/runs/7/attempts/2"),
        ("api.octo.ghe.com", "https://octo.ghe.com/octo/tool/actions/runs/7/attempts/2"),
        ("github.example.org", "https://github.example.org/octo/tool/actions/runs/7/attempts/2"),
        ("api.example.org", "https://api.example.org/octo/tool/actions/runs/7/attempts/2"),
    ],
)
def test_a_run_is_linked_where_github_shows_it(host: str, web: str) -> None:
    assert f"[run 7]({web})" in told(at(host))


@pytest.mark.parametrize("evidence", [at("127.0.0.1:8080"), at("local"), at("api.github.com", "a)b")])
def test_without_a_page_there_is_no_link(evidence: GateEvidence) -> None:
    assert "](" not in told(evidence)
    assert "run 7, attempt 2" in told(evidence)


def test_a_gate_names_only_the_artifacts_that_have_its_reports() -> None:
    files = (ReportFile("reports", "r.xml", "junit", "tests"),)
    tests = TestReport(CaseTotals(1, 1))
    artifacts = (*RUN.artifacts, ArtifactFacts("logs", None, 5, 32))
    run = replace(RUN, artifacts=artifacts, reports=Reports(files=files, tests=tests))
    evidence = replace(evidence_of(TESTED), producers=(ProducerReading(None, (run,)),))
    assert "reports" in told(evidence)
    assert "logs" not in told(evidence)


def test_many_artifacts_and_runs_are_counted() -> None:
    files = tuple(ReportFile(f"leg-{number}", "r.xml", "junit", "tests") for number in range(40))
    artifacts = tuple(ArtifactFacts(each.artifact, None, 5, 32) for each in files)
    reports = Reports(files=files, tests=TestReport(CaseTotals(1, 1)))
    runs = tuple(
        replace(RUN, run_id=number, path=f"{number}.yml", artifacts=artifacts, reports=reports)
        for number in range(1, 15)
    )
    said = told(replace(evidence_of(TESTED), producers=(ProducerReading(None, runs),)))
    assert "30 more" in said
    assert "4 more runs" in said


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("gates.tests.min_tests", "hephaestus.yml@c0ffeec0ffee:4"),
        ("paths.b.py.coverage.total", "hephaestus.yml@c0ffeec0ffee:10"),
        ("gates.audit.severity", "hephaestus.yml@c0ffeec0ffee:3"),
        ("paths.docs/**", ""),
        ("", "hephaestus.yml@c0ffeec0ffee:4"),
    ],
)
def test_a_rule_is_shown_at_its_line_or_the_nearest_above_it(rule: str, place: str) -> None:
    gate = GateVerdict("tests", State.FAIL, "", "", "", rule=rule)
    assert rule_place(evidence_of(TESTED).policy, gate) == place
