"""What is counted in mocha's JSON."""

from __future__ import annotations

import json

import pytest

from app.domain.reports import CaseTotals, Report
from app.errors import InvalidInput
from handlers.quality_gate.formats.results import mocha

PASS = {"title": "a", "fullTitle": "s a", "file": "/r/a.test.js", "currentRetry": 0, "err": {}}
FAIL = PASS | {"fullTitle": "s b", "err": {"message": "no", "stack": "Error: no\n    at f (src/b.js:5:9)"}}
HOOK = FAIL | {"fullTitle": 's "before each" hook'}


def document(**lists: object) -> bytes:
    empty: dict[str, object] = {
        "stats": {"suites": 2},
        "tests": [],
        "pending": [],
        "failures": [],
        "passes": [],
    }
    return json.dumps(empty | lists).encode()


def read(**lists: object) -> Report:
    return mocha.parse(document(**lists))


def totals(report: Report) -> CaseTotals:
    assert report.tests is not None
    return report.tests.totals


def test_the_three_lists_are_counted() -> None:
    report = read(tests=[PASS, FAIL, PASS], passes=[PASS], failures=[FAIL], pending=[PASS])
    assert (totals(report), report.contradictions) == (CaseTotals(3, 1, 1, 0, 1, suites=2), ())


def test_a_hook_that_failed_is_a_failed_test() -> None:
    report = read(tests=[PASS], passes=[PASS], failures=[HOOK])
    assert (totals(report), report.contradictions) == (CaseTotals(2, passed=1, failed=1, suites=2), ())


def test_a_failure_has_its_message_and_its_place() -> None:
    tests = read(tests=[FAIL], failures=[FAIL]).tests
    assert tests is not None
    (failed,) = tests.failures
    assert (failed.name, failed.message, failed.path, failed.line) == ("s b", "no", "src/b.js", 5)


def test_a_pass_on_a_retry_is_flaky() -> None:
    tests = read(tests=[PASS], passes=[PASS | {"currentRetry": 1}]).tests
    assert tests is not None
    assert tests.flaky == 1


def test_a_test_without_a_result_is_a_contradiction() -> None:
    assert read(tests=[PASS, PASS | {"title": "b"}], passes=[PASS]).contradictions == (
        "2 tests are named, but 1 have a result",
    )


def test_failures_that_only_the_summary_counts_are_a_contradiction() -> None:
    report = read(stats={"failures": 1}, tests=[PASS], passes=[PASS])
    assert report.contradictions == ("the summary counts 1 failures, but 0 are written",)


@pytest.mark.parametrize("what", ["tests", "passes", "pending", "failures"])
@pytest.mark.parametrize("told", [0, 2])
def test_every_count_of_the_summary_is_compared(what: str, told: int) -> None:
    lists = {"tests": [PASS], "passes": [PASS], "pending": [PASS], "failures": [PASS]}
    found = read(stats={what: told}, **lists).contradictions
    assert found == (f"the summary counts {told} {what}, but 1 are written",)


def test_it_is_recognised_by_its_first_keys() -> None:
    assert mocha.sniff(document())
    assert not mocha.sniff(b'{"stats": {}, "results": []}')


@pytest.mark.parametrize("raw", [b"{}", b'{"tests": [], "passes": []}', document()[:-1]])
def test_what_is_no_mocha_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        mocha.parse(raw)
    assert refused.value.code == "report.not_mocha_json"
