"""What is counted in the events of `go test -json`."""

from __future__ import annotations

import json

import pytest

from app.domain.hashes import joined, name_hash
from app.domain.reports import CaseTotals, Report
from app.errors import InvalidInput
from handlers.quality_gate.formats.results import gotest


def event(action: str, test: str = "", package: str = "example.org/p", **more: str) -> str:
    named = {"Test": test} if test else {}
    return json.dumps({"Action": action, "Package": package} | named | more, separators=(",", ":"))


def ran(test: str, end: str) -> list[str]:
    return [
        event("run", test),
        event("output", test, Output=f"    p_test.go:9: {test} says\n"),
        event(end, test),
    ]


def read(*lines: str) -> Report:
    return gotest.parse("\n".join(lines).encode())


def totals(report: Report) -> CaseTotals:
    assert report.tests is not None
    return report.tests.totals


def flaky(report: Report) -> int:
    assert report.tests is not None
    return report.tests.flaky


def test_tests_and_subtests_are_counted_as_they_end() -> None:
    report = read(
        *ran("TestA", "pass"),
        *ran("TestB", "skip"),
        event("run", "TestC"),
        *ran("TestC/x", "fail"),
        event("fail", "TestC"),
        event("fail"),
    )
    assert totals(report) == CaseTotals(4, passed=1, failed=2, skipped=1, suites=1)
    assert report.tests is not None
    assert report.tests.names == joined(
        name_hash(f"example.org/p.{each}") for each in ("TestA", "TestC", "TestC/x")
    )


def test_a_failure_has_its_output_and_its_place() -> None:
    report = read(*ran("TestA", "fail"), event("fail"))
    assert report.tests is not None
    (failed,) = report.tests.failures
    assert (failed.name, failed.path, failed.line) == ("example.org/p.TestA", "p_test.go", 9)
    assert "TestA says" in failed.message


def test_of_long_output_the_end_is_kept() -> None:
    heard = [event("output", "TestA", Output=f"line {number}\n") for number in range(30)]
    report = read(event("run", "TestA"), *heard, event("fail", "TestA"), event("fail"))
    assert report.tests is not None
    assert report.tests.failures[0].message.splitlines() == [f"line {number}" for number in range(10, 30)]


def test_a_test_that_began_and_never_ended_is_broken() -> None:
    report = read(*ran("TestA", "pass"), event("run", "TestB"), event("fail"))
    assert totals(report) == CaseTotals(2, passed=1, errors=1, suites=1)


def test_a_line_that_is_cut_off_is_a_contradiction_and_its_test_is_broken() -> None:
    report = read(*ran("TestA", "pass"), event("run", "TestB"), '{"Action":"outp')
    assert totals(report) == CaseTotals(2, passed=1, errors=1, suites=1)
    assert report.contradictions == ("a line begins like an event, but is cut off or broken",)


def test_a_package_that_began_and_never_ended_is_broken() -> None:
    assert totals(read(event("start"), *ran("TestA", "pass"))) == CaseTotals(2, passed=1, errors=1, suites=1)


def test_a_package_that_failed_without_a_failed_test_is_broken() -> None:
    report = read(event("output", Output="panic: no\n"), event("fail"))
    assert report.tests is not None
    assert (report.tests.totals.errors, report.tests.failures[0].message) == (1, "panic: no\n")


def test_a_build_that_failed_breaks_its_package_and_says_why() -> None:
    report = read(
        json.dumps(
            {
                "ImportPath": "example.org/p [p.test]",
                "Action": "build-output",
                "Output": "p.go:3: undefined: x\n",
            }
        ),
        json.dumps({"ImportPath": "example.org/p [p.test]", "Action": "build-fail"}),
        event("fail", FailedBuild="example.org/p [p.test]"),
    )
    assert report.tests is not None
    assert (report.tests.totals.errors, report.tests.failures[0].message) == (1, "p.go:3: undefined: x\n")


def test_a_build_that_failed_without_its_package_is_a_contradiction() -> None:
    report = read(*ran("TestA", "pass"), event("pass"), event("build-fail", package=""))
    assert report.contradictions == ("a build failed, but no package did",)


def test_a_plain_line_that_says_fail_is_a_contradiction_where_nothing_failed() -> None:
    report = read(*ran("TestA", "pass"), event("pass"), "FAIL\texample.org/q [build failed]")
    assert report.contradictions == ("a line beside the events says FAIL, but no package failed",)


def test_other_output_is_read_past() -> None:
    report = read("go: downloading x", *ran("TestA", "pass"), '{"level":"info"}', event("pass"), "ok")
    assert (totals(report), report.contradictions) == (CaseTotals(1, passed=1, suites=1), ())


def test_a_retry_of_failed_tests_replaces_what_they_said() -> None:
    report = read(
        *ran("TestA", "pass"), *ran("TestB", "fail"), event("fail"), *ran("TestB", "pass"), event("pass")
    )
    assert (totals(report), flaky(report)) == (CaseTotals(2, passed=2, suites=1), 1)


def test_a_second_run_of_everything_does_not_hide_a_failure() -> None:
    first = (*ran("TestA", "pass"), *ran("TestB", "fail"), event("fail"))
    report = read(*first, *ran("TestA", "pass"), *ran("TestB", "pass"), event("pass"))
    assert (totals(report), flaky(report)) == (CaseTotals(2, passed=1, failed=1, suites=1), 0)


def test_a_test_repeated_within_a_run_counts_once_as_the_worst() -> None:
    report = read(*ran("TestA", "fail"), *ran("TestA", "pass"), event("fail"))
    assert (totals(report), flaky(report)) == (CaseTotals(1, failed=1, suites=1), 0)


def test_a_package_without_tests_proves_nothing() -> None:
    assert read(event("start"), event("skip")).vacuous == ("the report has no test case",)


def test_an_event_that_says_two_things_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        read('{"Action":"fail","Package":"p","Test":"TestA","Action":"pass"}')
    assert refused.value.code == "report.contradiction"


def test_an_event_of_the_wrong_shape_is_a_contradiction() -> None:
    report = read(*ran("TestA", "pass"), event("pass"), '{"Action":"fail","Package":7}')
    assert report.contradictions == ("a line begins like an event, but is cut off or broken",)


@pytest.mark.parametrize("raw", [b"", b"ok  \tp\t0.1s\n", b'{"level":"info"}\n'])
def test_what_has_no_event_is_refused(raw: bytes) -> None:
    assert not gotest.sniff(raw)
    with pytest.raises(InvalidInput) as refused:
        gotest.parse(raw)
    assert refused.value.code == "report.not_gotest_json"
