"""Text of flake8."""

from __future__ import annotations

import pytest

from app.domain.findings import Finding, Level
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings import flake8

TEXT = """./a.py:1:8: F401 'os' imported but unused
import os
       ^
C:\\w\\b c.py:7:10: SIM102 nested
1     F401 'os' imported but unused
1     SIM102 nested
2
"""


def test_lines_are_findings_and_what_explains_them_is_passed_over() -> None:
    report = flake8.parse(TEXT.encode())
    assert report.findings is not None
    assert report.findings.findings == (
        Finding("flake8", "F401", Level.ERROR, "'os' imported but unused", "./a.py", 1, 8),
        Finding("flake8", "SIM102", Level.ERROR, "nested", "C:\\w\\b c.py", 7, 10),
    )
    assert (report.contradictions, report.vacuous) == ((), ())


def test_a_file_that_was_not_found_keeps_its_finding_without_a_line() -> None:
    report = flake8.parse(b"no.py:0:1: E902 FileNotFoundError\n")
    assert report.findings is not None
    assert [(each.path, each.line, each.column) for each in report.findings.findings] == [
        ("no.py", None, None)
    ]


def test_a_count_that_differs_is_a_contradiction() -> None:
    assert flake8.parse(TEXT.replace("\n2\n", "\n5\n").encode()).contradictions == (
        "the summary says 5 findings, 2 are listed",
    )


def test_a_count_of_zero_shows_that_it_ran() -> None:
    report = flake8.parse(b"0\n")
    assert report.findings is not None
    assert (report.findings.findings, report.vacuous) == ((), ())


@pytest.mark.parametrize("raw", [b"", b"\n", b"Traceback (most recent call last):\n  x\n"])
def test_silence_and_a_crash_prove_nothing(raw: bytes) -> None:
    assert len(flake8.parse(raw).vacuous) == 1


@pytest.mark.parametrize(
    "raw", [b"all good\n", b"a.py:1:8: F401 [*] `os` imported but unused\nFound 1 error.\n"]
)
def test_text_of_another_tool_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        flake8.parse(raw)
    assert refused.value.code == "report.not_flake8"


@pytest.mark.parametrize(
    ("line", "is_flake8"),
    [
        ("a.py:1:8: F401 text", True),
        ("\n  \na.py:1:8: F401 text", True),
        ("a.py:1:8: F401 [*] text", False),
        ("a.py:1:0: C0114: Missing module docstring (missing-module-docstring)", False),
        ("a.c:1:0: warning: unused", False),
    ],
)
def test_only_its_own_lines_are_recognised(line: str, is_flake8: bool) -> None:  # noqa: FBT001 (a table's column)
    assert flake8.sniff(line.encode()) is is_flake8
