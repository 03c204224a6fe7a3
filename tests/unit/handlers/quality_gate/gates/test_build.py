"""What a build leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from handlers.quality_gate.evidence.changes import Baseline
from handlers.quality_gate.evidence.runs import RunReading
from handlers.quality_gate.gates.judged import GateVerdict, State
from handlers.quality_gate.history.measures import Measured
from handlers.quality_gate.reports.readings import Problem, Reports
from tests.unit.handlers.quality_gate.commit import CI, NOW
from tests.unit.handlers.quality_gate.gates.changed import BASE, answers, asking, change, file, of_run
from tests.unit.handlers.quality_gate.reports.test_gathered import read

WHEELS = {"expect": ["*.whl", "*.tar.gz"]}


def left(*members: str, empty: tuple[str, ...] = (), problems: tuple[Problem, ...] = ()) -> RunReading:
    return of_run(Reports(members=members, empty=empty, problems=problems))


def verdict(run: RunReading, **gate: object) -> GateVerdict:
    (found,) = answers(asking({"build": gate}), run)
    return found


def test_all_expected_files_pass() -> None:
    found = verdict(left("dist-py/a-1.whl", "dist-py/a-1.tar.gz"), **WHEELS)
    assert (found.state, found.value) == (State.PASS, "2 files")


def test_a_file_that_is_not_there_fails_by_its_name() -> None:
    found = verdict(left("dist/a-1.whl", "other/a-1.tar.gz"), **WHEELS)
    assert (found.state, found.reason) == (State.FAIL, "no file is called *.tar.gz")


def test_an_expected_file_without_content_fails() -> None:
    found = verdict(left("dist/a.whl", "dist/a.tar.gz", empty=("dist/a.whl",)), **WHEELS)
    assert (found.state, found.reason) == (State.FAIL, "without content: a.whl")


def test_a_build_without_any_content_fails_and_one_empty_file_is_noted() -> None:
    assert verdict(left("dist/a", empty=("dist/a",))).state is State.FAIL
    some = verdict(left("dist/.nojekyll", "dist/index.html", empty=("dist/.nojekyll",)))
    assert (some.state, some.notes) == (State.PASS, ("without content: .nojekyll",))


def test_a_glob_with_a_folder_means_that_folder() -> None:
    run = left("dist/deep/app.js")
    assert verdict(run, expect=["deep/*.js"]).state is State.PASS
    assert verdict(run, expect=["other/*.js"]).state is State.FAIL


def test_no_build_is_missing() -> None:
    found = verdict(left("docs/index.html"))
    assert (found.state, found.reason) == (
        State.MISSING,
        "no run of this commit has any artifact dist* with a file",
    )


HAD = Baseline(BASE, 0, Measured((("build", CI),)), NOW)
GONE = f"the base {BASE[:12]} had an artifact dist* of {CI}, and this commit has none of it"


@pytest.mark.parametrize(("when", "state"), [("reported", State.NOT_APPLICABLE), ("always", State.MISSING)])
def test_a_build_that_only_the_base_had_is_noted(when: str, state: State) -> None:
    proposed = change(file("a.py", (1, 1)), baseline=HAD)
    (found,) = answers(asking({"build": {"when": when}}), left("docs/index.html"), changes=(proposed,))
    assert (found.state, found.notes) == (state, (GONE,))


def test_a_build_of_another_workflow_does_not_hide_the_one_that_is_gone() -> None:
    proposed = change(file("a.py", (1, 1)), baseline=HAD)
    other = replace(left("dist/a.whl"), path=".github/workflows/other.yml")
    found = answers(asking({"build": {}}), left("docs/a"), other, changes=(proposed,))
    assert {note for each in found for note in each.notes} == {GONE}
    (kept,) = answers(asking({"build": {}}), left("dist/a.whl"), changes=(proposed,))
    assert kept.notes == ()


def test_a_build_is_not_gone_while_a_run_may_still_leave_it_or_where_its_workflow_does_not_run() -> None:
    proposed, section = change(file("a.py", (1, 1)), baseline=HAD), asking({"build": {"when": "reported"}})
    slow = replace(left(), status="in_progress", conclusion=None, reports=None)
    other = replace(left("docs/a"), path=".github/workflows/docs.yml")
    for run in (slow, other):
        (found,) = answers(section, run, changes=(proposed,))
        assert found.notes == ()


def test_an_artifact_that_cannot_be_read_may_be_the_build() -> None:
    assert verdict(left(problems=(Problem("", "dist: it is no zip"),))).state is State.INCONCLUSIVE


def test_a_broken_report_says_nothing_of_the_build() -> None:
    assert verdict(left("dist/a", problems=(Problem("tests", "broken"),))).state is State.PASS


def test_empty_files_are_seen_in_the_zip_also_where_nobody_looks_into_them(tmp_path: Path) -> None:
    reports = read(tmp_path, {"a.whl": b"", "b.whl": b"PK", "c.txt": b""})
    assert reports.empty == ("artifact-0/a.whl", "artifact-0/c.txt")
