"""What is counted in RSpec's JSON."""

from __future__ import annotations

import json

import pytest

from app.domain.reports import CaseTotals, FailedCase, Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats.results import rspec


def example(status: str, **more: object) -> dict[str, object]:
    named = {"full_description": "Thing works", "file_path": "./spec/thing_spec.rb", "line_number": 7}
    return {"status": status} | named | more


def document(*examples: dict[str, object], **more: object) -> bytes:
    return json.dumps({"version": "3.13.0", "examples": list(examples)} | more).encode()


def read(*examples: dict[str, object], **more: object) -> Report:
    return rspec.parse(document(*examples, **more))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("passed", CaseTotals(1, passed=1, suites=1)),
        ("pending", CaseTotals(1, skipped=1, suites=1)),
        ("failed", CaseTotals(1, failed=1, suites=1)),
        ("unknown", CaseTotals(1, errors=1, suites=1)),
    ],
)
def test_a_status_is_counted_and_an_unknown_one_is_broken(status: str, expected: CaseTotals) -> None:
    report = read(example(status))
    assert report.tests is not None
    assert (report.tests.totals, report.tools) == (expected, (Tool("rspec", "3.13.0"),))


def test_a_failure_has_its_message_and_its_place() -> None:
    report = read(example("failed", exception={"class": "E", "message": "expected 1, got 2"}))
    assert report.tests is not None
    assert report.tests.failures == (FailedCase("Thing works", "expected 1, got 2", "spec/thing_spec.rb", 7),)


def test_errors_outside_of_examples_are_a_broken_test() -> None:
    report = read(summary={"errors_outside_of_examples_count": 1}, messages=["cannot load such file"])
    assert report.tests is not None
    assert (report.tests.totals.errors, report.tests.failures[0].message) == (1, "cannot load such file")


def test_a_summary_of_other_numbers_is_a_contradiction() -> None:
    assert read(example("passed"), summary={"example_count": 2, "failure_count": 1}).contradictions == (
        "the summary counts 2 examples, but 1 are written",
        "the summary counts failures, but no example has one",
    )


def test_it_is_recognised_by_its_first_keys() -> None:
    assert rspec.sniff(document())
    assert not rspec.sniff(b'{"version": "2.1.0", "runs": []}')


@pytest.mark.parametrize("raw", [b"{}", b'{"examples": {}}', document(example("passed"))[:-2]])
def test_what_is_no_rspec_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        rspec.parse(raw)
    assert refused.value.code == "report.not_rspec_json"
