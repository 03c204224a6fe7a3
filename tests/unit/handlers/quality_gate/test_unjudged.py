"""What is said of rules that no option gives anything to be held against."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.domain.gates import GateFolders
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.unjudged import unjudged

HERE = Path("here")
SECTION = QualityGate.model_validate(
    {
        "gates": {
            "tests": {"max_test_drop": "10%"},
            "coverage": {"total": None, "diff": ">= 90%", "drop": "<= 1pt"},
            "lint": {"new_findings": 0},
            "types": {"findings": 0},
        },
        "paths": {"src/**": {"coverage": {"diff": ">= 95%"}}},
    }
)
DIFF = [
    "gates.coverage.diff is not judged without --diff",
    "paths.src/**.coverage.diff is not judged without --diff",
]
BASE = [
    "gates.coverage.drop is not judged without --base",
    "gates.tests.max_test_drop is not judged without --base",
]
EITHER = ["gates.lint.new_findings is not judged without --base or --diff"]


@pytest.mark.parametrize(
    ("base", "diff", "told"),
    [
        (None, None, [*DIFF, *BASE, *EITHER]),
        (None, HERE, BASE),
        (HERE, None, DIFF),
        (HERE, HERE, []),
    ],
)
def test_rules_are_named_with_the_option_that_they_want(
    base: Path | None, diff: Path | None, told: list[str]
) -> None:
    assert [*unjudged(SECTION, GateFolders(HERE, date(2026, 1, 1), base, diff))] == told
