"""Tests that failed, did not run, or went away since the base."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.reports import CaseTotals, FailedCase, TestReport
from handlers.quality_gate.gates.judged import State, Weight
from handlers.quality_gate.gates.losses import loss_of, text_of
from handlers.quality_gate.reports.readings import Problem, ReportFile, Reports
from tests.unit.handlers.quality_gate.commit import CI
from tests.unit.handlers.quality_gate.gates.changed import (
    answers,
    asking,
    base_with,
    change,
    file,
    of_run,
    ran,
)

PLAIN = asking({"tests": {}})
LIMIT = asking({"tests": {"max_test_drop": "10%"}})
NONE_GONE = asking({"tests": {"max_test_drop": "0%"}})
TEN = tuple(f"t{number}" for number in range(10))
EDITED = file("a.py", (1, 1))


def test_every_test_skipped_is_no_pass_even_where_none_need_run() -> None:
    found = answers(asking({"tests": {"min_tests": 0}}), ran(skipped=3))
    assert State.INCONCLUSIVE in {each.state for each in found}


def test_no_test_at_all_passes_only_where_the_policy_allows_it() -> None:
    nothing = of_run(Reports(tests=TestReport(CaseTotals()), vacuous=(Problem("tests", "no test"),)))
    assert {each.state for each in answers(asking({"tests": {"min_tests": 0}}), nothing)} == {State.PASS}
    assert State.FAIL in {each.state for each in answers(PLAIN, nothing)}


def test_a_report_without_a_test_beside_good_ones_is_no_pass() -> None:
    reports = Reports(tests=TestReport(CaseTotals(1, 1)), vacuous=(Problem("tests", "b.xml: no test"),))
    found = answers(PLAIN, of_run(reports))
    assert [(each.state, each.reason) for each in found] == [
        (State.PASS, "no test failed"),
        (State.INCONCLUSIVE, "b.xml: no test"),
    ]


@pytest.mark.parametrize(("unfinished", "state"), [(0, State.PASS), (1, State.FAIL)])
def test_where_errors_do_not_fail_a_run_that_broke_off_still_does(unfinished: int, state: State) -> None:
    tests = TestReport(CaseTotals(3, 2, errors=1), unfinished=unfinished)
    (found,) = answers(asking({"tests": {"fail_on": ["failure"]}}), of_run(Reports(tests=tests)))
    assert found.state is state


def test_tests_that_went_away_fail_beyond_the_limit() -> None:
    base = base_with(*TEN)
    _, lost = answers(LIMIT, ran(*TEN[:8]), changes=(change(EDITED, baseline=base),))
    assert (lost.state, lost.value, lost.number) == (State.FAIL, "8 of 10 tests run", 3)
    assert lost.reason == "2 tests (20.00 %) of the 10 that the base bbbbbbbbbbbb ran did not run"
    assert lost.remedy == "run 1 more of them, or remove them from files of tests in this change"


def test_as_many_as_the_limit_allows_may_go() -> None:
    found = answers(LIMIT, ran(*TEN[:9]), changes=(change(EDITED, baseline=base_with(*TEN)),))
    assert [each.state for each in found] == [State.PASS, State.PASS]
    assert found[1].notes == ("1 test (10.00 %) of the 10 that the base bbbbbbbbbbbb ran did not run",)


def test_without_a_limit_a_loss_is_shown_and_never_silent() -> None:
    _, lost = answers(PLAIN, ran(*TEN[:5]), changes=(change(EDITED, baseline=base_with(*TEN)),))
    assert lost.state is State.PASS
    assert [(mark.path, mark.weight) for mark in lost.marks] == [(CI, Weight.WARNS)]
    assert lost.notes


def test_tests_whose_files_the_change_deletes_are_no_loss_and_are_told() -> None:
    deleted = file("tests/test_a.py", removed=30, gone=True)
    found = answers(LIMIT, ran(*TEN[:5]), changes=(change(deleted, baseline=base_with(*TEN)),))
    assert [each.state for each in found] == [State.PASS, State.PASS]
    assert found[1].notes[0].startswith("5 tests of the 10 ")


def test_a_small_deletion_does_not_hide_a_large_loss() -> None:
    deleted = file("tests/test_a.py", removed=2, gone=True)
    _, lost = answers(LIMIT, ran(*TEN[:5]), changes=(change(deleted, baseline=base_with(*TEN)),))
    assert lost.state is State.FAIL
    assert lost.reason.endswith("; 2 more may have been in lines that the change removes from files of tests")


@pytest.mark.parametrize("path", ["docs/old.md", "src/old.py"])
def test_a_deleted_file_of_no_tests_excuses_none(path: str) -> None:
    deleted = file(path, removed=600, gone=True)
    _, lost = answers(LIMIT, ran(*TEN[:5]), changes=(change(deleted, baseline=base_with(*TEN)),))
    assert lost.state is State.FAIL
    assert lost.reason == "5 tests (50.00 %) of the 10 that the base bbbbbbbbbbbb ran did not run"


def test_tests_that_are_cut_from_a_file_are_no_loss() -> None:
    shorter = file("tests/test_a.py", removed=20)
    found = answers(NONE_GONE, ran(*TEN[:8]), changes=(change(shorter, baseline=base_with(*TEN)),))
    assert {each.state for each in found} == {State.PASS}


def test_a_file_that_is_cut_excuses_no_more_tests_than_it_lost_lines() -> None:
    shorter = file("tests/test_a.py", (1, 7), removed=10)
    _, lost = answers(NONE_GONE, ran(*TEN[:5]), changes=(change(shorter, baseline=base_with(*TEN)),))
    assert lost.state is State.FAIL
    assert lost.reason.startswith("2 tests (20.00 %) of the 10 that")
    assert "; 3 more may have been" in lost.reason


def test_lines_that_are_edited_excuse_nothing() -> None:
    edited = file("tests/test_a.py", (1, 20), removed=20)
    _, lost = answers(NONE_GONE, ran(*TEN[:8]), changes=(change(edited, baseline=base_with(*TEN)),))
    assert lost.state is State.FAIL


def test_what_a_deletion_excuses_is_told_with_its_number() -> None:
    deleted = change(file("tests/test_a.py", removed=30, gone=True), baseline=base_with(*TEN))
    loss = loss_of(deleted, (ran(*TEN[:5]),))
    assert loss is not None
    assert (loss.number, loss.deleted) == (0, 5)
    assert text_of(loss) == (
        "5 tests of the 10 that the base bbbbbbbbbbbb ran did not run, "
        "and may have been in lines that the change removes from files of tests"
    )


def test_without_names_the_same_tests_of_two_runs_count_once() -> None:
    base = base_with(*TEN, in_full=False)
    pushed = replace(ran(*TEN[:5]), run_id=2, trigger="push")
    found = answers(LIMIT, ran(*TEN[:5]), pushed, changes=(change(EDITED, baseline=base),))
    assert found[-1].state is State.FAIL
    assert found[-1].value == "5 of 10 tests run"


def test_without_names_the_tests_of_two_workflows_add_up() -> None:
    base = base_with(*TEN, in_full=False)
    other = ran(*TEN[5:], path=".github/workflows/other.yml")
    found = answers(LIMIT, ran(*TEN[:5]), other, changes=(change(EDITED, baseline=base),))
    assert {each.state for each in found} == {State.PASS}


def test_a_renamed_test_goes_and_comes() -> None:
    found = answers(
        LIMIT,
        ran(*TEN[:5], "n1", "n2", "n3", "n4", "n5"),
        changes=(change(EDITED, baseline=base_with(*TEN)),),
    )
    assert [each.state for each in found] == [State.PASS]


def test_where_names_are_forgotten_numbers_still_tell() -> None:
    base = base_with(*TEN, in_full=False)
    _, lost = answers(LIMIT, ran(*TEN[:5]), changes=(change(EDITED, baseline=base),))
    assert lost.state is State.FAIL


def test_what_another_workflow_ran_at_the_base_is_not_missed() -> None:
    base = base_with(*TEN, path=".github/workflows/nightly.yml")
    assert [each.state for each in answers(LIMIT, ran("t0"), changes=(change(EDITED, baseline=base),))] == [
        State.PASS
    ]


def test_unless_the_change_touches_that_workflow() -> None:
    nightly = ".github/workflows/nightly.yml"
    changed = change(file(nightly, removed=9, gone=False), baseline=base_with(*TEN, path=nightly))
    _, lost = answers(LIMIT, ran("t0"), changes=(changed,))
    assert lost.state is State.FAIL


def test_nothing_is_lost_while_a_run_may_still_report_it() -> None:
    slow = replace(of_run(Reports(), path="slow.yml"), status="in_progress", conclusion=None, reports=None)
    found = answers(LIMIT, ran("t0"), slow, changes=(change(EDITED, baseline=base_with(*TEN)),))
    assert [each.state for each in found] == [State.PASS, State.WAITING]


def test_evidence_that_the_base_had_is_missed_where_its_workflow_ran() -> None:
    section = asking({"coverage": {"when": "reported"}})
    base = base_with("t0")
    (absent,) = answers(section, ran("t0"), changes=(change(EDITED, baseline=base),))
    assert absent.state is State.NOT_APPLICABLE
    tests = asking({"tests": {"when": "reported"}})
    (missing,) = answers(tests, of_run(Reports()), changes=(change(EDITED, baseline=base),))
    assert missing.state is State.MISSING
    other = of_run(Reports(), path=".github/workflows/docs.yml")
    (unasked,) = answers(tests, other, changes=(change(EDITED, baseline=base),))
    assert unasked.state is State.NOT_APPLICABLE


def test_the_remedy_names_the_first_tests_that_fail() -> None:
    names = [f"tests.test_a.test_{number}" for number in range(6)]
    failures = tuple(FailedCase(name, "no") for name in (*names, "x" * 500))
    reports = Reports(
        files=(ReportFile("junit", "r.xml", "junit", "tests"),),
        tests=TestReport(CaseTotals(7, 0, failed=7), failures),
    )
    (found,) = answers(asking({"tests": {}}), of_run(reports))
    assert found.remedy == f"make them pass: {', '.join(names[:5])} and others"


def test_where_some_that_do_not_pass_are_let_pass_none_is_named() -> None:
    tests = TestReport(CaseTotals(2, 0, failed=1, errors=1), (FailedCase("a", "no"), FailedCase("b", "no")))
    reports = Reports(files=(ReportFile("junit", "r.xml", "junit", "tests"),), tests=tests)
    (found,) = answers(asking({"tests": {"fail_on": ["failure"]}}), of_run(reports))
    assert found.remedy == "make it pass"
