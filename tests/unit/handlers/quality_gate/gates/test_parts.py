"""Producers that share a run are judged together; what one of them lacks no other has for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.audits import Audit, Dependency, Vulnerability
from app.domain.reports import CaseTotals, TestReport
from handlers.quality_gate.evidence.runs import ProducerReading, RunReading, Trusted
from handlers.quality_gate.gates.judged import GateVerdict, State, worst
from handlers.quality_gate.reports.readings import Problem, ReportFile, Reports
from handlers.quality_gate.section.values import TrustLevel
from tests.unit.handlers.quality_gate.commit import CI
from tests.unit.handlers.quality_gate.gates.changed import (
    answers_of,
    asking,
    base_of,
    base_with,
    change,
    covered,
    lines,
    of_run,
    ran,
)
from tests.unit.handlers.quality_gate.gates.found import finding, linted

PRODUCERS = {name: {"workflow": CI, "artifact": f"{name}-*"} for name in ("a", "b")}
CUT_OFF = of_run(
    Reports(
        (ReportFile("b-1", "c.xml", "cobertura", "coverage"),), problems=(Problem("coverage", "cut off"),)
    )
)
FIRST_HALF, SECOND_HALF = lines(a=(10, 10), b=(0, 10)), lines(a=(0, 10), b=(10, 10))


def section(gate: str, **rules: object) -> dict[str, object]:
    return asking({gate: {"from": ["a", "b"], **rules}}, producers=PRODUCERS)


def both(gate: str, first: RunReading, second: RunReading, **rules: object) -> tuple[GateVerdict, ...]:
    """The answers where two producers have a part each of one run."""
    return answers_of(section(gate, **rules), ProducerReading("a", (first,)), ProducerReading("b", (second,)))


def of_artifact(run: RunReading, artifact: str) -> RunReading:
    assert run.reports is not None
    files = tuple(replace(each, artifact=artifact) for each in run.reports.files)
    return replace(run, reports=replace(run.reports, files=files))


def shard(artifact: str, *names: str) -> RunReading:
    return of_artifact(ran(*names), artifact)


def test_lines_that_either_of_two_producers_of_a_run_saw_run_are_covered() -> None:
    (found,) = both("coverage", covered(FIRST_HALF), covered(SECOND_HALF), total=">= 85%")
    assert (found.state, found.value) == (State.PASS, "100.00 % (20 of 20 lines)")


def test_lines_of_two_runs_are_never_united() -> None:
    other = replace(covered(SECOND_HALF), run_id=2)
    found = both("coverage", covered(FIRST_HALF), other, total=">= 85%")
    assert [each.state for each in found] == [State.FAIL, State.FAIL]


def test_an_older_attempt_of_the_run_stands_for_nothing() -> None:
    other = replace(covered(SECOND_HALF), attempt=2)
    found = both("coverage", covered(FIRST_HALF), other, total=">= 85%")
    assert [each.state for each in found] == [State.FAIL, State.FAIL]


def test_tests_of_two_producers_of_a_run_are_added() -> None:
    (found,) = both("tests", shard("a-1", "t1", "t2"), shard("b-1", "t3"), min_tests=3)
    assert (found.state, found.value) == (State.PASS, "3 of 3 passed")


def test_tests_that_both_producers_name_count_once() -> None:
    found = both("tests", shard("a-1", "t1", "t2"), shard("a-1", "t1", "t2"), min_tests=3)
    assert [(each.state, each.value) for each in found] == [(State.FAIL, "2 of 2 passed")]


def test_tests_by_number_are_lost_only_where_the_run_as_a_whole_lost_them() -> None:
    runs = ProducerReading("a", (shard("a-1", "t1", "t2"),)), ProducerReading("b", (shard("b-1", "t3"),))
    base = base_with("t1", "t2", "t3", in_full=False)
    found = answers_of(section("tests", max_test_drop="0%"), *runs, changes=(change(baseline=base),))
    assert [each.state for each in found] == [State.PASS]


def test_findings_of_two_producers_of_a_run_are_counted_together() -> None:
    first, second = linted(finding(), artifact="a-1"), linted(finding(line=9), artifact="b-1")
    found = both("lint", first, second, findings=1)
    assert [(each.state, each.value) for each in found] == [(State.FAIL, "2 findings")]


def test_a_finding_that_both_producers_have_is_told_once() -> None:
    (found,) = both("lint", linted(finding()), linted(finding()), findings=1)
    assert (found.state, found.value, len(found.marks)) == (State.PASS, "1 finding", 1)


def audited(*dependencies: Dependency, bad: tuple[Vulnerability, ...] = ()) -> RunReading:
    files = (ReportFile("audit", "a.json", "pip-audit", "audit"),)
    return of_run(Reports(files=files, audit=Audit(dependencies, bad)))


def test_a_dependency_that_one_producer_skipped_and_the_other_audited_was_audited() -> None:
    skipped = audited(Dependency("flask", "1.0", "no index"))
    (found,) = both("audit", skipped, audited(Dependency("flask", "1.0")))
    assert (found.state, found.value) == (State.PASS, "1 of 1 audited, 0 vulnerabilities")


def test_a_vulnerability_of_either_producer_fails() -> None:
    flask = Dependency("flask", "1.0")
    bad = audited(flask, bad=(Vulnerability("flask", "1.0", "GHSA-1"),))
    assert worst(both("audit", audited(flask), bad)).state is State.FAIL


@pytest.mark.parametrize(
    ("second", "state", "reason"),
    [
        (of_run(Reports()), State.MISSING, "run 1 has no report of coverage"),
        (CUT_OFF, State.INCONCLUSIVE, "cut off"),
    ],
)
def test_what_one_producer_lacks_no_other_has_for_it(second: RunReading, state: State, reason: str) -> None:
    found = both("coverage", covered(lines(a=(10, 10))), second, total=">= 85%")
    assert [(each.state, each.reason) for each in found][1:] == [(state, reason)]


@pytest.mark.parametrize("conclusion", ["success", "failure"])
def test_a_file_of_no_known_format_is_named_where_the_producer_left_nothing_else(conclusion: str) -> None:
    left = replace(of_run(Reports(unknown=("b-1/out.json",))), conclusion=conclusion)
    _, found = both("coverage", covered(lines(a=(10, 10))), left, total=">= 85%")
    assert found.state is State.MISSING
    assert found.reason.startswith("run 1 has no report of coverage; of no known format is b-1/out.json")
    assert found.remedy == "write it in a known format, or name its format in producers.b.format"


def test_a_producer_whose_run_goes_on_is_waited_for() -> None:
    pending = RunReading(2, 1, CI, "push", "in_progress", None)
    found = both("coverage", covered(lines(a=(10, 10))), pending, total=">= 85%")
    assert [each.state for each in found] == [State.PASS, State.WAITING]


def test_each_producer_owes_its_own_number_of_reports() -> None:
    producers = {**PRODUCERS, "b": {"workflow": CI, "artifact": "b-*", "min_reports": 2}}
    policy = asking({"tests": {"from": ["a", "b"]}}, producers=producers)
    readings = ProducerReading("a", (shard("a-1", "t1"),)), ProducerReading("b", (shard("b-1", "t2"),))
    assert [(each.state, each.reason) for each in answers_of(policy, *readings)][1:] == [
        (State.MISSING, "run 1 left 1 report of the 2 that b is to leave")
    ]


def test_the_least_trust_of_the_producers_of_a_run_decides() -> None:
    policy = {**section("tests"), "defaults": {"trust": "T2"}}
    trusted = replace(shard("a-1", "t1"), trust=Trusted(TrustLevel.T2))
    other = replace(shard("b-1", "t2"), trust=Trusted(TrustLevel.T1, "a reason"))
    found = answers_of(policy, ProducerReading("a", (trusted,)), ProducerReading("b", (other,)))
    assert [each.state for each in found] == [State.PASS, State.INCONCLUSIVE]
    assert "a reason" in found[1].reason


def test_tests_that_producers_share_in_part_cannot_be_counted() -> None:
    def part(*artifacts: str) -> RunReading:
        file = ran("t").reports
        assert file is not None
        return of_run(
            Reports(
                files=tuple(replace(file.files[0], artifact=each) for each in artifacts),
                tests=TestReport(CaseTotals(len(artifacts), len(artifacts))),
            )
        )

    found = worst(both("tests", part("x", "y"), part("y", "z")))
    assert (found.state, found.reason) == (
        State.INCONCLUSIVE,
        "y/r.xml is of two producers that each have other tests, too; let one producer alone name y",
    )


def test_the_drop_is_that_of_the_whole_run() -> None:
    runs = ProducerReading("a", (covered(FIRST_HALF),)), ProducerReading("b", (covered(SECOND_HALF),))
    base = base_of(lines(a=(10, 10), b=(10, 10)))
    found = answers_of(section("coverage", drop="<= 0.10pt"), *runs, changes=(change(baseline=base),))
    assert {each.state for each in found} == {State.PASS}
