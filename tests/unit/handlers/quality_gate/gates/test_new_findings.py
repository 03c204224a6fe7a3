"""Findings that stand where others like them were mended: the message alone does not make them old."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.quality_gate.evidence.changes import Change, ChangedLines
from handlers.quality_gate.evidence.runs import RunReading
from handlers.quality_gate.gates.judged import GateVerdict, State
from tests.unit.handlers.quality_gate.gates.changed import answers, asking, change, file
from tests.unit.handlers.quality_gate.gates.found import TREE, base_found, finding, linted

MENDED = base_found(finding(line=3))


def verdict(run: RunReading, proposed: Change, allowed: int = 0) -> GateVerdict:
    (found,) = answers(asking({"lint": {"new_findings": allowed}}), run, changes=(proposed,))
    return found


def edited(
    *added: tuple[int, int], kept: tuple[tuple[int, int], ...] = (), path: str = "a.py"
) -> ChangedLines:
    """A file with these lines in place of one that went; `kept` of them have its text."""
    return replace(file(path, *added, removed=1), kept=kept)


def test_one_in_an_added_line_is_new_though_one_like_it_was_mended() -> None:
    found = verdict(linted(finding(line=8)), change(edited((8, 8)), baseline=MENDED))
    assert (found.state, found.value, found.remedy) == (State.FAIL, "1 new finding", "mend it: a.py:8")


def test_one_in_a_line_that_was_moved_is_old() -> None:
    proposed = change(edited((8, 9), kept=((8, 8),)), baseline=MENDED)
    assert verdict(linted(finding(line=8)), proposed).state is State.PASS
    assert verdict(linted(finding(line=9)), proposed).state is State.FAIL


def test_a_new_one_leaves_the_old_ones_old() -> None:
    found = verdict(linted(finding(line=3), finding(line=8)), change(edited((8, 8)), baseline=MENDED))
    assert [mark.line for mark in found.marks] == [8]


@pytest.mark.parametrize("place", [("a.py", 9), ("a.py", None), ("b.py", 8)], ids=str)
def test_beside_the_added_lines_those_of_the_base_are_old(place: tuple[str, int | None]) -> None:
    proposed = change(edited((8, 8)), baseline=base_found(finding(*place)))
    assert verdict(linted(finding(*place)), proposed).state is State.PASS


def test_in_a_renamed_file_the_lines_count_under_its_new_name() -> None:
    renamed = replace(edited((8, 8), path="b.py"), previous_path="a.py")
    assert verdict(linted(finding("b.py", 8)), change(renamed, baseline=MENDED)).state is State.FAIL
    assert verdict(linted(finding("b.py", 9)), change(renamed, baseline=MENDED)).state is State.PASS


def test_where_only_the_name_of_the_file_is_sure_the_lines_of_each_such_file_count() -> None:
    run = linted(finding("d.py", 8), tree=TREE)
    proposed = change(edited((8, 8), path="two/d.py"), baseline=base_found(finding("d.py", 3)))
    assert verdict(run, proposed).state is State.FAIL


def test_in_a_file_whose_lines_are_not_shown_an_old_one_may_be_new() -> None:
    proposed = change(replace(file("a.py", known=False), kept=()), baseline=MENDED)
    found = verdict(linted(finding(line=8)), proposed)
    assert (found.state, found.value, found.remedy) == (State.INCONCLUSIVE, "0 new findings", "")
    assert found.reason.endswith("the changed lines of a.py are not shown")
    assert verdict(linted(finding(line=8)), proposed, allowed=1).state is State.PASS
    other = base_found(finding("b.py"))
    assert verdict(linted(finding("b.py")), replace(proposed, baseline=other)).state is State.PASS


def test_where_the_base_moved_under_the_lines_an_old_one_may_be_new_until_the_branch_is_up_to_date() -> None:
    proposed = change(edited((8, 8)), baseline=MENDED, base_moved=("a.py",))
    run = linted(finding(line=40))
    found = verdict(run, proposed)
    assert (found.state, found.remedy) == (State.INCONCLUSIVE, "bring the branch up to date")
    assert found.reason.endswith("main changed a.py since")
    assert verdict(replace(run, trigger="push"), proposed).state is State.PASS
    only_adds = replace(proposed, files=(replace(file("a.py", (8, 8)), kept=()),))
    assert verdict(run, only_adds).state is State.PASS


def test_where_not_all_changed_files_are_listed_a_note_says_what_that_leaves_open() -> None:
    proposed = change(baseline=MENDED, complete=False)
    found = verdict(linted(finding()), proposed)
    assert found.state is State.PASS
    assert found.notes == (
        "not all changed files are listed: in the others a new finding may pass for a mended one",
    )


def test_evidence_of_the_time_when_texts_were_not_compared_is_judged_as_then() -> None:
    before = change(file("a.py", (8, 8), removed=1), file("b.py", known=False), baseline=MENDED)
    assert verdict(linted(finding(line=8)), before).state is State.PASS
