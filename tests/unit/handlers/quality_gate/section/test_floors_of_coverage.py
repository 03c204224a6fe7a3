"""What satisfies a section under a floor of coverage satisfies the floor, whatever the lines are and however they are counted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.quality_gate.gates.shares import PERCENT, share_of_sums
from handlers.quality_gate.history.measures import CoverageSums
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.adding import added
from handlers.quality_gate.section.gates import CoverageGate
from handlers.quality_gate.section.organisation import OrganisationGate
from handlers.quality_gate.section.values import parse_points, parse_threshold

COUNTED: dict[str, st.SearchStrategy[Any]] = {
    "metric": st.sampled_from(["line", "branch", "coveragepy"]),
    "partial": st.sampled_from(["hit", "half", "miss"]),
}
ALL = {"total", "diff", "drop"}
SHARES = st.sampled_from([">= 0%", ">= 20%", ">= 50%", ">= 90%"])
POINTS = st.sampled_from(["<= 0pt", "<= 5pt", "<= 40pt"])
ASKED = COUNTED | {"diff": SHARES, "drop": POINTS}
GATES = st.fixed_dictionaries({"total": SHARES}, optional=ASKED)
FLOORS = st.fixed_dictionaries({}, optional=ASKED | {"total": SHARES})


@st.composite
def sums(draw: st.DrawFn) -> CoverageSums:
    valid = draw(st.integers(1, 20))
    covered = draw(st.integers(0, valid))
    branches = draw(st.integers(1, 20))
    partial = draw(st.integers(0, covered))
    return CoverageSums(covered, valid, partial, draw(st.integers(0, branches)), branches, 1)


def held(mine: dict[str, Any], floor: dict[str, Any]) -> CoverageGate:
    section = QualityGate.model_validate({"gates": {"coverage": mine}})
    found, _ = OrganisationGate.model_validate({"minimum": {"coverage": floor}}).hold(section)
    assert found.gates.coverage is not None
    return found.gates.coverage


def is_green(gate: CoverageGate, keys: set[str], before: CoverageSums, after: CoverageSums) -> bool:
    """Whether the gate's own numbers allow that coverage goes from one to the other; `diff` is judged like a total."""
    now = share_of_sums(after, gate)
    shares = [getattr(gate, key) for key in ("total", "diff") if key in keys and getattr(gate, key)]
    if not all(now.reaches(parse_threshold(each)) for each in shares):
        return False
    if "drop" not in keys or gate.drop is None:
        return True
    return lost(before, after, gate, gate.drop) == 0


def lost(before: CoverageSums, after: CoverageSums, gate: CoverageGate, tolerance: str) -> int:
    """How many more would have to be covered not to fall further than that."""
    was = share_of_sums(before, gate)
    return share_of_sums(after, gate).lacking(PERCENT * was.covered / was.valid - parse_points(tolerance))


@settings(max_examples=500)
@given(GATES, FLOORS, sums(), sums())
def test_what_is_green_for_the_repository_is_green_for_the_organisation(
    mine: dict[str, Any], floor: dict[str, Any], before: CoverageSums, after: CoverageSums
) -> None:
    gate = held(mine, floor)
    asked = CoverageGate.model_validate({"drop": "<= 100pt"} | floor)
    assert is_green(asked, set(floor), before, after) or not is_green(gate, ALL, before, after)


@settings(max_examples=500)
@given(GATES, GATES, sums(), sums())
def test_what_is_green_with_what_a_branch_adds_is_green_without_it(
    mine: dict[str, Any], more: dict[str, Any], before: CoverageSums, after: CoverageSums
) -> None:
    section, other = (QualityGate.model_validate({"gates": {"coverage": each}}) for each in (mine, more))
    gate, alone = added(section, other, "stable").section.gates.coverage, section.gates.coverage
    assert gate is not None
    assert alone is not None
    assert is_green(alone, ALL, before, after) or not is_green(gate, ALL, before, after)


@pytest.mark.parametrize(
    ("mine", "floor", "places"),
    [
        ({"metric": "branch"}, {"total": ">= 85%"}, ["metric"]),
        ({"metric": "coveragepy", "drop": "<= 1pt"}, {"drop": "<= 1pt"}, ["metric"]),
        ({"partial": "miss"}, {"total": ">= 85%"}, []),
        ({"partial": "miss", "drop": "<= 1pt"}, {"drop": "<= 1pt"}, ["partial"]),
        ({"partial": "hit"}, {"diff": ">= 85%", "partial": "half"}, ["diff", "partial"]),
        ({"metric": "branch"}, {"absent": "inconclusive"}, ["absent", "metric"]),
    ],
)
def test_a_floor_says_what_it_counts(mine: dict[str, Any], floor: dict[str, Any], places: list[str]) -> None:
    section = QualityGate.model_validate({"gates": {"coverage": mine}})
    _, breaches = OrganisationGate.model_validate({"minimum": {"coverage": floor}}).hold(section)
    assert sorted(each.path[-1] for each in breaches) == places


def test_a_line_that_is_half_taken_is_no_loss_where_it_counts_for_nothing() -> None:
    before, after = CoverageSums(10, 10, 10), CoverageSums(9, 10, 9)
    gates = [CoverageGate(partial="hit"), CoverageGate(partial="miss")]
    assert [lost(before, after, gate, "<= 1pt") for gate in gates] == [1, 0]
