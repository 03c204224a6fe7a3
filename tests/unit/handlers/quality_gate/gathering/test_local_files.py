"""What artifacts left on disk: everything is looked at, or refused with a word."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.errors import InvalidInput
from handlers.quality_gate.gathering.local_files import artifacts_below, files_of_artifact


def test_artifacts_are_the_folders_that_are_not_hidden(tmp_path: Path) -> None:
    for name in ("b", "a", ".git"):
        (tmp_path / name).mkdir()
    (tmp_path / ".DS_Store").touch()
    assert artifacts_below(tmp_path) == ("a", "b")


def test_a_file_beside_the_artifacts_is_refused_and_where_it_belongs_is_told(tmp_path: Path) -> None:
    (tmp_path / "junit.xml").touch()
    with pytest.raises(
        InvalidInput, match=r"junit\.xml lies beside the artifacts' folders .*: move it into"
    ) as refused:
        artifacts_below(tmp_path)
    assert refused.value.code == "input.unreadable"


def test_a_link_beside_the_artifacts_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "junit").symlink_to(tmp_path / "gone")
    with pytest.raises(InvalidInput, match="junit lies beside"):
        artifacts_below(tmp_path)


def test_links_in_an_artifact_are_among_its_files_wherever_they_lead(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "junit", tmp_path / "elsewhere"
    for each in (folder / "deep", elsewhere):
        each.mkdir(parents=True)
    (folder / "deep" / "a.xml").touch()
    (folder / "linked").symlink_to(elsewhere)
    (folder / "dangling.xml").symlink_to(folder / "gone")
    found = [path.relative_to(folder).as_posix() for path in files_of_artifact(folder)]
    assert found == ["dangling.xml", "deep/a.xml", "linked"]


def test_a_folder_in_an_artifact_that_cannot_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "junit" / "closed").mkdir(parents=True)
    list_folder = os.scandir

    def denied(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return list_folder(path)

    # Who runs the tests may be root, to whom every folder is open.
    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(InvalidInput, match=r"cannot read .*closed: Permission denied"):
        files_of_artifact(tmp_path / "junit")
