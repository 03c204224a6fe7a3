"""reviewdog's diagnostic format, whole and by lines."""

from __future__ import annotations

import json

import pytest

from app.domain.findings import Finding, Level, Replacement
from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.rdjson import FORMAT, LINES_FORMAT


def diagnostic(**more: object) -> dict[str, object]:
    span = {"start": {"line": 3, "column": 5}, "end": {"line": 3, "column": 9}}
    return {"message": "off", "location": {"path": "a.py", "range": span}, "code": {"value": "X1"}} | more


def at(span: object) -> dict[str, object]:
    return diagnostic(location={"path": "a.py", "range": span})


def suggesting(*spans: object, text: str = "new", **more: object) -> dict[str, object]:
    return diagnostic(suggestions=[{"range": span, "text": text} for span in spans], **more)


def read(*diagnostics: dict[str, object], **more: object) -> Report:
    raw = json.dumps({"source": {"name": "Tool"}, "diagnostics": diagnostics} | more).encode()
    assert FORMAT.sniff(raw)
    return FORMAT.parse(raw)


def findings(report: Report) -> tuple[Finding, ...]:
    assert report.findings is not None
    return report.findings.findings


def only(one: dict[str, object], **more: object) -> Finding:
    (found,) = findings(read(one, **more))
    return found


def test_a_diagnostic_has_its_range_whose_end_is_excluded() -> None:
    report = read(diagnostic(severity="WARNING"))
    assert report.tools == (Tool("tool"),)
    assert findings(report) == (Finding("tool", "X1", Level.WARNING, "off", "a.py", 3, 5, 3, 9),)


@pytest.mark.parametrize(
    ("own", "overall", "level"),
    [
        ("INFO", "ERROR", Level.NOTE),
        (3, None, Level.NOTE),
        (None, "WARNING", Level.WARNING),
        ("UNKNOWN_SEVERITY", 2, Level.WARNING),
        (None, None, Level.ERROR),
        ("DIRE", "INFO", Level.ERROR),
    ],
)
def test_the_severity_of_the_whole_holds_where_a_diagnostic_has_none(
    own: str | int | None, overall: str | int | None, level: Level
) -> None:
    assert only(diagnostic(severity=own), severity=overall).level is level


def test_a_diagnostic_may_name_its_own_tool() -> None:
    assert only(diagnostic(source={"name": "other"})).tool == "other"


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ({"start": {"line": 0}}, (None, None, None, None)),
        ({"start": {"line": -1, "column": 2}}, (None, None, None, None)),
        ({"start": {"line": 4294967296}}, (None, None, None, None)),
        ({"start": {"line": 9}, "end": {"line": 2}}, (9, None, None, None)),
        ({"start": {"line": 3}}, (3, None, 3, None)),
        (None, (None, None, None, None)),
        ({}, (None, None, None, None)),
    ],
)
def test_a_range_that_makes_no_sense_loses_no_finding(
    span: object, expected: tuple[int | None, int | None, int | None, int | None]
) -> None:
    found = only(at(span))
    assert (found.line, found.column, found.end_line, found.end_column) == expected


def test_a_suggestion_is_a_fix() -> None:
    span = {"start": {"line": 3, "column": 5}, "end": {"line": 3, "column": 9}}
    assert only(suggesting(span)).fix == (Replacement("a.py", 3, 5, 3, 9, "new"),)


def test_a_suggestion_without_an_end_inserts() -> None:
    found = only(suggesting({"start": {"line": 3, "column": 5}}))
    assert found.fix == (Replacement("a.py", 3, 5, 3, 5, "new"),)


def test_a_suggestion_of_whole_lines_replaces_them_with_their_ends() -> None:
    found = only(suggesting({"start": {"line": 3}, "end": {"line": 4}}))
    assert found.fix == (Replacement("a.py", 3, 1, 5, 1, "new\n"),)


def test_a_suggestion_to_delete_lines_leaves_no_empty_one() -> None:
    found = only(suggesting({"start": {"line": 3}}, text=""))
    assert found.fix == (Replacement("a.py", 3, 1, 4, 1, ""),)


@pytest.mark.parametrize(
    "span",
    [
        None,
        {"start": {"line": 0}},
        {"start": {"line": 3, "column": 0}, "end": {"line": 3, "column": 2}},
        {"start": {"line": 3, "column": 9}, "end": {"line": 3, "column": 2}},
        {"start": {"line": 3, "column": 9}, "end": {"line": 4}},
    ],
)
def test_a_suggestion_without_a_clear_range_is_no_fix(span: object) -> None:
    assert only(suggesting(span)).fix == ()


def test_several_suggestions_are_no_fix_because_they_may_be_a_choice() -> None:
    span = {"start": {"line": 3, "column": 5}}
    assert only(suggesting(span, span)).fix == ()


def test_suggestions_of_ruff_are_no_fix_because_unsafe_ones_are_among_them() -> None:
    span = {"start": {"line": 3, "column": 5}}
    assert only(suggesting(span, source={"name": "ruff"})).fix == ()


def test_a_suggestion_too_long_to_keep_is_no_fix() -> None:
    assert only(suggesting({"start": {"line": 3, "column": 5}}, text="x" * 70_000)).fix == ()


def test_a_report_without_its_list_proves_nothing() -> None:
    assert FORMAT.parse(b'{"source": {"name": "t"}}').vacuous == ("the report has no list of diagnostics",)
    assert read().vacuous == ()


def test_every_line_is_a_diagnostic() -> None:
    raw = b"".join(json.dumps(diagnostic(severity=each)).encode() + b"\r\n" for each in ("ERROR", "INFO"))
    assert LINES_FORMAT.sniff(raw)
    assert not FORMAT.sniff(raw)
    found = findings(LINES_FORMAT.parse(b"\xef\xbb\xbf" + raw))
    assert [(each.tool, each.level) for each in found] == [("rdjsonl", Level.ERROR), ("rdjsonl", Level.NOTE)]


def test_no_line_at_all_proves_nothing() -> None:
    assert LINES_FORMAT.parse(b"\n").vacuous == ("the report is empty, as it is where the tool did not run",)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b'{"diagnostics": 1}', b'{"diagnostics": [{"location": "a"}]}', b"{"]
)
def test_what_is_not_this_format_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        FORMAT.parse(raw)


def test_a_last_line_that_was_cut_off_is_refused() -> None:
    raw = json.dumps(diagnostic()).encode()
    with pytest.raises(InvalidInput):
        LINES_FORMAT.parse(raw + b"\n" + raw[:-4])
