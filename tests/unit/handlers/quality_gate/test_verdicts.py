"""Exact fractions."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.domain.coverage import CoverageTotals
from handlers.quality_gate.models import PolicyFacts
from handlers.quality_gate.verdicts import State, _share, percent


@given(valid=st.integers(1, 10**7), data=st.data(), least=st.decimals(0, 100, places=4))
def test_a_gate_passes_exactly_when_the_fraction_reaches_the_threshold(
    valid: int, data: st.DataObject, least: object
) -> None:
    covered = data.draw(st.integers(0, valid))
    policy = PolicyFacts(configured=True, total=f">= {least}%")
    verdict = _share("cobertura", CoverageTotals(covered, valid, 0, 0, 1), policy)
    reached = Fraction(covered, valid) * 100 >= Fraction(str(least))
    assert verdict.state is (State.PASS if reached else State.FAIL)
    if not reached:
        lacking = int(verdict.reason.split()[0])
        assert Fraction(covered + lacking, valid) * 100 >= Fraction(str(least))
        assert Fraction(covered + lacking - 1, valid) * 100 < Fraction(str(least))


@given(valid=st.integers(1, 10**7), data=st.data())
def test_the_percentage_shown_is_never_above_the_truth(valid: int, data: st.DataObject) -> None:
    covered = data.draw(st.integers(0, valid))
    shown = Fraction(percent(covered, valid).removesuffix(" %"))
    assert shown <= Fraction(100 * covered, valid) < shown + Fraction(1, 100)
