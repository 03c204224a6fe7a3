from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.release_codes import ReleaseCode
from app.domain.reports import CaseTotals

COUNT = st.integers(min_value=0, max_value=1000)
TOTALS = st.builds(CaseTotals, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT)


@given(TOTALS, TOTALS, TOTALS)
def test_totals_add_up_in_any_order(one: CaseTotals, two: CaseTotals, three: CaseTotals) -> None:
    assert one.plus(two).plus(three) == three.plus(one).plus(two)
    assert one.plus(CaseTotals()) == one
    assert one.plus(two).failed == one.failed + two.failed


def test_exactly_the_codes_that_say_so_are_unsupported() -> None:
    named = {code for code in ReleaseCode if code.name.startswith("UNSUPPORTED")}
    assert {code for code in ReleaseCode if code.is_unsupported} == {*named, ReleaseCode.TRUST_ROOT_ABSENT}
    assert not ReleaseCode.TAMPERED.is_unsupported
