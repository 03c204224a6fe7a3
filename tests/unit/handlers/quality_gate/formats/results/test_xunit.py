"""What is counted in xUnit.net's XML."""

from __future__ import annotations

import pytest

from app.domain.reports import CaseTotals, Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats.results import xunit


def read(inside: str, attributes: str = "") -> Report:
    return xunit.parse(f"<assemblies><assembly {attributes}>{inside}</assembly></assemblies>".encode())


def totals(report: Report) -> CaseTotals:
    assert report.tests is not None
    return report.tests.totals


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("Pass", CaseTotals(1, passed=1, suites=1)),
        ("Skip", CaseTotals(1, skipped=1, suites=1)),
        ("NotRun", CaseTotals(1, skipped=1, suites=1)),
        ("Fail", CaseTotals(1, failed=1, suites=1)),
        ("Exploded", CaseTotals(1, errors=1, suites=1)),
    ],
)
def test_a_result_is_counted_and_an_unknown_one_is_broken(result: str, expected: CaseTotals) -> None:
    assert totals(read(f"<collection><test name='N.a' result='{result}'/></collection>")) == expected


def test_a_failure_has_its_message_and_its_place() -> None:
    inside = "<message>no</message><stack-trace>   at N.a() in /src/N.cs:line 7</stack-trace>"
    report = read(f"<test name='N.a' result='Fail'><failure>{inside}</failure></test>")
    assert report.tests is not None
    (failed,) = report.tests.failures
    assert (failed.name, failed.message, failed.path, failed.line) == ("N.a", "no", "/src/N.cs", 7)


def test_an_error_outside_of_tests_is_a_broken_test() -> None:
    inside = "<failure><message>clean-up failed</message></failure>"
    report = read(
        f"<errors><error type='assembly-cleanup' name='N.dll'>{inside}</error></errors><test result='Pass'/>"
    )
    assert totals(report) == CaseTotals(2, passed=1, errors=1)
    assert report.tests is not None
    assert (report.tests.failures[0].name, report.tests.failures[0].message) == ("N.dll", "clean-up failed")


def test_a_bare_assembly_is_a_report() -> None:
    report = xunit.parse(
        b"<assembly test-framework='xUnit.net 2.9.0'><test name='a' result='Pass'/></assembly>"
    )
    assert (totals(report).passed, report.tools) == (1, (Tool("xunit.net", "2.9.0"),))


def test_lost_tests_are_a_contradiction() -> None:
    assert read("<test result='Pass'/>", "total='2'").contradictions == (
        "the summary counts 2 tests, but 1 are written",
    )


def test_failures_that_only_the_summary_counts_are_a_contradiction() -> None:
    assert read("<test result='Pass'/>", "total='1' errors='1'").contradictions == (
        "the summary counts failures, but no test has one",
    )


@pytest.mark.parametrize("raw", [b"<testsuite/>", b"<assembly><test><test/></test></assembly>"])
def test_what_is_no_xunit_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        xunit.parse(raw)
    assert refused.value.code == "report.not_xunit"
