"""A release on disk, as the command line asks about it."""

from __future__ import annotations

from pathlib import Path

from app.domain.ids import CommitSha
from app.domain.release_files import PolicyFiles, ReleaseFolder


def test_the_policy_of_a_folder_comes_with_all_that_it_lies_on() -> None:
    own, shared, organisation = Path("own.yml"), Path("shared.yml"), Path("organisation.yml")
    folder = ReleaseFolder(
        own, Path("dist"), "octo/tool", 7, "v1", CommitSha("a" * 40), "production", shared, organisation
    )
    assert folder.policy_files == PolicyFiles(own, shared, organisation)
