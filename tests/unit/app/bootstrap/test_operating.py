from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.bootstrap.operating import migrate_database
from app.settings import Settings


@pytest.mark.parametrize("there", [False, True])
def test_a_migrated_database_is_for_its_owner_alone(tmp_path: Path, *, there: bool) -> None:
    settings = Settings((), tmp_path, f"sqlite:///{tmp_path / 'hephaestus.db'}")
    before = os.umask(0o022)
    try:
        if there:
            (tmp_path / "hephaestus.db").touch()
        migrate_database(settings)
        (tmp_path / "another").touch()
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert (modes["hephaestus.db"], modes.pop("another")) == (0o600, 0o644)
    assert set(modes.values()) == {0o600}
