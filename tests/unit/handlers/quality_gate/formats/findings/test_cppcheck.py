"""XML of cppcheck."""

from __future__ import annotations

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.cppcheck import FORMAT

PLACE = '<location file="a.c" line="3" column="9" info="here"/><location file="a.h" line="1" column="2"/>'


def read(errors: str) -> Report:
    raw = f'<results version="2"><cppcheck version="2.14.0"/><errors>{errors}</errors></results>'.encode()
    assert FORMAT.sniff(raw)
    return FORMAT.parse(raw)


def error(inside: str = PLACE, severity: str = "error", **more: str) -> str:
    given = {"id": "nullPointer", "severity": severity, "msg": "Null pointer"} | more
    attributes = " ".join(f'{name}="{value}"' for name, value in given.items())
    return f"<error {attributes}>{inside}<symbol>p</symbol></error>"


def findings(errors: str) -> tuple[Finding, ...]:
    found = read(errors).findings
    assert found is not None
    return found.findings


def test_an_error_lies_at_its_first_location() -> None:
    assert findings(error()) == (
        Finding("cppcheck", "nullPointer", Level.ERROR, "Null pointer", "a.c", 3, 9),
    )


def test_an_error_of_no_place_names_the_file_that_was_checked() -> None:
    assert [(each.path, each.line) for each in findings(error("", file0="b.c") + error(""))] == [
        ("b.c", None),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("warning", Level.WARNING),
        ("style", Level.WARNING),
        ("performance", Level.WARNING),
        ("portability", Level.WARNING),
        ("information", Level.NOTE),
        ("none", Level.NONE),
        ("dire", Level.ERROR),
    ],
)
def test_severities_are_levels(said: str, level: Level) -> None:
    assert findings(error(severity=said))[0].level is level


def test_what_cppcheck_says_of_its_checkers_is_no_finding() -> None:
    report = read(error("", severity="information", id="checkersReport", msg="Active checkers: 3"))
    assert (report.warnings, report.tools) == (("Active checkers: 3",), (Tool("cppcheck", "2.14.0"),))
    assert report.findings is not None
    assert report.findings.findings == ()


def test_progress_that_was_printed_in_between_is_passed_over() -> None:
    assert len(findings(f"Checking a.c ...\n{error()}\n1/2 files checked 50% done")) == 1


def test_a_report_without_its_list_proves_nothing() -> None:
    raw = b'<results version="2"><cppcheck version="2.14.0"/></results>'
    assert FORMAT.parse(raw).vacuous == ("the report has no list of errors",)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<errors/>",
        b'<results><error file="a"/></results>',
        b'<results version="2"><cppcheck/><errors>',
        b'<results version="2"><errors><error><error/></error></errors></results>',
    ],
)
def test_other_older_or_unfinished_xml_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        FORMAT.parse(raw)


def test_other_results_are_not_taken_for_cppchecks() -> None:
    assert not FORMAT.sniff(b'<results version="2"><test/></results>')
