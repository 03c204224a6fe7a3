"""The lease is looked at right before each write: of every kind of effect, on every way it may take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from app.dispatch.effects import Applied, GitHubEffect
from app.domain.effects import FileChange
from app.errors import LeaseLost
from app.ports.github_writer import GitHubWriter
from app.testing.progress import MemoryProgress
from app.testing.writer import RecordingWriter
from app.testing.writer_rules import Interruption
from tests.unit.app.dispatch.effects.samples import (
    BASE,
    CURED,
    DISPATCH,
    FIXES,
    FORGET,
    HIDE,
    ISSUE,
    NOTES,
    RERUN,
    PowerCut,
    applied,
    check,
    github,
    note,
    perform,
    pull,
)

READS = {
    "find_check_run",
    "branch_head",
    "open_pulls",
    "pull_head",
    "comments",
    "run_attempt",
    "release",
    "latest_release",
    "issue",
    "newest_issues",
    "blob_at",
    "dispatched_run",
    "is_of_organisation",
}
EXECUTABLE = FileChange("bin/run", b"#!/bin/sh\n", "100755")


@dataclass
class Situation:
    """GitHub and the effect's row, right before an attempt."""

    effect: GitHubEffect
    writer: RecordingWriter = field(default_factory=github)
    row: MemoryProgress = field(default_factory=MemoryProgress)

    async def attempt(self, writes_allowed: int | None) -> list[str]:
        """The writes of an attempt that loses its lease after so many; of a whole one for None."""
        before = len(self.writer.writes)
        row = self.row.restarted(writes_allowed=writes_allowed)
        if writes_allowed is None:
            assert isinstance(await perform(self.effect, self.writer, row), Applied)
        else:
            with pytest.raises(LeaseLost):
                await perform(self.effect, self.writer, row)
        return self.writer.writes[before:]


async def after(first: GitHubEffect, then: GitHubEffect) -> Situation:
    """An effect that follows an applied one."""
    writer = github()
    return Situation(then, writer, MemoryProgress(await applied(first, writer)))


async def a_check_run() -> Situation:
    return Situation(check(120))


async def another_word_in_a_check_run() -> Situation:
    return await after(check(3), check(3, summary="Again."))


async def a_pull_request() -> Situation:
    return Situation(pull())


async def a_pull_request_with_a_mode() -> Situation:
    return Situation(pull(EXECUTABLE))


async def another_word_in_a_pull_request() -> Situation:
    return await after(pull(), pull(body="It was retired on Monday."))


async def a_pull_request_that_follows_its_base() -> Situation:
    found = await after(pull(), pull())
    moved = await found.writer.commit_verified("main", BASE, "More", "", ())
    found.effect = pull(base_sha=moved)
    return found


async def a_commit_whose_answer_was_lost() -> Situation:
    found = Situation(pull())
    found.writer.interruption = Interruption(4, PowerCut())
    with pytest.raises(PowerCut):
        await perform(found.effect, found.writer, found.row)
    assert found.writer.requests[-1] == "commit_verified"
    return found


async def a_comment() -> Situation:
    return Situation(note())


async def another_word_in_a_comment() -> Situation:
    return await after(note("Hello."), note("Goodbye."))


async def a_rerun() -> Situation:
    return Situation(RERUN)


async def fixes() -> Situation:
    return Situation(FIXES)


async def a_release() -> Situation:
    return Situation(HIDE)


async def an_issue() -> Situation:
    return Situation(ISSUE)


async def a_cured_issue() -> Situation:
    return await after(ISSUE, CURED)


async def notes() -> Situation:
    return Situation(NOTES)


async def a_dispatch() -> Situation:
    return Situation(DISPATCH)


async def a_deletion() -> Situation:
    return Situation(FORGET)


WRITES: dict[Callable[[], Awaitable[Situation]], list[str]] = {
    a_check_run: ["create_check_run", "update_check_run", "update_check_run"],
    another_word_in_a_check_run: ["update_check_run"],
    a_pull_request: ["create_branch", "commit_verified", "create_pull", "add_labels"],
    a_pull_request_with_a_mode: ["create_branch", "commit_tree", "move_branch", "create_pull", "add_labels"],
    another_word_in_a_pull_request: ["update_pull"],
    a_pull_request_that_follows_its_base: ["commit_tree", "move_branch"],
    a_commit_whose_answer_was_lost: ["move_branch", "commit_verified", "create_pull", "add_labels"],
    a_comment: ["create_comment"],
    another_word_in_a_comment: ["update_comment"],
    a_rerun: ["rerun_failed_jobs"],
    fixes: ["commit_tree", "move_branch"],
    a_release: ["edit_release"],
    notes: ["write_notes"],
    an_issue: ["create_issue"],
    a_cured_issue: ["create_comment", "update_issue"],
    a_dispatch: ["dispatch_workflow"],
    a_deletion: ["delete_attestation"],
}


def test_every_write_that_the_port_has_is_among_these() -> None:
    port = {name for name in vars(GitHubWriter) if not name.startswith("_")}
    assert {name for names in WRITES.values() for name in names} == port - READS


@pytest.mark.parametrize("situation", WRITES, ids=lambda situation: str(situation.__name__))
async def test_an_executor_without_its_lease_sends_no_further_write(
    situation: Callable[[], Awaitable[Situation]],
) -> None:
    names = WRITES[situation]
    assert await (await situation()).attempt(None) == names
    for allowed in range(len(names)):
        assert await (await situation()).attempt(allowed) == names[:allowed]
