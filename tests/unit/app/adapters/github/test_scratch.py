from __future__ import annotations

from pathlib import Path

from app.adapters.github.scratch import Scratch


def killed(parent: Path) -> Path:
    """The folder of a process that was killed: its lock went with it, the files stayed."""
    folder = parent / "process-killed"
    (folder / "download-x").mkdir(parents=True)
    (folder / "download-x" / "body").write_bytes(b"left")
    (folder / ".lock").touch()
    return folder


def test_what_a_killed_process_left_is_swept_at_the_next_start(tmp_path: Path) -> None:
    left = killed(tmp_path)
    scratch = Scratch(tmp_path)
    assert not left.exists()
    assert scratch.folder.is_dir()
    scratch.close()


def test_the_folder_of_a_process_that_lives_is_left_alone(tmp_path: Path) -> None:
    living = Scratch(tmp_path)
    (living.folder / "body").write_bytes(b"in use")
    Scratch(tmp_path).close()
    assert (living.folder / "body").read_bytes() == b"in use"
    living.close()
    assert not living.folder.exists()


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "new")
    assert scratch.folder.stat().st_mode & 0o777 == 0o700
    assert scratch.folder.parent.stat().st_mode & 0o777 == 0o700
    scratch.close()


def test_a_link_to_elsewhere_is_never_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    parent = tmp_path / "downloads"
    parent.mkdir()
    (parent / "process-link").symlink_to(elsewhere)
    Scratch(parent).close()
    assert (elsewhere / "precious").exists()
