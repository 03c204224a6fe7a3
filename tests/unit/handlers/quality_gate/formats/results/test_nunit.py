"""What is counted in NUnit's XML, versions 2 and 3."""

from __future__ import annotations

import pytest

from app.domain.hashes import joined, name_hash
from app.domain.reports import CaseTotals, Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats.results import nunit

FAILURE = (
    "<failure><message><![CDATA[ not equal ]]></message>"
    "<stack-trace>   at T.F() in C:\\src\\T.cs:line 50</stack-trace></failure>"
)


def read(raw: str) -> Report:
    return nunit.parse(raw.encode())


def totals(raw: str) -> CaseTotals:
    tests = read(raw).tests
    assert tests is not None
    return tests.totals


def suite(inside: str, attributes: str = "") -> str:
    return f"<test-run><test-suite fullname='S' {attributes}>{inside}</test-suite></test-run>"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("Passed", CaseTotals(1, passed=1, suites=1)),
        ("Warning", CaseTotals(1, passed=1, suites=1)),
        ("Skipped", CaseTotals(1, skipped=1, suites=1)),
        ("Inconclusive", CaseTotals(1, skipped=1, suites=1)),
        ("Failed", CaseTotals(1, failed=1, suites=1)),
        ("Invalid", CaseTotals(1, errors=1, suites=1)),
        ("", CaseTotals(1, errors=1, suites=1)),
    ],
)
def test_a_result_is_counted_and_an_unknown_one_is_broken(result: str, expected: CaseTotals) -> None:
    assert totals(suite(f"<test-case fullname='S.a' result='{result}'/>")) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("executed='True' success='True'", CaseTotals(1, passed=1, suites=1)),
        ("executed='True'", CaseTotals(1, passed=1, suites=1)),
        ("executed='False'", CaseTotals(1, skipped=1, suites=1)),
        ("executed='True' success='False'", CaseTotals(1, failed=1, suites=1)),
        ("executed='True' success='Ture'", CaseTotals(1, errors=1, suites=1)),
        ("executed='True' result='Success'", CaseTotals(1, passed=1, suites=1)),
    ],
)
def test_version_2_says_it_in_other_words(said: str, expected: CaseTotals) -> None:
    raw = f"<test-results><test-suite><results><test-case name='a' {said}/></results></test-suite></test-results>"
    assert totals(raw) == expected


def test_a_failure_has_its_message_and_its_place() -> None:
    report = read(suite(f"<test-case fullname='S.a' result='Passed'>{FAILURE}</test-case>"))
    assert report.tests is not None
    (failed,) = report.tests.failures
    assert (failed.name, failed.message, failed.path, failed.line) == (
        "S.a",
        "not equal",
        "C:\\src\\T.cs",
        50,
    )
    assert report.tests.names == joined([name_hash("S.a")])


def test_a_suite_whose_tear_down_failed_is_one_broken_test() -> None:
    inner = (
        "<test-suite fullname='S.F' result='Failed'><test-case fullname='a' result='Passed'/></test-suite>"
    )
    assert totals(suite(inner, "result='Failed'")) == CaseTotals(2, passed=1, errors=1, suites=1)


def test_a_suite_that_failed_with_its_tests_is_not_counted_again() -> None:
    inside = "<test-case fullname='a' result='Failed'/>"
    assert totals(suite(inside, "result='Failed'")) == CaseTotals(1, failed=1, suites=1)


def test_lost_cases_are_a_contradiction() -> None:
    report = read("<test-run total='3'><test-suite><test-case result='Passed'/></test-suite></test-run>")
    assert report.contradictions == ("the summary counts 3 tests, but 1 are written",)


def test_failures_that_only_the_summary_counts_are_a_contradiction() -> None:
    report = read("<test-run failed='1'><test-suite><test-case result='Passed'/></test-suite></test-run>")
    assert report.contradictions == ("the summary counts failures, but no test case has one",)


@pytest.mark.parametrize(
    "raw",
    ["<test-run engine-version='3.1'/>", "<test-results><environment nunit-version='3.1'/></test-results>"],
)
def test_the_version_is_that_which_the_report_names(raw: str) -> None:
    assert read(raw).tools == (Tool("nunit", "3.1"),)


@pytest.mark.parametrize("raw", ["<assemblies/>", "<test-run><test-case><test-case/></test-case></test-run>"])
def test_what_is_no_nunit_is_refused(raw: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(raw)
    assert refused.value.code == "report.not_nunit"
