"""The findings of a run: told once, however many legs, formats and tools report them."""

from __future__ import annotations

from dataclasses import replace

from app.domain.findings import FindingReport, FindingTotals, Level, Replacement
from handlers.quality_gate.reports.fingerprints import fingerprint, places_in
from handlers.quality_gate.reports.found import Found
from handlers.quality_gate.reports.readings import ToolFindings
from handlers.quality_gate.reports.tree import Tree
from tests.unit.handlers.quality_gate.gates.found import TREE, finding


def found() -> Found:
    return Found(Tree(TREE))


def only(told: Found) -> ToolFindings:
    (tool,) = told.tools()
    return tool


def test_legs_of_a_matrix_tell_a_finding_once_and_are_named_where_not_all_have_it() -> None:
    told = found()
    told.add("lint-1", "ruff-json", ("ruff",), FindingReport((finding("/home/runner/work/x/x/a.py"),)))
    told.add("lint-2", "ruff-json", ("ruff",), FindingReport((finding(), finding(line=9))))
    tool = only(told)
    assert [each.line for each in tool.findings] == [3, 9]
    assert (tool.artifacts, tool.legs) == (("lint-1", "lint-2"), ((1, 0b10),))


def test_two_that_are_alike_in_one_report_stay_two() -> None:
    told = found()
    for leg in ("lint-1", "lint-2"):
        told.add(leg, "ruff-json", ("ruff",), FindingReport((finding(), finding())))
    assert only(told).totals == FindingTotals(2, error=2)


def test_two_formats_of_one_tool_tell_a_finding_once() -> None:
    told = found()
    told.add("lint", "ruff-json", ("ruff",), FindingReport((finding(message="`os` unused"),)))
    told.add("lint", "sarif", ("ruff",), FindingReport((finding(message="os unused"),)))
    assert only(told).totals.findings == 1
    assert list(told.contradictions()) == []


def test_what_legs_or_formats_call_differently_has_the_worst_of_their_levels() -> None:
    told = found()
    told.add("lint-1", "ruff-json", ("ruff",), FindingReport((finding(level=Level.NONE),)))
    told.add("lint-2", "ruff-json", ("ruff",), FindingReport((finding(level=Level.NOTE),)))
    told.add(
        "lint-3", "sarif", ("ruff",), FindingReport((finding(level=Level.ERROR, message="other words"),))
    )
    assert only(told).totals == FindingTotals(1, error=1)


def test_two_formats_that_tell_of_another_number_deny_each_other() -> None:
    told = found()
    told.add("lint", "ruff-json", ("ruff",), FindingReport((finding(), finding(line=4))))
    told.add("lint", "sarif", ("ruff",), FindingReport(()))
    assert list(told.contradictions()) == [
        "lint: ruff has 2 findings in its ruff-json report and 0 in its sarif report"
    ]


def test_two_formats_that_tell_of_other_files_or_other_notes_do_not() -> None:
    told = found()
    told.add("lint", "ruff-json", ("ruff",), FindingReport((finding("a.py"), finding("a.py", 4))))
    told.add("lint", "sarif", ("ruff",), FindingReport((finding("b.py"),)))
    told.add("types", "mypy", ("mypy",), FindingReport((finding(tool="mypy"),)))
    note = finding(tool="mypy", line=5, level=Level.NOTE)
    told.add("types", "sarif", ("mypy",), FindingReport((finding(tool="mypy"), note)))
    assert list(told.contradictions()) == []


def test_the_same_number_in_another_artifact_is_not_asked_for() -> None:
    told = found()
    told.add("one", "ruff-json", ("ruff",), FindingReport((finding(),)))
    told.add("two", "sarif", ("ruff",), FindingReport(()))
    assert list(told.contradictions()) == []


def test_each_finding_has_a_place_in_the_order_of_the_findings() -> None:
    told = found()
    told.add(
        "lint", "ruff-json", ("ruff",), FindingReport((finding(level=Level.NOTE), finding("b.py"), finding()))
    )
    tool = only(told)
    assert [(each.level, each.path) for each in tool.findings] == [
        ("error", "a.py"),
        ("error", "b.py"),
        ("note", "a.py"),
    ]
    places = [each for _, value in tool.places for each in places_in(value)]
    assert fingerprint(places[0]) == fingerprint(places[2])
    assert len(set(places)) == 2


def test_the_pieces_of_a_fix_are_in_the_repositorys_files_or_it_is_none() -> None:
    pieces = tuple(Replacement(path, 1, 1, 1, 2, "") for path in ("/__w/x/x/a.py", "nowhere.py"))
    told = found()
    fixable = (replace(finding(), fix=pieces[:1]), replace(finding(line=9), fix=pieces))
    told.add("lint", "ruff-json", ("ruff",), FindingReport(fixable))
    assert [[piece.path for piece in each.fix] for each in only(told).findings] == [["a.py"], []]
