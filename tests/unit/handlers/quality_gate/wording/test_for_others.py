"""A pull request that changes the file for other repositories is told whether it is valid; its verdict stays what it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.decision import Verdict
from app.domain.effects import AnnotationLevel, PublishCheckRun
from app.domain.pulls import ChangedFile
from tests.unit.handlers.quality_gate.commit import OPENED, REPOSITORY, SHA, AtGitHub
from tests.unit.handlers.quality_gate.judging import check_of, decided

PATH = "hephaestus.yml"
CHANGE = ChangedFile(PATH, None, "modified", 1, 1, "@@ -1 +1 @@\n-a\n+b\n")
GOOD = "version: 1\nquality_gate:\n  gates: {tests: {}}\n"
FLOOR = "version: 1\nquality_gate:\n  minimum: {tests: {}}\n"


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    return AtGitHub(tmp_path, pulls=(OPENED,), changed=(CHANGE,))


async def said(github: AtGitHub, text: str | None) -> PublishCheckRun:
    github.files[PATH, SHA] = text
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.PASS
    return check_of(decision)


async def test_a_shared_file_that_would_be_valid_is_called_so(github: AtGitHub) -> None:
    check = await said(github, GOOD)
    assert (
        "**This pull request changes `hephaestus.yml`, the file that other repositories of the owner can extend.**"
        in check.summary
    )
    assert "Merged, it would be valid." in check.summary
    assert check.annotations == ()


async def test_an_organisations_file_is_judged_as_one(github: AtGitHub) -> None:
    github.repository = replace(REPOSITORY, name=".github")
    check = await said(github, FLOOR)
    assert "the organisation's file, which holds for every repository of the owner" in check.summary
    assert "Merged, it would be valid." in check.summary


async def test_mistakes_are_named_and_marked_at_their_lines_and_fail_nothing(github: AtGitHub) -> None:
    check = await said(github, FLOOR)
    (warning,) = check.annotations
    assert (warning.path, warning.start_line, warning.level) == (PATH, 3, AnnotationLevel.WARNING)
    assert "Merged, it would be invalid" in check.summary
    assert "- line 3, column" in check.summary
    assert "it would be valid" not in check.summary


async def test_to_delete_it_is_said_in_words(github: AtGitHub) -> None:
    check = await said(github, None)
    assert "It deletes it: what the file says would hold nowhere any more." in check.summary


async def test_a_pull_request_that_leaves_it_alone_hears_nothing_of_it(github: AtGitHub) -> None:
    github.changed = (replace(CHANGE, path="src/a.py"),)
    assert PATH not in (await said(github, GOOD)).summary.partition("### Evidence")[0]
