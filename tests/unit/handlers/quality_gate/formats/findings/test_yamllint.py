"""Text of yamllint."""

from __future__ import annotations

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.yamllint import FORMAT

LINES = """./a b.yaml:1:1: [warning] missing document start "---" (document-start)
./c.yaml:3:12: [error] syntax error: found (unexpected) end (syntax)
"""


def read(text: str) -> Report:
    return FORMAT.parse(text.encode())


def test_a_line_is_a_problem() -> None:
    assert FORMAT.sniff(LINES.encode())
    report = read(LINES.replace("\n", "\r\n"))
    assert report.findings is not None
    assert report.findings.findings == (
        Finding(
            "yamllint", "document-start", Level.WARNING, 'missing document start "---"', "./a b.yaml", 1, 1
        ),
        Finding("yamllint", "syntax", Level.ERROR, "syntax error: found (unexpected) end", "./c.yaml", 3, 12),
    )
    assert report.vacuous == ()


def test_colours_are_left_out() -> None:
    report = read("\x1b[4ma.yaml\x1b[0m:1:1: \x1b[31m[error]\x1b[0m trailing spaces (trailing-spaces)\n")
    assert report.findings is not None
    assert report.findings.findings[0].path == "a.yaml"


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_nothing_printed_proves_nothing(text: str) -> None:
    (reason,) = read(text).vacuous
    assert reason.startswith("nothing was printed")


def test_a_clean_run_that_shows_its_status_proves_something() -> None:
    report = read("exit status 0\n")
    assert report.findings is not None
    assert (report.findings.findings, report.vacuous) == ((), ())


def test_a_run_that_failed_without_a_problem_proves_nothing() -> None:
    assert read("exit status 2\n").vacuous == ("the tool ended with status 2 and printed no finding",)


def test_a_run_that_broke_off_proves_nothing_whatever_it_found() -> None:
    assert read(LINES + "Traceback (most recent call last):\n").vacuous == (
        "the tool broke off with an error",
    )


def test_text_without_a_line_of_yamllint_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no line is one that yamllint has"):
        read("bash: yamllint: command not found\n")


def test_what_others_print_is_not_recognised() -> None:
    assert not FORMAT.sniff(b"a.py:1:1: F401 unused\n")
    assert not FORMAT.sniff(b"a.c:1:1: error: x [error]\n")
