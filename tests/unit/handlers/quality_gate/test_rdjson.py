"""Marks as reviewdog's format: what we write is what we would read."""

from __future__ import annotations

import json

from app.domain.findings import Level
from handlers.quality_gate.formats import read_report
from handlers.quality_gate.gates.judged import GateVerdict, Mark, State, Weight
from handlers.quality_gate.rdjson import rdjson


def gate(*marks: Mark) -> GateVerdict:
    return GateVerdict("lint", State.FAIL, "", "", "", marks=marks)


def test_what_is_written_can_be_read_as_the_format_it_is() -> None:
    marks = (
        Mark(
            "lint",
            "src/ä.py",
            3,
            Weight.FAILS,
            "ruff: F401",
            "unused “x”",
            "ruff",
            "F401",
            end_line=5,
            column=2,
        ),
        Mark("tests", "tests/test_a.py", None, Weight.WARNS, "test_a", "broken"),
    )
    report = read_report(rdjson((gate(*marks),)).encode(), None)
    assert report.format == "rdjson"
    assert report.findings is not None
    one, two = report.findings.findings
    assert (one.tool, one.rule, one.level, one.message) == ("ruff", "F401", Level.ERROR, "unused “x”")
    assert (one.path, one.line, one.end_line, one.column) == ("src/ä.py", 3, 5, None)
    assert (two.tool, two.path, two.line, two.level) == ("tests", "tests/test_a.py", None, Level.WARNING)


def test_all_marks_are_there_in_the_order_of_the_annotations() -> None:
    marks = [Mark("lint", f"{number % 7}.py", number, Weight.FAILS, "t", "m") for number in range(1, 1001)]
    found = json.loads(rdjson((gate(*marks),)))["diagnostics"]
    places = [(each["location"]["path"], each["location"]["range"]["start"]["line"]) for each in found]
    assert len(places) == 1000
    assert places == sorted(places)


def test_a_mark_that_leads_nowhere_is_left_out_and_control_characters_too() -> None:
    good = Mark("lint", "a.py", 1, Weight.FAILS, "t", "\x1b[31mred\u202e\nline")
    (found,) = json.loads(rdjson((gate(Mark("lint", "../x", 1, Weight.FAILS, "t", "m"), good),)))[
        "diagnostics"
    ]
    assert found["message"] == "red line"


def test_without_marks_it_is_an_empty_list() -> None:
    assert json.loads(rdjson((gate(),))) == {"source": {"name": "hephaestus"}, "diagnostics": []}
