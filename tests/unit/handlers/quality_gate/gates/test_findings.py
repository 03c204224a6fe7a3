"""Findings in all, new ones, and tools that say nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.findings import Finding, Level
from handlers.quality_gate.evidence import GateEvidence, PolicyFacts
from handlers.quality_gate.evidence.changes import Change
from handlers.quality_gate.evidence.runs import ProducerReading, RunReading
from handlers.quality_gate.gates import every_answer
from handlers.quality_gate.gates.judged import GateVerdict, State, Weight
from handlers.quality_gate.reports.found import MAX_FINDINGS
from handlers.quality_gate.section import QualityGate
from tests.unit.handlers.quality_gate.commit import NOW, REPOSITORY, SHA, SUBJECT
from tests.unit.handlers.quality_gate.gates.changed import answers, asking, change, file
from tests.unit.handlers.quality_gate.gates.found import TREE, base_found, finding, linted

ALL: dict[str, object] = {"lint": {}}
NEW: dict[str, object] = {"lint": {"new_findings": 0}}


def verdict(
    gates: dict[str, object], *runs: RunReading, changes: tuple[Change, ...] = (), **more: object
) -> GateVerdict:
    (found,) = answers(asking(gates, **more), *runs, changes=changes)
    return found


def states(gates: dict[str, object], *runs: RunReading, changes: tuple[Change, ...] = ()) -> list[State]:
    return [each.state for each in answers(asking(gates), *runs, changes=changes)]


def test_a_tool_without_findings_passes_and_a_finding_fails() -> None:
    assert verdict(ALL, linted()).state is State.PASS
    failed = verdict(ALL, linted(finding(), finding(line=9)))
    assert (failed.state, failed.value, failed.remedy) == (
        State.FAIL,
        "2 findings",
        "mend all 2: a.py:3, a.py:9",
    )
    assert [(mark.path, mark.line, mark.weight) for mark in failed.marks] == [
        ("a.py", 3, Weight.FAILS),
        ("a.py", 9, Weight.FAILS),
    ]


@pytest.mark.parametrize(
    ("allowed", "number", "remedy"),
    [
        (0, 1, "mend it: a.py:1"),
        (0, 3, "mend all 3: a.py:1, a.py:2, a.py:3"),
        (2, 3, "mend 1 of the 3: a.py:1, a.py:2, a.py:3"),
        (0, 7, "mend all 7: a.py:1, a.py:2, a.py:3, a.py:4, a.py:5 and 2 more"),
    ],
)
def test_the_remedy_says_how_many_of_them_must_go_and_where_the_first_are(
    allowed: int, number: int, remedy: str
) -> None:
    many = tuple(finding(line=line) for line in range(1, number + 1))
    assert verdict({"lint": {"findings": allowed}}, linted(*many)).remedy == remedy
    changed = (change(file("a.py", (1, 9))),)
    new: dict[str, object] = {"lint": {"new_findings": allowed}}
    assert verdict(new, linted(*many), changes=changed).remedy == remedy
    known = (change(file("a.py", (1, 9)), baseline=base_found()),)
    assert verdict(new, linted(*many), changes=known).remedy == remedy


def test_a_finding_without_a_line_or_a_file_is_named_as_far_as_it_is_known() -> None:
    assert verdict(ALL, linted(finding(line=None))).remedy == "mend it: a.py"
    assert verdict(ALL, linted(finding(path=None, line=None))).remedy == "mend it"


def test_only_levels_that_count_are_counted() -> None:
    assert verdict(ALL, linted(finding(level=Level.NOTE))).value == "0 findings"


def test_a_finding_of_two_tools_counts_once_and_each_of_them_is_named() -> None:
    other = finding(rule="W0611", tool="pylint", message="Unused import os")
    alone = finding(rule="W0612", tool="pylint", line=8)
    found = verdict(ALL, linted(finding(), other, alone, tools=("pylint", "ruff")))
    assert found.value == "2 findings (pylint 2, ruff 1; 1 reported by several)"
    assert [mark.message.splitlines()[1:] for mark in found.marks] == [["Also reported by ruff F401."], []]


def test_a_tool_that_does_not_count_does_not_hide_a_finding_of_one_that_does() -> None:
    other = finding(rule="W0611", tool="pylint")
    run = linted(finding(), other, tools=("pylint", "ruff"))
    assert verdict({"lint": {"tools": ["ruff"]}}, run).value == "1 finding"


def test_a_tool_is_named_in_lower_case_with_dashes_for_spaces() -> None:
    gate: dict[str, object] = {"lint": {"tools": ["semgrep-oss"]}}
    run = linted(finding(tool="semgrep oss"), tools=("semgrep oss",))
    assert [(each.state, each.value) for each in answers(asking(gate), run)] == [(State.FAIL, "1 finding")]


def test_where_a_named_tool_is_silent_the_reason_says_which_others_report() -> None:
    found = answers(asking({"lint": {"tools": ["semgrep"]}}), linted(tools=("ruff", "semgrep oss")))
    assert [each.reason for each in found if each.value == "not all tools reported"] == [
        "the policy names semgrep, and no report is theirs; not named, and reported: ruff, semgrep-oss"
    ]


def test_a_star_counts_all_tools_of_the_kind_and_those_beside_it_must_report() -> None:
    gate: dict[str, object] = {"lint": {"tools": ["*", "ruff"], "findings": 0}}
    other = finding(tool="flake8", rule="E501")
    assert verdict(gate, linted(other, tools=("flake8", "ruff"))).value == "1 finding"
    assert states(gate, linted(tools=("flake8",))) == [State.PASS, State.WAITING]
    assert states({"types": {"tools": ["*", "ruff"]}}, linted()) == [State.PASS, State.WAITING]
    assert states({"types": {"tools": ["*", "ruff"]}}, linted(tools=("mypy", "ruff"))) == [State.PASS]


def test_more_findings_than_are_kept_are_all_counted_and_the_text_says_so() -> None:
    many = [finding(line=number) for number in range(1, MAX_FINDINGS + 51)]
    found = verdict({"lint": {"findings": MAX_FINDINGS + 49}}, linted(*many))
    assert (found.state, found.value) == (State.FAIL, f"{MAX_FINDINGS + 50} findings")
    assert found.notes == (
        f"of {MAX_FINDINGS + 50} findings of ruff {MAX_FINDINGS} are kept in full; all are counted",
    )


def test_a_finding_that_only_moved_is_not_new() -> None:
    moved = linted(finding(line=300))
    assert verdict(NEW, moved, changes=(change(baseline=base_found(finding())),)).state is State.PASS


def test_one_more_of_the_same_is_new_and_the_one_in_the_change_is_shown() -> None:
    run = linted(finding(line=3), finding(line=8))
    proposed = change(file("a.py", (3, 3)), baseline=base_found(finding(line=7)))
    found = verdict(NEW, run, changes=(proposed,))
    assert (found.state, found.value, found.number) == (State.FAIL, "1 new finding", 3)
    assert [mark.line for mark in found.marks] == [3]


def test_findings_move_with_a_renamed_file() -> None:
    renamed = change(file("b.py", previous="a.py"), baseline=base_found(finding("a.py")))
    assert verdict(NEW, linted(finding("b.py")), changes=(renamed,)).state is State.PASS


def test_a_renamed_file_does_not_excuse_what_another_file_takes_over() -> None:
    renamed = change(file("b.py", previous="a.py"), baseline=base_found(finding("a.py")))
    run = linted(finding("b.py"), finding("a.py"))
    assert verdict(NEW, run, changes=(renamed,)).value == "1 new finding"


def test_a_second_tool_that_says_what_the_base_knew_brings_nothing_new() -> None:
    run = linted(finding(), finding(rule="W0611", tool="pylint"), tools=("pylint", "ruff"))
    proposed = change(baseline=base_found(finding()))
    assert verdict(NEW, run, changes=(proposed,)).state is State.PASS


def test_the_same_finding_of_two_tools_is_one_new_one() -> None:
    run = linted(finding(), finding(rule="W0611", tool="pylint"), tools=("pylint", "ruff"))
    found = verdict(NEW, run, changes=(change(baseline=base_found(tools=("pylint", "ruff"))),))
    assert found.value == "1 new finding (pylint 1, ruff 1; 1 reported by several)"


def test_new_ones_beyond_those_kept_in_full_are_counted() -> None:
    many = [finding(line=number) for number in range(1, MAX_FINDINGS + 51)]
    found = verdict(NEW, linted(*many), changes=(change(baseline=base_found(*many[:-3])),))
    assert (found.state, found.value) == (State.FAIL, "3 new findings")


def test_without_a_base_only_what_the_change_adds_is_new() -> None:
    proposed = change(file("a.py", (5, 9)))
    outside = verdict(NEW, linted(finding(line=4)), changes=(proposed,))
    assert (outside.state, outside.value) == (State.PASS, "0 findings in the change")
    assert "no recorded findings" in outside.notes[0]
    inside = verdict(NEW, linted(finding(line=5)), changes=(proposed,))
    assert (inside.state, inside.value) == (State.FAIL, "1 finding in the change")


def test_without_a_base_also_findings_that_are_not_kept_count_in_the_change() -> None:
    many = [finding(line=number) for number in range(1, MAX_FINDINGS + 51)]
    found = verdict(NEW, linted(*many), changes=(change(file("a.py", (MAX_FINDINGS + 50, 9999))),))
    assert (found.state, found.value) == (State.FAIL, "1 finding in the change")


@pytest.mark.parametrize(
    ("found", "files", "complete"),
    [
        (finding(None, None), (file("b.py", (1, 2)),), True),
        (finding(), (file("a.py", known=False),), True),
        (finding(), (file("b.py", (1, 2)),), False),
    ],
    ids=["no file", "lines not shown", "files not listed"],
)
def test_a_finding_that_may_be_in_the_change_is_no_pass(
    found: Finding, files: tuple[object, ...], complete: object
) -> None:
    proposed = change(*files, complete=bool(complete))  # type: ignore[arg-type]  # what `file` makes
    assert verdict(NEW, linted(found), changes=(proposed,)).state is State.INCONCLUSIVE


def test_where_the_base_moved_under_the_lines_a_finding_may_be_in_the_change() -> None:
    proposed = change(file("a.py", (5, 9)), base_moved=("a.py",))
    run = linted(finding(line=40))
    found = verdict(NEW, run, changes=(proposed,))
    assert found.state is State.INCONCLUSIVE
    assert found.reason.endswith("main changed a.py since")
    assert found.remedy == "bring the branch up to date"
    assert verdict(NEW, replace(run, trigger="push"), changes=(proposed,)).state is State.PASS
    assert verdict(NEW, linted(finding("b.py")), changes=(proposed,)).state is State.PASS
    known = replace(proposed, baseline=base_found(finding(line=40)))
    assert verdict(NEW, run, changes=(known,)).state is State.PASS


def test_where_the_base_renamed_a_file_a_finding_under_its_new_name_may_be_in_the_change() -> None:
    proposed = replace(
        change(file("a.py", (5, 9)), base_moved=("a.py", "b.py")), base_renames=(("a.py", "b.py"),)
    )
    run = linted(finding("b.py", 6))
    found = verdict(NEW, run, changes=(proposed,))
    assert (found.state, found.remedy) == (State.INCONCLUSIVE, "bring the branch up to date")
    assert verdict(NEW, linted(finding("c.py", 6)), changes=(proposed,)).state is State.PASS
    assert verdict(NEW, replace(run, trigger="push"), changes=(proposed,)).state is State.PASS


def test_where_nobody_knows_what_the_base_renamed_any_file_may_be_in_the_change() -> None:
    proposed = replace(change(file("a.py", (5, 9)), base_moved=("a.py",)), base_renames=None)
    run = linted(finding("c.py", 6))
    assert verdict(NEW, run, changes=(proposed,)).state is State.INCONCLUSIVE
    assert verdict(NEW, replace(run, trigger="push"), changes=(proposed,)).state is State.PASS
    shortened = replace(proposed, files=(file("a.py", removed=3),))
    assert verdict(NEW, run, changes=(shortened,)).state is State.PASS


def test_a_finding_of_a_whole_file_counts_where_the_change_adds_to_it() -> None:
    run = linted(finding(line=None))
    assert verdict(NEW, run, changes=(change(file("a.py", (1, 1))),)).state is State.FAIL
    assert verdict(NEW, run, changes=(change(file("b.py", (1, 1))),)).state is State.PASS


@pytest.mark.parametrize("tree", [TREE, None], ids=["several files of the name", "unknown tree"])
def test_a_file_of_which_only_the_name_is_sure_counts_where_the_change_touches_such_a_file(
    tree: tuple[str, ...] | None,
) -> None:
    run = linted(finding("d.py", 4), tree=tree)
    assert verdict(NEW, run, changes=(change(file("two/d.py", (4, 4))),)).state is State.FAIL
    assert verdict(NEW, run, changes=(change(file("two/d.py", (5, 5))),)).state is State.PASS


def test_each_pull_request_is_judged_and_named() -> None:
    first, second = change(file("a.py", (3, 3)), number=3), change(file("b.py", (3, 3)), number=4)
    found = answers(asking(NEW), linted(finding()), changes=(first, second))
    assert [(each.number, each.state) for each in found] == [(3, State.FAIL), (4, State.PASS)]


def test_an_older_base_is_named_with_its_distance() -> None:
    found = verdict(NEW, linted(), changes=(change(baseline=base_found(distance=4)),))
    assert found.notes == ("held against bbbbbbbbbbbb, 4 commits before the base",)


def test_a_tool_that_the_policy_names_is_waited_for_until_the_deadline() -> None:
    section = asking({"lint": {"tools": ["ruff", "pylint"]}})
    found = answers(section, linted())
    assert [each.state for each in found] == [State.PASS, State.WAITING]
    assert found[1].reason == "the policy names pylint, and no report is theirs"
    policy = QualityGate.model_validate(section)
    late = GateEvidence(
        repository=REPOSITORY,
        subject=SUBJECT,
        head_sha=SHA,
        now=NOW + timedelta(hours=2),
        last_activity_at=NOW,
        policy=PolicyFacts(configured=True, section=policy),
        producers=(ProducerReading(None, (linted(),)),),
    )
    ((_, answered),) = every_answer(late, policy)
    assert [each.state for each in answered] == [State.PASS, State.MISSING]


def test_a_tool_that_the_base_heard_is_missed() -> None:
    proposed = change(baseline=base_found(tools=("pylint", "ruff")))
    assert states(NEW, linted(), changes=(proposed,)) == [State.PASS, State.INCONCLUSIVE]
    assert states({"lint": {"tools": ["ruff"]}}, linted(), changes=(proposed,)) == [State.PASS]


def test_a_tool_of_a_workflow_that_does_not_run_here_is_not_missed() -> None:
    proposed = change(baseline=base_found(tools=("pylint", "ruff")))
    assert states(NEW, linted(path=".github/workflows/other.yml"), changes=(proposed,)) == [State.PASS]


def test_a_type_checker_is_no_linter() -> None:
    run = linted(finding(tool="mypy", rule="arg-type"), tools=("mypy", "ruff"))
    assert verdict(ALL, run).state is State.PASS
    assert verdict({"types": {}}, run).state is State.FAIL


def blank(*names: str) -> RunReading:
    """A run with a report of flake8, and files that hold []."""
    run = linted(tools=("flake8",))
    assert run.reports is not None
    return replace(run, reports=replace(run.reports, blank=names))


def test_a_file_that_may_be_of_a_tool_of_the_base_is_named_with_the_way_out() -> None:
    before = (change(baseline=base_found(tools=("flake8", "ruff"))),)
    found = answers(asking(NEW), blank("lint/out.json"), changes=before)[-1]
    assert (found.state, found.reason) == (
        State.INCONCLUSIVE,
        "the base bbbbbbbbbbbb has reports of ruff, this commit has none; lint/out.json holds [], which names no tool",
    )
    assert found.remedy == (
        "write it as SARIF, which names its tool, or declare a producer with `format: ruff-json`; "
        "to leave it out, name the rest in tools"
    )


def test_files_that_may_be_of_several_tools_of_the_base_are_named() -> None:
    before = (change(baseline=base_found(tools=("bandit", "ruff"))),)
    found = answers(asking(NEW), blank("lint/a.json", "lint/b.json"), changes=before)[-1]
    assert found.reason.endswith("; lint/a.json, lint/b.json hold [], which names no tool")
    assert "declare a producer with its `format`" in found.remedy


def test_a_file_that_may_be_of_a_tool_that_the_policy_names_is_named() -> None:
    found = answers(asking({"lint": {"tools": ["flake8", "ruff"]}}), blank("lint/out.json"))[-1]
    assert (found.state, found.reason) == (
        State.WAITING,
        "the policy names ruff, and no report is theirs; lint/out.json holds [], which names no tool",
    )
