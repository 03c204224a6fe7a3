from __future__ import annotations

from dataclasses import replace

import pytest

from app.dispatch.effects import Applied, Refused
from app.domain.effects import FileChange, OpenPullRequest
from app.domain.ids import CommitSha
from app.errors import TransientError
from app.testing.progress import MemoryProgress
from app.testing.writer_rules import Interruption
from tests.unit.app.dispatch.effects.samples import BASE, applied, github, perform, pull

BRANCH = "hephaestus/runner-1f"
STRANGER = CommitSha("f" * 40)


async def test_a_pull_request_has_one_verified_commit_on_the_base_and_its_labels() -> None:
    writer = github()
    result = await applied(pull(), writer)
    (opened,) = writer.pulls
    commit = writer.commits[opened.head_sha]
    assert (commit.parent, commit.verified, commit.changes) == (BASE, True, pull().changes)
    assert opened.labels == ("dependencies", "ci")
    assert (result["pull_number"], result["commit_sha"]) == (opened.number, opened.head_sha)


async def test_a_mode_that_graphql_cannot_set_takes_the_git_data_way() -> None:
    writer = github()
    await applied(pull(FileChange("bin/run", b"#!/bin/sh\n", "100755")), writer)
    assert not writer.commits[writer.branches[BRANCH]].verified
    assert "commit_tree" in writer.requests


async def test_a_base_that_moved_is_refused_without_a_write() -> None:
    writer = github()
    writer.branches["main"] = STRANGER
    outcome = await perform(pull(), writer)
    assert isinstance(outcome, Refused)
    assert outcome.code == "stale"
    assert writer.writes == []


async def test_other_words_update_the_open_pull_request_and_leave_the_commit() -> None:
    writer = github()
    first = await applied(pull(), writer)
    second = await applied(pull(body="It was retired on Monday."), writer, first)
    (opened,) = writer.pulls
    assert opened.body == "It was retired on Monday."
    assert second["commit_sha"] == first["commit_sha"]


async def test_an_open_pull_request_follows_its_base_without_ever_being_closed() -> None:
    writer = github()
    first = await applied(pull(), writer)
    moved = await writer.commit_verified("main", BASE, "More", "", ())
    await applied(pull(base_sha=moved), writer, first)
    (opened,) = writer.pulls
    assert opened.state == "open"
    assert writer.commits[opened.head_sha].parent == moved


async def test_a_branch_that_somebody_pushed_to_is_left_alone() -> None:
    writer = github()
    first = await applied(pull(), writer)
    pushed = await writer.commit_verified(BRANCH, writer.branches[BRANCH], "Mine", "", ())
    outcome = await perform(pull(body="Other words."), writer, MemoryProgress(first))
    assert isinstance(outcome, Refused)
    assert outcome.code == "foreign_branch"
    assert writer.branches[BRANCH] == pushed


async def test_a_strangers_branch_of_our_name_is_not_taken_over() -> None:
    writer = github()
    writer.branches[BRANCH] = STRANGER
    outcome = await perform(pull(), writer)
    assert isinstance(outcome, Refused)
    assert (outcome.code, writer.writes) == ("foreign_branch", [])


@pytest.mark.parametrize(
    "later", [pull(body="Other words."), pull(FileChange("a", b"b"))], ids=["words", "files"]
)
async def test_a_pull_request_that_a_person_closed_stays_closed(later: OpenPullRequest) -> None:
    writer = github()
    first = await applied(pull(), writer)
    writer.pulls[0] = replace(writer.pulls[0], state="closed")
    head = writer.branches[BRANCH]
    outcome = await perform(later, writer, MemoryProgress(first))
    assert isinstance(outcome, Refused)
    assert outcome.code == "pull_closed"
    assert (len(writer.pulls), writer.branches[BRANCH]) == (1, head)


async def test_a_merged_pull_request_whose_branch_is_gone_may_be_followed_by_another() -> None:
    writer = github()
    first = await applied(pull(), writer)
    writer.pulls[0] = replace(writer.pulls[0], state="closed", merged=True)
    del writer.branches[BRANCH]
    moved = await writer.commit_verified("main", BASE, "It came back", "", ())
    await applied(pull(base_sha=moved), writer, first)
    assert [found.state for found in writer.pulls] == ["closed", "open"]


async def test_a_pull_request_opened_by_a_request_whose_answer_was_lost_is_found_again() -> None:
    writer, row = github(), MemoryProgress()
    asked = 6
    writer.interruption = Interruption(asked, TransientError("github.timeout", "again"))
    with pytest.raises(TransientError):
        await perform(pull(), writer, row)
    assert writer.requests[-1] == "create_pull"
    assert isinstance(await perform(pull(), writer, row.restarted()), Applied)
    assert writer.writes.count("create_pull") == 1
