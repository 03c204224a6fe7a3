from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta

import pytest

from app.adapters.github.budgets import CREATIONS_A_MINUTE, CREATIONS_AN_HOUR, Charge
from app.domain.effects import (
    Annotation,
    AnnotationLevel,
    CheckButton,
    CheckConclusion,
    CheckStatus,
    FileChange,
)
from app.domain.ids import CommitSha
from app.errors import AccessDenied, Conflict
from app.ports.github_writer import CheckRunDraft
from tests.contract.github.conftest import Client

NOTE = Annotation("anvil/strike.py", 1, 1, AnnotationLevel.WARNING, "unused import", "F401")
BUTTON = CheckButton("Try again", "Asks all gates again", "again")


def draft(sha: CommitSha, *annotations: Annotation) -> CheckRunDraft:
    done, passed = CheckStatus.COMPLETED, CheckConclusion.SUCCESS
    return CheckRunDraft(
        "gate",
        sha,
        done,
        passed,
        "digest-1",
        "Pass",
        "All well",
        "",
        annotations,
        (BUTTON,),
    )


async def head(client: Client) -> CommitSha:
    return (await client.reader.default_branch()).sha


async def test_a_check_run_is_created_found_and_annotations_are_appended(client: Client) -> None:
    writer, sha = client.writer(checks="write"), await head(client)
    made = await writer.create_check_run(draft(sha, NOTE))
    assert await writer.find_check_run(sha, "gate", "digest-1") == (made, 1)
    await writer.update_check_run(made, draft(sha, NOTE, NOTE))
    assert await writer.find_check_run(sha, "gate", "digest-1") == (made, 3)
    assert await writer.find_check_run(sha, "gate", "other") is None


async def test_a_text_that_became_empty_disappears(client: Client) -> None:
    writer, sha = client.writer(checks="write"), await head(client)
    made = await writer.create_check_run(replace(draft(sha), text="two gates failed"))
    await writer.update_check_run(made, draft(sha))
    assert client.world.anvil.check_runs[made].text in {None, ""}


async def test_a_created_check_run_is_read_as_ours(client: Client) -> None:
    sha = await head(client)
    made = await client.writer(checks="write").create_check_run(draft(sha))
    (found,) = await client.reader.check_runs(sha)
    assert (found.id, found.app_id, found.external_id) == (made, client.world.app.id, "digest-1")


async def test_a_token_without_the_permission_is_refused(client: Client) -> None:
    sha = await head(client)
    with pytest.raises(AccessDenied):
        await client.writer(issues="write").create_check_run(draft(sha))


async def test_a_permission_that_was_not_granted_cannot_be_had(client: Client) -> None:
    with pytest.raises(AccessDenied):
        await client.writer(administration="write").branch_head("main")


async def test_a_verified_commit_moves_the_branch_once(client: Client) -> None:
    writer, sha = client.writer(contents="write"), await head(client)
    await writer.create_branch("fix/one", sha)
    change = (FileChange("anvil/new.py", b"x = 1\n"), FileChange("README.md", None))
    made = await writer.commit_verified("fix/one", sha, "Add new", "Because.", change)
    assert await writer.branch_head("fix/one") == made
    with pytest.raises(Conflict, match="stale_head"):
        await writer.commit_verified("fix/one", sha, "Add new", "", change)


async def test_an_existing_branch_and_a_backward_move_are_conflicts(client: Client) -> None:
    writer, sha = client.writer(contents="write"), await head(client)
    await writer.create_branch("fix/two", sha)
    with pytest.raises(Conflict):
        await writer.create_branch("fix/two", sha)
    made = await writer.commit_tree(sha, "Run it", "", (FileChange("run.sh", b"#!/bin/sh\n", "100755"),))
    await writer.move_branch("fix/two", made, force=False)
    assert await writer.branch_head("fix/two") == made
    with pytest.raises(Conflict):
        await writer.move_branch("fix/two", sha, force=False)


async def test_a_pull_request_is_opened_changed_and_not_opened_twice(client: Client) -> None:
    writer = client.writer(contents="write", pull_requests="write", issues="write")
    sha = await head(client)
    await writer.create_branch("fix/three", sha)
    top = await writer.commit_verified("fix/three", sha, "Add", "", (FileChange("n.py", b"1\n"),))
    made = await writer.create_pull(title="Fix", body="Why", head="fix/three", base="main", draft=False)
    await writer.update_pull(made.number, title="Fix it", body="Why not")
    await writer.add_labels(made.number, ("bot",))
    (found,) = await writer.open_pulls("fix/three")
    assert (found.title, found.labels) == ("Fix it", ("bot",))
    assert await writer.pull_head(made.number) == top
    assert await writer.pull_head(9_999) is None
    with pytest.raises(Conflict):
        await writer.create_pull(title="Fix", body="", head="fix/three", base="main", draft=False)


async def test_a_comment_is_ours_and_can_be_changed(client: Client) -> None:
    issue = client.writer(contents="write", pull_requests="write", issues="write")
    sha = await head(client)
    await issue.create_branch("fix/four", sha)
    await issue.commit_verified("fix/four", sha, "Add", "", (FileChange("n.py", b"1\n"),))
    pull = await issue.create_pull(title="Fix", body="", head="fix/four", base="main", draft=False)
    made = await issue.create_comment(pull.number, "first")
    await issue.update_comment(made.id, "second")
    (found,) = await issue.comments(pull.number)
    assert (found.id, found.body, found.author_app_id) == (made.id, "second", client.world.app.id)


async def creates(client: Client, write: Awaitable[object]) -> bool:
    """Whether a write was charged to the limits of what creates content."""
    await write
    store, earlier = client.github._shared.governor._store, client.world.clock() - timedelta(minutes=1)
    key = f"{client.github.app_key}|installation:{client.repository.installation_id}"
    # Asked for a moment before the write, a budget that was used at all cannot give its whole burst.
    free = [
        await store.take(key, (Charge(one, one.burst),), earlier)
        for one in (CREATIONS_A_MINUTE, CREATIONS_AN_HOUR)
    ]
    return all(one is not None for one in free)


async def test_what_notifies_people_is_charged_to_the_limits_of_creating(client: Client) -> None:
    writer = client.writer(contents="write", pull_requests="write", issues="write", checks="write")
    sha = await head(client)
    await writer.create_branch("fix/five", sha)
    await writer.commit_verified("fix/five", sha, "Add", "", (FileChange("n.py", b"1\n"),))
    assert await creates(
        client, writer.create_pull(title="Fix", body="", head="fix/five", base="main", draft=False)
    )


async def test_a_comment_is_charged_to_the_limits_of_creating(client: Client) -> None:
    client.world.anvil.commit("topic", {"a": "1"}, "Topic")
    pull = client.world.anvil.open_pull("Topic", "topic")
    writer = client.writer(pull_requests="write", issues="write")
    assert await creates(client, writer.create_comment(pull.number, "hello"))


async def test_writes_that_notify_nobody_are_not_charged_to_the_limits_of_creating(client: Client) -> None:
    writer, sha = client.writer(contents="write", checks="write"), await head(client)
    await writer.create_branch("fix/six", sha)
    assert not await creates(client, writer.create_check_run(draft(sha)))
