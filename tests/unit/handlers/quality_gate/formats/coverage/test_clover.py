"""Clover: statements and conditions count, in the words of each of its writers."""

from __future__ import annotations

import pytest

from app.errors import InvalidInput
from handlers.quality_gate.formats.coverage.clover import FORMAT
from tests.unit.handlers.quality_gate.formats.coverage.files import coverage_of, only, shown


def report(inside: str, file: str = "name='a.ts' path='/w/src/a.ts'", package: str = "") -> bytes:
    content = f"<file {file}>{inside}</file>"
    content = f"<package name='{package}'>{content}</package>" if package else content
    return f"<coverage generated='1' clover='3.2.0'><project>{content}</project></coverage>".encode()


def test_statements_and_conditions_count_and_the_beginnings_of_methods_do_not() -> None:
    inside = (
        '<line num="1" count="2" type="method" name="f"/><line num="2" count="1" type="stmt"/>'
        '<line num="3" count="0" type="stmt"/><line num="4" count="5" type="cond" truecount="1" falsecount="2"/>'
    )
    file = only(FORMAT.parse(report(inside)))
    assert (shown(file), file.branches) == (((2, 4), (3,)), {4: (1, 3)})


def test_a_condition_without_a_count_has_two_branches_that_ran_so_often() -> None:
    inside = '<line num="4" type="cond" truecount="9" falsecount="0"/><line num="5" type="cond" truecount="0" falsecount="0"/>'
    file = only(FORMAT.parse(report(inside)))
    assert (shown(file), file.branches) == (((4,), (5,)), {4: (1, 2), 5: (0, 2)})


@pytest.mark.parametrize(
    ("file", "package", "name"),
    [
        ("name='a.ts' path='/w/src/a.ts'", "src", "/w/src/a.ts"),
        ("name='/w/src/A.php'", "App.Web", "/w/src/A.php"),
        ("name='A.java'", "com.acme", "com/acme/A.java"),
        ("name='A.java'", "", "A.java"),
    ],
)
def test_a_file_is_named_by_its_path_or_else_by_its_package(file: str, package: str, name: str) -> None:
    assert list(coverage_of(FORMAT.parse(report("", file, package))).files) == [name]


def test_the_code_of_tests_is_left_out() -> None:
    raw = report('<line num="1" count="1" type="stmt"/>').replace(b"project>", b"testproject>")
    assert coverage_of(FORMAT.parse(raw)).files == {}


def test_metrics_that_count_fewer_statements_than_are_listed_are_a_contradiction() -> None:
    inside = '<metrics statements="2" coveredstatements="0"/><line num="1" count="1" type="stmt"/>'
    inside += '<line num="2" count="0" type="stmt"/>'
    assert FORMAT.parse(report(inside)).contradictions == (
        "the summary of a file counts 0 of 2 lines as covered, but 1 of 2 are listed",
    )


def test_metrics_need_not_count_conditions_as_statements() -> None:
    inside = '<metrics statements="1" coveredstatements="1"/><line num="1" count="1" type="stmt"/>'
    inside += '<line num="2" truecount="1" falsecount="0" type="cond"/>'
    assert FORMAT.parse(report(inside)).contradictions == ()


def test_metrics_that_count_more_statements_than_are_listed_are_a_contradiction() -> None:
    inside = '<line num="1" count="1" type="stmt"/><line num="2" count="0" type="stmt"/>'
    inside = '<metrics statements="2" coveredstatements="2"/>' + inside
    assert FORMAT.parse(report(inside)).contradictions == (
        "the summary of a file counts 2 of 2 lines as covered, but only 1 of 2 are listed",
    )


@pytest.mark.parametrize(
    "inside",
    ['<line num="1" type="stmt"/>', '<line count="1" type="stmt"/>', '<line num="0" count="1" type="stmt"/>'],
)
def test_what_no_clover_has_is_refused(inside: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        FORMAT.parse(report(inside))
    assert refused.value.code == "report.not_clover"


def test_cobertura_has_the_same_root_and_is_not_taken_for_it() -> None:
    assert [FORMAT.sniff(each) for each in (b"<coverage generated='1'>", b"<coverage line-rate='1'>")] == [
        True,
        False,
    ]
    with pytest.raises(InvalidInput):
        FORMAT.parse(b"<coverage line-rate='1'/>")
