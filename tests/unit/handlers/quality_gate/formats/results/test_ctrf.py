"""What is counted in CTRF."""

from __future__ import annotations

import json

import pytest

from app.domain.reports import CaseTotals, FailedCase, Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats.results import ctrf


def document(*tests: dict[str, object], **results: object) -> bytes:
    inside = {"tool": {"name": "Jest", "version": "30.1"}, "summary": {}, "tests": list(tests)} | results
    return json.dumps({"reportFormat": "CTRF", "results": inside}).encode()


def one(status: str, **more: object) -> dict[str, object]:
    return {"name": "a", "status": status, "duration": 1} | more


def read(*tests: dict[str, object], **results: object) -> Report:
    return ctrf.parse(document(*tests, **results))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("passed", CaseTotals(1, passed=1)),
        ("skipped", CaseTotals(1, skipped=1)),
        ("pending", CaseTotals(1, skipped=1)),
        ("failed", CaseTotals(1, failed=1)),
        ("other", CaseTotals(1, errors=1)),
    ],
)
def test_a_status_is_counted_and_an_unknown_one_is_broken(status: str, expected: CaseTotals) -> None:
    report = read(one(status))
    assert report.tests is not None
    assert (report.tests.totals, report.tools) == (expected, (Tool("jest", "30.1"),))


@pytest.mark.parametrize("suite", ["Login form", ["Login", "form"]])
def test_a_failure_has_its_suite_its_message_and_its_place(suite: str | list[str]) -> None:
    report = read(one("failed", suite=suite, message="no", filePath="a.test.js", line=42))
    assert report.tests is not None
    assert report.tests.failures == (FailedCase("Login form.a", "no", "a.test.js", 42),)


def test_a_failure_without_a_line_is_placed_by_its_trace() -> None:
    report = read(one("failed", filePath="a.test.js", trace="Error: no\n    at f (src/b.js:5:9)"))
    assert report.tests is not None
    assert (report.tests.failures[0].path, report.tests.failures[0].line) == ("src/b.js", 5)


def test_a_flaky_test_that_passed_is_told() -> None:
    report = read(one("passed", flaky=True, retries=2), one("failed", flaky=True))
    assert report.tests is not None
    assert (report.tests.flaky, report.tests.totals.failed) == (1, 1)


def test_a_summary_of_other_numbers_is_a_contradiction() -> None:
    assert read(one("passed"), summary={"tests": 2, "failed": 1}).contradictions == (
        "the summary counts 2 tests, but 1 are written",
        "the summary counts 1 tests as failed, but 0 are written",
    )


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        ({"passed": 1, "failed": 1, "skipped": 1, "pending": 1, "other": 1, "tests": 5}, ()),
        ({"passed": 0}, ("the summary counts 0 tests as passed, but 1 are written",)),
        ({"failed": 2}, ("the summary counts 2 tests as failed, but 1 are written",)),
        ({"skipped": 3}, ("the summary counts 3 tests as skipped, but 2 are written",)),
        ({"other": 0}, ("the summary counts 0 tests as other, but 1 are written",)),
    ],
)
def test_every_count_of_a_summary_is_compared(summary: dict[str, int], told: tuple[str, ...]) -> None:
    tests = [one(status) for status in ("passed", "failed", "skipped", "pending", "other")]
    assert read(*tests, summary=summary).contradictions == told


def test_a_second_list_of_tests_does_not_hide_the_first() -> None:
    raw = b'{"results":{"tests":[{"name":"a","status":"failed"}],"tests":[{"name":"a","status":"passed"}]}}'
    with pytest.raises(InvalidInput) as refused:
        ctrf.parse(raw)
    assert refused.value.code == "report.duplicate_key"


@pytest.mark.parametrize(
    ("raw", "is_ctrf"),
    [
        (document(one("passed")), True),
        (b'{"results": {"tool": {"name": "x"}, "tests": []}}', True),
        (b'{"results": {"tool": [{"type": "Secret Keyword"}]}}', False),
        (b'{"results": [{"packages": []}]}', False),
    ],
)
def test_it_is_recognised_by_its_name_or_by_how_its_results_begin(raw: bytes, is_ctrf: bool) -> None:  # noqa: FBT001 (a table)
    assert ctrf.sniff(raw) == is_ctrf


@pytest.mark.parametrize(
    "raw", [b"{}", b"[]", document(one("passed"))[:-9], b'{"results":{"tests":[{"name":"a"}]}}']
)
def test_what_is_no_ctrf_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        ctrf.parse(raw)
    assert refused.value.code == "report.not_ctrf"
