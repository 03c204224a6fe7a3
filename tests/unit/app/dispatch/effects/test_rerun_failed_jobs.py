from __future__ import annotations

from dataclasses import replace

import pytest

from app.dispatch.effects import Applied, Refused
from app.domain.ids import CommitSha
from app.errors import TransientError
from app.testing.progress import MemoryProgress
from app.testing.writer_rules import Interruption
from tests.unit.app.dispatch.effects.samples import RERUN, applied, github, perform


async def test_the_failed_jobs_run_again_once() -> None:
    writer = github()
    assert await applied(RERUN, writer) == {"run_id": 11, "attempt": 2}
    assert writer.attempts == {11: 2}


async def test_a_run_that_a_person_started_again_is_left_alone() -> None:
    writer = github()
    writer.attempts[11] = 2
    assert await perform(RERUN, writer) == Refused("stale", "run 11 is at attempt 2, not 1")
    assert writer.writes == []


async def test_a_commit_that_its_branch_has_left_behind_is_not_run_again() -> None:
    writer = github()
    writer.branches["main"] = CommitSha("f" * 40)
    outcome = await perform(RERUN, writer)
    assert outcome == Refused("stale", f"main has moved on from {RERUN.head_sha[:7]} to fffffff")
    assert writer.writes == []


@pytest.mark.parametrize("branch", ["", "v1.0", "deleted"])
async def test_a_tag_or_a_branch_that_is_gone_has_not_moved(branch: str) -> None:
    assert await applied(replace(RERUN, branch=branch), github()) == {"run_id": 11, "attempt": 2}


async def test_a_run_that_was_deleted_is_refused() -> None:
    writer = github()
    writer.attempts.clear()
    assert await perform(RERUN, writer) == Refused("run_gone", "run 11 no longer exists")


async def test_a_request_whose_answer_was_lost_counts_as_applied() -> None:
    writer, row = github(), MemoryProgress()
    writer.interruption = Interruption(3, TransientError("github.timeout", "again"))
    with pytest.raises(TransientError):
        await perform(RERUN, writer, row)
    assert await perform(RERUN, writer, row.restarted()) == Applied({"run_id": 11, "attempt": 2})
    assert writer.writes == ["rerun_failed_jobs"]


async def test_a_run_that_github_will_not_run_again_is_refused_with_its_code() -> None:
    writer = github()
    writer.running.add(11)
    outcome = await perform(RERUN, writer)
    assert outcome == Refused("github.rerun_refused", "This workflow is already running")
