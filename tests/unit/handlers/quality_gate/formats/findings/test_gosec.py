"""JSON of gosec."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report

ISSUE: dict[str, Any] = {
    "severity": "HIGH",
    "confidence": "HIGH",
    "rule_id": "G304",
    "details": "Potential file inclusion",
    "file": "/w/main.go",
    "code": "41: x\n42: os.Open(path)\n",
    "line": "42",
    "column": "13",
    "nosec": False,
    "suppressions": None,
}


def read(*issues: dict[str, Any], found: int | None = None, files: int = 3, **keys: object) -> Report:
    stats = {"files": files, "lines": 9, "nosec": 0, "found": len(issues) if found is None else found}
    document = {"Golang errors": {}, "Issues": issues, "Stats": stats, "GosecVersion": "2.22.3"} | keys
    report = read_report(json.dumps(document).encode())
    assert report.format == "gosec-json"
    return report


def test_an_issue_is_a_finding() -> None:
    report = read(ISSUE)
    assert report.findings is not None
    assert report.findings.findings == (
        Finding("gosec", "G304", Level.ERROR, "Potential file inclusion", "/w/main.go", 42, 13),
    )
    assert report.tools == (Tool("gosec", "2.22.3"),)
    assert (report.contradictions, report.vacuous) == ((), ())


@pytest.mark.parametrize(
    ("line", "places"),
    [("7-9", (7, 9)), (7, (7, None)), ("x", (None, None)), (None, (None, None)), (-3, (None, None))],
)
def test_lines_are_numbers_or_ranges(line: object, places: tuple[int | None, int | None]) -> None:
    found = read(ISSUE | {"line": line}).findings
    assert found is not None
    assert (found.findings[0].line, found.findings[0].end_line) == places


@pytest.mark.parametrize(
    ("severity", "level"), [("MEDIUM", Level.WARNING), ("low", Level.NOTE), ("", Level.ERROR)]
)
def test_every_severity_has_a_level(severity: str, level: Level) -> None:
    found = read(ISSUE | {"severity": severity}).findings
    assert found is not None
    assert found.findings[0].level is level


def test_suppressed_issues_are_only_counted() -> None:
    inline, outside = ISSUE | {"nosec": True}, ISSUE | {"suppressions": [{"kind": "external"}]}
    report = read(ISSUE, inline, outside, found=1)
    assert report.findings is not None
    assert (len(report.findings.findings), report.findings.suppressed) == (1, 2)
    assert report.contradictions == ()


def test_a_count_that_differs_is_a_contradiction() -> None:
    assert read(found=2).contradictions == ("the summary says 2 issues, 0 are listed",)


@pytest.mark.parametrize(
    "keys", [{"files": 0}, {"Golang errors": {"a.go": [{"line": 1, "error": "expected ;"}]}}]
)
def test_files_that_were_not_read_prove_nothing(keys: dict[str, Any]) -> None:
    assert len(read(**keys).vacuous) == 1


def test_no_issues_may_be_null() -> None:
    assert read(Issues=None).vacuous == ()


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"Issues": []}', b'{"Issues": [], "Stats": {}}'])
def test_another_shape_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_report(raw, "gosec-json")
