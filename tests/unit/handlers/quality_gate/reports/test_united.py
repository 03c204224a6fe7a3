"""What several producers have of one run, as one."""

from __future__ import annotations

from app.domain.audits import Component
from app.domain.coverage import FileLines, LineMap
from app.domain.hashes import joined, name_hash
from app.domain.reports import CaseTotals, TestReport
from handlers.quality_gate.reports.covered import Covered
from handlers.quality_gate.reports.readings import Problem, ReportFile, Reports
from handlers.quality_gate.reports.united import united
from handlers.quality_gate.reports.variants import MAX_VARIANTS, sets_of


def in_files(*files: str) -> Reports:
    """One test in each file."""
    return Reports(
        files=tuple(ReportFile("junit", name, "junit", "tests") for name in files),
        tests=TestReport(CaseTotals(len(files), len(files)), names=joined(map(name_hash, files))),
    )


def test_one_part_is_itself() -> None:
    part = in_files("a.xml")
    assert united([part]) is part


def test_tests_of_different_files_are_added() -> None:
    both = united([in_files("a.xml"), in_files("b.xml", "c.xml")])
    assert both.tests is not None
    assert (both.tests.totals.tests, len(both.tests.names)) == (3, 24)
    assert [each.name for each in both.files] == ["a.xml", "b.xml", "c.xml"]


def test_tests_of_a_part_that_lies_in_another_count_once() -> None:
    for parts in (
        [in_files("a.xml", "b.xml"), in_files("b.xml")],
        [in_files("b.xml"), in_files("a.xml", "b.xml")],
    ):
        both = united(parts)
        assert both.tests is not None
        assert (both.tests.totals.tests, both.problems) == (2, ())


def test_parts_that_overlap_are_a_contradiction() -> None:
    both = united([in_files("a.xml", "b.xml"), in_files("b.xml", "c.xml")])
    assert [each.kind for each in both.problems] == ["tests"]


def test_lines_are_united_by_format() -> None:
    first = Reports(coverage=(("cobertura", LineMap({"a.py": FileLines(0b110, 0b010)}).pack()),))
    other = Reports(coverage=(("cobertura", LineMap({"a.py": FileLines(0b1110, 0b100)}).pack()),))
    lcov = Reports(coverage=(("lcov", LineMap({"b.py": FileLines(0b10, 0)}).pack()),))
    maps = {name: LineMap.unpack(packed).files for name, packed in united([first, lcov, other]).coverage}
    assert maps == {"cobertura": {"a.py": FileLines(0b1110, 0b110)}, "lcov": {"b.py": FileLines(0b10, 0)}}


def test_nothing_that_only_one_part_says_is_lost() -> None:
    part = Reports(
        components=(Component("flask"),),
        members=("dist/a.whl",),
        empty=("dist/b.whl",),
        unknown=("cov/out.json",),
        blank=("lint/out.json",),
        problems=(Problem("audit", "cut off"),),
        vacuous=(Problem("tests", "no test"),),
        notes=("a note",),
    )
    assert united([Reports(), part]) == united([part, part]) == part


def test_parts_that_differ_in_which_lines_could_run_are_told_apart() -> None:
    def part(*sets: int) -> Reports:
        covered = Covered(None)
        for each in sets:
            covered.add("lcov", LineMap({"a.py": FileLines(each, 0)}))
        return Reports(coverage=covered.maps(), variants=covered.variants())

    both = united([part(0b10, 0b110), part(0b1000), part(0b10)])
    assert sets_of(packed for _, packed in both.variants) == {"a.py": (0b10, 0b110, 0b1000)}
    many = united([part(1 << line) for line in range(1, MAX_VARIANTS + 2)])
    assert [each.kind for each in many.problems] == ["coverage"]


def test_files_that_the_repository_does_not_have_are_united_by_format() -> None:
    one, other = (
        Reports(outside=(("lcov", LineMap({name: FileLines(0b110, 0b010)}).pack()),))
        for name in ("a.py", "b.py")
    )
    ((report_format, packed),) = united([one, other]).outside
    assert (report_format, LineMap.names(packed)) == ("lcov", ("a.py", "b.py"))
