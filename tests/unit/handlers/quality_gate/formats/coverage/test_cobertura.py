"""Cobertura: which lines of a class count, what the root's summary may say, and where the files lie."""

from __future__ import annotations

import pytest

from app.errors import InvalidInput
from handlers.quality_gate.formats.coverage.cobertura import FORMAT
from tests.unit.handlers.quality_gate.formats.coverage.files import coverage_of, only, shown

LINE = '<line number="{}" hits="{}"/>'


def report(inside: str, root: str = "") -> bytes:
    return f"<coverage {root}><packages><package><classes>{inside}</classes></package></packages></coverage>".encode()


def a_class(own: str = "", methods: str = "", name: str = "a.py") -> str:
    methods = f"<methods><method name='m'><lines>{methods}</lines></method></methods>"
    return f"<class name='a' filename='{name}'>{methods}<lines>{own}</lines></class>"


def test_the_lines_of_a_class_count_and_not_those_of_its_methods_again() -> None:
    inside = a_class(LINE.format(1, 1) + LINE.format(2, 0), LINE.format(2, 5) + LINE.format(9, 1))
    assert shown(only(FORMAT.parse(report(inside)))) == ((1,), (2,))


def test_the_lines_of_methods_count_where_a_class_has_none() -> None:
    assert shown(only(FORMAT.parse(report(a_class("", LINE.format(9, 1)))))) == ((9,), ())


def test_classes_of_one_file_are_one_file() -> None:
    inside = a_class(LINE.format(1, 1) + LINE.format(2, 0)) + a_class(LINE.format(1, 0) + LINE.format(3, 1))
    assert shown(only(FORMAT.parse(report(inside)))) == ((1, 3), (2,))


def test_a_line_with_a_branch_not_taken_ran_and_is_partial() -> None:
    line = '<line number="4" hits="2" branch="true" condition-coverage="50% (1/2)"><conditions/></line>'
    file = only(FORMAT.parse(report(a_class(line))))
    assert (file.branches, file.covered, file.partial) == ({4: (1, 2)}, 1 << 4, 1 << 4)


def test_line_0_could_never_run() -> None:
    found = FORMAT.parse(report(a_class(LINE.format(0, 1))))
    assert found.vacuous == ("the report has no line that could run",)


def test_the_folders_of_the_sources_are_kept_once_each() -> None:
    raw = b"<coverage><sources><source>\n /src \n</source><source>/src</source><source/></sources></coverage>"
    assert coverage_of(FORMAT.parse(raw)).sources == ("/src",)


def test_a_root_that_counts_more_than_is_listed_is_a_contradiction() -> None:
    inside = a_class(LINE.format(1, 1) + LINE.format(2, 0) * 3)
    found = FORMAT.parse(report(inside, "line-rate='0.99' lines-valid='100' lines-covered='99'"))
    assert found.contradictions == (
        "the summary counts 99 of 100 lines as covered, but only 1 of 4 are listed",
    )


@pytest.mark.parametrize("root", ["lines-valid='1' lines-covered='1'", "lines-valid='3' lines-covered='1'"])
def test_a_root_that_counts_less_than_each_line_once_is_a_contradiction(root: str) -> None:
    inside = a_class(LINE.format(1, 1) + LINE.format(2, 1) + LINE.format(3, 1))
    (found,) = FORMAT.parse(report(inside, root)).contradictions
    assert found.endswith("lines as covered, but 3 of 3 are listed")


def test_a_root_may_leave_out_lines_of_which_a_branch_was_not_taken() -> None:
    inside = a_class(f"{LINE.format(1, 1)}<line number='2' hits='1' condition-coverage='50% (1/2)'/>")
    assert FORMAT.parse(report(inside, "lines-valid='2' lines-covered='1'")).contradictions == ()


@pytest.mark.parametrize(
    ("root", "denies"),
    [
        ("branches-valid='4' branches-covered='3'", False),
        ("branches-valid='9' branches-covered='8'", False),
        ("branches-valid='0' branches-covered='0'", False),
        ("branches-valid='4'", False),
        ("branches-covered='9'", False),
        ("branches-valid='3' branches-covered='2'", True),
        ("branches-valid='9' branches-covered='9'", True),
        ("branches-valid='3'", True),
    ],
)
def test_a_root_that_counts_fewer_branches_or_fewer_not_taken_is_a_contradiction(
    root: str,
    denies: bool,  # noqa: FBT001 (a table's column)
) -> None:
    line = "<line number='{}' hits='1' condition-coverage='x ({}/2)'/>"
    found = FORMAT.parse(report(a_class(line.format(1, 2) + line.format(2, 1)), root)).contradictions
    assert bool(found) is denies
    assert all(each.endswith("branches as taken, but 3 of 4 are listed") for each in found)


def test_a_root_that_counts_the_lines_of_methods_once_more_is_a_dialect() -> None:
    inside = a_class(LINE.format(1, 1) + LINE.format(2, 0), LINE.format(1, 1) + LINE.format(2, 0))
    for root in ("lines-valid='4' lines-covered='2'", "lines-valid='2' lines-covered='1'", "line-rate='0.5'"):
        assert FORMAT.parse(report(inside, root)).contradictions == ()


@pytest.mark.parametrize(
    "inside",
    [
        a_class(LINE.format("x", 1)),
        a_class(LINE.format(1, -1)),
        a_class(LINE.format(1, "")),
        a_class(LINE.format(10_000_001, 1)),
        a_class("<line/>"),
        a_class(name=""),
        f"<class filename='a'>{a_class()}</class>",
    ],
)
def test_what_no_cobertura_has_is_refused(inside: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        FORMAT.parse(report(inside))
    assert refused.value.code == "report.not_cobertura"


def test_clover_has_the_same_root_and_is_not_taken_for_it() -> None:
    assert [FORMAT.sniff(each) for each in (b"<coverage line-rate='1'>", b"<coverage generated='1'>")] == [
        True,
        False,
    ]
    with pytest.raises(InvalidInput):
        FORMAT.parse(b"<coverage generated='1'/>")


def test_a_line_that_is_the_root_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not Cobertura's"):
        FORMAT.parse(LINE.format(1, 1).encode())


def test_a_line_outside_of_every_class_counts_for_nothing() -> None:
    inside = a_class(LINE.format(1, 1)) + LINE.format(2, 1)
    assert shown(only(FORMAT.parse(report(inside)))) == ((1,), ())
