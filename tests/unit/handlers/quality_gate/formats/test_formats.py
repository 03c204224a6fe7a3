"""What the readers count, and what they refuse."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidInput
from handlers.quality_gate.formats import FORMATS, read_report
from handlers.quality_gate.formats.xml import MAX_DEPTH


def coverage_json(**file: object) -> bytes:
    given = {"executed_lines": [1, 2], "missing_lines": [3]} | file
    return json.dumps(
        {"meta": {"version": "7"}, "files": {"a.py": given}, "totals": {"covered_lines": 99}}
    ).encode()


def test_totals_of_coveragepy_are_counted_not_believed() -> None:
    raw = coverage_json(executed_branches=[[1, 2]], missing_branches=[[1, -1]])
    lines = read_report(raw).coverage
    assert lines is not None
    coverage = lines.totals()
    assert (coverage.lines_covered, coverage.lines_valid) == (2, 3)
    assert (coverage.branches_covered, coverage.branches_valid) == (1, 2)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (coverage_json(missing_lines=[1]), "report.contradiction"),
        (coverage_json(executed_lines=[0]), "report.not_coveragepy"),
        (coverage_json(executed_lines=["1"]), "report.not_coveragepy"),
        (coverage_json()[:-1], "report.not_coveragepy"),
        (b"{}", "report.unknown_format"),
        (b"all good", "report.unknown_format"),
        (b"<html/>", "report.unknown_format"),
        (b"<coverage clover='4'/>", "report.unknown_format"),
        (b"", "report.empty"),
        (b"<testsuite>", "report.xml"),
        (b"<testsuite>" * (MAX_DEPTH + 1), "report.too_deep"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><testsuite/>", "report.entity"),
        (b"<?xml version='1.0' encoding='x-unknown'?><testsuite/>", "report.xml"),
        (
            b"<coverage><class filename='a'><line number='1' hits='-1'/></class></coverage>",
            "report.not_cobertura",
        ),
        (b"<coverage><class><line number='1' hits='1'/></class></coverage>", "report.not_cobertura"),
        (
            b"<coverage><class filename='a'><line number='1' hits='1' condition-coverage='9% (3/2)'/></class></coverage>",
            "report.contradiction",
        ),
    ],
)
def test_what_cannot_be_trusted_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(raw)
    assert refused.value.code == code
    assert re.fullmatch(r"[ -~]+", refused.value.message)


def test_a_doctype_is_allowed_and_not_fetched() -> None:
    raw = b"<!DOCTYPE coverage SYSTEM 'http://example.org/x.dtd'><coverage><class filename='a'/></coverage>"
    assert read_report(raw).vacuous == ("the report has no line that could run",)


@given(
    raw=st.one_of(
        st.binary(max_size=300),
        st.text(alphabet="<>/='\"testsuicaclovrg &#!\n", max_size=300).map(str.encode),
    ),
    report_format=st.sampled_from([None, *FORMATS]),
)
def test_any_bytes_are_read_or_refused(raw: bytes, report_format: str | None) -> None:
    try:
        report = read_report(raw, report_format)
    except InvalidInput as refused:
        assert refused.message  # noqa: PT017 (either outcome is right, silence is not)
    else:
        assert report.format in FORMATS
