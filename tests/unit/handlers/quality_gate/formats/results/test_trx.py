"""What is counted in Visual Studio's test results."""

from __future__ import annotations

import pytest

from app.domain.hashes import joined, name_hash
from app.domain.reports import CaseTotals, Report
from app.errors import InvalidInput
from handlers.quality_gate.formats.results import trx

NAMESPACE = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010"
DEFINITIONS = "<TestDefinitions><UnitTest id='1'><TestMethod className='N.C, N, Version=1'/></UnitTest></TestDefinitions>"


def read(inside: str) -> Report:
    return trx.parse(f"<TestRun xmlns='{NAMESPACE}'>{inside}</TestRun>".encode())


def result(outcome: str, name: str = "a", inside: str = "") -> str:
    return f"<UnitTestResult testId='1' testName='{name}' outcome='{outcome}'>{inside}</UnitTestResult>"


def totals(report: Report) -> CaseTotals:
    assert report.tests is not None
    return report.tests.totals


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("Passed", CaseTotals(1, passed=1)),
        ("NotExecuted", CaseTotals(1, skipped=1)),
        ("Inconclusive", CaseTotals(1, skipped=1)),
        ("Failed", CaseTotals(1, failed=1)),
        ("Aborted", CaseTotals(1, errors=1)),
        ("Timeout", CaseTotals(1, errors=1)),
        ("NotRunnable", CaseTotals(1, errors=1)),
        ("", CaseTotals(1, errors=1)),
    ],
)
def test_an_outcome_is_counted_and_an_unknown_one_is_broken(outcome: str, expected: CaseTotals) -> None:
    assert totals(read(f"<Results>{result(outcome)}</Results>")) == expected


@pytest.mark.parametrize("order", [1, -1])
def test_names_have_their_class_wherever_it_is_defined(order: int) -> None:
    results = f"<Results>{result('Passed')}{result('Passed', 'N.C.b')}</Results>"
    report = read("".join((DEFINITIONS, results)[::order]))
    assert report.tests is not None
    assert report.tests.names == joined([name_hash("N.C.a"), name_hash("N.C.b")])


def test_a_failure_has_its_message_and_its_place() -> None:
    trace = "<StackTrace>   at N.C.a() in C:\\n\\C.cs:line 61</StackTrace>"
    report = read(
        f"<Results>{result('Failed', inside=f'<Output><ErrorInfo><Message>no</Message>{trace}</ErrorInfo></Output>')}</Results>"
    )
    assert report.tests is not None
    (failed,) = report.tests.failures
    assert (failed.message, failed.path, failed.line) == ("no", "C:\\n\\C.cs", 61)


def test_the_rows_of_a_data_driven_test_count_and_not_their_frame() -> None:
    rows = f"<InnerResults>{result('Passed', 'a (1)')}{result('Failed', 'a (2)')}</InnerResults>"
    assert totals(read(f"<Results>{result('Failed', inside=rows)}</Results>")) == CaseTotals(
        2, passed=1, failed=1
    )


def test_a_frame_that_failed_while_its_rows_passed_counts() -> None:
    rows = f"<InnerResults>{result('Passed', 'a (1)')}</InnerResults>"
    assert totals(read(f"<Results>{result('Failed', inside=rows)}</Results>")) == CaseTotals(
        2, passed=1, failed=1
    )


@pytest.mark.parametrize("outcome", ["Failed", "Error", "Aborted", "Timeout"])
def test_a_run_that_failed_without_a_failed_test_is_a_contradiction(outcome: str) -> None:
    report = read(f"<Results>{result('Passed')}</Results><ResultSummary outcome='{outcome}'/>")
    assert report.contradictions == (f"the run ended as '{outcome}', but no test failed",)


def test_lost_results_are_a_contradiction() -> None:
    report = read(
        f"<Results>{result('Passed')}</Results><ResultSummary><Counters total='2'/></ResultSummary>"
    )
    assert report.contradictions == ("the summary counts 2 tests, but 1 are written",)


@pytest.mark.parametrize("raw", [b"<TestRun/>", b"<TestRun xmlns='urn:other'/>", b"<testsuite/>"])
def test_what_is_no_trx_is_refused(raw: bytes) -> None:
    assert not trx.sniff(raw)
    with pytest.raises(InvalidInput) as refused:
        trx.parse(raw)
    assert refused.value.code == "report.not_trx"
