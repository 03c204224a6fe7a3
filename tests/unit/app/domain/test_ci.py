"""Which file a run's workflow is."""

from __future__ import annotations

import pytest

from app.domain.ci import workflow_path

CI = ".github/workflows/ci.yml"
SAID = {
    CI: CI,
    f"{CI}@main": CI,
    f"{CI}@refs/heads/feature/a@b": CI,
    f"{CI}@refs/heads/fix.yml": CI,
    f"octo/shared/{CI}@v1": f"octo/shared/{CI}",
    "dynamic/pages/deployment@main": "dynamic/pages/deployment",
    "": "",
}


@pytest.mark.parametrize(("said", "file"), SAID.items(), ids=SAID)
def test_a_ref_is_no_part_of_the_file(said: str, file: str) -> None:
    assert workflow_path(said) == file


@pytest.mark.parametrize("ref", ["", "@refs/heads/main", "@topic"])
def test_a_file_whose_name_goes_on_behind_an_at_sign_is_not_the_file_that_it_begins_with(ref: str) -> None:
    assert workflow_path(f"{CI}@more.yml{ref}") == f"{CI}@more.yml"
