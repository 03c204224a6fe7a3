from __future__ import annotations

from dataclasses import replace

import pytest

from app.dispatch.effects import Applied, Refused
from app.domain.effects import FileChange
from app.domain.ids import CommitSha
from app.errors import TransientError
from app.testing.progress import MemoryProgress
from app.testing.writer_rules import Interruption
from tests.unit.app.dispatch.effects.samples import BASE, FIXES, applied, github, perform


async def test_the_branch_gets_one_commit_on_top_of_its_head() -> None:
    writer = github()
    result = await applied(FIXES, writer)
    assert result == {"commit_sha": writer.branches["main"]}
    commit = writer.commits[writer.branches["main"]]
    assert (commit.parent, commit.changes) == (BASE, FIXES.changes)


async def test_a_branch_that_moved_on_is_left_alone() -> None:
    writer = github()
    writer.branches["main"] = CommitSha("f" * 40)
    assert await perform(FIXES, writer) == Refused("stale", f"main has moved on from {BASE[:7]}")
    assert writer.writes == []


async def test_a_branch_that_is_gone_gets_nothing() -> None:
    assert await perform(replace(FIXES, branch="gone"), github()) == Refused(
        "stale", f"gone has moved on from {BASE[:7]}"
    )


@pytest.mark.parametrize(
    "path", [".github/workflows/ci.yml", ".GitHub/x", "../x", "/x", ".git/config", "a/../b"]
)
async def test_what_github_runs_is_out_of_bounds(path: str) -> None:
    writer = github()
    outcome = await perform(replace(FIXES, changes=(FileChange(path, b"x"),)), writer)
    assert isinstance(outcome, Refused)
    assert (outcome.code, writer.requests) == ("out_of_bounds", [])


@pytest.mark.parametrize("changes", [(), (FileChange("a.py", None),)])
async def test_fixes_delete_nothing_and_are_never_empty(changes: tuple[FileChange, ...]) -> None:
    outcome = await perform(replace(FIXES, changes=changes), github())
    assert isinstance(outcome, Refused)


@pytest.mark.parametrize("request_number", [1, 2, 3])
async def test_whatever_request_is_cut_off_there_is_one_commit(request_number: int) -> None:
    writer, row = github(), MemoryProgress()
    writer.interruption = Interruption(request_number, TransientError("github.timeout", "again"))
    with pytest.raises(TransientError):
        await perform(FIXES, writer, row)
    outcome = await perform(FIXES, writer, row.restarted())
    assert outcome == Applied({"commit_sha": writer.branches["main"]})
    assert writer.commits[writer.branches["main"]].parent == BASE
