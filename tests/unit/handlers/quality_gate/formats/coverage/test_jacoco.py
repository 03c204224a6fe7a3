"""JaCoCo: source files are named by package, lines run by instructions, and counters must not count more."""

from __future__ import annotations

import pytest

from app.errors import InvalidInput
from handlers.quality_gate.formats.coverage.jacoco import FORMAT
from tests.unit.handlers.quality_gate.formats.coverage.files import coverage_of, only, shown

DOCTYPE = '<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">'
LINES = (
    '<line nr="3" mi="0" ci="4" mb="0" cb="0"/><line nr="4" mi="2" ci="1" mb="1" cb="3"/>'
    '<line nr="5" mi="7" ci="0" mb="2" cb="0"/>'
)


def report(inside: str = LINES, after: str = "", classes: str = "") -> bytes:
    file = f"<sourcefile name='A.java'>{inside}</sourcefile>"
    return f"{DOCTYPE}<report name='r'><package name='com/acme'>{classes}{file}</package>{after}</report>".encode()


def counter(missed: int, covered: int) -> str:
    return f'<counter type="LINE" missed="{missed}" covered="{covered}"/>'


def test_a_line_runs_where_any_of_its_instructions_did() -> None:
    file = only(FORMAT.parse(report()))
    assert shown(file) == ((3, 4), (5,))
    assert (file.branches, file.partial) == ({4: (3, 4), 5: (0, 2)}, 1 << 4)


def test_a_file_is_named_by_its_package_also_inside_groups() -> None:
    raw = b"<report><group name='g'><package name='a/b'><sourcefile name='C.kt'/></package></group></report>"
    assert list(coverage_of(FORMAT.parse(raw)).files) == ["a/b/C.kt"]


def test_a_line_without_instructions_could_not_run() -> None:
    assert FORMAT.parse(report('<line nr="3" mi="0" ci="0" mb="0" cb="0"/>')).vacuous


def test_counters_that_agree_are_no_contradiction() -> None:
    assert FORMAT.parse(report(LINES + counter(1, 2), counter(1, 2))).contradictions == ()


def test_the_counter_of_a_file_must_not_count_more_than_its_lines() -> None:
    assert FORMAT.parse(report(LINES + counter(0, 3))).contradictions == (
        "the summary of a file counts 3 of 3 lines as covered, but only 2 of 3 are listed",
    )


def test_the_counter_of_a_file_must_not_count_less_than_its_lines() -> None:
    assert FORMAT.parse(report(LINES + counter(2, 1))).contradictions == (
        "the summary of a file counts 1 of 3 lines as covered, but 2 of 3 are listed",
    )


def test_classes_without_a_source_file_cannot_make_the_counter_of_the_report_smaller() -> None:
    assert FORMAT.parse(report(LINES, counter(2, 0), "<class name='com/acme/B'/>")).contradictions == (
        "the summary counts 0 of 2 lines as covered, but 2 of 3 are listed",
    )


def test_the_counter_of_the_report_shows_files_that_were_taken_out() -> None:
    assert FORMAT.parse(report(LINES, counter(9, 2))).contradictions == (
        "the summary counts 2 of 11 lines as covered, but only 2 of 3 are listed",
    )


def test_classes_without_a_source_file_are_counted_and_cannot_be_listed() -> None:
    assert FORMAT.parse(report(LINES, counter(9, 9), "<class name='com/acme/B'/>")).contradictions == ()


@pytest.mark.parametrize(
    "inside",
    [
        '<line mi="0" ci="1"/>',
        '<line nr="1"/>',
        '<line nr="1" mi="0" ci="-1"/>',
        '<line nr="0" mi="0" ci="1" mb="0" cb="0"/>',
    ],
)
def test_what_no_jacoco_has_is_refused(inside: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        FORMAT.parse(report(inside))
    assert refused.value.code == "report.not_jacoco"


def test_another_root_is_refused() -> None:
    with pytest.raises(InvalidInput):
        FORMAT.parse(b"<coverage/>")


def test_reports_of_other_tools_with_this_root_are_not_recognised() -> None:
    heads = (
        report(),
        b"<report name='k'><package name='a'>",
        b"<report><file name='a'/></report>",
        b"<reports/>",
    )
    assert [FORMAT.sniff(head) for head in heads] == [True, True, False, False]
