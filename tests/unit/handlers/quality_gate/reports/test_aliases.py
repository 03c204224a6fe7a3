"""Rules of different tools that say the same."""

from __future__ import annotations

import pytest

from handlers.quality_gate.reports.aliases import same_as
from tests.unit.handlers.quality_gate.gates.found import finding


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ruff", "F401"), ("pylint", "W0611")),
        (("ruff", "F401"), ("flake8", "F401")),
        (("ruff", "PLR0913"), ("pylint", "R0913")),
        (("ruff", "S101"), ("bandit", "B101")),
        (("hadolint", "SC2086"), ("shellcheck", "SC2086")),
        (("mypy", "name-defined"), ("pyright", "reportUndefinedVariable")),
    ],
)
def test_rules_of_two_tools_are_the_same(one: tuple[str, str], other: tuple[str, str]) -> None:
    first = finding(tool=one[0], rule=one[1], message="one")
    assert same_as(first) == same_as(finding(tool=other[0], rule=other[1], message="two"))


def test_rules_that_only_look_alike_are_not() -> None:
    first = finding(tool="ruff", rule="B006", message="one")
    assert same_as(first) != same_as(finding(tool="bandit", rule="B006", message="two"))


def test_unknown_rules_are_the_same_where_they_say_the_same() -> None:
    first = finding(tool="tool", rule="x", message="Line too long: 120 > `100`.")
    assert same_as(first) == same_as(finding(tool="other", rule="y", message="line too long: 7 > '100'"))
    assert same_as(first) != same_as(finding(tool="other", rule="y", message="line too short"))
