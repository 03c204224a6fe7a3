"""JSON of pyright."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.domain.findings import Finding, FindingTotals, Level
from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report


def diagnostic(severity: str = "error", **keys: object) -> dict[str, Any]:
    place = {"start": {"line": 9, "character": 11}, "end": {"line": 9, "character": 14}}
    given = {
        "file": "/w/a.py",
        "severity": severity,
        "message": "bad type",
        "range": place,
        "rule": "reportX",
    }
    return given | keys


def read(*diagnostics: dict[str, Any], files: int = 2, errors: int = 0, warnings: int = 0) -> Report:
    summary = {"filesAnalyzed": files, "errorCount": errors, "warningCount": warnings, "informationCount": 0}
    document = {"version": "1.1.414", "time": "1", "generalDiagnostics": diagnostics, "summary": summary}
    return read_report(json.dumps(document).encode())


def test_a_diagnostic_is_a_finding_with_places_from_one() -> None:
    report = read(diagnostic(), errors=1)
    assert report.findings is not None
    assert report.findings.findings == (
        Finding("pyright", "reportX", Level.ERROR, "bad type", "/w/a.py", 10, 12, 10, 15),
    )
    assert report.tools == (Tool("pyright", "1.1.414"),)
    assert (report.contradictions, report.vacuous) == ((), ())


def test_severities_are_levels() -> None:
    report = read(*map(diagnostic, ("error", "warning", "information", "new")), errors=2, warnings=1)
    assert report.findings is not None
    assert report.findings.totals == FindingTotals(4, 2, 1, 1, 0)


def test_a_diagnostic_without_a_rule_or_a_place_is_a_finding() -> None:
    bare = {"severity": "error", "message": "cannot read the configuration"}
    report = read(bare, errors=1)
    assert report.findings is not None
    assert report.findings.findings == (Finding("pyright", "", Level.ERROR, "cannot read the configuration"),)


def test_no_file_proves_nothing() -> None:
    assert read(files=0).vacuous == ("pyright analysed no file",)


def test_a_summary_that_counts_other_errors_or_fewer_warnings_is_a_contradiction() -> None:
    assert read(diagnostic("warning"), errors=2).contradictions == (
        "the summary says 2 errors, 0 are listed",
        "the summary says 0 warnings, 1 are listed",
    )


def test_warnings_that_a_level_hides_are_told() -> None:
    report = read(warnings=1)
    assert (report.contradictions, report.warnings) == ((), ("pyright counts 1 warnings and lists 0",))


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"generalDiagnostics": []}', b'{"generalDiagnostics": [{}'])
def test_another_shape_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_report(raw, "pyright-json")
