"""JSON of ruff."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.domain.findings import Finding, Level, Replacement
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report, recognise
from handlers.quality_gate.formats.findings import ruff


def item(**keys: object) -> dict[str, Any]:
    return {
        "cell": None,
        "code": "F401",
        "end_location": {"column": 10, "row": 1},
        "filename": "/w/a.py",
        "fix": None,
        "location": {"column": 8, "row": 1},
        "message": "`os` imported but unused",
        "name": "unused-import",
        "severity": "error",
    } | keys


def fix(applicability: str, *edits: tuple[int, int, int, int, str]) -> dict[str, Any]:
    shown = [
        {
            "content": text,
            "location": {"row": row, "column": column},
            "end_location": {"row": end_row, "column": end},
        }
        for row, column, end_row, end, text in edits
    ]
    return {"applicability": applicability, "edits": shown, "message": "Remove"}


def findings(raw: bytes) -> tuple[Finding, ...]:
    report = ruff.parse(raw)
    assert report.findings is not None
    return report.findings.findings


def listed(*items: dict[str, Any]) -> bytes:
    return json.dumps(items, indent=2).encode()


def test_an_item_is_a_finding_with_its_place() -> None:
    assert findings(listed(item())) == (
        Finding("ruff", "F401", Level.ERROR, "`os` imported but unused", "/w/a.py", 1, 8, 1, 10),
    )


def test_a_list_and_json_lines_say_the_same() -> None:
    items = [item(), item(code="E501")]
    lines = "\n".join(json.dumps(each) for each in items).encode()
    assert findings(lines) == findings(listed(*items))
    for raw in (lines, listed(*items)):
        found = recognise(raw)
        assert found is not None
        assert found.name == "ruff-json"


def test_a_syntax_error_of_an_older_version_has_a_rule_too() -> None:
    (found,) = findings(listed(item(code=None, message="SyntaxError: Expected ')'")))
    assert (found.rule, found.level) == ("invalid-syntax", Level.ERROR)


def test_an_unknown_severity_is_an_error() -> None:
    found = findings(listed(item(severity="warning"), item(severity="fatal")))
    assert [each.level for each in found] == [Level.WARNING, Level.ERROR]


def test_a_safe_fix_is_kept_with_all_of_its_edits() -> None:
    (found,) = findings(listed(item(fix=fix("safe", (1, 1, 2, 1, ""), (4, 1, 4, 3, "x")))))
    assert found.fix == (
        Replacement("/w/a.py", 1, 1, 2, 1, ""),
        Replacement("/w/a.py", 4, 1, 4, 3, "x"),
    )


@pytest.mark.parametrize("applicability", ["unsafe", "display", ""])
def test_a_fix_that_ruff_does_not_call_safe_is_left_out(applicability: str) -> None:
    assert findings(listed(item(fix=fix(applicability, (1, 1, 2, 1, "")))))[0].fix == ()


def test_a_fix_in_a_notebook_or_at_an_impossible_place_is_left_out() -> None:
    in_cell = item(cell=2, fix=fix("safe", (1, 1, 2, 1, "")))
    nowhere = item(fix=fix("safe", (0, 1, 2, 1, "")))
    assert [each.fix for each in findings(listed(in_cell, nowhere))] == [(), ()]


def test_an_empty_list_is_read_with_a_warning() -> None:
    report = ruff.parse(b"[]")
    assert (report.vacuous, len(report.warnings)) == ((), 1)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[{}]", b'{"error": "crashed"}', b"[" * 100_000, listed(item())[:-2], b"ruff failed"],
)
def test_what_is_no_list_of_ruffs_items_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(raw, "ruff-json")
    assert refused.value.code == "report.not_json"
