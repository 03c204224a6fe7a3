"""Added lines: executable ones count, renames owe nothing, and what is not known never passes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.coverage import FileLines, LineMap
from handlers.quality_gate.gates.judged import State, Weight
from handlers.quality_gate.gates.scope import Scope, is_test
from handlers.quality_gate.gathering.changes import bitmap_of, ranges
from tests.unit.handlers.quality_gate.gates.changed import (
    MOVED,
    answers,
    asking,
    change,
    covered,
    file,
    lines,
)

DIFF = asking({"coverage": {"total": None, "diff": ">= 90%"}})
REPORT = lines(a=(5, 10), b=(2, 2))


def test_only_added_lines_that_could_run_count() -> None:
    (verdict,) = answers(DIFF, covered(REPORT), changes=(change(file("a.py", (4, 5), (20, 30))),))
    assert (verdict.state, verdict.value) == (State.PASS, "100.00 % (2 of 2 added lines)")


def test_a_failure_names_the_number_and_the_places() -> None:
    (verdict,) = answers(
        DIFF, covered(REPORT), changes=(change(file("a.py", (4, 8), (10, 10)), file("b.py", (1, 1))),)
    )
    assert (verdict.state, verdict.value) == (State.FAIL, "42.85 % (3 of 7 added lines)")
    assert verdict.threshold == ">= 90% of added lines"
    assert verdict.reason == "4 more covered added lines needed"
    assert verdict.remedy == "4 more covered added lines needed, any of a.py:6-8, a.py:10"
    assert [(mark.path, mark.line, mark.end_line, mark.weight) for mark in verdict.marks] == [
        ("a.py", 6, 8, Weight.FAILS),
        ("a.py", 10, 10, Weight.FAILS),
    ]
    assert all(mark.in_change for mark in verdict.marks)


def test_uncovered_added_lines_are_shown_also_where_the_rule_holds() -> None:
    section = asking({"coverage": {"total": None, "diff": ">= 50%"}})
    (verdict,) = answers(section, covered(REPORT), changes=(change(file("a.py", (5, 6))),))
    assert verdict.state is State.PASS
    assert [mark.weight for mark in verdict.marks] == [Weight.WARNS]


def test_no_executable_line_is_not_applicable_with_the_count() -> None:
    (verdict,) = answers(DIFF, covered(REPORT), changes=(change(file("a.py", (20, 24))),))
    assert verdict.state is State.NOT_APPLICABLE
    assert verdict.reason == "none of the 5 lines that the change adds could run"


def test_a_pure_rename_owes_nothing() -> None:
    (verdict,) = answers(DIFF, covered(REPORT), changes=(change(file("a.py", previous="old.py")),))
    assert verdict.state is State.NOT_APPLICABLE


def test_a_rename_owes_the_lines_it_adds() -> None:
    renamed = file("a.py", (6, 8), previous="old.py")
    (verdict,) = answers(DIFF, covered(REPORT), changes=(change(renamed),))
    assert (verdict.state, verdict.value) == (State.FAIL, "0.00 % (0 of 3 added lines)")


def test_a_deleted_file_owes_nothing() -> None:
    (verdict,) = answers(DIFF, covered(REPORT), changes=(change(file("c.py", removed=9, gone=True)),))
    assert verdict.state is State.NOT_APPLICABLE


def test_fewer_lines_than_the_policy_cares_for_are_not_judged() -> None:
    section = asking({"coverage": {"total": None, "diff": ">= 90%", "diff_min_lines": 3}})
    (verdict,) = answers(section, covered(REPORT), changes=(change(file("a.py", (6, 7))),))
    assert verdict.state is State.NOT_APPLICABLE
    (enough,) = answers(section, covered(REPORT), changes=(change(file("a.py", (6, 8))),))
    assert enough.state is State.FAIL


def test_a_source_file_that_the_report_does_not_name_counts_as_uncovered() -> None:
    (verdict,) = answers(DIFF, covered(REPORT), changes=(change(file("new.py", (1, 3))),))
    assert (verdict.state, verdict.value) == (State.FAIL, "0.00 % (0 of 3 added lines)")
    assert verdict.notes == ("the report does not name new.py: their added lines count as uncovered",)


def test_it_is_inconclusive_where_the_policy_says_so() -> None:
    section = asking({"coverage": {"total": None, "diff": ">= 1%", "absent": "inconclusive"}})
    (verdict,) = answers(section, covered(REPORT), changes=(change(file("new.py", (1, 3))),))
    assert verdict.state is State.INCONCLUSIVE
    assert "new.py" in verdict.reason


@pytest.mark.parametrize("path", ["README.md", "web/app.js", "tests/test_new.py", "conftest.py"])
def test_files_that_the_report_is_not_about_owe_nothing(path: str) -> None:
    (verdict,) = answers(DIFF, covered(REPORT), changes=(change(file(path, (1, 3))),))
    assert verdict.state is State.NOT_APPLICABLE


def test_tests_are_in_scope_where_the_report_measures_tests() -> None:
    assert "tests/test_new.py" not in Scope(["src/a.py"])
    assert "tests/test_new.py" in Scope(["src/a.py", "tests/test_a.py"])


@pytest.mark.parametrize("path", ["pkg/contest.py", "src/latest/a.py", "src/protest_x.py"])
def test_a_name_that_only_sounds_like_a_test_is_none(path: str) -> None:
    assert not is_test(path)


def test_lines_that_github_does_not_show_are_inconclusive() -> None:
    (verdict,) = answers(
        DIFF, covered(REPORT), changes=(change(file("a.py", known=False), file("b.py", (1, 2))),)
    )
    assert verdict.state is State.INCONCLUSIVE
    assert "GitHub does not show the lines" in verdict.reason


def test_hidden_lines_of_a_file_that_no_report_is_about_do_not_matter() -> None:
    changed = change(file("data.json", known=False), file("b.py", (1, 2)))
    (verdict,) = answers(DIFF, covered(REPORT), changes=(changed,))
    assert verdict.state is State.PASS


def test_a_change_whose_files_are_not_all_listed_is_inconclusive() -> None:
    found = answers(DIFF, covered(REPORT), changes=(change(file("b.py", (1, 2)), complete=False),))
    assert [each.state for each in found] == [State.PASS, State.INCONCLUSIVE]


@pytest.mark.parametrize("trigger", ["pull_request", "pull_request_review", "pull_request_review_comment"])
def test_where_the_base_moved_under_the_lines_nothing_is_concluded_if_it_matters(trigger: str) -> None:
    files = (file("a.py", (1, 2)), file("b.py", (1, 2)))
    run = covered(REPORT, trigger=trigger)
    (verdict,) = answers(DIFF, run, changes=(change(*files, base_sha=MOVED, base_moved=("a.py",)),))
    assert verdict.state is State.INCONCLUSIVE
    assert "bring the branch up to date" in verdict.reason


def test_where_it_cannot_matter_the_verdict_stands() -> None:
    section = asking({"coverage": {"total": None, "diff": ">= 50%"}})
    files = (file("a.py", (1, 1)), file("b.py", (1, 2)))
    (good,) = answers(
        section, covered(REPORT), changes=(change(*files, base_sha=MOVED, base_moved=("a.py",)),)
    )
    assert good.state is State.PASS
    bad = (file("a.py", (6, 10)), file("b.py", (1, 1)))
    (failed,) = answers(
        section, covered(REPORT), changes=(change(*bad, base_sha=MOVED, base_moved=("b.py",)),)
    )
    assert failed.state is State.FAIL


@given(
    certain=st.tuples(st.integers(0, 8), st.integers(0, 8)).map(sorted),
    moved=st.integers(1, 6),
    least=st.integers(0, 100),
    data=st.data(),
)
def test_what_stands_would_stand_whatever_the_moved_lines_are(
    certain: list[int], moved: int, least: int, data: st.DataObject
) -> None:
    covered_lines, valid = certain
    section = asking({"coverage": {"total": None, "diff": f">= {least}%"}})
    files = (file("a.py", (1, moved)), *((file("b.py", (1, valid)),) if valid else ()))
    changed = change(*files, base_sha=MOVED, base_moved=("a.py",))
    (verdict,) = answers(section, covered(lines(a=(6, 6), b=(covered_lines, valid))), changes=(changed,))
    could_run = data.draw(st.integers(0 if valid else 1, moved))
    ran = data.draw(st.integers(0, could_run))
    truth = 100 * (covered_lines + ran) >= least * (valid + could_run)
    assert verdict.state in {State.INCONCLUSIVE, State.PASS if truth else State.FAIL}


def test_a_push_is_of_the_head_itself_so_its_lines_are_right() -> None:
    run = covered(REPORT, trigger="push")
    (verdict,) = answers(
        DIFF, run, changes=(change(file("a.py", (1, 2)), base_sha=MOVED, base_moved=("a.py",)),)
    )
    assert verdict.state is State.PASS


def test_that_the_base_moved_is_said() -> None:
    (verdict,) = answers(
        DIFF, covered(REPORT), changes=(change(file("b.py", (1, 2)), base_sha=MOVED, base_moved=("z.py",)),)
    )
    assert verdict.notes == (
        "main moved on since this branch left it, and the run may have tested both together",
    )


def test_partly_covered_lines_count_as_the_policy_says() -> None:
    report = LineMap({"a.py": FileLines(0b110, 0b110, {1: (1, 2)})})
    section = asking({"coverage": {"total": None, "diff": ">= 100%", "partial": "miss"}})
    (verdict,) = answers(section, covered(report), changes=(change(file("a.py", (1, 2))),))
    assert (verdict.state, verdict.value) == (State.FAIL, "50.00 % (1 of 2 added lines)")
    assert verdict.remedy.endswith("any of a.py:1")


def test_groups_of_paths_have_their_own_bar_and_numerator() -> None:
    section = asking(
        {"coverage": {"total": None, "diff": ">= 90%"}},
        paths={"core/**": {"coverage": {"diff": ">= 100%"}}, "docs/**": {"coverage": "not_applicable"}},
    )
    report = lines(a=(9, 10), core__x=(9, 10), docs__y=(0, 10))
    changed = change(file("a.py", (1, 10)), file("core/x.py", (1, 10)), file("docs/y.py", (1, 10)))
    found = answers(section, covered(report), changes=(changed,))
    assert [(each.state, each.value, each.threshold) for each in found] == [
        (State.PASS, "90.00 % (9 of 10 added lines)", ">= 90% of added lines"),
        (State.FAIL, "90.00 % (9 of 10 added lines)", ">= 100% of added lines in core/**"),
    ]


def test_a_later_group_that_states_no_diff_leaves_a_file_in_its_group() -> None:
    groups = {"core/**": {"coverage": {"diff": ">= 100%"}}, "**/*.py": {"build": "not_applicable"}}
    section = asking({"coverage": {"total": None, "diff": ">= 10%"}}, paths=groups)
    found = answers(section, covered(lines(core__x=(9, 10))), changes=(change(file("core/x.py", (1, 10))),))
    assert (State.FAIL, "paths.core/**.coverage.diff") in {(each.state, each.rule) for each in found}


@given(st.sets(st.integers(1, 300)))
def test_lines_become_ranges_and_back(chosen: set[int]) -> None:
    bits = sum(1 << line for line in chosen)
    found = ranges(bits)
    assert bitmap_of(found) == bits
    assert all(first <= last for first, last in found)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(found))


def test_of_a_file_that_no_report_names_nobody_knows_the_branches() -> None:
    section = asking({"coverage": {"total": None, "metric": "branch", "diff": ">= 90%"}})
    added = change(file("new.py", (1, 12)))
    (verdict,) = answers(section, covered(REPORT), changes=(added,))
    assert (verdict.state, verdict.value) == (State.INCONCLUSIVE, "0 added branches could run")
    assert verdict.reason == "the report does not name new.py, to which the change adds lines"


def test_lines_in_files_of_other_kinds_are_told_where_nothing_else_is_added() -> None:
    added = change(file("src/x.ts", (1, 500)), file("b.md", (3, 3)))
    (verdict,) = answers(DIFF, covered(REPORT), changes=(added,))
    assert verdict.state is State.NOT_APPLICABLE
    assert verdict.reason == (
        "of what the change adds, none of 0 lines could run; not looked at: "
        "501 lines in files of kinds that the report names none of, src/x.ts, b.md"
    )
