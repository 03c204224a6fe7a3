"""What the readers count, and what they refuse."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.reports import CaseTotals
from app.errors import InvalidInput
from handlers.quality_gate.formats import FORMATS, read_report
from handlers.quality_gate.formats.xml import MAX_DEPTH

TRACEBACK = """def test_a():
>   assert one() == 2
E   assert 1 == 2

tests/test_a.py:12: in test_a
src/a.py:34: AssertionError"""


def totals(raw: bytes) -> CaseTotals:
    tests = read_report(raw).tests
    assert tests is not None
    return tests.totals


def coverage_json(**file: object) -> bytes:
    given = {"executed_lines": [1, 2], "missing_lines": [3]} | file
    return json.dumps(
        {"meta": {"version": "7"}, "files": {"a.py": given}, "totals": {"covered_lines": 99}}
    ).encode()


def test_a_case_counts_once_as_the_worst_of_what_it_says() -> None:
    raw = b"<testsuite><testcase name='a'><skipped/><failure/><error/></testcase><testcase name='b'/></testsuite>"
    assert totals(raw) == CaseTotals(tests=2, passed=1, errors=1, suites=1)


def test_an_error_of_a_suite_is_a_broken_test() -> None:
    raw = b"<testsuite><error message='import failed'/></testsuite>"
    report = read_report(raw)
    assert totals(raw) == CaseTotals(tests=1, errors=1, suites=1)
    assert report.tests is not None
    assert report.tests.failures[0].name == "import failed"


def test_a_failure_is_placed_where_its_traceback_ends() -> None:
    raw = f"<testsuite><testcase name='a'><failure><![CDATA[{TRACEBACK}]]></failure></testcase></testsuite>"
    tests = read_report(raw.encode()).tests
    assert tests is not None
    (failed,) = tests.failures
    assert (failed.path, failed.line) == ("src/a.py", 34)


def test_a_summary_that_counts_failures_without_one_is_a_contradiction() -> None:
    raw = b"<testsuite failures='1'><testcase name='a'/></testsuite>"
    assert read_report(raw).contradictions == ("the summary counts failures, but no test case has one",)


def test_a_retry_that_passed_is_a_pass_and_is_told() -> None:
    raw = b"<testsuite failures='1'><testcase name='a'><flakyFailure/></testcase></testsuite>"
    report = read_report(raw)
    assert (totals(raw), report.contradictions) == (CaseTotals(tests=1, passed=1, suites=1), ())
    assert report.warnings == ("1 failures were followed by a passing retry",)


def test_totals_of_coveragepy_are_counted_not_believed() -> None:
    raw = coverage_json(executed_branches=[[1, 2]], missing_branches=[[1, -1]])
    lines = read_report(raw).coverage
    assert lines is not None
    coverage = lines.totals()
    assert (coverage.lines_covered, coverage.lines_valid) == (2, 3)
    assert (coverage.branches_covered, coverage.branches_valid) == (1, 2)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (coverage_json(missing_lines=[1]), "report.contradiction"),
        (coverage_json(executed_lines=[0]), "report.not_coveragepy"),
        (coverage_json(executed_lines=["1"]), "report.not_coveragepy"),
        (coverage_json()[:-1], "report.not_coveragepy"),
        (b"{}", "report.unknown_format"),
        (b"all good", "report.unknown_format"),
        (b"<html/>", "report.unknown_format"),
        (b"<coverage clover='4'/>", "report.unknown_format"),
        (b"", "report.empty"),
        (b"<testsuite>", "report.xml"),
        (b"<testsuite>" * (MAX_DEPTH + 1), "report.too_deep"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><testsuite/>", "report.entity"),
        (b"<?xml version='1.0' encoding='x-unknown'?><testsuite/>", "report.xml"),
        (b"<testsuite><testcase><testcase/></testcase></testsuite>", "report.not_junit"),
        (
            b"<coverage><class filename='a'><line number='1' hits='-1'/></class></coverage>",
            "report.not_cobertura",
        ),
        (b"<coverage><class><line number='1' hits='1'/></class></coverage>", "report.not_cobertura"),
        (
            b"<coverage><class filename='a'><line number='1' hits='1' condition-coverage='9% (3/2)'/></class></coverage>",
            "report.contradiction",
        ),
    ],
)
def test_what_cannot_be_trusted_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(raw)
    assert refused.value.code == code
    assert re.fullmatch(r"[ -~]+", refused.value.message)


def test_a_doctype_is_allowed_and_not_fetched() -> None:
    raw = b"<!DOCTYPE coverage SYSTEM 'http://example.org/x.dtd'><coverage><class filename='a'/></coverage>"
    assert read_report(raw).vacuous == ("the report has no line that could run",)


@given(
    raw=st.one_of(
        st.binary(max_size=300),
        st.text(alphabet="<>/='\"testsuicaclovrg &#!\n", max_size=300).map(str.encode),
    ),
    report_format=st.sampled_from([None, *FORMATS]),
)
def test_any_bytes_are_read_or_refused(raw: bytes, report_format: str | None) -> None:
    try:
        report = read_report(raw, report_format)
    except InvalidInput as refused:
        assert refused.message  # noqa: PT017 (either outcome is right, silence is not)
    else:
        assert report.tests or report.coverage
