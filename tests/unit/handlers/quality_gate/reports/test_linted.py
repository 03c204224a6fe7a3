"""JUnit of linters, and JUnit of tests that look like it."""

from __future__ import annotations

import pytest

from app.domain.reports import CaseTotals, FailedCase, TestReport
from handlers.quality_gate.reports.linted import linter_of, without_passed


@pytest.mark.parametrize(
    ("head", "linter"),
    [
        (
            b'<testsuite errors="0" name="mypy" tests="1"><testcase name="mypy-py3_11-linux"/></testsuite>',
            "mypy",
        ),
        (
            b'<testsuites name="ruff" tests="1"><testsuite name="ruff" package="org.ruff"/></testsuites>',
            "ruff",
        ),
        (
            b'<testsuites><testsuite package="org.eslint" time="0" name="a.js"></testsuite></testsuites>',
            "eslint",
        ),
        (b'<testsuites name="pytest tests"><testsuite name="pytest"/></testsuites>', ""),
        (b'<testsuite name="test_mypy"><testcase name="a"/></testsuite>', ""),
        (b'{"name": "mypy"}', ""),
    ],
)
def test_a_linter_is_known_by_what_it_calls_its_suite(head: bytes, linter: str) -> None:
    assert linter_of(head) == linter


def test_what_a_linter_found_fine_is_no_test_and_what_it_found_wrong_still_fails() -> None:
    failures = (FailedCase("a.py", "wrong type"),)
    left = without_passed(TestReport(CaseTotals(5, 4, 1, suites=1), failures, names=b"12345678"))
    assert left == TestReport(CaseTotals(1, failed=1), failures)
