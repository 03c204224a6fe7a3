"""What a commit is found to have, for its descendants."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.coverage import FileLines, LineMap
from app.domain.decision import Decision, Verdict
from app.domain.hashes import apart
from app.domain.pulls import ChangedFile
from handlers.quality_gate.evidence.runs import ProducerReading, RunReading, Trusted
from handlers.quality_gate.history.measures import (
    CoverageSums,
    Measured,
    MeasuredCoverage,
    MeasuredTests,
    sums_of,
)
from handlers.quality_gate.history.measuring import measure
from handlers.quality_gate.packages import dependency
from handlers.quality_gate.reports.fingerprints import PRINT
from handlers.quality_gate.reports.readings import Problem
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.values import TrustLevel
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import CI, DECLARED, DEFAULT, MAIN, OPENED, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import check_of, decided, evidence_of
from tests.unit.handlers.quality_gate.samples import GOOD, cobertura, junit

PUSHED = Run(trigger="push")
SHARDS = f"""version: 1
quality_gate:
  producers:
    a: {{workflow: {CI}, artifact: cov-a}}
    b: {{workflow: {CI}, artifact: cov-b}}
  gates:
    coverage: {{from: [a, b], total: ">= 85%"}}
"""


async def state_of(tmp_path: Path, *runs: Run, **more: object) -> GateState:
    """The state that the decision on a commit with these runs leaves."""
    github = AtGitHub(tmp_path, runs=list(runs), config=DEFAULT, **more)  # type: ignore[arg-type]  # its own fields
    decision: Decision[GateState] = await decided(github)
    assert decision.next_state is not None
    return decision.next_state


async def test_a_push_is_measured_in_full_and_its_numbers_last(tmp_path: Path) -> None:
    state = await state_of(tmp_path, PUSHED)
    full, lasting = state.in_full, state.measured
    assert full is not None
    assert full.reported == (("tests", CI), ("coverage", CI))
    (coverage,) = full.coverage
    assert coverage.sums == CoverageSums(covered=9, valid=10, files=1)
    assert coverage.lines is not None
    assert LineMap.unpack(coverage.lines).files["a.py"].covered.bit_count() == 9
    (tests,) = full.tests
    assert tests.names is not None
    assert (tests.ran, len(apart(tests.names))) == (2, 2)
    assert lasting == full.lasting
    assert lasting.coverage == (replace(coverage, lines=None),)
    assert lasting.tests == (MeasuredTests(CI, 2),)


async def test_of_a_build_it_is_measured_that_it_was_there_and_that_it_is_gone_is_told(
    tmp_path: Path,
) -> None:
    built = Run(trigger="push", artifacts=GOOD | {"dist": {"a.whl": b"PK"}})
    state = await state_of(tmp_path, built)
    assert state.measured is not None
    assert ("build", CI) in state.measured.reported
    assert state.measured.audited_number == 0
    github = AtGitHub(tmp_path, runs=[PUSHED], config=DEFAULT, pulls=(OPENED,), kept=((MAIN, state),))
    github.changed = (ChangedFile("a.py", None, "modified", 1, 0, "@@ -0,0 +1 @@\n+x\n"),)
    assert "and this commit has none of it" in check_of(await decided(github, OPENED)).summary


async def test_a_gate_that_fails_is_measured_all_the_same(tmp_path: Path) -> None:
    bad = Run(trigger="push", artifacts={"coverage": {"coverage.xml": cobertura(1, 10)}})
    state = await state_of(tmp_path, bad)
    assert state.measured is not None
    assert state.measured.coverage[0].sums.covered == 1


async def test_what_a_pull_request_ran_is_the_merge_and_measures_no_commit(tmp_path: Path) -> None:
    state = await state_of(tmp_path, Run(), pulls=(OPENED,))
    assert (state.measured, state.in_full) == (None, None)


async def test_a_push_speaks_for_the_commit_of_an_open_pull_request(tmp_path: Path) -> None:
    theirs = Run(artifacts={"coverage": {"coverage.xml": cobertura(10, 10)}}, id=2)
    state = await state_of(tmp_path, theirs, PUSHED, pulls=(OPENED,))
    assert state.measured is not None
    assert [each.sums.covered for each in state.measured.coverage] == [9]


async def test_without_an_open_pull_request_its_run_is_better_than_nothing(tmp_path: Path) -> None:
    assert (await state_of(tmp_path, Run())).measured is not None


@pytest.mark.parametrize("trigger", ["pull_request_target", "workflow_run", "issue_comment"])
async def test_runs_that_speak_of_another_commit_measure_nothing(tmp_path: Path, trigger: str) -> None:
    assert (await state_of(tmp_path, Run(trigger=trigger))).measured is None


async def test_of_a_workflow_the_push_speaks_before_the_schedule(tmp_path: Path) -> None:
    nightly = Run(trigger="schedule", id=2, artifacts={"junit": {"junit.xml": junit("", "", "", "")}})
    state = await state_of(tmp_path, nightly, PUSHED)
    assert state.measured is not None
    assert state.measured.tests == (MeasuredTests(CI, 2),)


@pytest.mark.parametrize(
    "run",
    [
        Run(trigger="push", conclusion="failure"),
        Run(trigger="push", conclusion="cancelled"),
        Run(trigger="push", artifacts={"junit": {"junit.xml": b"<testsuites"}}),
        Run(trigger="push", artifacts={"junit": {"junit.xml": junit("<skipped/>")}}),
        Run(trigger="push", artifacts={}),
        Run(trigger="push", expired=True),
    ],
    ids=["failed unexplained", "cancelled", "unreadable", "all skipped", "no report", "expired"],
)
async def test_what_is_not_believed_is_not_measured(tmp_path: Path, run: Run) -> None:
    assert (await state_of(tmp_path, run)).measured is None


async def test_a_failure_that_the_reports_show_is_believed(tmp_path: Path) -> None:
    broken = Run(
        trigger="push", conclusion="failure", artifacts={"junit": {"junit.xml": junit("", "<failure/>")}}
    )
    state = await state_of(tmp_path, broken)
    assert state.measured is not None
    assert state.measured.tests == (MeasuredTests(CI, 2),)


async def test_what_one_producer_shows_explains_the_run_for_the_others(tmp_path: Path) -> None:
    artifacts = {**GOOD, "junit-py": {"junit.xml": junit("", "<failure/>")}}
    run = Run(trigger="push", conclusion="failure", artifacts=artifacts)
    decision = await decided(AtGitHub(tmp_path, runs=[run], config=DECLARED))
    assert decision.next_state is not None
    assert decision.next_state.measured is not None
    assert decision.next_state.measured.gates == ("tests", "coverage")


async def test_a_commit_that_is_still_waited_for_keeps_what_it_had(tmp_path: Path) -> None:
    before = await state_of(tmp_path, PUSHED)
    again = AtGitHub(tmp_path, runs=[Run(trigger="push", attempt=2, status="in_progress")], config=DEFAULT)
    decision = await decided(again, state=before)
    assert decision.verdict is Verdict.WAITING
    assert decision.next_state is not None
    assert decision.next_state.measured == before.measured
    assert decision.next_state.measured_at == before.measured_at


async def test_what_was_measured_outlives_its_artifacts(tmp_path: Path) -> None:
    before = await state_of(tmp_path, PUSHED)
    later = await decided(
        AtGitHub(tmp_path, runs=[Run(trigger="push", expired=True)], config=DEFAULT), state=before
    )
    assert later.next_state is not None
    assert later.next_state.measured == before.measured


async def test_less_trust_than_the_gate_asks_for_measures_nothing_until_it_is_accepted(
    tmp_path: Path,
) -> None:
    section = QualityGate.model_validate({"gates": {"coverage": {"trust": "T2"}}})
    evidence = await evidence_of(AtGitHub(tmp_path, runs=[PUSHED], config=DEFAULT))
    (reading,) = evidence.producers
    runs = tuple(replace(run, trust=Trusted(TrustLevel.T1)) for run in reading.runs)
    assert measure(replace(evidence, producers=(ProducerReading(None, runs),)), section) is None
    accepted = tuple(replace(run, accepted=True) for run in runs)
    assert measure(replace(evidence, producers=(ProducerReading(None, accepted),)), section) is not None


async def test_reports_with_a_problem_measure_nothing(tmp_path: Path) -> None:
    evidence = await evidence_of(AtGitHub(tmp_path, runs=[PUSHED], config=DEFAULT))
    (reading,) = evidence.producers

    def doubted(run: RunReading) -> RunReading:
        assert run.reports is not None
        problem = Problem("coverage", "two reports disagree")
        return replace(run, reports=replace(run.reports, problems=(problem,)))

    runs = tuple(doubted(run) for run in reading.runs)
    found = measure(replace(evidence, producers=(ProducerReading(None, runs),)), QualityGate())
    assert found is not None
    assert found.gates == ("tests",)


async def test_findings_and_audited_dependencies_are_kept_as_hashes(tmp_path: Path) -> None:
    pip = b'{"dependencies":[{"name":"Flask_Login","version":"1","vulns":[]},{"name":"x","skip_reason":"local"}],"fixes":[]}'
    ruff = (
        b'[{"code":"F401","filename":"a.py","location":{"row":1,"column":1},"end_location":{"row":1,"column":2},'
        b'"message":"unused","fix":null,"url":null,"noqa_row":1,"cell":null}]'
    )
    run = Run(
        trigger="push",
        artifacts={"lint": {"ruff.json": ruff}, "audit": {"pip-audit.json": pip}},
    )
    full = (await state_of(tmp_path, run)).in_full
    assert full is not None
    assert apart(full.audited or b"") == {dependency("flask-login")}
    assert full.audited_number == 1
    assert [(gate, len(prints)) for gate, prints in full.findings] == [("lint", PRINT)]
    assert full.lasting.findings == ()
    assert full.lasting.audited_number == 1


def test_the_sums_tell_partly_covered_lines_apart() -> None:
    lines = LineMap({"a.py": FileLines(0b1110, 0b0110, {1: (1, 2), 2: (2, 2), 3: (0, 2)})})
    assert sums_of(lines) == CoverageSums(2, 3, 1, 3, 6, 1)


def test_what_is_measured_stays_small_when_it_only_lasts() -> None:
    full = Measured(
        coverage=(MeasuredCoverage(CI, "cobertura", CoverageSums(), b"x" * 1000),),
        tests=(MeasuredTests(CI, 1, b"y" * 800),),
        findings=(("lint", b"z" * 800),),
        audited=b"d" * 800,
    )
    assert len(str(full.lasting)) < 500


async def test_what_several_producers_have_of_a_run_is_measured_as_one(tmp_path: Path) -> None:
    shards = {
        "cov-a": {"coverage.xml": cobertura(4, 10)},
        "cov-b": {"coverage.xml": cobertura(9, 10)},
    }
    github = AtGitHub(tmp_path, runs=[Run(artifacts=shards, trigger="push")], config=SHARDS)
    state = (await decided(github)).next_state
    assert state is not None
    assert state.measured is not None
    assert [each.sums for each in state.measured.coverage] == [CoverageSums(covered=9, valid=10, files=1)]
