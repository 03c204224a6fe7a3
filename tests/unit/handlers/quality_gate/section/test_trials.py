"""From when a gate counts that only informs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from handlers.quality_gate.section import QualityGate

TODAY = date(2026, 11, 23)


def trial(until: str, gate: str = "tests") -> dict[str, str]:
    return {"gate": gate, "until": until}


@pytest.mark.parametrize(
    ("informational", "day"),
    [
        ([], None),
        (["tests"], None),
        ([trial("2027-01-01")], date(2027, 1, 1)),
        ([trial("2026-11-24")], date(2026, 11, 24)),
        ([trial("2026-11-23")], None),
        ([trial("2027-01-01", "lint")], None),
        ([trial("2027-01-01"), trial("2027-03-01"), trial("2026-12-01")], date(2027, 3, 1)),
        ([trial("2027-01-01"), "tests"], None),
    ],
)
def test_a_gate_counts_from_the_end_of_its_last_trial(informational: list[Any], day: date | None) -> None:
    section = QualityGate.model_validate({"gates": {"tests": {}}, "informational": informational})
    assert section.counts_from("tests", TODAY) == day


@pytest.mark.parametrize("today", [date(2026, 12, 31), date(2027, 1, 1)])
def test_a_named_day_is_told_for_exactly_as_long_as_the_gate_only_informs(today: date) -> None:
    section = QualityGate.model_validate({"gates": {"tests": {}}, "informational": [trial("2027-01-01")]})
    assert (section.counts_from("tests", today) is not None) == section.is_informational("tests", today)
