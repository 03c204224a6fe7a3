"""A total that fell: exact, told with both numbers, and never a verdict where nothing can be compared."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.coverage import LineMap
from handlers.quality_gate.gates.drop import judged, points
from handlers.quality_gate.gates.judged import State
from handlers.quality_gate.gates.shares import Share
from tests.unit.handlers.quality_gate.gates.changed import (
    answers,
    asking,
    base_of,
    change,
    covered,
    file,
    lines,
)

DROP = asking({"coverage": {"total": None, "drop": "<= 0.10pt"}})
MODIFIED = file("a.py", (1, 1))


@given(t0=st.integers(1, 10**6), t1=st.integers(1, 10**6), data=st.data(), points_=st.integers(0, 1000))
def test_the_integers_decide_exactly(t0: int, t1: int, data: st.DataObject, points_: int) -> None:
    c0, c1 = data.draw(st.integers(0, t0)), data.draw(st.integers(0, t1))
    tolerance = Fraction(points_, 100)
    fell = 100 * c1 * t0 < 100 * c0 * t1 - tolerance * t0 * t1  # multiplied out, without a division
    lacking = judged(Share(Fraction(c0), t0), Share(Fraction(c1), t1), tolerance)
    assert bool(lacking) is fell
    if lacking:
        assert judged(Share(Fraction(c0), t0), Share(Fraction(c1 + lacking), t1), tolerance) == 0
        assert judged(Share(Fraction(c0), t0), Share(Fraction(c1 + lacking - 1), t1), tolerance) == 1


def test_a_fall_is_told_with_both_numbers_and_the_smallest_remedy() -> None:
    (verdict,) = answers(
        DROP, covered(lines(a=(84, 100))), changes=(change(MODIFIED, baseline=base_of(lines(a=(90, 100)))),)
    )
    assert verdict.state is State.FAIL
    assert verdict.value == "84.00 % (84 of 100 lines), 90.00 % (90 of 100 lines) at the base bbbbbbbbbbbb"
    assert verdict.reason == "6.00 percentage points less than at the base bbbbbbbbbbbb"
    assert verdict.remedy == "6 more covered lines needed, any of a.py:85-100"
    assert verdict.number == 3


def test_a_fall_within_the_tolerance_is_none() -> None:
    (verdict,) = answers(
        DROP,
        covered(lines(a=(899, 1000))),
        changes=(change(MODIFIED, baseline=base_of(lines(a=(900, 1000)))),),
    )
    assert verdict.state is State.PASS


def test_a_fall_just_beyond_it_is_one() -> None:
    (verdict,) = answers(
        DROP,
        covered(lines(a=(898, 1000))),
        changes=(change(MODIFIED, baseline=base_of(lines(a=(900, 1000)))),),
    )
    assert (verdict.state, verdict.remedy) == (
        State.FAIL,
        "1 more covered line needed, any of a.py:899-1000",
    )


def test_a_change_that_only_removes_covered_lines_cannot_fail() -> None:
    (verdict,) = answers(
        DROP,
        covered(lines(a=(40, 50))),
        changes=(change(file("a.py", removed=50), baseline=base_of(lines(a=(90, 100)))),),
    )
    assert verdict.state is State.PASS
    assert "only removes lines" in verdict.reason


def test_tests_that_are_removed_are_a_fall() -> None:
    gone = file("tests/test_a.py", removed=80, gone=True)
    (verdict,) = answers(
        DROP, covered(lines(a=(40, 100))), changes=(change(gone, baseline=base_of(lines(a=(90, 100)))),)
    )
    assert verdict.state is State.FAIL


def test_without_a_baseline_nothing_is_compared_and_that_is_said() -> None:
    (verdict,) = answers(DROP, covered(lines(a=(1, 100))), changes=(change(MODIFIED),))
    assert verdict.state is State.NOT_APPLICABLE
    assert "neither the base nor one of its ancestors" in verdict.reason


def test_a_push_without_a_change_has_nothing_to_compare_with() -> None:
    (verdict,) = answers(DROP, covered(lines(a=(1, 100))))
    assert verdict.state is State.NOT_APPLICABLE


def test_a_base_of_another_format_is_not_compared() -> None:
    run = covered(lines(a=(1, 2)), lines(b=(1, 2)))
    found = answers(DROP, run, changes=(change(MODIFIED, baseline=base_of(lines(a=(1, 2)))),))
    assert [(each.state, "no lcov coverage" in each.reason) for each in found] == [
        (State.PASS, False),
        (State.NOT_APPLICABLE, True),
    ]


def test_a_base_without_the_metric_is_not_compared() -> None:
    now = lines(a=(2, 2))
    now.files["a.py"].branches = {1: (1, 2)}
    section = asking({"coverage": {"total": None, "metric": "branch", "drop": "<= 0pt"}})
    (verdict,) = answers(
        section, covered(now), changes=(change(MODIFIED, baseline=base_of(lines(a=(2, 2)))),)
    )
    assert verdict.state is State.NOT_APPLICABLE
    assert "another metric" in verdict.reason


def test_branches_that_are_not_measured_any_more_are_no_pass() -> None:
    before = lines(a=(2, 2))
    before.files["a.py"].branches = {1: (1, 2)}
    section = asking({"coverage": {"total": None, "metric": "coveragepy", "drop": "<= 0pt"}})
    (verdict,) = answers(
        section, covered(lines(a=(2, 2))), changes=(change(MODIFIED, baseline=base_of(before)),)
    )
    assert verdict.state is State.INCONCLUSIVE


@pytest.mark.parametrize(
    ("metric", "both", "missing"),
    [
        ("branch", lines(a=(9, 10)), "any branch measured"),
        ("line", lines(a=(0, 0)), "any line measured"),
        ("coveragepy", lines(a=(0, 0)), "any line or branch measured"),
    ],
)
def test_where_neither_side_measures_the_metric_nothing_is_concluded(
    metric: str, both: LineMap, missing: str
) -> None:
    section = asking({"coverage": {"total": None, "metric": metric, "drop": "<= 1pt"}})
    (verdict,) = answers(section, covered(both), changes=(change(MODIFIED, baseline=base_of(both)),))
    assert verdict.state is State.INCONCLUSIVE
    assert missing in verdict.reason


def test_an_ancestor_is_named_with_its_distance() -> None:
    base = base_of(lines(a=(1, 2)), distance=3)
    (verdict,) = answers(DROP, covered(lines(a=(1, 2))), changes=(change(MODIFIED, baseline=base),))
    assert verdict.notes == (
        "held against bbbbbbbbbbbb, 3 commits before the base: nothing nearer was recorded",
    )


def test_a_renamed_workflow_is_compared_where_the_format_is_the_only_one() -> None:
    base = base_of(lines(a=(2, 2)), path=".github/workflows/old.yml")
    (verdict,) = answers(DROP, covered(lines(a=(1, 2))), changes=(change(MODIFIED, baseline=base),))
    assert verdict.state is State.FAIL


def test_of_two_pull_requests_each_is_judged_and_named() -> None:
    low, high = base_of(lines(a=(1, 10))), base_of(lines(a=(9, 10)))
    found = answers(
        DROP,
        covered(lines(a=(5, 10))),
        changes=(change(MODIFIED, baseline=low, number=3), change(MODIFIED, baseline=high, number=4)),
    )
    assert [(each.state, each.number) for each in found] == [(State.PASS, 3), (State.FAIL, 4)]


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [((1, 3), (1, 4), "8.34"), ((999_999, 1_000_000), (999_998, 1_000_000), "0.01")],
)
def test_a_fall_is_never_shown_as_nothing(
    before: tuple[int, int], after: tuple[int, int], shown: str
) -> None:
    assert points(Share(Fraction(before[0]), before[1]), Share(Fraction(after[0]), after[1])) == shown
