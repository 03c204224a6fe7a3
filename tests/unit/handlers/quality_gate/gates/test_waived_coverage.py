"""Files that are waived for coverage: their lines count nowhere, and where nothing else is measured the gate is waived."""

from __future__ import annotations

import pytest

from app.domain.coverage import FileLines
from handlers.quality_gate.evidence.changes import Change
from handlers.quality_gate.evidence.runs import RunReading
from handlers.quality_gate.gates.judged import GateVerdict, State, worst
from tests.unit.handlers.quality_gate.gates.changed import (
    answers,
    asking,
    base_of,
    change,
    covered,
    file,
    lines,
)

CORE: dict[str, object] = {"core/**": {"coverage": {"total": ">= 95%"}}}


def judged(
    path: str, run: RunReading, *changes: Change, paths: dict[str, object] | None = None, **rules: object
) -> tuple[GateVerdict, ...]:
    waivers = [{"gate": "coverage", "path": path, "until": "2026-11-10", "by": "keeper", "why": "old code"}]
    gate = {"total": ">= 85%", **rules}
    section = asking({"coverage": gate}, waivers=waivers, paths=paths or {})
    return answers(section, run, changes=changes)


def test_a_gate_of_which_every_file_is_waived_is_waived() -> None:
    (found,) = judged("**", covered(lines(a=(1, 10), b=(0, 10))))
    assert (found.state, found.value) == (State.WAIVED, "waived")
    assert found.reason == "all that the cobertura report measures is waived"


def test_what_is_not_waived_is_judged() -> None:
    (found,) = judged("a.py", covered(lines(a=(1, 10), b=(9, 10))))
    assert (found.state, found.value) == (State.PASS, "90.00 % (9 of 10 lines)")


def test_a_report_that_measures_nothing_is_not_waived() -> None:
    empty = lines()
    empty.files["a.py"] = FileLines()
    assert {each.state for each in judged("**", covered(empty))} == {State.INCONCLUSIVE}


def test_a_group_of_which_every_file_is_waived_is_waived_and_the_rest_judged() -> None:
    found = judged("core/**", covered(lines(a=(10, 10), core__x=(1, 10))), paths=CORE)
    assert [(each.rule, each.state) for each in found] == [
        ("gates.coverage.total", State.PASS),
        ("paths.core/**.coverage.total", State.WAIVED),
    ]


def test_a_group_that_no_report_names_is_not_waived() -> None:
    found = judged("core/**", covered(lines(a=(10, 10))), paths=CORE)
    assert worst(found).state is State.INCONCLUSIVE


def test_a_drop_of_what_is_waived_is_waived() -> None:
    proposed = change(file("a.py", (1, 1)), baseline=base_of(lines(a=(10, 10))))
    states = [each.state for each in judged("**", covered(lines(a=(1, 10))), proposed, drop="<= 1pt")]
    assert states == [State.WAIVED, State.WAIVED]


@pytest.mark.parametrize(("path", "state"), [("a.py", State.FAIL), ("**", State.WAIVED)])
def test_added_lines_of_a_file_that_no_report_names_are_owed_unless_they_are_waived(
    path: str, state: State
) -> None:
    found = judged(path, covered(lines(a=(1, 10))), change(file("new.py", (1, 4))), diff=">= 85%")
    assert worst(found).state is state
