from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.settings_files import private_files, protect, read_env_file


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def generous() -> Iterator[None]:
    """A process whose new files everybody may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_a_new_data_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    protect(tmp_path / "a" / "data")
    assert mode(tmp_path / "a" / "data") == 0o700


@pytest.mark.parametrize("held", [None, ".env", "hephaestus.db"])
def test_a_data_directory_that_others_may_read_is_closed_to_them(tmp_path: Path, held: str | None) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o755)
    if held is not None:
        (folder / held).touch()
    protect(folder)
    assert mode(folder) == 0o700


def test_a_folder_with_other_things_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "thesis.txt").touch()
    with pytest.raises(SettingsError, match=r"HEPHAESTUS_DATA_DIR is .*home, .*name a folder of its own"):
        protect(folder)
    assert mode(folder) == 0o755


@pytest.mark.parametrize("held", [(), ("hephaestus.db", "hephaestus.db-wal")])
def test_a_new_file_system_that_is_open_to_all_is_closed(tmp_path: Path, held: tuple[str, ...]) -> None:
    folder = tmp_path / "mounted"
    folder.mkdir()
    folder.chmod(0o1777)
    for name in held:
        (folder / name).touch()
    protect(folder)
    assert mode(folder) == 0o700


def test_a_folder_that_everybody_shares_is_refused_also_with_a_database_of_ours_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    for name in ("hephaestus.db", "of-another"):
        (folder / name).touch()
    with pytest.raises(SettingsError, match=r"HEPHAESTUS_DATA_DIR is .*shared, .*name a folder of its own"):
        protect(folder)
    assert mode(folder) == 0o777


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"HEPHAESTUS_DATA_DIR is .*file.data, which cannot be used"):
        protect(tmp_path / "file" / "data")


def test_an_env_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "env").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"env cannot be read"):
        read_env_file(tmp_path / "env")


def test_a_line_that_is_no_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("# fine\nHEPHAESTUS_PORT 1\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"env, line 2: write NAME=value"):
        read_env_file(tmp_path / "env")


@pytest.mark.usefixtures("generous")
def test_files_made_meanwhile_are_for_their_owner_alone(tmp_path: Path) -> None:
    with private_files():
        (tmp_path / "inside").touch()
    (tmp_path / "after").touch()
    assert [mode(tmp_path / name) for name in ("inside", "after")] == [0o600, 0o644]


@pytest.mark.usefixtures("generous")
def test_a_database_that_others_may_read_is_closed_to_them_with_the_files_beside_it(tmp_path: Path) -> None:
    for name in ("a.db", "a.db-wal", "other.txt"):
        (tmp_path / name).touch()
    with private_files((tmp_path / "a.db", tmp_path / "absent.db")):
        pass
    found = {path.name: mode(path) for path in tmp_path.iterdir()}
    assert found == {"a.db": 0o600, "a.db-wal": 0o600, "other.txt": 0o644}
