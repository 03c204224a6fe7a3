"""Totals, groups of paths, and the reasons not to believe good numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.coverage import LineMap
from handlers.quality_gate.gates.judged import State
from handlers.quality_gate.reports.readings import Problem, Reports
from tests.unit.handlers.quality_gate.gates.changed import (
    MOVED,
    answers,
    asking,
    base_of,
    change,
    covered,
    file,
    lines,
    of_run,
)

TOTAL = asking({"coverage": {"total": ">= 85%"}})


def test_the_exact_fraction_decides_and_is_shown_cut() -> None:
    (verdict,) = answers(asking({"coverage": {"total": ">= 85%"}}), covered(lines(a=(21249, 25000))))
    assert (verdict.state, verdict.value) == (State.FAIL, "84.99 % (21249 of 25000 lines)")
    assert verdict.reason == "1 more covered line needed"


def test_the_remedy_names_added_lines_first() -> None:
    report = lines(a=(1, 3), b=(1, 3))
    (verdict,) = answers(
        asking({"coverage": {"total": ">= 50%"}}), covered(report), changes=(change(file("b.py", (3, 3))),)
    )
    assert verdict.remedy == "1 more covered line needed, any of b.py:3, a.py:2-3, b.py:2"


def test_each_group_has_its_own_numerator_and_the_rest_belong_to_the_gate() -> None:
    section = asking({"coverage": {"total": ">= 50%"}}, paths={"core/**": {"coverage": {"total": ">= 95%"}}})
    found = answers(section, covered(lines(a=(5, 10), core__x=(9, 10))))
    assert [(each.state, each.value, each.rule) for each in found] == [
        (State.PASS, "50.00 % (5 of 10 lines)", "gates.coverage.total"),
        (State.FAIL, "90.00 % (9 of 10 lines)", "paths.core/**.coverage.total"),
    ]
    assert found[1].threshold == ">= 95% of lines in core/**"


def test_the_last_group_that_matches_counts() -> None:
    groups = {"core/**": {"coverage": {"total": ">= 95%"}}, "core/old/**": {"coverage": {"total": ">= 10%"}}}
    section = asking({"coverage": {"total": ">= 50%"}}, paths=groups)
    found = answers(section, covered(lines(core__x=(10, 10), core__old__y=(1, 10))))
    assert [(each.state, each.rule) for each in found] == [
        (State.PASS, "paths.core/**.coverage.total"),
        (State.PASS, "paths.core/old/**.coverage.total"),
    ]


@pytest.mark.parametrize(
    "later",
    [
        {"build": "not_applicable"},
        {"coverage": {"diff": ">= 10%"}},
        {"lint": "not_applicable", "coverage": {"diff": ">= 10%"}},
    ],
)
def test_a_later_group_that_states_no_total_leaves_a_file_in_its_group(later: dict[str, object]) -> None:
    groups = {"core/**": {"coverage": {"total": ">= 95%"}}, "**/*.py": later}
    section = asking({"coverage": {"total": ">= 50%"}}, paths=groups)
    found = answers(section, covered(lines(a=(10, 10), core__x=(9, 10))))
    assert [(each.state, each.rule) for each in found if "diff" not in each.rule][:2] == [
        (State.PASS, "gates.coverage.total"),
        (State.FAIL, "paths.core/**.coverage.total"),
    ]


def test_a_group_within_one_that_needs_no_coverage_needs_what_it_states_itself() -> None:
    groups = {"core/**": {"all": "not_applicable"}, "core/new/**": {"coverage": {"total": ">= 95%"}}}
    section = asking({"coverage": {"total": ">= 50%"}}, paths=groups)
    found = answers(section, covered(lines(core__x=(0, 10), core__new__y=(9, 10))))
    assert [(each.state, each.value, each.rule) for each in found] == [
        (State.FAIL, "90.00 % (9 of 10 lines)", "paths.core/new/**.coverage.total"),
    ]


def test_files_that_need_no_coverage_are_in_no_total() -> None:
    section = asking({"coverage": {"total": ">= 100%"}}, paths={"docs/**": {"all": "not_applicable"}})
    (verdict,) = answers(section, covered(lines(a=(2, 2), docs__y=(0, 9))))
    assert (verdict.state, verdict.value) == (State.PASS, "100.00 % (2 of 2 lines)")


def test_a_group_that_no_report_names_is_no_pass() -> None:
    section = asking({"coverage": {"total": ">= 1%"}}, paths={"core/**": {"coverage": {"total": ">= 95%"}}})
    found = answers(section, covered(lines(a=(2, 2))))
    assert [(each.state, each.reason) for each in found][1:] == [
        (State.INCONCLUSIVE, "no report names a file in core/**")
    ]


def test_a_group_may_be_measured_by_another_run() -> None:
    section = asking({"coverage": {"total": ">= 1%"}}, paths={"core/**": {"coverage": {"total": ">= 95%"}}})
    other = covered(lines(core__x=(2, 2)), path=".github/workflows/core.yml")
    found = answers(section, covered(lines(a=(2, 2))), other)
    assert {each.state for each in found} == {State.PASS}


def test_formats_of_one_measurement_must_agree() -> None:
    found = answers(TOTAL, covered(lines(a=(9, 10)), lines(a=(10, 10))))
    doubts = [each for each in found if each.state is State.INCONCLUSIVE]
    assert [each.value for each in doubts] == ["90.00 % and 100.00 %"]
    assert "cobertura and lcov of the same artifacts disagree" in doubts[0].reason


def test_formats_that_agree_are_no_doubt() -> None:
    assert {each.state for each in answers(TOTAL, covered(lines(a=(9, 10)), lines(a=(9, 10))))} == {
        State.PASS
    }


def test_a_difference_that_rounding_explains_is_no_doubt() -> None:
    found = answers(TOTAL, covered(lines(a=(19_999, 20_000)), lines(a=(20_000, 20_000))))
    assert {each.state for each in found} == {State.PASS}


def test_formats_of_different_files_are_two_measurements() -> None:
    found = answers(TOTAL, covered(lines(a=(9, 10)), lines(b=(1, 10))))
    assert [each.state for each in found] == [State.PASS, State.FAIL]


def test_a_report_that_measures_nothing_is_no_evidence() -> None:
    (verdict,) = answers(TOTAL, covered(LineMap()))
    assert (verdict.state, verdict.value) == (State.INCONCLUSIVE, "nothing measured")


def test_a_vacuous_report_is_no_pass() -> None:
    reports = Reports(
        coverage=(("cobertura", lines(a=(2, 2)).pack()),), vacuous=(Problem("coverage", "c.xml: no line"),)
    )
    assert [each.state for each in answers(TOTAL, of_run(reports))] == [State.INCONCLUSIVE, State.PASS]


def test_files_that_vanished_from_the_report_are_named() -> None:
    base = base_of(lines(a=(1, 2), b=(2, 2)), vanished=("b.py",))
    found = answers(TOTAL, covered(lines(a=(2, 2))), changes=(change(file("a.py", (1, 1)), baseline=base),))
    assert [each.state for each in found] == [State.PASS, State.INCONCLUSIVE]
    assert found[1].reason == (
        "the base bbbbbbbbbbbb has coverage of files that are still there and that no report names now: b.py"
    )
    assert found[1].number == 3


def test_a_file_that_the_moved_base_touched_may_be_gone_from_the_merge() -> None:
    base = base_of(lines(a=(1, 2), b=(2, 2)), vanished=("b.py",))
    moved = change(file("a.py", (1, 1)), baseline=base, base_sha=MOVED, base_moved=("b.py",))
    assert {each.state for each in answers(TOTAL, covered(lines(a=(2, 2))), changes=(moved,))} == {State.PASS}
    push = covered(lines(a=(2, 2)), trigger="push")
    assert State.INCONCLUSIVE in {each.state for each in answers(TOTAL, push, changes=(moved,))}


def test_nothing_vanished_while_a_run_may_still_report_it() -> None:
    slow = replace(covered(lines(b=(2, 2))), status="in_progress", conclusion=None, reports=None)
    section = asking({"coverage": {"total": ">= 1%"}}, paths={"core/**": {"coverage": {"total": ">= 95%"}}})
    base = base_of(lines(a=(1, 2), b=(2, 2)), vanished=("b.py",))
    changes = (change(file("a.py", (1, 1)), baseline=base),)
    found = answers(section, covered(lines(a=(2, 2))), slow, changes=changes)
    assert {each.state for each in found} == {State.PASS, State.WAITING}


def test_vanished_files_of_a_group_that_needs_no_coverage_do_not_matter() -> None:
    section = asking({"coverage": {"total": ">= 1%"}}, paths={"docs/**": {"all": "not_applicable"}})
    base = base_of(lines(a=(1, 2), docs__y=(2, 2)), vanished=("docs/y.py",))
    found = answers(section, covered(lines(a=(2, 2))), changes=(change(file("a.py", (1, 1)), baseline=base),))
    assert {each.state for each in found} == {State.PASS}


def test_vanished_files_whose_coverage_is_waived_are_not_missed() -> None:
    waiver = {"gate": "coverage", "path": "b.py", "until": "2027-01-31", "by": "octo", "why": "old code"}
    section = asking({"coverage": {"total": ">= 1%"}}, waivers=[waiver])
    base = base_of(lines(a=(1, 2), b=(2, 2)), vanished=("b.py",))
    found = answers(section, covered(lines(a=(2, 2))), changes=(change(file("a.py", (1, 1)), baseline=base),))
    assert {each.state for each in found} == {State.PASS}


def test_the_bar_says_all_that_is_asked() -> None:
    section = asking(
        {"coverage": {"total": ">= 85%", "diff": ">= 90%", "drop": "<= 0.10pt", "metric": "branch"}}
    )
    first, *_ = answers(section, covered(lines(a=(2, 2))))
    assert first.threshold == ">= 85% of branches, >= 90% of added branches, <= 0.10pt below the base"


def test_the_same_evidence_gives_the_same_answers() -> None:
    section = asking({"coverage": {"total": ">= 85%", "diff": ">= 90%", "drop": "<= 0.10pt"}})

    def judged() -> object:
        report = lines(b=(1, 9), a=(3, 9))
        changed = change(file("a.py", (2, 8)), baseline=base_of(lines(a=(9, 9))))
        return answers(section, covered(report), changes=(changed,))

    assert judged() == judged()
