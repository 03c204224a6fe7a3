"""XML of Checkstyle, its own and other tools'."""

from __future__ import annotations

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.checkstyle import FORMAT


def read(body: str) -> Report:
    raw = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<checkstyle version="10.12.4">{body}</checkstyle>'.encode()
    )
    assert FORMAT.sniff(raw)
    return FORMAT.parse(raw)


def findings(body: str) -> tuple[Finding, ...]:
    found = read(body).findings
    assert found is not None
    return found.findings


def error(**attributes: str) -> str:
    given = {
        "line": "7",
        "column": "3",
        "severity": "warning",
        "message": "no tab",
        "source": "x",
    } | attributes
    return f"<error {' '.join(f'{name}={chr(34)}{value}{chr(34)}' for name, value in given.items())}/>"


def test_an_error_belongs_to_its_file() -> None:
    source = "com.puppycrawl.tools.checkstyle.checks.whitespace.FileTabCharacterCheck"
    found = findings(f'<file name="src/A.java">{error(source=source)}</file><file name="src/B.java"/>')
    assert found == (
        Finding("checkstyle", "FileTabCharacterCheck", Level.WARNING, "no tab", "src/A.java", 7, 3),
    )


@pytest.mark.parametrize(
    ("said", "level"),
    [("error", Level.ERROR), ("warning", Level.WARNING), ("info", Level.NOTE), ("", Level.ERROR)],
)
def test_a_severity_that_is_not_known_is_an_error(said: str, level: Level) -> None:
    assert findings(f"<file name='a'>{error(severity=said)}</file>")[0].level is level


@pytest.mark.parametrize(
    ("source", "tool", "rule"),
    [
        ("eslint.rules.no-unused-vars", "eslint", "no-unused-vars"),
        ("eslint.rules.@typescript-eslint/no-shadow", "eslint", "@typescript-eslint/no-shadow"),
        ("ShellCheck.SC2086", "shellcheck", "SC2086"),
        ("DL3006", "hadolint", "DL3006"),
        ("detekt.MagicNumber", "detekt", "MagicNumber"),
        (
            "PSR12.Files.FileHeader.SpacingAfterBlock",
            "checkstyle",
            "PSR12.Files.FileHeader.SpacingAfterBlock",
        ),
        ("", "checkstyle", ""),
    ],
)
def test_the_source_names_the_tool_where_it_is_certain(source: str, tool: str, rule: str) -> None:
    (found,) = findings(f"<file name='a'>{error(source=source)}</file>")
    assert (found.tool, found.rule) == (tool, rule)


def test_a_place_that_makes_no_sense_loses_no_finding() -> None:
    (found,) = findings(f"<file name='a'>{error(line='0', column='-2')}</file>")
    assert (found.path, found.line, found.column) == ("a", None, None)


def test_an_error_outside_of_a_file_has_no_path() -> None:
    assert findings(f"<file name='a'/>{error()}")[0].path is None


def test_what_is_ignored_is_only_counted() -> None:
    report = read(f"<file name='a'>{error(severity='ignore')}</file>")
    assert report.findings is not None
    assert (report.findings.findings, report.findings.suppressed) == ((), 1)


def test_a_report_that_names_no_file_proves_nothing() -> None:
    assert read("").vacuous == ("the report names no file that was checked",)
    assert read("<file name='a'/>").vacuous == ()


def test_a_file_that_the_tool_could_not_check_proves_nothing() -> None:
    report = read("<file name='a'><exception><![CDATA[CheckstyleException]]></exception></file>")
    assert report.vacuous == ("the tool broke off 1 times with an exception",)


@pytest.mark.parametrize(
    "raw",
    [b"", b"<pmd/>", b"<checkstyle>", b"<checkstyle><file>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><checkstyle/>"],
)
def test_other_or_unfinished_xml_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        FORMAT.parse(raw)
