"""Reports of one file that differ in which lines could run: united they count, as long as each alone would say the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.coverage import FileLines, LineMap
from handlers.quality_gate.evidence.changes import Change
from handlers.quality_gate.evidence.runs import ProducerReading, RunReading
from handlers.quality_gate.gates.judged import GateVerdict, State
from handlers.quality_gate.reports.covered import Covered
from handlers.quality_gate.reports.readings import ReportFile, Reports
from tests.unit.handlers.quality_gate.commit import CI
from tests.unit.handlers.quality_gate.gates.changed import (
    answers,
    answers_of,
    asking,
    base_of,
    change,
    covered,
    file,
    lines,
    of_run,
)

HALF = lines(a=(5, 10))
PADDED = LineMap({"a.py": FileLines(0, 0)})
PADDED.files["a.py"].see(covered=((1 << 200) - 1) << 11)
WAY_OUT = "let all reports be made from the same files with the same settings"


def read(*shards: LineMap) -> RunReading:
    """A run with a report of each shard, in one artifact."""
    gathered = Covered(None)
    for shard in shards:
        gathered.add("cobertura", shard)
    files = tuple(
        ReportFile("cov", f"{number}.xml", "cobertura", "coverage") for number in range(len(shards))
    )
    return of_run(Reports(files=files, coverage=gathered.maps(), variants=gathered.variants()))


def verdict(rules: dict[str, object], run: RunReading, *changes: Change) -> GateVerdict:
    """The last answer: that of the rule which compares, where there is one."""
    *_, found = answers(asking({"coverage": rules}), run, changes=changes)
    return found


def at(first: int, number: int, missed: int = 0) -> FileLines:
    """So many lines from the first on, of which the last ones did not run."""
    found = FileLines()
    found.see(covered=((1 << number - missed) - 1) << first, missed=((1 << number) - 1) << first)
    return found


def platform(first: int, *, missed: int) -> LineMap:
    """A leg of a matrix: 100 lines that all legs have, and ten of its own."""
    own = at(first, 10, missed)
    own.add(at(1, 100, 10))
    return LineMap({"a.py": own})


def test_a_padded_report_cannot_make_a_total_green() -> None:
    found = verdict({"total": ">= 85%"}, read(HALF, PADDED))
    assert (found.state, found.value) == (State.INCONCLUSIVE, "97.61 % (205 of 210 lines)")
    assert found.reason == (
        "reports differ in which lines of a.py could run: by the strictest it is 50.00 % (5 of 10 lines)"
    )
    assert found.remedy == f"{WAY_OUT}, or cover 4 more lines that all of them know"


def test_the_order_of_the_reports_does_not_matter() -> None:
    one, other = (verdict({"total": ">= 85%"}, read(*shards)) for shards in ((HALF, PADDED), (PADDED, HALF)))
    assert one == other


@pytest.mark.parametrize(("missed", "state"), [(0, State.PASS), (1, State.PASS), (10, State.FAIL)])
def test_legs_that_compile_other_lines_are_judged_together(missed: int, state: State) -> None:
    legs = (platform(200 + 10 * leg, missed=missed) for leg in range(3))
    assert verdict({"total": ">= 90%"}, read(*legs)).state is state


def test_reports_that_differ_beyond_the_bar_leave_a_pass_alone() -> None:
    found = verdict({"total": ">= 50%"}, read(HALF, PADDED))
    assert (found.state, found.value) == (State.PASS, "97.61 % (205 of 210 lines)")


def test_lines_that_one_report_alone_missed_count_as_missed() -> None:
    found = verdict({"total": ">= 85%"}, read(lines(a=(10, 10)), lines(a=(10, 20))))
    assert (found.state, found.value) == (State.FAIL, "50.00 % (10 of 20 lines)")


def test_a_report_of_a_few_lines_does_not_hide_what_another_one_missed() -> None:
    tiny = LineMap({"a.py": at(6, 1, missed=1)})
    assert verdict({"total": ">= 85%"}, read(HALF, PADDED, tiny)).reason.endswith("50.00 % (5 of 10 lines)")


def test_a_padded_report_cannot_make_added_lines_green() -> None:
    proposed = change(file("a.py", (6, 100)))
    found = verdict({"diff": ">= 85%"}, read(HALF, PADDED), proposed)
    assert found.state is State.INCONCLUSIVE
    assert found.reason == (
        "reports differ in which lines of a.py could run: by the strictest it is 0.00 % (0 of 5 added lines)"
    )
    assert found.remedy == f"{WAY_OUT}, or cover 5 more added lines that all of them know"


def test_a_padded_report_cannot_hide_a_drop() -> None:
    proposed = change(file("a.py", (6, 7)), baseline=base_of(lines(a=(8, 10))))
    found = verdict({"drop": "<= 1pt"}, read(HALF, PADDED), proposed)
    assert found.state is State.INCONCLUSIVE
    assert found.remedy == f"{WAY_OUT}, or cover 3 more lines that all of them know"


def test_an_area_is_judged_by_the_reports_of_its_own_files() -> None:
    groups = {"core/**": {"coverage": {"total": ">= 85%"}}}
    section = asking({"coverage": {"total": ">= 85%"}}, paths=groups)
    core = LineMap({"core/a.py": HALF.files["a.py"], "b.py": at(1, 10)})
    padded = LineMap({"core/a.py": PADDED.files["a.py"]})
    states = {each.rule: each.state for each in answers(section, read(core, padded))}
    assert states == {
        "gates.coverage.total": State.PASS,
        "paths.core/**.coverage.total": State.INCONCLUSIVE,
    }


def test_a_padded_report_of_another_producer_is_found_out_too() -> None:
    producers = {name: {"workflow": CI, "artifact": name} for name in ("a", "b")}
    section = asking({"coverage": {"from": ["a", "b"], "total": ">= 85%"}}, producers=producers)
    one, other = (ProducerReading(name, (covered(shard),)) for name, shard in (("a", HALF), ("b", PADDED)))
    (found,) = answers_of(section, one, other)
    assert found.state is State.INCONCLUSIVE
    own = ProducerReading("a", (read(HALF, PADDED),))
    (found,) = answers_of(section, own, replace(other, runs=(covered(lines(b=(1, 1))),)))
    assert found.state is State.INCONCLUSIVE
