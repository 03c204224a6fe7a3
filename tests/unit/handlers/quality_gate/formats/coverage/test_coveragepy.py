"""coverage.py's JSON: its lists count, its totals must agree, and no key may hide behind another."""

from __future__ import annotations

import json

import pytest

from app.domain.reports import Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats.coverage.coveragepy import FORMAT
from tests.unit.handlers.quality_gate.formats.coverage.files import only, shown

FILE = {
    "executed_lines": [1, 2, 4],
    "missing_lines": [3],
    "executed_branches": [[2, 3], [4, -1], [4, 1]],
    "missing_branches": [[2, 4]],
    "summary": {"covered_lines": 3, "num_statements": 4},
}
TOTALS = {"covered_lines": 3, "num_statements": 4, "percent_covered": 99.9}


def report(totals: object = None, **changed: object) -> bytes:
    document = {"meta": {"version": "7.10"}, "files": {"a.py": FILE | changed}, "totals": totals or TOTALS}
    return json.dumps(document).encode()


def test_lines_and_branches_are_counted_from_the_lists() -> None:
    found = FORMAT.parse(report())
    file = only(found)
    assert (shown(file), file.branches, file.partial) == (((1, 2, 4), (3,)), {2: (1, 2), 4: (2, 2)}, 1 << 2)
    assert (found.tools, found.contradictions) == ((Tool("coverage.py", "7.10"),), ())


def test_totals_that_do_not_agree_are_a_contradiction() -> None:
    found = FORMAT.parse(report({"covered_lines": 4, "num_statements": 4}))
    assert found.contradictions == ("the totals do not agree with the lines that are listed",)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{"a.py": ', b'{"a.py": {"executed_lines": [], "missing_lines": [1]}, "a.py": '),
        (b'"totals"', b'"files": {}, "totals"'),
        (b'"missing_lines": [3]', b'"missing_lines": [3], "missing_lines": []'),
        (b'"executed_lines": [1, 2, 4]', b'"executed_lines": [1], "executed_lines": [1, 2, 4]'),
        (b'"missing_branches"', b'"missing_branches": [[4, 9]], "missing_branches"'),
        (b'"missing_branches"', b'"missing\\u005fbranches": [[4, 9]], "missing_branches"'),
        (b'"num_statements": 4', b'"num_statements": 9, "num_statements": 4'),
        (b'"num_statements": 4', b'"num_\\u0073tatements": 9, "num_statements": 4'),
        (b'"summary"', b'"summary": {"covered_lines": 1}, "summary"'),
        (b'"totals"', b'"totals": {"covered_lines": 1}, "totals"'),
        (b'"totals": {', b'"totals": {"covered_lines": 1, '),
    ],
)
def test_a_key_that_would_hide_another_is_refused(before: bytes, after: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        FORMAT.parse(report().replace(before, after, 1))
    assert refused.value.code == "report.contradiction"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"missing_lines": [1]}, "report.contradiction"),
        ({"missing_branches": [[2, 3]]}, "report.contradiction"),
        ({"executed_lines": [0]}, "report.not_coveragepy"),
        ({"executed_lines": [10_000_001]}, "report.not_coveragepy"),
        ({"executed_lines": ["1"]}, "report.not_coveragepy"),
        ({"executed_lines": None}, "report.not_coveragepy"),
        ({"executed_branches": [[10_000_001, 1]]}, "report.not_coveragepy"),
    ],
)
def test_lists_that_deny_each_other_or_are_none_are_refused(changed: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        FORMAT.parse(report(**changed))
    assert refused.value.code == code


def test_a_file_without_its_lists_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no list of executed lines") as refused:
        FORMAT.parse(report().replace(b"missing_lines", b"lines"))
    assert refused.value.code == "report.not_coveragepy"


def test_a_report_that_is_cut_off_is_refused() -> None:
    with pytest.raises(InvalidInput):
        FORMAT.parse(report()[:-1])


def test_a_report_without_files_proves_nothing() -> None:
    assert FORMAT.parse(b'{"meta": {}, "files": {}}').vacuous
