"""JSON of bandit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report

ISSUE = {
    "code": "8     x\n9     call(\n10         shell=True)\n",
    "col_offset": 4,
    "end_col_offset": 19,
    "filename": "./a.py",
    "issue_severity": "HIGH",
    "issue_confidence": "HIGH",
    "issue_text": "subprocess call with shell=True",
    "line_number": 9,
    "line_range": [9, 10],
    "test_id": "B602",
}


def document(*issues: dict[str, Any], found: int | None = None, **keys: object) -> bytes:
    totals = {"SEVERITY.HIGH": len(issues) if found is None else found, "nosec": 2, "skipped_tests": 1}
    return json.dumps(
        {
            "errors": [],
            "generated_at": "2026-01-01T00:00:00Z",
            "metrics": {"./a.py": {"loc": 9}, "_totals": totals},
            "results": issues,
        }
        | keys
    ).encode()


def read(raw: bytes) -> Report:
    report = read_report(raw)
    assert report.format == "bandit-json"
    return report


def test_an_issue_is_a_finding_with_the_text_of_its_line() -> None:
    report = read(document(ISSUE))
    assert report.findings is not None
    assert report.findings.findings == (
        Finding(
            "bandit",
            "B602",
            Level.ERROR,
            "subprocess call with shell=True",
            "./a.py",
            9,
            5,
            10,
            20,
            "    call(",
        ),
    )
    assert report.findings.suppressed == 3
    assert (report.contradictions, report.vacuous, report.warnings) == ((), (), ())


@pytest.mark.parametrize(
    ("severity", "level"),
    [("medium", Level.WARNING), ("LOW", Level.NOTE), ("UNDEFINED", Level.ERROR), ("", Level.ERROR)],
)
def test_every_severity_has_a_level(severity: str, level: Level) -> None:
    findings = read(document(ISSUE | {"issue_severity": severity})).findings
    assert findings is not None
    assert findings.findings[0].level is level


def test_a_file_that_could_not_be_read_proves_nothing() -> None:
    errors = [{"filename": "./b.py", "reason": "syntax error"}]
    assert read(document(errors=errors)).vacuous == ("bandit could not read 1 files, the first is './b.py'",)


def test_no_file_proves_nothing() -> None:
    assert read(document(metrics={"_totals": {}})).vacuous == ("bandit read no file",)


def test_issues_that_a_filter_hides_are_told() -> None:
    assert read(document(ISSUE, found=3)).warnings == (
        "bandit found 2 issues more than it lists: a filter is set",
    )


def test_counts_beyond_reason_count_nothing() -> None:
    raw = document().replace(b'"nosec": 2', b'"nosec": 1e300')
    findings = read(raw).findings
    assert findings is not None
    assert findings.suppressed == 1


def test_a_repeated_list_is_a_contradiction() -> None:
    raw = document(ISSUE).removesuffix(b"}") + b', "results": []}'
    assert "an object has the key 'results' twice" in read_report(raw, "bandit-json").contradictions


@pytest.mark.parametrize(
    ("totals", "told"),
    [
        ({"SEVERITY.HIGH": 2}, ("the summary says 2 issues of high severity, 1 are listed",)),
        ({"SEVERITY.HIGH": 2, "CONFIDENCE.LOW": 1, "CONFIDENCE.HIGH": 1}, ()),
        (
            {"SEVERITY.HIGH": 3, "CONFIDENCE.LOW": 1, "CONFIDENCE.HIGH": 2},
            ("the summary says 3 issues of high severity, 1 are listed",),
        ),
        ({"SEVERITY.HIGH": 1, "SEVERITY.LOW": 9}, ()),
    ],
)
def test_high_issues_that_no_filter_hides_are_a_contradiction(
    totals: dict[str, int], told: tuple[str, ...]
) -> None:
    raw = document(ISSUE, metrics={"./a.py": {"loc": 9}, "_totals": totals})
    assert read(raw).contradictions == told


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", document()[:-1]])
def test_another_shape_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_report(raw, "bandit-json")
