"""A commit at GitHub with good reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.handlers.quality_gate.commit import AtGitHub


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    """What the read ports answer; a test that needs another commit makes its own."""
    return AtGitHub(tmp_path)
