"""Exact fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.coverage import FileLines, LineMap
from handlers.quality_gate.gates.shares import Share, percent, share_of, share_of_sums
from handlers.quality_gate.history.measures import sums_of
from handlers.quality_gate.section.gates import CoverageGate

FILE = FileLines(valid=0b1110, covered=0b0110, branches={1: (1, 2), 2: (2, 2), 3: (0, 2)})


@given(valid=st.integers(1, 10**7), data=st.data(), least=st.decimals(0, 100, places=4))
def test_a_share_reaches_a_threshold_exactly_when_the_fraction_does(
    valid: int, data: st.DataObject, least: object
) -> None:
    covered = data.draw(st.integers(0, valid))
    bar = Fraction(str(least))
    share = Share(Fraction(covered), valid)
    assert share.reaches(bar) is (Fraction(covered, valid) * 100 >= bar)
    lacking = share.lacking(bar)
    assert Share(Fraction(covered + lacking), valid).reaches(bar)
    assert lacking == 0 or not Share(Fraction(covered + lacking - 1), valid).reaches(bar)


@given(valid=st.integers(1, 10**7), data=st.data())
def test_the_percentage_shown_is_never_above_the_truth(valid: int, data: st.DataObject) -> None:
    covered = data.draw(st.integers(0, valid))
    shown = Fraction(percent(Share(Fraction(covered), valid)).removesuffix(" %"))
    assert shown <= Fraction(100 * covered, valid) < shown + Fraction(1, 100)


@pytest.mark.parametrize(
    ("metric", "partial", "covered", "valid"),
    [
        ("line", "hit", Fraction(2), 3),
        ("line", "half", Fraction(3, 2), 3),
        ("line", "miss", Fraction(1), 3),
        ("branch", "hit", Fraction(3), 6),
        ("coveragepy", "hit", Fraction(5), 9),
    ],
)
def test_what_is_counted_is_what_the_policy_names(
    metric: str, partial: str, covered: Fraction, valid: int
) -> None:
    gate = CoverageGate.model_validate({"metric": metric, "partial": partial})
    found = share_of(FILE, gate)
    assert (found.covered, found.valid) == (covered, valid)


def test_only_some_lines_can_be_asked_for() -> None:
    assert share_of(FILE, CoverageGate(), only=0b0100) == Share(Fraction(1), 1)


PARTLY = FileLines(valid=0b11110, covered=0b11110, branches=dict.fromkeys(range(1, 5), (1, 2)))
HALF = CoverageGate.model_validate({"partial": "half"})


@pytest.mark.parametrize(
    ("missed", "percent", "lacking"), [(0, 75, 2), (0, 100, 4), (1, 60, 1), (1, 80, 3), (1, 100, 5)]
)
def test_a_line_that_counts_a_half_gives_a_half(missed: int, percent: int, lacking: int) -> None:
    share = share_of(PARTLY, HALF).and_uncovered(missed)
    assert share.lacking(Fraction(percent)) == lacking
    assert share_of_sums(sums_of(LineMap({"a.py": PARTLY})), HALF).and_uncovered(missed) == share
