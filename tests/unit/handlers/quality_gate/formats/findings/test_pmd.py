"""XML of PMD."""

from __future__ import annotations

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.pmd import FORMAT

NAMESPACE = 'xmlns="http://pmd.sourceforge.net/report/2.0.0"'


def read(body: str) -> Report:
    raw = f'<pmd {NAMESPACE} version="7.4.0" timestamp="2026-01-01T00:00:00.000">{body}</pmd>'.encode()
    assert FORMAT.sniff(raw)
    return FORMAT.parse(raw)


def violation(priority: str = "3", text: str = "\nAvoid it.\n") -> str:
    where = 'beginline="4" endline="6" begincolumn="5" endcolumn="9"'
    return f'<violation {where} rule="UnusedLocal" ruleset="Best" priority="{priority}">{text}</violation>'


def findings(body: str) -> tuple[Finding, ...]:
    found = read(body).findings
    assert found is not None
    return found.findings


def test_a_violation_has_its_rule_place_and_text() -> None:
    assert findings(f'<file name="/src/A.java">{violation()}</file>') == (
        Finding("pmd", "UnusedLocal", Level.WARNING, "Avoid it.", "/src/A.java", 4, 5, 6),
    )


@pytest.mark.parametrize(
    ("priority", "level"),
    [("1", Level.ERROR), ("2", Level.ERROR), ("4", Level.NOTE), ("5", Level.NOTE), ("", Level.ERROR)],
)
def test_priorities_are_levels(priority: str, level: Level) -> None:
    assert findings(f'<file name="a">{violation(priority)}</file>')[0].level is level


def test_the_version_is_told() -> None:
    assert read("").tools == (Tool("pmd", "7.4.0"),)


def test_suppressed_violations_are_only_counted() -> None:
    report = read('<suppressedviolation filename="a" suppressiontype="annotation" msg="m" usermsg=""/>')
    assert report.findings is not None
    assert (report.findings.findings, report.findings.suppressed) == ((), 1)


def test_a_run_without_a_violation_is_clean_because_only_files_with_one_are_listed() -> None:
    assert read("").vacuous == ()


def test_files_that_could_not_be_processed_and_rules_that_were_left_out_prove_nothing() -> None:
    report = read(
        '<error filename="a" msg="ParseException"><![CDATA[at]]></error><configerror rule="r" msg="m"/>'
    )
    assert report.vacuous == (
        "PMD could not process 1 files",
        "PMD left out 1 rules that are set up wrongly",
    )


def test_a_long_text_is_cut() -> None:
    assert len(findings(f'<file name="a">{violation(text="x" * 200_000)}</file>')[0].message) == 2_000


@pytest.mark.parametrize("raw", [b"", b"<pmd-cpd/>", b"<pmd><file>", b"PMD: no rules"])
def test_other_or_unfinished_xml_is_refused(raw: bytes) -> None:
    assert not FORMAT.sniff(b"<pmd-cpd/>")
    with pytest.raises(InvalidInput):
        FORMAT.parse(raw)
