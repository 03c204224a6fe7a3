"""What GitHub says of a branch, as read."""

from __future__ import annotations

from typing import Any

import pytest

from app.adapters.github.models import read
from app.adapters.github.models.code import BranchBody

MAIN = {"name": "main", "commit": {"sha": "a" * 40}, "protected": True}


@pytest.mark.parametrize(
    ("checks", "from_anybody"),
    [
        ([{"context": "gate", "app_id": None}], ("gate",)),
        ([{"context": "gate", "app_id": -1}, {"context": "ci"}], ("gate", "ci")),
        ([{"context": "gate", "app_id": 7}], ()),
        (None, ()),
    ],
)
def test_a_required_check_without_an_app_is_from_anybody(checks: Any, from_anybody: tuple[str, ...]) -> None:  # noqa: ANN401 (JSON)
    protection = {"enabled": True, "required_status_checks": {"contexts": ["gate"], "checks": checks}}
    assert read(BranchBody, {**MAIN, "protection": protection}).branch().from_anybody == from_anybody


@pytest.mark.parametrize("more", [{}, {"protection": None}, {"protection": {"required_status_checks": None}}])
def test_a_branch_whose_protection_is_not_shown_is_still_read(more: dict[str, Any]) -> None:
    found = read(BranchBody, {**MAIN, **more}).branch()
    assert (found.name, found.protected, found.from_anybody) == ("main", True, ())
